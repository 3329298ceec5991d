"""Where the heads are in a label map, and which piece of the picture shows one of them.

Inference looks for them in what a network gave at its own few hundred pixels a side, and looks again at their pieces;
training shows such pieces too.

A face is what lies together of skin of the face, eyes, brows, nose and mouth; locks cut it to pieces, which are joined
again, and faces cheek to cheek are one piece, which is divided between two pairs of eyes. Of a small figure the network
may find no more than the eyes, or the hair: then the head is guessed from those. A head is a face and what lies close
around it of hair and of things worn on it, so that hair to the knees leaves it as large as it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box

LEAST = 3
"""Pixels under which a piece is noise."""
LEAST_SKIN = 12
"""Pixels of the face's skin that make a face without any eye."""
MOST_PIECES, MOST_EYES = 64, 8
"""Pieces of faces, and of one eye in a face, that are looked at, from the largest: noise has thousands."""
BESIDE = 0.55
"""Gap between pieces of one face, in the face's sides, up to which they are joined."""
OTHER_FACE = 0.1
"""Share of the largest face's area from which another face counts as another character's."""
FROM_PAIR, FROM_EYE = 1.5, 3.5
"""A face's side, in the length of both its eyes together and of the one that is found."""
MOST_OF_PAIR = 2.4
"""The largest side of a face, in the length of both its eyes: what reaches beyond it is a hand or a shoulder."""
ABOVE, ASIDE, BELOW = 0.2, 0.1, 0.05
"""How far a head reaches beyond its face at most, in the face's sides."""
MARGIN = 0.1
"""Of a head's longer side: how much of what is around it its piece shows on each side."""
LEAST_SIDE = 16
"""Pixels along a side under which there is nothing to see."""
APART = 1.3
"""Distance between two pairs of eyes, in the distance between the eyes of a pair, from which they are two faces."""

_FACE, _HAIR = taxonomy.ID["face"], taxonomy.ID["hair"]
_SIDES = taxonomy.ids("eye_left", "eye_right")
_OF_FACE = np.isin(np.arange(256), taxonomy.FACE_IDS)
_WORN = [taxonomy.PART_ID[p] for p in ("headwear", "animal_ears", "eyewear", "earwear", "facewear")]
_ON_HEAD = np.isin(taxonomy.CLASS_OF, (*taxonomy.FACE_IDS, _HAIR)) | np.isin(
    np.arange(256), [taxonomy.ID["accessories"], taxonomy.PART_ID["ear_left"], taxonomy.PART_ID["ear_right"], *_WORN]
)
"""(256,) bool by id: what a head is made of. Accessories that are not told apart may be a hat."""


def find_heads(label: np.ndarray) -> list[Box]:
    """The heads in a label map, the largest first.

    Args:
        label: (h, w) uint8, ids of classes, or of parts where they are told.

    Returns:
        Boxes in pixels of the label map; none where there is neither a face nor hair.
    """
    classes = taxonomy.CLASS_OF[label]
    faces = _divided(classes, _joined(classes))
    areas = [np.count_nonzero(face) for face in faces]
    boxes = [_face(classes, face) for face, area in zip(faces, areas, strict=True) if area >= OTHER_FACE * max(areas)]
    found = sorted((box for box in boxes if box is not None), key=lambda box: (-box.longest, box))
    return [_head(label, face) for face in found] if found else _below_hair(label)


def shared_faces(label: np.ndarray) -> list[Box]:
    """Boxes of faces that lie cheek to cheek in one piece: skin with several pairs of eyes, the largest first.

    Args:
        label: (h, w) uint8, ids of classes, or of parts where they are told.
    """
    classes = taxonomy.CLASS_OF[label]
    faces = sorted(_joined(classes), key=np.count_nonzero, reverse=True)
    boxes = (Box.around(face) for face in faces if len(_divided(classes, [face])) > 1)
    return [box for box in boxes if box is not None]


def piece_around(head: Box, size: tuple[int, int], margin: float = MARGIN) -> Box:
    """The piece of a picture that shows a head: square where there is room, whole px.

    Args:
        head: box of the head, in px.
        size: height and width of the picture.
        margin: on each side, in shares of the head's longer side.
    """
    side = max(LEAST_SIDE, head.longest * (1 + 2 * margin))
    (left, right), (top, bottom) = (
        _along(middle, side, length) for middle, length in zip(head.middle, size[::-1], strict=True)
    )
    return Box(left, top, right, bottom)


def _along(middle: float, side: float, length: int) -> tuple[int, int]:
    """Where a stretch around a place begins and ends, moved into what there is."""
    side = min(round(side), length)
    first = min(max(0, round(middle - side / 2)), length - side)
    return first, first + side


def _face(classes: np.ndarray, face: np.ndarray) -> Box | None:
    """The box of a face, (h, w) bool, larger or smaller where its eyes tell so; None where it has too little of one."""
    around, eyes = Box.around(face), Box.around(np.isin(classes, _SIDES) & face)
    if around is None:
        return None
    if eyes is None:
        return around if np.count_nonzero(face & (classes == _FACE)) >= LEAST_SKIN else None
    pair = all((face & (classes == side)).any() for side in _SIDES)
    least, most = (FROM_PAIR if pair else FROM_EYE) * eyes.longest, MOST_OF_PAIR * eyes.longest
    if pair and around.longest > most:
        around = _cut(around, Box.square(*eyes.middle, most).moved(0, most / 5))
    return around if around.longest >= least else around.union(Box.square(*eyes.middle, least).moved(0, least / 8))


