"""Eyes: white, iris and lashes on the face plate. Lids open and shut by moving the upper lid's curve."""

from functools import partial

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.eyes import lashes
from cubiseg.portraits.eyes.iris import Iris, paint_iris
from cubiseg.portraits.eyes.lids import N, open_lids, shut_lid
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path, spline
from cubiseg.portraits.scene import Scene

__all__ = ["Eye"]


class Eye:
    """One eye of a character in one picture. ``side``: +1 the character's left, which lies right in the picture."""

    def __init__(self, who: Character, head: Head, scene: Scene, side: int) -> None:
        self.who, self.head, self.scene, self.side = who, head, scene, side
        self.style = who.eyes
        e, s = scene.expression, self.style
        self.openness = e.left if side > 0 else e.right
        self.shut = self.openness < 0.05
        turn = max(0.0, side * np.sin(scene.pose.yaw))
        self.squeeze = 1 - 0.2 * turn  # the far eye is drawn narrower than its turn alone makes it
        self.wing = s.shape.wing * max(0.0, 1 - 2.0 * turn) * (s.lashes != "line")
        if s.lashes == "wing":
            self.wing = 1.4 * self.wing + 0.03 * (turn < 0.4)
        if self.shut:
            self.upper = self.lower = shut_lid(e.shut_as, s.shape, s.width, s.height, e.low_lid)
        else:
            self.upper, self.lower = open_lids(s.shape, s.width, s.height, self.openness, e.low_lid)

    @property
    def line(self) -> float:
        """Ink width in head units."""
        return max(self.who.style.line, 0.012)

    def local(self, points: np.ndarray, tilt_at: float | None = None) -> np.ndarray:
        """Eye coordinates (x outwards, y down, in head units from the eye's middle) to px.

        Lids lean by the eye's tilt; an iris stays upright: ``tilt_at`` is its x.
        """
        p = np.atleast_2d(points)
        u = self.side * (self.style.x + p[:, 0]) * self.squeeze
        v = p[:, 1] - self.style.shape.tilt * (p[:, 0] if tilt_at is None else tilt_at)
        return self.head.on_face(np.column_stack([u, v]))

    def part(self, name: str) -> str:
        """Name of the eye's part."""
        return f"eye_{'left' if self.side > 0 else 'right'}_{name}"

    def paint(self, board: Board) -> None:
        """White, iris and lashes, on a board for the white."""
        if self.style.kind == "dot" and not self.shut:
            with board.on(self.part("iris")):
                self._paint_dot(board)
            return
        if not self.shut:
            self._paint_ball(board)
        with board.on(self.part("lashes")):
            self._paint_lashes(board)

    def _paint_lashes(self, board: Board) -> None:
        """The lids' lines and lashes; all there is of a shut eye."""
        s = self.style
        # A shut eye is all lashes: drawn strongly, or it would pass for a brow.
        thickness = max(s.shape.lash, 1.3 * self.line, 0.035 if self.shut else 0.0)
        if s.kind == "plain ball":
            thickness = 1.5 * self.line
        ends = self.local(np.array([(-0.5 * s.width, 0), (0.5 * s.width + self.wing, 0)]))
        ink = lashes.lash_ink(s, ends[0], ends[1])
        arrow = self.shut and self.scene.expression.shut_as == "squeezed"
        if arrow:
            board.stroke(path(self.local(self.upper), closed=False), ink, thickness * self.head.scale)
            return
        shape = lashes.upper_lash(s, self.upper, thickness, self.wing, shut=self.shut)
        board.fill(path(self.local(shape)), ink)
        down = self.shut and self.scene.expression.shut_as == "shut"
        lashes.spikes(board, s, self.upper, self.local, self.head.scale, self.squeeze**4, shut=self.shut, down=down)
        if not self.shut:
            lashes.lower_lash(board, s, self.lower, self.local, self.head.scale, self.line)

    def _paint_dot(self, board: Board) -> None:
        """A plain dark oval, rarely with a light."""
        s = self.style
        ball = path(np.vstack([self.local(self.upper), self.local(self.lower)[::-1]]))
        board.fill(ball, s.lash_colour)
        if s.highlights != "none":
            spot = self.local(np.array([(-0.12 * s.width * self.side, -0.2 * s.height)]))[0]
            board.spot(spot, 0.17 * s.width * self.head.scale * s.light_size, col.WHITE, 1.0)

    def _paint_ball(self, board: Board) -> None:
        s, scale, style = self.style, self.head.scale, self.who.style
        ball = path(np.vstack([self.local(self.upper), self.local(self.lower)[::-1]]))
        board.fill(ball, s.white)
        with board.clipped(ball, spared=self.part("iris")):  # the lids hide the rest of it
            if style.shading == "soft":  # a ball is round: its corners are darker
                for end in (self.upper[0], self.upper[-1]):
                    board.spot(self.local(end)[0], 0.26 * s.width * scale, s.white_shade, 0.5)
            if s.kind == "realistic":
                duct = self.local(self.lower[:5].mean(axis=0)[None])[0]
                board.spot(duct, 0.14 * s.width * scale, (0.93, 0.55, 0.52), 0.9)
            shadow = 0.0 if style.shading == "flat" else s.lid_shadow * s.height
            drop = np.vstack([self.upper - (0, 0.1), (self.upper + np.array([0, shadow]))[::-1]])
            blur = 0.02 * scale if style.shading == "soft" else 0.0
            if shadow:
                board.fill(path(self.local(drop)), s.white_shade, blur=blur)
            with board.on(self.part("iris")):
                paint_iris(board, self._iris())
            with board.on(None):  # shadow and water on both
                if shadow:
                    far = path(self.local(np.vstack([self.upper - (0, 1.0), drop[len(self.upper) :]])))
                    shade = {self.part("iris"): far}  # all that the upper lid hides of it
                    board.fill(path(self.local(drop)), col.shade(s.white_shade, 0.8), 0.4, blur=blur, alone=shade)
                if self.scene.expression.tears in ("brim", "drops", "streams"):
                    self._brim(board)
        # the lids' edge, so that a white is never without one
        if s.kind == "plain ball":
            with board.on(self.part("lashes")):
                board.stroke(ball, s.lash_colour, 1.3 * self.line * scale)

    def _iris(self) -> Iris:
        s, e = self.style, self.scene.expression
        rx = 0.5 * s.width * s.shape.iris
        ry = rx * s.shape.aspect
        if not s.gag and s.shape.sink > -0.15:  # tall enough that no white shows below or above it
            ry = min(max(ry, 0.54 * s.height), 1.75 * rx)
        bottom = 0.5 * s.height + s.shape.sink * 2 * ry
        cy = bottom - ry if s.shape.sink > -0.15 else -0.02 * s.height
        room = max(0.5 * s.width - rx, 0.06)
        cx = self.side * e.gaze[0] * 0.5 * room - 0.12 * room
        cy += e.gaze[1] * 0.07 * s.height
        base = s.iris if self.side > 0 else s.iris_other
        left = -self.side if self.scene.light <= 0 else self.side
        return Iris(
            style=s,
            base=base,
            centre=(cx, cy),
            rx=rx,
            ry=ry,
            local=partial(self.local, tilt_at=cx),
            scale=self.head.scale,
            line=self.line * self.head.scale,
            cel=self.who.style.shading == "cel",
            left=left,
        )

    def _brim(self, board: Board) -> None:
        """Water standing on the lower lid."""
        wave = np.column_stack([self.lower[:, 0], self.lower[:, 1] - 0.16 * self.style.height])
        wave[:, 1] += 0.03 * self.style.height * np.sin(np.linspace(0, 9, N))
        board.fill(path(self.local(np.vstack([wave, (self.lower - (0, -0.03))[::-1]]))), (0.86, 0.94, 1.0), 0.7)
        for t in (0.3, 0.7):
            at = self.local(self.lower[int(t * N)] - (0, 0.08 * self.style.height))[0]
            board.spot(at, 0.07 * self.style.width * self.head.scale, col.WHITE, 1.0)

    def paint_crease(self, face: Board, ink: col.Colour, line: float) -> None:
        """The fold of the upper lid, which is part of the face."""
        s, kind = self.style, self.style.crease
        if kind == "none" or (self.shut and self.scene.expression.shut_as != "shut"):
            return
        n = len(self.upper)
        start, end = (0.5, 0.93) if kind == "short" else (0.2, 0.93)
        up = self.upper[int(n * start) : int(n * end)]
        lift = 1.1 * s.shape.lash + s.crease_gap * (1.3 if self.shut else 1.0)
        width = max(line, 0.01 * self.head.scale) * 0.9
        if self.who.style.shading != "flat" and not self.shut:
            lid = path(np.vstack([self.local(up), self.local(up - (0, lift))[::-1]]))
            face.fill(lid, col.shade(self.who.skin, 0.35, towards=0.97), 0.45 if kind != "shadow" else 0.8, atop=True)
        if kind == "shadow":
            return
        for k in range(2 if kind == "double" else 1):
            fold = spline(self.local(up - (0, lift + 0.04 * k)), 20)
            face.ink(fold[4 * k :], ink, width, 0.85 - 0.3 * k, start=0.0, end=0.1, belly=0.6, atop=True)
