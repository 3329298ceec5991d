"""A tiny figure whose hidden parts are known: a disc of a face behind a bar of hair, on a torso."""

import numpy as np

from cubiseg.boxes import Box
from cubiseg.completion.truth import CompletePicture, Piece, seen_from_above

SIZE = 64
FACE, HAIR = (240, 200, 170), (60, 40, 120)


def disc(x: float, y: float, radius: float) -> np.ndarray:
    """(SIZE, SIZE) bool."""
    rows, columns = np.ogrid[:SIZE, :SIZE]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def piece(name: str, mask: np.ndarray, colour: tuple[int, int, int]) -> Piece:
    canvas = np.zeros((*mask.shape, 4), np.uint8)
    canvas[mask] = (*colour, 255)
    made = Piece.of(name, canvas)
    assert made is not None
    return made


def behind_a_bar(group: str = "somebody") -> CompletePicture:
    """A face, (32, 32) and 20 px wide around, of which a bar of hair from row 26 to 37 hides the middle."""
    bar = np.zeros((SIZE, SIZE), bool)
    bar[26:38, 4:60] = True
    pieces = (piece("face", disc(32, 32, 20), FACE), piece("hair_front", bar, HAIR))
    rgb = np.full((SIZE, SIZE, 3), 255, np.uint8)
    for one in pieces:
        there = one.rgba[..., 3] > 0
        rgb[one.box.window][there] = one.rgba[..., :3][there]
    return CompletePicture("somebody/00", group, rgb, seen_from_above(pieces, rgb.shape[:2]), pieces)


WHOLE = Box(0, 0, SIZE, SIZE)
