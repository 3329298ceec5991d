"""Eyes: white, iris, lashes in head units on the face plate. Lids open and shut by moving the upper lid's curve."""

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, gradient, path, spline
from cubiseg.sources.synthetic.scene import Scene

_N = 28


class Eye:
    """One eye of a character in one picture. ``side``: +1 the character's left, which lies right in the picture."""

    def __init__(self, who: Character, head: Head, scene: Scene, side: int) -> None:
        self.who, self.head, self.scene, self.side = who, head, scene, side
        self.style = who.eyes
        e = scene.expression
        self.openness = e.left if side > 0 else e.right
        self.shut = self.openness < 0.05
        turn = max(0.0, side * np.sin(scene.pose.yaw))
        self.squeeze = 1 - 0.25 * turn  # the far eye is drawn narrower than its turn alone makes it
        self.wing = self.style.wing * max(0.0, 1 - 2.2 * turn)
        self.upper, self.lower = self._lids()

    def local(self, points: np.ndarray) -> np.ndarray:
        """Eye coordinates (x outwards, y down, in head units from the eye's middle) to px."""
        p = np.atleast_2d(points)
        u = self.side * (self.style.x + p[:, 0]) * self.squeeze
        v = p[:, 1] - self.style.tilt * p[:, 0] * 1.0
        return self.head.on_face(np.column_stack([u, v]))

    def _lids(self) -> tuple[np.ndarray, np.ndarray]:
        s = self.style
        w, h, q = s.width, s.height, s.squareness
        upper = np.array(
            [
                (-0.5, 0.1),
                (-0.36 - 0.04 * q, -0.26 - 0.12 * q),
                (s.peak, -0.5),
                (0.34 + 0.04 * q, -0.34 - 0.1 * q),
                (0.5, -0.02),
            ]
        ) * (w, h)
        lower = np.array([(-0.5, 0.1), (-0.34, 0.36 + 0.08 * q), (0.02, 0.5), (0.34 + 0.03 * q, 0.36 + 0.1 * q),
                          (0.5, -0.02)]) * (w, h)  # fmt: skip
        up, low = spline(upper, _N), spline(lower, _N)
        if self.shut:
            bow = -0.34 if self.scene.expression.shut_up else 0.3
            t = np.linspace(-1, 1, _N)
            y = 0.16 * h + bow * min(h, 0.5) * (1 - t * t) - (0.1 * h if bow > 0 else -0.12 * h)
            line = np.column_stack([t * 0.5 * w, y])
            return line, line
        line = low * (1, 0.55) + (0, 0.05 * h)
        up = line + (up - line) * self.openness
        return up, low

    def _lash_shape(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper edge of the upper lash, in eye coordinates, inner to outer."""
        s = self.style
        t = np.linspace(0, 1, _N)
        thick = (
            s.lash * (0.25 + 0.9 * np.sin(np.clip(t * 0.95 + 0.05, 0, 1) * np.pi * 0.72)) * (0.75 if self.shut else 1.0)
        )
        line = max(self.who.style.line, 0.012)
        thick = np.maximum(thick, 1.2 * line)
        edge = self.upper.copy()
        if self.wing > 0.02:
            tip = edge[-1] + (self.wing, -self.wing * (0.5 if not self.shut else 0.05))
            edge = np.vstack([edge, tip])
            thick = np.append(thick * 1.0, 0.004)
        top = edge - np.column_stack([np.zeros(len(edge)), thick])
        top[0] += (0.01, 0.0)
        return edge, top

    def paint(self, board: Board) -> None:
        """White, iris and lashes."""
        if not self.shut:
            self._paint_ball(board)
        edge, top = self._lash_shape()
        board.fill(path(np.vstack([self.local(edge), self.local(top)[::-1]])), self.style.lash_colour)
        self._spikes(board)
        if not self.shut:
            self._lower_lash(board)

    def _paint_ball(self, board: Board) -> None:
        s, scale = self.style, self.head.scale
        ball = path(np.vstack([self.local(self.upper), self.local(self.lower)[::-1]]))
        board.fill(ball, s.white)
        with board.clipped(ball):
            self._paint_iris(board)
        drop = self.local(self.upper + np.array([0, 0.13 * s.height]))
        shade = path(np.vstack([self.local(self.upper - (0, 0.05)), drop[::-1]]))
        if self.who.style.shading != "flat":
            with board.clipped(ball):
                board.fill(shade, (0.28, 0.24, 0.38), 0.35, blur=0.02 * scale)

    def _ellipse(self, cx: float, cy: float, rx: float, ry: float, n: int = 32) -> np.ndarray:
        a = np.linspace(0, 2 * np.pi, n, endpoint=False)
        return self.local(np.column_stack([cx + rx * np.cos(a), cy + ry * np.sin(a)]))

    def _paint_iris(self, board: Board) -> None:
        s, scale, e = self.style, self.head.scale, self.scene.expression
        base = s.iris if self.side > 0 else s.iris_other
        rx = 0.5 * s.iris_width * min(s.width, s.height * 1.5)
        ry = min(max(rx * 1.05, 0.5 * s.height), 1.55 * rx) * s.iris_height
        cx = self.side * e.gaze[0] * 0.17 * s.width - 0.03 * s.width
        cy = -0.03 * s.height + e.gaze[1] * 0.1 * s.height
        dark, bright = col.shade(base, 0.75), col.light(base, 0.45)
        disc = path(self._ellipse(cx, cy, rx, ry))
        top, low = self.local(np.array([(cx, cy - ry), (cx, cy + ry)]))
        upper = col.mix(base, col.shade(dark, 0.5), s.top_dark)
        board.fill(disc, gradient(top, low, [(upper, 1), (base, 1), (bright, 1)], [0.1, 0.55, 1.0]))
        with board.clipped(disc):
            if s.rim > 0.5:
                board.fill(
                    path(self._ellipse(cx, cy + 0.55 * ry, 0.62 * rx, 0.4 * ry)),
                    col.light(base, 0.7),
                    0.7 * s.rim,
                    blur=0.03 * scale * s.width,
                )
            if self.who.style.shading == "cel":
                board.fill(path(self._ellipse(cx, cy - 0.75 * ry, 1.2 * rx, 0.7 * ry)), dark, 0.75)
        if s.pupil in ("round", "slit"):
            narrow = 0.16 if s.pupil == "slit" else 0.42
            board.fill(path(self._ellipse(cx, cy, narrow * rx, 0.5 * ry)), col.shade(dark, 0.9), 0.95)
        elif s.pupil == "ring":
            board.stroke(path(self._ellipse(cx, cy, 0.45 * rx, 0.45 * ry)), dark, 0.08 * rx * scale)
        board.stroke(disc, col.shade(dark, 0.4), max(0.1 * rx * scale * s.rim, self.who.style.line * scale * 0.7))
        self._highlights(board, cx, cy, rx, ry)

    def _highlights(self, board: Board, cx: float, cy: float, rx: float, ry: float) -> None:
        kind = self.style.highlights
        if kind == "none":
            return
        left = -self.side if self.scene.light <= 0 else self.side
        a = 0.95 if kind != "soft" else 0.6
        blur = 0.0 if kind != "soft" else 0.05 * rx * self.head.scale
        board.fill(
            path(self._ellipse(cx + 0.38 * left * rx, cy - 0.42 * ry, 0.3 * rx, 0.26 * ry)), col.WHITE, a, blur=blur
        )
        if kind in ("two", "many"):
            board.fill(path(self._ellipse(cx - 0.42 * left * rx, cy + 0.45 * ry, 0.17 * rx, 0.15 * ry)), col.WHITE, 0.9)
        if kind == "many":
            for dx, dy, r in ((0.5, 0.25, 0.09), (-0.1, 0.62, 0.1), (-0.5, -0.2, 0.08)):
                board.fill(path(self._ellipse(cx + dx * rx, cy + dy * ry, r * rx, r * ry)), col.WHITE, 0.85)

    def _spikes(self, board: Board) -> None:
        s = self.style
        width = s.lash * 0.5 * self.head.scale
        for k in range(s.spikes):
            t = 0.98 - 0.13 * k
            root = self.upper[int(t * (_N - 1))]
            length = (0.1 + 0.1 * self.wing / 0.2) * (1 - 0.12 * k) * self.squeeze**4
            direction = np.array([0.75 - 0.22 * k, (-0.5 - 0.1 * k) if not self.shut else 0.65])
            line = np.stack([root, root + 0.55 * length * direction + (0.0, 0.01), root + length * direction])
            board.ink(spline(self.local(line), 8), s.lash_colour, width, start=1.0, end=0.0, belly=0.05)

    def _lower_lash(self, board: Board) -> None:
        s, scale = self.style, self.head.scale
        width = max(self.who.style.line, 0.012) * scale
        if s.lower < 0.25:
            part = self.lower[int(_N * 0.3) : int(_N * 0.85)]
        else:
            part = self.lower[int(_N * (0.45 - 0.4 * s.lower)) :]
        line = self.local(part)
        board.ink(line, s.lash_colour, width * (0.9 + 0.9 * s.lower), start=0.1, end=0.9, belly=0.8)
        if s.spikes > 1 and s.lower > 0.4:
            for t in (0.62, 0.74, 0.86):
                root = self.lower[int(t * (_N - 1))]
                tip = root + np.array([0.05, 0.06])
                board.ink(self.local(np.stack([root, tip])), s.lash_colour, width, start=1.0, end=0.0, belly=0.1)

    def paint_crease(self, face: Board, ink: col.Colour, line: float) -> None:
        """The fold of the upper lid, which is part of the face."""
        s = self.style
        if s.crease <= 0:
            return
        n = len(self.upper)
        up = self.upper[int(n * 0.15) : int(n * 0.95)]
        lift = s.lash + 0.05 + 0.05 * s.crease
        face.ink(self.local(up - (0, lift)), ink, max(line, 0.01 * self.head.scale) * 0.9, 0.9, atop=True)
        if self.who.style.shading != "flat" and not self.shut:
            lid = path(np.vstack([self.local(up), self.local(up - (0, lift))[::-1]]))
            face.fill(lid, col.shade(self.who.skin, 0.35, towards=0.97), 0.5 * s.crease, atop=True)
