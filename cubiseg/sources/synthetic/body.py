"""Neck, chest, shoulders and arms: complete skin under the clothes, and the points that garments are cut along."""

import numpy as np

from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.face import skin_ink, skin_shade
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, path, spline

LOW = 9.0
"""v below every picture's lower edge."""


class Torso:
    """Landmarks of the body in head units; the base of the neck is at ``y``."""

    def __init__(self, who: Character, head: Head) -> None:
        f = who.face
        self.who, self.head = who, head
        self.y = head.neck_base
        self.neck = f.neck_width
        self.shoulder = f.shoulders
        rng = who.rng("torso")
        self.slope = 0.18 + 0.22 * rng.random() + 0.1 * (1 - who.masculine)
        self.waist = 0.62 + 0.12 * rng.random() + 0.1 * who.masculine

    def side(self, grow: float = 0.0) -> np.ndarray:
        """(k, 2) from the neck over the shoulder down the outer arm, the picture's right half."""
        n, s, y = self.neck, self.shoulder, self.y
        drop = self.slope * (s - n)
        return np.array([
            (n * 1.12 + grow, y - 0.12 - grow), (n * 1.12 + 0.35 * (s - n), y + 0.1 * drop + 0.05 - grow),
            (n + 0.82 * (s - n), y + 0.72 * drop - grow), (s + 0.02 + grow, y + drop + 0.2 - 0.3 * grow),
            (s + 0.12 + grow, y + drop + 0.9), (s + 0.2 + grow, y + drop + 2.0), (s + 0.3 + grow, LOW),
        ])  # fmt: skip

    def px(self, points: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Body coordinates to px; ``z`` towards the viewer moves with the body's turn."""
        p = np.atleast_2d(np.asarray(points, float))
        return self.head.body(np.column_stack([p[:, 0], p[:, 1], np.full(len(p), z)]))

    def mirrored(self, points: np.ndarray) -> np.ndarray:
        """The same points on the other side, in reverse order."""
        return (np.asarray(points, float) * (-1, 1))[::-1]

    def paint(self, board: Board) -> None:
        """Neck and torso as bare skin."""
        who, head, f = self.who, self.head, self.who.face
        top = f.chin * 0.55
        neck = np.array(
            [(self.neck * 0.96, top), (self.neck, 0.5 * (f.chin + self.y)), (self.neck * 1.05, self.y - 0.2)]
        )
        right = spline(np.vstack([neck[1:], self.side()]), 48)
        head_part = head.project(np.array([(s * self.neck * 0.96, top, -0.15) for s in (-1, 1)]))
        outline = np.vstack([head_part[1:], self.px(right), self.px(self.mirrored(right)), head_part[:1]])
        shape = path(outline)
        line = who.style.line * head.scale
        board.outline(shape, who.skin, skin_ink(who), line)
        self._shadow(board)
        ink = skin_ink(who)
        for s in (-1, 1):
            bone = np.array(
                [
                    (s * 0.16, self.y + 0.16),
                    (s * 0.5 * self.shoulder, self.y + 0.1),
                    (s * 0.8 * self.shoulder, self.y + 0.16),
                ]
            )
            board.ink(spline(self.px(bone, 0.15), 14), ink, line * 0.8, 0.7, start=0.6, end=0.0, belly=0.2, atop=True)
            arm = np.array(
                [
                    (s * (self.shoulder - 0.36), self.y + 1.15),
                    (s * (self.shoulder - 0.3), self.y + 1.6),
                    (s * (self.shoulder - 0.2), LOW),
                ]
            )
            board.ink(spline(self.px(arm), 14), ink, line, start=0.0, end=0.8, belly=0.4, atop=True)

    def _shadow(self, board: Board) -> None:
        who, head = self.who, self.head
        if who.style.shading == "flat" and who.style.contrast < 0.4:
            return
        chin = head.project(head.contour())
        low = (0.12 + 0.25 * who.style.contrast) * head.scale + 0.25 * who.face.neck_length * head.scale
        soft = who.style.shading == "soft"
        board.canvas.save()
        board.canvas.translate(0, low)
        board.fill(
            path(spline(chin, 64, closed=True)), skin_shade(who), 0.95, atop=True, blur=0.05 * head.scale if soft else 0
        )
        board.canvas.restore()
