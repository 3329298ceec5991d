"""What a person should be told to look at, in the picture and in its label map, and where.

Thresholds were set where 45 busts and 18 whole figures of real characters and 200 generated pictures lie on one side,
and line art, heads seen from behind and white clothes on white ground on the other; docs/models.md has the rates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.heads import find_heads, shared_faces
from cubiseg.imaging import Picture

SIDE = 512
"""Longer side, in pixels, at which pictures are looked at."""
MOST = 5
"""Doubts that a picture is given at most."""
SOLID = 0.4
"""Least share of a sprite that lies two pixels inside it; ink alone has under 0.1, drawings have over 0.8."""
PAPER, COLOURED = 0.9, 0.005
"""Share of nearly white pixels above which, and of coloured ones below which, an opaque picture is line art."""
EDGELESS = 0.15
"""Share of the outline at which nothing changes in the picture, above which the outline is a guess."""
STRETCH = 0.06
"""Share of the outline that a stretch of it without edges has at least to be told by its place."""
EVEN = 12
"""Levels by which pixels around a place differ at most where there is no edge."""
SEEING = 0.003
"""Least share of a face that is eyes, also where they are shut."""
BARE = 0.85
"""Share of the face's skin in the place where a brow, an eye or a mouth should be, above which it is missing there."""
LEAST_FACE = 12
"""Side of a face, in pixels at half of ``SIDE``, under which nothing in it is missed."""
UNSURE = 0.5
"""Calibrated confidence below which a pixel is unsure."""
LEAST_UNSURE = 0.015
"""Share of the figure's area from which a region of unsure pixels is told."""

_ID = taxonomy.ID
_OF_FACE, _EYES = (np.isin(np.arange(256), ids) for ids in (taxonomy.FACE_IDS, taxonomy.ids("eye_left", "eye_right")))
_SIDES = (("eyebrow_right", "eye_right"), ("eyebrow_left", "eye_left"))
_ROWS, _COLUMNS = ("upper", "", "lower"), ("left", "", "right")
_ALONE = {"upper": "top", "lower": "bottom"}


