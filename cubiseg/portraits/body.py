"""Neck, trunk and legs: complete skin under the clothes, and the landmarks that arms and garments are cut along."""

import numpy as np
import skia

from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.face import skin_ink, skin_shade
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path, ribbon, spline, taper
from cubiseg.portraits.rng import bell, uniform
from cubiseg.portraits.tables import xy

BUILD = axis("""build: build of the body:
    slim 3 1.5, average 4 3, broad 0.3 3, sloping 2 0.5, soft 1.4 0.8, athletic 0.6 2.2""")
AXES = (BUILD,)

# shoulders, slope of the trapezius, thickness of arms, waist and hips, as factors on the average
_BUILDS = {
    "slim": (0.95, 1.0, 0.86, 0.93, 0.95),
    "average": (1.0, 1.0, 1.0, 1.0, 1.0),
    "broad": (1.12, 0.8, 1.12, 1.02, 0.95),
    "sloping": (0.92, 1.5, 0.92, 1.0, 1.0),
    "soft": (1.0, 1.15, 1.18, 1.12, 1.1),
    "athletic": (1.07, 1.3, 1.18, 0.98, 0.95),
}


class Torso:
    """Landmarks of the body in head units; the base of the neck is at ``y``, heights below are absolute."""

    def __init__(self, who: Character, head: Head) -> None:
        f, rng = who.face, who.rng("torso")
        self.who, self.head = who, head
        self.build = who.mix.pick(rng, BUILD, lean=who.lean)
        wide, steep, thick, waist, hip = _BUILDS[self.build]
        m, g = who.maturity, who.masculine
        self.y = head.neck_base
        self.neck = f.neck_width
        s = self.shoulder = max(f.shoulders * wide, f.neck_width + 0.35)
        self.slope = steep * (0.2 + 0.16 * rng.random() + 0.06 * (1 - g))
        self.drop = self.slope * (s - self.neck)
        self.long = s * bell(rng, 0.68 + 0.3 * m - 0.06 * g, 0.03, 0.55, 1.1)
        """Unit of heights: the shoulder's half width of a grown-up, less for a child."""
        self.arm = s * thick * (0.165 + 0.035 * (1 - m) + 0.04 * g)
        self.bust = 0.0 if g > 0.42 or m < 0.3 else bell(rng, 0.45, 0.28, 0.0, 1.0) * min(1.0, 2.2 * (m - 0.25))
        top, u = self.y + self.drop, self.long
        self.top, self.armpit = top, top + 0.72 * u
        self.bust_y, self.waist_y = self.y + 1.35 * u, self.y + 2.05 * u
        self.hip_y, self.crotch = self.y + 2.95 * u, self.y + 3.25 * u
        leg = (0.5 + 0.5 * m) * u
        self.knee, self.ankle, self.sole = (self.crotch + v * leg for v in (1.9, 4.1, 4.5))
        self.rib = (0.72 - 0.05 * (1 - g)) * s * (0.5 + 0.5 * waist)
        self.waist = (0.52 + 0.13 * g + 0.1 * (1 - m)) * s * waist + 0.02 * rng.random()
        self.hip = (0.76 - 0.14 * g + 0.02 * (1 - m)) * s * hip
        self.leg = (0.36 + 0.05 * (1 - m)) * s * hip
        self._line = spline(self._shoulder(), 40)
        self._bones = uniform(rng, 0.4, 1.0)

    def _shoulder(self) -> np.ndarray:
        n, s, y, d = self.neck, self.shoulder, self.y, self.drop
        rise = min(0.5 * self.who.face.neck_length, 0.3)
        belly = 0.1 * d if self.build == "athletic" else 0.0
        xs = (n * 1.0, n * 1.06 + 0.02, n + 0.16 * (s - n), n + 0.42 * (s - n), n + 0.72 * (s - n), s - 1.0 * self.arm)
        return xy(xs, (y - rise, y - 0.35 * rise, y + 0.14 * d - belly, y + 0.5 * d - belly, y + 0.86 * d, y + d))

    def shoulder_line(self, start: float, end: float, grow: float = 0.0, n: int = 12) -> np.ndarray:
        """(n, 2) along the right shoulder's top from x = ``start`` to x = ``end``, lifted by ``grow``."""
        x = np.linspace(start, end, n)
        return np.column_stack([x, np.interp(x, self._line[:, 0], self._line[:, 1]) - grow])

    def flank(self, grow: float = 0.0, hem: float | None = None) -> np.ndarray:
        """(n, 2) the trunk's right side from the armpit to ``hem`` (absolute; usually below the hips)."""
        hem = self.crotch if hem is None else hem
        bulge = 0.1 * self.bust * self.shoulder
        pts = np.array(
            [
                (self.shoulder - 1.55 * self.arm + 0.5 * grow, self.armpit - 0.1 * self.long),
                (max(self.rib, self.shoulder - 2.0 * self.arm) + bulge + 0.5 * grow, self.bust_y - 0.1 * self.long),
                (0.45 * self.rib + 0.55 * self.waist + 0.2 * bulge + 0.8 * grow, 0.5 * (self.bust_y + self.waist_y)),
                (self.waist + grow, self.waist_y),
                (0.35 * self.waist + 0.65 * self.hip + grow, 0.5 * (self.waist_y + self.hip_y)),
                (self.hip + grow, self.hip_y),
                (self.hip * 0.99 + grow, self.crotch + 0.25 * self.long),
            ]
        )
        line = spline(pts, 48)
        if hem > line[-1, 1]:
            return np.vstack([line, (line[-1, 0], hem)])
        x = float(np.interp(hem, line[:, 1], line[:, 0]))
        return np.vstack([line[line[:, 1] < hem], (x, hem)])

    def leg_side(self, side: int, grow: float = 0.0, hem: float | None = None) -> np.ndarray:
        """(k, 2) closed outline of one leg from the hip to ``hem``."""
        k, u = self.leg, self.long
        hem = min(self.ankle if hem is None else hem, self.sole - 0.05)
        calf = self.knee + 0.35 * (self.ankle - self.knee)
        y = np.array([self.hip_y, self.crotch + 0.3 * u, self.knee, calf, self.sole])
        outer = np.array([self.hip, self.hip * 0.98, 0.52 * self.hip + 0.6 * k, 0.5 * self.hip + 0.62 * k, 0.86 * k])
        inner = np.array([0.02, 0.03, 0.42 * self.hip - 0.3 * k, 0.4 * self.hip - 0.3 * k, 0.42 * k])
        inner[0] = outer[0] - 2 * k
        v = np.linspace(y[0], hem, 22)
        out = np.column_stack([np.interp(v, y, outer) + grow, v])
        back = np.column_stack([np.interp(v, y, inner) - grow * (v > y[1]), v])[::-1]
        return np.vstack([out, back]) * (side, 1)

    def foot(self, side: int, grow: float = 0.0) -> np.ndarray:
        """(n, 2) closed outline of one foot seen from the front."""
        w, x, h = 0.5 * self.leg + grow, 0.5 * self.hip + 0.16 * self.leg, self.sole - self.ankle
        pts = [(-0.8, -0.35), (-1.0, 0.55), (-0.9, 0.95), (0.0, 1.08), (1.15, 0.95), (1.25, 0.55), (0.85, -0.35)]
        return spline(np.array(pts) * (w, h) + np.array([x, self.ankle]), 30, closed=True) * (side, 1)

    def px(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Body coordinates to px; ``z`` towards the viewer moves with the body's turn."""
        p = np.atleast_2d(np.asarray(points, float))
        return self.head.body(np.column_stack([p[:, 0], p[:, 1], np.full(len(p), z)]))

    def mirrored(self, points: np.ndarray) -> np.ndarray:
        """The same points on the other side, in reverse order."""
        return (np.asarray(points, float) * (-1, 1))[::-1]

    def trunk(self) -> skia.Path:
        """px outline of the trunk without the neck, from the shoulders to the crotch."""
        arm = [
            (self.shoulder - 0.35 * self.arm, self.top + 0.3 * self.arm),
            (self.shoulder - 0.5 * self.arm, self.top + 1.3 * self.arm),
        ]
        half = np.vstack([self._line, arm, self.flank()])
        return path(np.vstack([self.px(half), self.px(self.mirrored(half))]))

    def paint(self, board: Board) -> None:
        """Neck, trunk and legs as bare skin."""
        who, head, f = self.who, self.head, self.who.face
        ink, line = skin_ink(who), who.style.line * head.scale
        for side, leg in ((-1, "leg_right"), (1, "leg_left")):
            with board.on(leg):
                board.outline(path(self.px(self.foot(side))), who.skin, ink, line)
                board.outline(path(self.px(self.leg_side(side))), who.skin, ink, line)
        top = f.chin * 0.55
        arm = [
            (self.shoulder - 0.35 * self.arm, self.top + 0.3 * self.arm),
            (self.shoulder - 0.5 * self.arm, self.top + 1.3 * self.arm),
        ]
        waist = 0.5 * (f.chin + self.y)
        right = np.vstack([spline(np.vstack([[(self.neck * 0.97, waist)], self._shoulder()]), 48), arm, self.flank()])
        head_part = head.project(np.array([(s * self.neck * 0.96, top, -0.15) for s in (-1, 1)]))
        outline = np.vstack([head_part[1:], self.px(right), self.px(self.mirrored(right)), head_part[:1]])
        shape = path(outline)
        board.fill(shape, who.skin)
        board.stroke(path(np.vstack([head_part[1:], self.px(right)]), closed=False), ink, line)
        board.stroke(path(np.vstack([self.px(self.mirrored(right)), head_part[:1]]), closed=False), ink, line)
        board.claim("neck", self._throat())
        self._shadow(board)
        self._bone_lines(board, ink, line)
        self._form(board)

    def _throat(self) -> skia.Path:
        """px region whose skin is the neck: it ends at the shoulders' rise and at the notch of the collar bones."""
        n, y = self.neck, self.y - 0.35 * min(0.5 * self.who.face.neck_length, 0.3)
        dip = spline(xy((1.06 * n + 0.02, 0.6 * n, 0.0), (y, self.y + 0.05, self.y + 0.16 * self.long)), 12)
        half = np.vstack([[(3.0, self.y - 4.0), (3.0, y)], dip])
        return path(np.vstack([self.px(half), self.px(self.mirrored(half))]))

    def _bone_lines(self, board: Board, ink: tuple, line: float) -> None:
        """Collarbones, the notch between them and the sternomastoids."""
        n, s, y, u = self.neck, self.shoulder, self.y, self.long
        bold = line * (0.6 + 0.4 * self._bones)
        for side in (-1, 1):
            xs = (0.13 * n + 0.05, 0.3 * s, 0.55 * s, 0.74 * s)
            ys = (y + 0.2 * u, y + 0.13 * u, y + 0.42 * self.drop + 0.07 * u, y + 0.78 * self.drop + 0.04 * u)
            bone = xy(xs, ys) * (side, 1)
            curve = spline(self.px(bone, 0.15), 16)
            if self.who.style.shading != "flat":
                ribbon_line = curve + np.array([0, 0.05 * self.head.scale])
                hollow = ribbon(ribbon_line, taper(16, 0.2, 0.0, 0.3) * 0.09 * self.head.scale * s**0.5)
                board.fill(path(hollow), skin_shade(self.who), 0.55 * self._bones, atop=True)
            board.ink(curve, ink, bold, 0.8, start=0.6, end=0.0, belly=0.2, atop=True)
            cord = np.array(
                [(0.8 * n, y - 0.55 * self.who.face.neck_length), (0.5 * n, y - 0.1), (0.14 * n, y + 0.16 * u)]
            )
            ink_line = spline(self.px(cord * (side, 1), 0.1), 12)
            board.ink(ink_line, ink, bold, 0.55 * self._bones, start=0.0, end=0.7, belly=0.8, atop=True)

    def _form(self, board: Board) -> None:
        """Shadow below the bust or the pectorals, and the navel's line."""
        who, s, u = self.who, self.shoulder, self.long
        if who.style.shading == "flat" or who.maturity < 0.3:
            return
        blur = 0 if who.style.shading == "cel" else 0.04 * self.head.scale
        deep = 0.05 + 0.12 * self.bust
        for side in (-1, 1):
            a = np.linspace(0.25, np.pi - 0.15, 12)
            x0, rx = 0.36 * s, 0.27 * s
            low = np.column_stack(
                [x0 - rx * np.cos(a), self.bust_y + 0.1 * u + (0.16 + 0.14 * self.bust) * u * np.sin(a)]
            )
            high = low - np.column_stack([np.zeros(12), deep * u * np.sin(a)])
            shape = path(self.px(np.vstack([low, high[::-1]]) * (side, 1), 0.25))
            board.fill(shape, skin_shade(who), 0.6, atop=True, blur=blur)
        if self.bust > 0.35:
            cleft = np.array([(0, self.bust_y - 0.3 * u), (0.01, self.bust_y), (0, self.bust_y + 0.16 * u)])
            line = spline(self.px(cleft, 0.28), 10)
            board.ink(line, skin_ink(who), who.style.line * self.head.scale, 0.8, start=0.0, end=0.4, atop=True)

    def _shadow(self, board: Board) -> None:
        """The head's shadow on the neck and a little of the chest."""
        who, head = self.who, self.head
        if who.style.shading == "flat" and who.style.contrast < 0.4:
            return
        chin = head.project(head.contour())
        low = (0.12 + 0.25 * who.style.contrast) * head.scale + 0.25 * who.face.neck_length * head.scale
        hard = who.style.shading in ("cel", "flat")
        with board.moved(0, low):
            shape = path(spline(chin, 64, closed=True))
            board.fill(shape, skin_shade(who), 0.95, atop=True, blur=0 if hard else 0.05 * head.scale)
