"""Ears: they open to the viewer as the head turns; the far one goes behind the face."""

import numpy as np

from cubiseg.portraits.character import Character
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, blob, path, spline
from cubiseg.portraits.skin import skin_ink, skin_shade


def paint_ears(board: Board, who: Character, head: Head) -> None:
    """Both ears; the face, painted later, covers what it hides."""
    for side in (-1, 1):
        if side * head.pose.yaw < 0.45:
            with board.on("ear_left" if side > 0 else "ear_right"):
                _ear(board, who, head, side)


def _ear(board: Board, who: Character, head: Head, side: int) -> None:
    f, ink, line = who.face, skin_ink(who), who.style.line * head.scale
    e, h = f.elf, 0.33 * f.ear
    rng = who.rng("ear lines")
    rim = np.array(
        [
            *[(0.9, -0.1, 0.0), (1.01, -0.75 * h, -0.1), (1.09 + 0.14 * e, -0.74 * h - 0.14 * e, -0.26)],
            *[(1.13 + 0.75 * e, 0.02 - 0.5 * e, -0.38 - 0.2 * e), (1.11 + 0.14 * e, 0.16 - 0.1 * e, -0.34 - 0.08 * e)],
            *[(1.05, 0.36 + 0.1 * h, -0.14), (0.97, 0.44 + 0.05 * h, -0.04), (0.9, 0.34, 0.0)],
        ]
    )
    turn = (side, 1, 1)
    board.outline(blob(head.project(rim * turn), 56), who.skin, ink, line)
    hollow = np.array(
        [
            *[(0.96, -0.06, -0.03), (1.02, -0.5 * h, -0.1), (1.07 + 0.12 * e, -0.4 * h - 0.12 * e, -0.2)],
            *[(1.08 + 0.45 * e, 0.02 - 0.33 * e, -0.27 - 0.12 * e), (1.06, 0.18, -0.22), (1.0, 0.3, -0.06)],
        ]
    )
    inner = head.project(hollow * turn)
    if who.style.shading != "flat":
        board.fill(blob(inner, 32), skin_shade(who), 0.75, atop=True)
    manner = rng.random()
    width = max(line, 0.01 * head.scale)
    board.ink(spline(inner[:-1], 24), ink, width * 0.9, 0.9, start=0.2, end=0.1, atop=True)
    if manner < 0.65:  # the fold before the hollow
        fold = np.array([(1.06, 0.0, -0.22), (1.02, -0.04, -0.12), (1.0, 0.1, -0.08), (1.03, 0.22, -0.1)])
        board.ink(spline(head.project(fold * turn), 14), ink, width * 0.8, 0.85, start=0.1, end=0.1, atop=True)
    if manner < 0.2 and who.style.shading != "flat":
        board.fill(path(spline(inner, 20)), skin_shade(who), 0.3, atop=True)
