"""Suspicious places of a label map: where a person should look first.

They are pieces of one id that the network was unsure of, eyes and brows that are not one on each side, parts of a face
where no face has them, and thin slivers; the worst come first.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box, boxes_by_value
from cubiseg.cleaning.anatomy import misplaced

WORKING_SIDE = 1024
"""Longer side, in pixels, at which larger label maps are looked at."""
MOST = 40
"""Places that are told at most: nobody looks at more."""
UNSURE = 0.6
"""Mean confidence of a piece, 0..1, below which it is suspicious."""
LEAST, THIN_LEAST = 25.0, 40.0
"""Area under which a piece is not worth a look, in pixels of a 512x512 picture; and under which a sliver is not."""
THIN, ISLAND = 3.0, 0.1
"""A sliver is nowhere wider than this, in pixels of a 512x512 picture, and a smaller share of all that has its id."""
SECOND = 0.3
"""Share of the largest piece of an eye or brow from which another one is a second of its kind."""

Kind = Literal["sides", "outside", "unsure", "thin"]
_ORDER: tuple[Kind, ...] = ("sides", "outside", "unsure", "thin")
_LINES = taxonomy.mask("nose", "mouth", "eyebrow_left", "eyebrow_right")
"""Classes that are drawn as lines, so that thin pieces of them are nothing strange."""
_SIDED = taxonomy.FLIP_PAIRS


class Place(NamedTuple):
    """A suspicious place.

    Attributes:
        key: tells it from others, the same for the same piece in another run.
        kind: what is suspicious.
        text: the same in words.
        id: of the piece.
        x: column of a pixel of the piece.
        y: its row.
        box: around the piece, whole pixels.
        weight: how much it matters within its kind.
    """

    key: str
    kind: Kind
    text: str
    id: int
    x: int
    y: int
    box: Box
    weight: float

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        told = {"key": self.key, "kind": self.kind, "text": self.text, "id": self.id, "x": self.x, "y": self.y}
        return {**told, "box": [int(side) for side in self.box]}


class _Piece(NamedTuple):
    """A piece at the working size: its id, its pixels in its box, and their number."""

    id: int
    box: Box
    mask: np.ndarray
    area: int


def suspicions(label: np.ndarray, confidence: np.ndarray) -> list[Place]:
    """Suspicious places, the worst first.

    Args:
        label: (H, W) uint8, ids of classes and parts.
        confidence: (H, W) float or uint8 (255 is sure), of each pixel.
    """
    step = -(-max(label.shape) // WORKING_SIDE)
    small = np.ascontiguousarray(label[::step, ::step])
    sure = confidence[::step, ::step]
    scale = float(np.sqrt(small.size)) / 512
    pieces = list(_pieces(small, LEAST * scale**2))
    found = [*_sides(pieces), *_outside(small, pieces), *_unsure(pieces, sure), *_thin(pieces, small, scale)]
    told: dict[tuple[int, int], Place] = {}
    for place in sorted(found, key=lambda p: (_ORDER.index(p.kind), -p.weight)):
        told.setdefault((place.x, place.y), place)  # a piece is told once, by what is worst
    return [_enlarged(place, step, label.shape) for place in list(told.values())[:MOST]]


def _pieces(label: np.ndarray, least: float) -> Iterator[_Piece]:
    for number, around in boxes_by_value(label).items():
        if number not in taxonomy.PART_NAME:
            continue
        window = around.window
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(
            (label[window] == number).view(np.uint8), connectivity=8
        )
        for piece in range(1, count):
            x, y, width, height, area = (int(v) for v in stats[piece])
            if area >= least:
                mask = numbers[y : y + height, x : x + width] == piece
                yield _Piece(number, Box(x, y, x + width, y + height).moved(around.left, around.top), mask, area)


def _place(piece: _Piece, kind: Kind, text: str, weight: float) -> Place:
    depth = cv2.distanceTransform(np.pad(piece.mask.view(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = (int(v) for v in np.unravel_index(int(depth.argmax()), depth.shape))
    x, y = column + int(piece.box.left), row + int(piece.box.top)
    key = f"{kind}:{piece.id}:{x}:{y}"
    return Place(key, kind, text, piece.id, x, y, piece.box, weight)


def _sides(pieces: list[_Piece]) -> Iterator[Place]:
    """Eyes and brows: two on one side, or each on the other's."""
    for left, right in _SIDED:
        of = {side: _largest_first(pieces, side) for side in (left, right)}
        for side, spots in of.items():
            for second in spots[1:]:
                if second.area >= SECOND * spots[0].area and _apart(spots[0], second):
                    name = _name(side)
                    yield _place(second, "sides", f"a second {name}: is it the other side's?", second.area)
        if of[left] and of[right] and of[left][0].box.middle[0] < of[right][0].box.middle[0]:
            text = f"{_name(left)} lies on the character's right: are the sides swapped (X)?"
            yield _place(of[left][0], "sides", text, of[left][0].area)


def _largest_first(pieces: list[_Piece], side: int) -> list[_Piece]:
    """Pieces of a class with all its parts taken as they are, the largest first."""
    own = [piece for piece in pieces if taxonomy.CLASS_OF[piece.id] == side]
    kinds = {piece.id for piece in own}
    if len(kinds) > 1:  # of an eye's parts, its irises tell best how many there are
        most = max(kinds, key=lambda kind: sum(p.area for p in own if p.id == kind))
        own = [piece for piece in own if piece.id == most]
    return sorted(own, key=lambda piece: -piece.area)


def _apart(one: _Piece, other: _Piece) -> bool:
    """Whether two pieces lie farther from each other than the larger one is wide."""
    gap = max(one.box.left - other.box.right, other.box.left - one.box.right)
    return gap > 0.5 * max(one.box.width, other.box.width)


def _outside(label: np.ndarray, pieces: list[_Piece]) -> Iterator[Place]:
    wrong = misplaced(taxonomy.CLASS_OF[label])
    for piece in pieces:
        if wrong[piece.box.window][piece.mask].mean() > 0.5:
            yield _place(piece, "outside", f"{_name(piece.id)} where no face has it", piece.area)


def _unsure(pieces: list[_Piece], confidence: np.ndarray) -> Iterator[Place]:
    top = 255 if confidence.dtype == np.uint8 else 1
    for piece in pieces:
        mean = float(confidence[piece.box.window][piece.mask].mean(dtype=np.float64)) / top
        if mean < UNSURE:
            yield _place(piece, "unsure", f"{_name(piece.id)}? {mean:.0%} sure", piece.area * (UNSURE - mean))


def _thin(pieces: list[_Piece], label: np.ndarray, scale: float) -> Iterator[Place]:
    counts = np.bincount(label.ravel(), minlength=256)
    for piece in pieces:
        few = piece.area < ISLAND * counts[piece.id]
        if not few or piece.area < THIN_LEAST * scale**2 or _LINES[taxonomy.CLASS_OF[piece.id]]:
            continue
        depth = cv2.distanceTransform(np.pad(piece.mask.view(np.uint8), 1), cv2.DIST_L2, 3)
        if 2 * float(depth.max()) <= THIN * scale + 1:
            yield _place(piece, "thin", f"a thin sliver of {_name(piece.id)}", piece.area)


def _name(number: int) -> str:
    return taxonomy.PART_NAME[number].replace("_", " ")


def _enlarged(place: Place, step: int, size: tuple[int, ...]) -> Place:
    if step == 1:
        return place
    box = place.box.scaled(step).grown(0, (size[0], size[1]))
    return place._replace(x=place.x * step, y=place.y * step, box=box)
