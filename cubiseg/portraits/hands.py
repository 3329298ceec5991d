"""One hand: palm, tapered fingers with joints, thumb and nails, in any pose; and a hand that grips a thing.

In hand units: the wrist at the origin, y towards the fingers, x to the thumb, 1 is the length to the middle finger's
tip.
"""

from dataclasses import dataclass

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.face import skin_ink, skin_shade
from cubiseg.portraits.paint import Board, path, ribbon, spline
from cubiseg.portraits.tables import pairs, xy

# root x, root y, length, width; from index to little finger
_FINGERS = (
    (0.155, 0.46, 0.42, 0.108),
    (0.055, 0.50, 0.46, 0.112),
    (-0.05, 0.485, 0.43, 0.104),
    (-0.148, 0.44, 0.34, 0.092),
)
_PALM = pairs(
    (0.115, 0.12, 0.19, 0.205, 0.17, 0.06, -0.06, -0.17, -0.2, -0.17, -0.12, -0.115),
    (-0.12, 0.02, 0.2, 0.4, 0.52, 0.55, 0.535, 0.48, 0.34, 0.14, 0.02, -0.12),
)
_THUMBS = {
    "out": ((0.1, 0.08), (0.24, 0.24), (0.345, 0.36), (0.42, 0.5)),
    "along": ((0.1, 0.08), (0.21, 0.24), (0.235, 0.4), (0.225, 0.54)),
    "across": ((0.1, 0.1), (0.215, 0.26), (0.14, 0.37), (-0.03, 0.39)),
    "tucked": ((0.08, 0.12), (0.16, 0.26), (0.12, 0.36), (0.06, 0.42)),
    "up": ((0.1, 0.1), (0.24, 0.28), (0.3, 0.46), (0.3, 0.66)),
}


@dataclass(frozen=True)
class HandPose:
    """``reach``: how far each finger from index to little is stretched, below 0.35 it is folded; ``fan``: angle of each
    to the thumb's side; ``curl``: how much stretched fingers bend; ``thumb``: see ``_THUMBS``; ``back``: the back is
    seen (nails and knuckles) rather than the palm."""

    reach: tuple[float, float, float, float]
    fan: tuple[float, float, float, float]
    curl: float
    thumb: str
    back: bool = False


POSES = {
    "open": HandPose((1, 1, 1, 1), (0.2, 0.05, -0.12, -0.32), 0.06, "out"),
    "spread": HandPose((1, 1, 1, 1), (0.34, 0.09, -0.18, -0.48), 0.05, "out"),
    "flat": HandPose((0.97, 1, 1, 0.97), (0.05, 0.015, -0.02, -0.06), 0.12, "along", True),
    "relaxed": HandPose((0.9, 0.86, 0.82, 0.78), (0.1, 0.03, -0.04, -0.12), 0.45, "along", True),
    "graceful": HandPose((0.95, 0.9, 0.86, 0.95), (0.16, 0.0, -0.06, -0.26), 0.4, "along", True),
    "peace": HandPose((1, 1, 0, 0), (0.17, -0.14, 0, 0), 0.03, "across"),
    "point": HandPose((1, 0, 0, 0), (0.02, 0, 0, 0), 0.03, "across"),
    "gun": HandPose((1, 0, 0, 0), (0.0, 0, 0, 0), 0.03, "up"),
    "three": HandPose((1, 1, 1, 0), (0.18, 0, -0.18, 0), 0.03, "tucked"),
    "horns": HandPose((1, 0, 0, 1), (0.12, 0, 0, -0.2), 0.03, "across"),
    "fist": HandPose((0, 0, 0, 0), (0, 0, 0, 0), 0, "across"),
    "thumb up": HandPose((0, 0, 0, 0), (0, 0, 0, 0), 0, "up"),
    "paw": HandPose((0.45, 0.45, 0.45, 0.45), (0.04, 0.01, -0.02, -0.05), 0.7, "tucked", True),
    "curled": HandPose((0.66, 0.6, 0.56, 0.5), (0.06, 0.0, -0.04, -0.1), 0.9, "along", True),
}


