"""Neck, trunk and legs: complete skin under the clothes, and the landmarks that arms and garments are cut along."""

import numpy as np
import skia

from cubiseg.portraits.character import Character
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.face import skin_ink, skin_shade
from cubiseg.portraits.head import Head
from cubiseg.portraits.legs import STANCE, Leg, Stretch, stance
from cubiseg.portraits.paint import Board, path, ribbon, spline, taper
from cubiseg.portraits.proportions import BUILD, Proportions
from cubiseg.portraits.rng import uniform
from cubiseg.portraits.tables import xy

AXES = (BUILD, STANCE)


class Torso(Proportions):
    """A posed body in one picture. ``legs``: both in painting order, the one behind first; see ``legs.Leg``."""

    def __init__(self, who: Character, head: Head) -> None:
        super().__init__(who)
        self.head = head
        pose = head.pose
        self.stance = stance(self, pose.stance, pose.step, pose.body_yaw)
        self.legs = self.stance.legs
        self._line = spline(self._shoulder(), 40)
        self._bones = uniform(who.rng("bones"), 0.4, 1.0)

    def _shoulder(self) -> np.ndarray:
        n, s, y, d = self.neck, self.shoulder, self.y, self.drop
        rise = min(0.5 * self.who.face.neck_length, 0.3)
        belly = 0.1 * d if self.build == "athletic" else 0.0
        tip = s - self.arm
        r = min(s - n, 1.18 * (tip - n))  # a thick arm begins further in
        xs = (n, n * 1.06 + 0.02, n + 0.16 * r, n + 0.42 * r, n + 0.72 * r, tip)
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

    def px(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Body coordinates to px; ``z`` towards the viewer moves with the body's turn.

        The pelvis' sway and tilt move all that lies below the waist, so that garments follow.
        """
        p = np.atleast_2d(np.asarray(points, float))
        x, y = p[:, 0], p[:, 1]
        if self.stance.sway or self.stance.tilt:
            k = np.clip((y - self.bust_y) / (self.hip_y - self.bust_y), 0, 1)
            k = k * k * (3 - 2 * k)
            y = y + self.stance.tilt * x * (1.5 * k - 0.5)
            x = x + self.stance.sway * k
        return self.head.body(np.column_stack([x, y, np.full(len(p), z)]))

    def mirrored(self, points: np.ndarray) -> np.ndarray:
        """The same points on the other side, in reverse order."""
        return (np.asarray(points, float) * (-1, 1))[::-1]

    def trunk(self) -> skia.Path:
        """px outline of the trunk without the neck, from the shoulders to the crotch."""
        arm = [
            (self.shoulder - 0.35 * self.arm, self.top + 0.3 * self.arm),
            (self.shoulder - 0.5 * self.arm, self.top + 1.3 * self.arm),
        ]
        half = np.vstack([self._line, arm, self._side()])
        return path(np.vstack([self.px(half), self.px(self.mirrored(half))]))

    def _side(self) -> np.ndarray:
        """(n, 2) the trunk's right side from the armpit to the middle between the legs."""
        groin = (0.2 * self.hip, self.crotch - 0.02 * self.long), (0.0, self.crotch + 0.03 * self.long)
        return np.vstack([self.flank(0.0, self.hip_y), groin])

    def paint(self, board: Board, light: float = 1.0) -> None:
        """Neck, trunk and legs as bare skin; ``light``: the side that it comes from."""
        for leg in self.legs:
            if not leg.near:
                self._paint_leg(board, leg, light)
        self._paint_trunk(board)
        for leg in self.legs:
            if leg.near:
                self._paint_leg(board, leg, light)

    def _paint_leg(self, board: Board, leg: Leg, light: float) -> None:
        if float(self.px(leg.joints[:2])[:, 1].min()) > board.size:
            return
        with board.on(leg.skin):
            paint_leg(board, self, leg, light)

    def _paint_trunk(self, board: Board) -> None:
        who, head, f = self.who, self.head, self.who.face
        ink, line = skin_ink(who), who.style.line * head.scale
        top = f.chin * 0.55
        arm = [
            (self.shoulder - 0.35 * self.arm, self.top + 0.3 * self.arm),
            (self.shoulder - 0.5 * self.arm, self.top + 1.3 * self.arm),
        ]
        waist = 0.5 * (f.chin + self.y)
        right = np.vstack([spline(np.vstack([[(self.neck * 0.97, waist)], self._shoulder()]), 48), arm, self._side()])
        head_part = head.project(np.array([(s * self.neck * 0.96, top, -0.15) for s in (-1, 1)]))
        outline = np.vstack([head_part[1:], self.px(right), self.px(self.mirrored(right)), head_part[:1]])
        shape = path(outline)
        board.fill(shape, who.skin)
        edge = right[:-2]
        board.stroke(path(np.vstack([head_part[1:], self.px(edge)]), closed=False), ink, line)
        board.stroke(path(np.vstack([self.px(self.mirrored(edge)), head_part[:1]]), closed=False), ink, line)
        for side in (-1, 1):  # the folds of the groin
            fold = np.array([(0.75 * self.hip, self.hip_y), (0.42 * self.hip, self.crotch - 0.12 * self.long)])
            board.ink(self.px(np.vstack([fold, right[-1:]]) * (side, 1)), ink, line, 0.6, start=0.0, end=0.8, atop=True)
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


def paint_leg(board: Board, torso: Torso, leg: Leg, light: float) -> None:
    """One bare leg with its foot: thigh and calf shaded, lines at the knee, toes."""
    who = torso.who
    ink, line = skin_ink(who), who.style.line * torso.head.scale
    if not leg.hidden:
        shape = path(torso.px(leg.foot()))
        board.outline(shape, who.skin, ink, line)
        _toes(board, torso, leg, ink, line)
    for piece in leg.pieces():
        shape = path(torso.px(piece.outline))
        board.fill(shape, who.skin)
        if who.style.shading != "flat":
            leg_shade(board, torso, leg, piece, skin_shade(who), light)
        knee = leg.bent and piece.end == 0.5
        for edge in piece.edge(top=not leg.near and leg.bent and piece.start > 0 and not leg.tucked, bottom=knee):
            board.stroke(path(torso.px(edge), closed=False), ink, line)
        knee_round(board, torso, leg, piece, ink, line)
    knee_lines(board, torso, leg, skin_shade(who), ink, line)


def leg_shade(board: Board, torso: Torso, leg: Leg, piece: Stretch, shade: Colour, light: float) -> None:
    """A dark side of a piece of a leg, away from the light, waved by its muscles."""
    outer, inner = torso.px(piece.outer), torso.px(piece.inner)
    dark, lit = (outer, inner) if leg.side * light < 0 else (inner, outer)
    n = len(dark)
    place = np.linspace(piece.start, piece.end, n)
    ends = np.minimum((place - piece.start) / 0.06 if leg.bent and piece.start else 1.0, (piece.end - place) / 0.06)
    wave = ((0.2 + 0.09 * np.cos(4 * np.pi * place)) * np.sqrt(np.clip(ends, 0, 1)))[:, None]
    soft = torso.who.style.shading != "cel"
    wide = float(np.hypot(*(outer[n // 2] - inner[n // 2])))
    with board.clipped(path(torso.px(piece.outline))):
        stripe = np.vstack([dark + 0.3 * (dark - lit), (dark + (wave - 0.02) * (lit - dark))[::-1]])
        board.fill(path(stripe), shade, 0.75, atop=True, blur=0.1 * wide if soft else 0)


def knee_round(board: Board, torso: Torso, leg: Leg, piece: Stretch, ink: Colour, line: float) -> None:
    """The line in which a shin begins before a thigh that comes towards the viewer; it fades on the knee."""
    if leg.near and not leg.tucked and leg.bent and piece.start == 0.5:
        whole = np.vstack([piece.inner[:1], piece.upper, piece.outer[:1]])
        for half in (whole[:5], whole[:-6:-1]):
            board.ink(spline(torso.px(half), 10), ink, 1.1 * line, start=1.0, end=0.0, belly=0.2)


def knee_lines(board: Board, torso: Torso, leg: Leg, shade: Colour, ink: Colour, line: float) -> None:
    """The kneecap's lines and its shadow, on skin or on cloth as tight."""
    if (leg.hidden and leg.swell[1] > 1.3) or leg.width * torso.head.scale < 4:
        return
    mid, wide = leg.at(0.5)
    down = 0.35 * wide if leg.bent and leg.near else 0.1 * wide
    curve = np.array([(-0.5, 0.0), (-0.3, 0.34), (0.1, 0.45), (0.45, 0.3)]) * (leg.side * wide, wide) + mid + (0, down)
    px = spline(torso.px(curve), 12)
    if torso.who.style.shading != "flat":
        scale = torso.head.scale
        shadow = ribbon(px + np.array([0, 0.12 * wide * scale]), taper(12, 0.1, 0.1) * 0.3 * wide * scale)
        board.fill(path(shadow), shade, 0.5, atop=True)
    board.ink(px, ink, 0.9 * line, 0.75, start=0.2, end=0.0, belly=0.4, atop=True)
    side = np.array([(0.62, -0.5), (0.5, -0.15), (0.58, 0.15)]) * (-leg.side * wide, wide) + mid + (0, down)
    board.ink(spline(torso.px(side), 8), ink, 0.8 * line, 0.6, start=0.0, end=0.0, atop=True)


def _toes(board: Board, torso: Torso, leg: Leg, ink: Colour, line: float) -> None:
    """Four short lines between the toes."""
    if leg.foot_size[0] * torso.head.scale < 7:
        return
    for x, y in ((-0.72, 0.97), (-0.2, 1.03), (0.3, 1.0), (0.75, 0.97)):
        front = np.array([(x, y - 0.24), (1.05 * x, y)])
        far = 0.62 + 0.06 * x
        aside = np.array([(far, 0.78 - 0.06 * x), (far + 0.07, 0.98)])
        board.ink(torso.px(leg.on_foot(front, aside)), ink, 0.8 * line, 0.7, start=0.3, end=0.9, belly=0.9, atop=True)