@dataclass(frozen=True)
class Doubt:
    """Something in a result that a person should look at.

    Attributes:
        text: one line that names it.
        box: where it is, whole px of the picture; None where it is all of it.
        classes: names of the classes that it is about, in id order; none where it is about the picture.
    """

    text: str
    box: Box | None = None
    classes: tuple[str, ...] = ()

    def moved(self, x: float, y: float) -> "Doubt":
        """The same in a picture that begins ``x`` further left and ``y`` further up."""
        return Doubt(self.text, None if self.box is None else self.box.moved(x, y), self.classes)

    def enlarged(self, factor: float) -> "Doubt":
        """The same in a picture that is ``factor`` times as large."""
        return Doubt(self.text, None if self.box is None else self.box.scaled(factor), self.classes)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; the box as ``x``, ``y``, ``width`` and ``height``."""
        box = None
        if self.box is not None:
            left, top, right, bottom = (int(side) for side in self.box)
            box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        return {"text": self.text, "box": box, "classes": list(self.classes)}


def doubts(label: np.ndarray, picture: Picture, confidence: np.ndarray | None = None) -> list[Doubt]:
    """At most ``MOST`` doubts, the most important first.

    Args:
        label: (H, W) uint8, taxonomy ids, with some figure in it.
        picture: picture that was labelled, of the same size.
        confidence: (H, W) float, 0..1, calibrated; None where it says nothing of places.
    """
    rgb = _small(picture.rgb, cv2.INTER_AREA)
    alpha = None if picture.alpha is None or picture.alpha.all() else _small(picture.alpha, cv2.INTER_AREA)
    small = _small(label, cv2.INTER_NEAREST)
    sure = None if confidence is None else cv2.resize(_thinned(confidence), small.shape[::-1])
    found = [
        *_line_art(rgb, alpha),
        *(doubt.enlarged(2) for doubt in _of_faces(np.ascontiguousarray(small[::2, ::2]))),
        *(() if alpha is not None else _outline(rgb, small)),
        *(() if sure is None else _unsure(small, sure)),
    ]
    told_once = list({doubt.text: doubt for doubt in reversed(found)}.values())[::-1]
    scale = label.shape[1] / small.shape[1], label.shape[0] / small.shape[0]
    return [_enlarged(doubt, scale, label.shape) for doubt in told_once[:MOST]]


def _enlarged(doubt: Doubt, scale: tuple[float, float], size: tuple[int, ...]) -> Doubt:
    """The same in the picture at its own size, whole px."""
    if doubt.box is None:
        return doubt
    left, top, right, bottom = doubt.box
    x, y = scale
    whole = Box(int(left * x), int(top * y), min(size[1], -int(-right * x // 1)), min(size[0], -int(-bottom * y // 1)))
    return Doubt(doubt.text, whole, doubt.classes)


def _thinned(plane: np.ndarray) -> np.ndarray:
    """Every n-th row and column of a plane, float32, so that about twice ``SIDE`` is left to scale."""
    step = max(1, max(plane.shape) // (2 * SIDE))
    return np.ascontiguousarray(plane[::step, ::step], np.float32)


def _small(plane: np.ndarray, how: int) -> np.ndarray:
    height, width = plane.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=how))


def _least(rgb: np.ndarray) -> np.ndarray:
    """The least channel of each pixel, (h, w) uint8; NumPy takes twenty times as long along a short axis."""
    red, green, blue = cv2.split(rgb)
    return np.asarray(cv2.min(cv2.min(red, green), blue))


def _most(rgb: np.ndarray) -> np.ndarray:
    """The largest channel of each pixel, (h, w) uint8."""
    red, green, blue = cv2.split(rgb)
    return np.asarray(cv2.max(cv2.max(red, green), blue))


def _line_art(rgb: np.ndarray, alpha: np.ndarray | None) -> Iterator[Doubt]:
    if alpha is not None:
        drawn = (alpha > 40).view(np.uint8)
        inner = cv2.erode(drawn, np.ones((5, 5), np.uint8))
        inked = bool(cv2.countNonZero(inner) < SOLID * cv2.countNonZero(drawn))
    else:
        least, most = _least(rgb), _most(rgb)
        inked = bool((least > 225).mean() > PAPER and (cv2.subtract(most, least) > 24).mean() < COLOURED)
    if inked:
        yield Doubt("looks like line art without colours; layers would hold ink alone: use a coloured picture")


def _of_faces(label: np.ndarray) -> list[Doubt]:
    """What is wrong with faces: without eyes, merged, or without a mouth, an eye or a brow where it should be.

    Args:
        label: (h, w) uint8, at half of ``SIDE``, about as large as where heads are looked for elsewhere.
    """
    around = Box.around(_OF_FACE[label])
    if around is None:
        return []
    found = []
    counts = np.bincount(label.ravel(), minlength=256)
    if counts[_EYES].sum() < SEEING * counts[_OF_FACE].sum():
        text = "a face without eyes was found; check the face, or drop it if the head is seen from behind"
        return [Doubt(text, around, ("face", "eye_left", "eye_right"))]
    # Faces of other characters are background or looked at by the eye; of a shared face no side can be told.
    merged = shared_faces(label)
    for box in merged:
        text = f"two faces merged{_at(box, label.shape)}; check where one ends and the other begins"
        found.append(Doubt(text, box, ("face",)))
    if not merged:
        for head in find_heads(label)[:1]:
            found += _missing(label, head)
    return found


def _missing(label: np.ndarray, head: Box) -> list[Doubt]:
    """Parts that a face lacks where nothing but its skin is seen."""
    inside = label[head.window]
    eyes = [Box.around(inside == _ID[eye]) for _, eye in _SIDES]
    face = Box.around(inside == _ID["face"])
    if face is None or face.longest < LEAST_FACE:
        return []
    found = []
    pair = [eye for eye in eyes if eye is not None]
    side = max(eye.longest for eye in pair) if pair else 0
    if len(pair) == 2 and not (inside == _ID["mouth"]).any():
        (x0, y0), (x1, y1) = (eye.middle for eye in pair)
        x, y, away = (x0 + x1) / 2, (y0 + y1) / 2, float(np.hypot(x1 - x0, y1 - y0))
        place = Box(x - away / 2, y + 0.45 * away, x + away / 2, y + 1.2 * away)
        found += _lacks("no mouth found", inside, place, ("mouth",), head)
    for name, (brow, eye), own, other in zip(("left", "right"), _SIDES, eyes, reversed(eyes), strict=True):
        if own is None and other is not None:
            # Mirrored at the middle of the face; in a half profile there is no bare skin in that place.
            middle = face.left + face.right - other.middle[0]
            found += _lacks(
                f"no eye found on the {name}", inside, Box.square(middle, other.middle[1], side), (eye,), head
            )
        elif own is not None and not (inside == _ID[brow]).any():
            place = Box(own.left, own.top - 0.8 * own.width, own.right, own.top - 0.1 * own.width)
            found += _lacks(f"no brow found on the {name}", inside, place, (brow,), head)
    return found


def _lacks(text: str, inside: np.ndarray, place: Box, classes: tuple[str, ...], head: Box) -> list[Doubt]:
    """A doubt that something is missing in a place of a head, if that shows nothing but the face's skin."""
    height, width = inside.shape
    cut = Box(max(0, place.left), max(0, place.top), min(width, place.right), min(height, place.bottom))
    seen = inside[cut.window] if cut.right > cut.left and cut.bottom > cut.top else inside[:0]
    if not seen.size or np.isin(seen, (_ID["face"], _ID["nose"])).mean() < BARE:
        return []
    return [Doubt(text, cut.moved(head.left, head.top), classes)]