class Hand:
    """One hand of a character at a place in the picture.

    Args:
        at: px of the wrist.
        aim: angle of the fingers' direction in the picture (0 right, pi/2 down).
        size: px from the wrist to the middle finger's tip.
        thumb: 1 when the thumb lies clockwise of the fingers, -1 when counterclockwise.
        polish: colour of the nails, or None.
        cloth: colour of its glove, or None for bare skin.
    """

    def __init__(
        self,
        who: Character,
        at: np.ndarray,
        aim: float,
        size: float,
        thumb: int,
        polish: col.Colour | None = None,
        *,
        cloth: col.Colour | None = None,
    ) -> None:
        self.who, self.at, self.size, self.thumb, self.polish = who, np.asarray(at, float), size, thumb, polish
        f = np.array([np.cos(aim), np.sin(aim)])
        self._frame = np.array([thumb * np.array([-f[1], f[0]]), f])
        # without ink, fingers would melt into each other and into the face
        self.shade = skin_shade(who)
        self.ink = skin_ink(who) if who.style.line else col.mix(self.shade, skin_ink(who), 0.3)
        self.skin, self.bare = who.skin, cloth is None
        if cloth is not None:
            self.skin, self.shade = cloth, col.shade(cloth, 0.25 + 0.45 * who.style.contrast)
            self.ink = col.ink(cloth, who.style.ink) if who.style.line else col.mix(self.shade, cloth, 0.3)
        chubby = 1.18 - 0.24 * who.maturity + 0.08 * who.masculine
        self._wide = chubby
        self._short = 0.86 + 0.14 * who.maturity

    def px(self, points: np.ndarray) -> np.ndarray:
        """Hand units to px."""
        return self.at + self.size * (np.atleast_2d(np.asarray(points, float)) @ self._frame)

    def finger(self, board: Board, line: np.ndarray, width: float, line_px: float, *, nail: bool) -> None:
        """One finger along a polyline in hand units, open at its root."""
        n = 16
        curve = spline(line, n)
        t = np.linspace(0, 1, n)
        # thicker at the joints, tapered to the tip
        half = 0.5 * width * self._wide * (1.0 - 0.3 * t + 0.05 * np.cos(t * 3 * np.pi * 1.3))
        left, right = np.split(ribbon(curve, 2 * half), 2)
        right = right[::-1]
        tip, d = curve[-1], curve[-1] - curve[-2]
        d = d / max(float(np.hypot(*d)), 1e-6)
        side = np.array([-d[1], d[0]])
        a = np.linspace(0, np.pi, 8)[1:-1, None]
        cap = tip + half[-1] * (np.cos(a) * side + 1.15 * np.sin(a) * d)
        shape = path(self.px(np.vstack([left, cap, right[::-1]])))
        edge = self.px(np.vstack([left[2:], cap, right[::-1][:-2]]))
        board.stroke(path(edge, closed=False), self.ink, 2 * line_px)
        board.fill(shape, self.skin)
        if self.who.style.shading != "flat":
            dark = left if self._frame[0, 0] * self.thumb < 0 else right
            inner = curve + 0.25 * (dark - curve)
            board.fill(path(self.px(np.vstack([dark, inner[::-1]]))), self.shade, 0.55, atop=True)
        if nail and self.bare and self.size > 22:
            a = np.linspace(0, 2 * np.pi, 14)
            back, wide = tip - 0.045 * d, 0.62 * half[-1]
            plate = back + 0.06 * np.cos(a)[:, None] * d + wide * np.sin(a)[:, None] * side
            c = self.polish or col.mix(self.skin, (1.0, 0.75, 0.75), 0.4)
            board.fill(path(self.px(plate)), c, 0.95, atop=True)
            board.stroke(path(self.px(plate)), self.ink, 0.5 * line_px, 0.5, atop=True)

    def _stretched(self, root: np.ndarray, length: float, angle: float, curl: float) -> np.ndarray:
        steps = np.array([0.0, 0.42, 0.36, 0.3]) * length
        bends = angle + curl * np.array([0.0, -0.1, -0.35, -0.7]) * np.sign(angle + 1e-9)
        d = np.column_stack([np.sin(bends), np.cos(bends)]) * steps[:, None]
        return root + np.cumsum(d, axis=0)

    def paint(self, board: Board, pose: HandPose, line_px: float, *, palm: bool = True) -> None:
        """The whole hand."""
        line_px = line_px or 0.008 * self.size
        outline = spline(np.array(_PALM) * (self._wide, self._short), 40, closed=False)
        if palm:
            board.stroke(path(self.px(outline), closed=False), self.ink, 2 * line_px)
        folded: list[tuple[np.ndarray, float, float, float, float]] = []
        shown = folded.copy()
        for (x, y, length, width), reach, fan in zip(_FINGERS, pose.reach, pose.fan, strict=True):
            root = np.array([x * self._wide, (y - 0.06) * self._short])
            (folded if reach < 0.35 else shown).append((root, length, width, reach, fan))
        for root, length, width, reach, fan in shown[::-1]:
            line = self._stretched(root, (length * reach + 0.06) * self._short, fan, pose.curl)
            self.finger(board, line, width, line_px, nail=pose.back)
        if palm:
            board.fill(path(self.px(outline)), self.skin)
            self._palm_lines(board, pose, line_px)
        for root, _, width, _, _ in folded[::-1]:
            top = root + np.array([0, 0.13 * self._short])
            line = np.array([top - (0, 0.29), top - (0, 0.15), top])[::-1] + np.array([(0, 0), (-0.004, 0), (0.01, 0)])
            self._folded(board, line, width * 1.12, line_px)
        thumb = np.array(_THUMBS[pose.thumb]) * (self._wide, self._short)
        self.finger(board, thumb, 0.135, line_px, nail=pose.back or pose.thumb in ("across", "up"))

    def palm(self, board: Board, line_px: float) -> None:
        """The palm alone, up to the roots of the fingers, as a glove without fingers covers it."""
        shape = path(self.px(spline(np.array(_PALM) * (self._wide, self._short), 40)))
        board.outline(shape, self.skin, self.ink, line_px or 0.008 * self.size)

    def _folded(self, board: Board, line: np.ndarray, width: float, line_px: float) -> None:
        a = np.linspace(0, np.pi, 8)[:, None]
        r = 0.5 * width * self._wide
        top = line[0] + r * np.hstack([np.cos(a), 0.8 * np.sin(a)])
        low = line[-1] - r * np.hstack([np.cos(a) * 0.9, 0.9 * np.sin(a)])
        shape = path(self.px(spline(np.vstack([top, low]), 30, closed=True)))
        board.stroke(shape, self.ink, 2 * line_px)
        board.fill(shape, self.skin)
        if self.who.style.shading != "flat":
            with board.clipped(shape):
                board.fill(path(self.px(np.vstack([low, low[::-1] + np.array([0, 0.06])]))), self.shade, 0.7, atop=True)

    def _palm_lines(self, board: Board, pose: HandPose, line_px: float) -> None:
        if self.who.style.shading != "flat":
            side = np.array([(-0.21, 0.5), (-0.1, 0.3), (-0.1, 0.1), (-0.14, -0.1), (-0.3, -0.1), (-0.3, 0.5)])
            with board.clipped(path(self.px(spline(np.array(_PALM) * (self._wide, self._short), 30)))):
                board.fill(path(self.px(spline(side, 24, closed=True))), self.shade, 0.5, atop=True)
        if self.size < 30:
            return
        if pose.back:
            lines = [[(x, y - 0.02), (x + 0.012, y - 0.09)] for x, y, _, _ in _FINGERS[:3]]
        else:
            lines = [[(0.16, 0.42), (0.05, 0.33), (0.05, 0.16)], [(-0.16, 0.36), (-0.02, 0.36), (0.08, 0.43)]]
        for points in lines:
            board.ink(spline(self.px(np.array(points)), 8), self.ink, line_px * 0.8, 0.6, start=0.2, end=0.0, atop=True)

    def grip(self, board: Board, line_px: float, *, front: bool, spread: float = 0.118) -> None:
        """A hand around an upright thing at (0, 0.3): the palm and thumb behind it, or the fingers in front of it."""
        line_px = line_px or 0.008 * self.size
        if not front:
            heel = xy((-0.1, -0.24, -0.3, -0.2, 0.05, 0.16, 0.1, 0.1), (-0.1, 0.06, 0.3, 0.52, 0.5, 0.3, 0.0, -0.1))
            shape = path(self.px(spline(heel, 32)))
            board.stroke(shape, self.ink, 2 * line_px)
            board.fill(shape, self.skin)
            finger_line = np.array([(-0.16, 0.3), (-0.12, 0.48), (0.0, 0.6), (0.12, 0.66)])
            self.finger(board, finger_line, 0.13, line_px, nail=False)
            return
        for k, width in enumerate((0.09, 0.104, 0.112, 0.108)):
            y = 0.08 + spread * k
            reach = (0.2, 0.26, 0.28, 0.25)[k]
            line = np.array([(-0.27, y + 0.0), (-0.1, y + 0.025), (0.06, y + 0.015), (reach - 0.04, y - 0.015)])
            self.finger(board, line, width * 1.08, line_px, nail=True)
        knuckles = np.array([(-0.3, 0.02), (-0.335, 0.12), (-0.345, 0.3), (-0.31, 0.46), (-0.22, 0.5), (-0.2, 0.06)])
        board.fill(path(self.px(spline(knuckles, 24, closed=True))), self.skin)
        board.ink(spline(self.px(knuckles[:5]), 16), self.ink, 1.6 * line_px, start=0.5, end=0.5)