def _joined(classes: np.ndarray) -> list[np.ndarray]:
    """Masks, (h, w) bool, of faces whose pieces were joined, from the largest."""
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(_OF_FACE[classes].view(np.uint8), connectivity=8)
    skin = np.bincount(numbers[classes == _FACE], minlength=count) > 0
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    groups: list[_Pieces] = []
    for number in np.argsort(-areas, kind="stable")[:MOST_PIECES]:
        if areas[number] < LEAST:
            break
        box = _box(stats[number])
        here = numbers[box.window] == number
        eyes = [_of(here & (classes[box.window] == side), box) for side in _SIDES]
        piece = _Pieces([int(number)], box, bool(skin[number]), int(areas[number]), eyes)
        group = next((group for group in groups if group.reaches(piece)), None)
        if group is None:
            groups.append(piece)
        else:
            group.add(piece)
    return [np.isin(numbers, group.numbers) for group in groups]


@dataclass
class _Pieces:
    """Pieces of one face: their numbers, box and area, whether any is skin, and the box of each eye that they hold."""

    numbers: list[int]
    box: Box
    skin: bool
    area: int
    eyes: list[Box | None]

    def reaches(self, other: "_Pieces") -> bool:
        """Whether another piece is near enough, and has no eye of its own where this face has one already."""
        reach = max(self.box.longest, other.box.longest) * BESIDE * (1 if self.skin else 2)
        if _gap(self.box, other.box) > reach:
            return False
        pairs = [(a, b) for a, b in zip(self.eyes, other.eyes, strict=True) if a is not None and b is not None]
        # Of an eye that a lock divides, both halves lie side by side.
        own = any(_gap(a, b) > max(a.longest, b.longest) for a, b in pairs)
        return not own or other.area < OTHER_FACE * self.area

    def add(self, other: "_Pieces") -> None:
        self.numbers += other.numbers
        self.box, self.skin, self.area = self.box.union(other.box), self.skin or other.skin, self.area + other.area
        self.eyes = [b if a is None else a.union(b) for a, b in zip(self.eyes, other.eyes, strict=True)]


def _box(stats: np.ndarray) -> Box:
    """The box in a row of OpenCV's figures of a piece."""
    left, top, width, height = (int(v) for v in stats[:4])
    return Box(left, top, left + width, top + height)


def _of(mask: np.ndarray, window: Box) -> Box | None:
    """The box of what a mask of a window holds, in the picture."""
    inside = Box.around(mask)
    return inside and inside.moved(window.left, window.top)


def _divided(classes: np.ndarray, faces: list[np.ndarray]) -> list[np.ndarray]:
    """The masks, those with several pairs of eyes divided: each pixel goes to the nearest pair."""
    out = []
    for face in faces:
        eyes = [_centres(face & (classes == side)) for side in _SIDES]
        pairs: list[np.ndarray] = []
        lengths: list[float] = []
        left, right = (list(side) for side in eyes)
        while left and right:
            away, i, j = min((float(np.hypot(*(a - b))), i, j) for i, a in enumerate(left) for j, b in enumerate(right))
            pairs.append((left.pop(i) + right.pop(j)) / 2)
            lengths.append(away)
        if len(pairs) < 2 or min(
            float(np.hypot(*(a - b))) for n, a in enumerate(pairs) for b in pairs[:n]
        ) < APART * float(np.mean(lengths)):
            out.append(face)
            continue
        y, x = np.nonzero(face)
        nearest = np.argmin([np.hypot(y - py, x - px) for py, px in pairs], axis=0)
        for number in range(len(pairs)):
            part = np.zeros_like(face)
            part[y[nearest == number], x[nearest == number]] = True
            out.append(part)
    return out


def _centres(eye: np.ndarray) -> list[np.ndarray]:
    """(y, x) of the pieces of an eye that are at least a quarter of the largest."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(eye.view(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = np.argsort(-areas, kind="stable")[:MOST_EYES]
    return [centres[1 + n][::-1] for n in largest if areas[n] >= max(LEAST, areas.max() / 4)]


def _head(label: np.ndarray, face: Box) -> Box:
    """The box of a head by that of its face."""
    height, width = label.shape
    side = face.longest
    reach = Box(
        max(0, face.left - ASIDE * side),
        max(0, face.top - ABOVE * side),
        min(width, face.right + ASIDE * side),
        min(height, face.bottom + BELOW * side),
    )
    reach = Box(*(int(side) for side in reach))
    return _cut(face, Box(0, 0, width, height)).union(_of(_ON_HEAD[label[reach.window]], reach))


def _below_hair(label: np.ndarray) -> list[Box]:
    """The head that the largest piece of hair suggests: as high as that is wide, from its top."""
    hair = (taxonomy.CLASS_OF[label] == _HAIR).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(hair, connectivity=8)
    if len(stats) < 2:
        return []
    largest = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
    if largest[cv2.CC_STAT_AREA] < LEAST_SKIN:
        return []
    box = _box(largest)
    return [Box(box.left, box.top, box.right, min(label.shape[0], box.top + box.width))]


def _cut(box: Box, bounds: Box) -> Box:
    """What of a box lies within others' bounds."""
    return Box(
        min(max(box.left, bounds.left), bounds.right),
        min(max(box.top, bounds.top), bounds.bottom),
        max(min(box.right, bounds.right), bounds.left),
        max(min(box.bottom, bounds.bottom), bounds.top),
    )


def _gap(one: Box, other: Box) -> float:
    """The larger of the gaps between two boxes along both axes; 0 where they touch or overlap."""
    return max(
        0.0,
        one.left - other.right,
        other.left - one.right,
        one.top - other.bottom,
        other.top - one.bottom,
    )