def _outline(rgb: np.ndarray, label: np.ndarray) -> list[Doubt]:
    """Where nothing changes in the picture, (h, w, 3) uint8, along the border of figure and background."""
    figure = (label != _ID["background"]).view(np.uint8)
    border = cv2.dilate(figure, np.ones((3, 3), np.uint8)) != cv2.erode(figure, np.ones((3, 3), np.uint8))
    length = cv2.countNonZero(border.view(np.uint8))
    if not length:
        return []
    around = np.ones((7, 7), np.uint8)
    change = _most(cv2.subtract(cv2.dilate(rgb, around), cv2.erode(rgb, around)))
    edgeless = border & (change < EVEN)
    share = cv2.countNonZero(edgeless.view(np.uint8)) / length
    if share <= EDGELESS:
        return []
    found = []
    for box, mask in _regions(edgeless, STRETCH * length, 2):
        inner = label[box.window][mask & (figure[box.window] > 0)]
        if len(inner):
            name = taxonomy.NAMES[np.bincount(taxonomy.CLASS_OF[inner]).argmax()]
            text = f"{_said(name)} and background alike{_at(box, label.shape)}; check the outline there"
            found.append(Doubt(text, box, ("background", name)))
    if not found:
        text = f"{share:.0%} of the figure's outline has no edge in the picture; check what has the background's colour"
        found.append(Doubt(text, Box.around(edgeless), ("background",)))
    return found[:2]


def _unsure(label: np.ndarray, sure: np.ndarray) -> list[Doubt]:
    """Regions of which the network was unsure; thin ones lie along every border and are left out."""
    unsure = cv2.morphologyEx((sure < UNSURE).view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    least = LEAST_UNSURE * cv2.countNonZero(label)
    found = []
    for box, mask in _regions(unsure, least, 1):
        name = taxonomy.NAMES[np.bincount(taxonomy.CLASS_OF[label[box.window][mask]]).argmax()]
        mean = float(sure[box.window][mask].mean())
        text = f"{_said(name)}{_at(box, label.shape)} is doubtful (confidence {mean:.2f})"
        found.append(Doubt(text, box, (name,)))
    return found[:2]


def _regions(mask: np.ndarray, least: float, join: int) -> Iterator[tuple[Box, np.ndarray]]:
    """Pieces of a mask, (h, w) bool, of at least so many pixels, the largest first: their boxes, and each in its box.

    Pieces up to ``2 * join`` px apart are one.
    """
    around = np.ones((2 * join + 1, 2 * join + 1), np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask.view(np.uint8), around), connectivity=8)
    areas = np.bincount(pieces[mask], minlength=len(stats))
    for number in np.argsort(-areas, kind="stable"):
        if areas[number] < max(1, least):
            return
        left, top, width, height = (int(v) for v in stats[number][:4])
        box = Box(left, top, left + width, top + height)
        yield box, mask[box.window] & (pieces[box.window] == number)


def _said(name: str) -> str:
    """A class's name in a sentence: "left eye" of the character."""
    kind, _, side = name.partition("_")
    return f"{side} {kind.removeprefix('eye') if kind == 'eyebrow' else kind}" if side else name


def _at(box: Box, size: Sequence[int]) -> str:
    """Where in a picture a box lies, in words: " at the lower left", or "" where it takes up most of it."""
    height, width = size[:2]
    if box.width > 0.7 * width and box.height > 0.7 * height:
        return ""
    x, y = box.middle
    row, column = _ROWS[min(2, int(3 * y / height))], _COLUMNS[min(2, int(3 * x / width))]
    if not row:
        return f" at the {column}" if column else " in the middle"
    return f" at the {row} {column}" if column else f" at the {_ALONE[row]}"
