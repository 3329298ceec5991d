"""From a picture to the network's input and from logits back to the picture's pixels."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box, boxes_by_value
from cubiseg.model_info import Calibration, ModelInfo

_MOST = 1e30
"""Logits that are interpolated without leaving float32; a trained net's are under 100."""
_LEAST = 1e-30
"""Sum of exponentials below which float32 has lost some of them."""
_NOWHERE = -30.0
"""Logits below the winner's at which a class adds nothing to a softmax, whatever its offset."""
CALIBRATED = 2
"""Times the network's resolution at which confidence is calibrated."""
_BLOCK = 1 << 20
"""Pixels of a picture that get their parts at a time."""
_OPEN = 254
"""Stands in a map of parts for what interpolation is to decide."""
CHOICES_SIDE = 1024
"""Of larger pictures the parts of every class are told at this size, in px; a network's input is smaller still."""


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in the network's input: its size in pixels there and in the original."""

    original: tuple[int, int]
    scaled: tuple[int, int]
    offset: tuple[int, int]


def to_input(rgb: np.ndarray, info: ModelInfo) -> tuple[np.ndarray, Placement]:
    """Scale a picture into the model's input size, centred, keeping its shape, and normalise it.

    The margin is the mean colour (0 after normalisation).

    Args:
        rgb: (H, W, 3) uint8, sRGB.

    Returns:
        (1, 3, h, w) float32 with (h, w) = ``info.input_size``, and the placement for :func:`from_logits`.
    """
    height, width = rgb.shape[:2]
    h, w = info.input_size
    scale = min(h / height, w / width)
    sh, sw = max(1, round(height * scale)), max(1, round(width * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(rgb, (sw, sh), interpolation=how)
    top, left = (h - sh) // 2, (w - sw) // 2
    out = np.zeros((1, 3, h, w), np.float32)
    normal = (small.astype(np.float32) - np.array(info.mean, np.float32)) / np.array(info.std, np.float32)
    out[0, :, top : top + sh, left : left + sw] = normal.transpose(2, 0, 1)
    return out, Placement((height, width), (sh, sw), (top, left))


def from_logits(logits: np.ndarray, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    """Class and confidence of each original pixel; logits are interpolated, not labels, so borders stay smooth.

    Classes are taken one at a time, so that memory stays at a few maps of the picture's size.

    Args:
        logits: (C, h, w) float32 for the network's input.

    Returns:
        label (H, W) uint8, and confidence (H, W) float32 in 0..1: the softmax of the winning class.
    """
    (height, width), (sh, sw), (top, left) = placement.original, placement.scaled, placement.offset
    best = np.full((height, width), -np.inf, np.float32)
    label = np.zeros((height, width), np.uint8)
    exponentials, full = np.zeros((height, width), np.float32), np.empty((height, width), np.float32)
    inner = logits[:, top : top + sh, left : left + sw]
    # One shift for all classes keeps exp() in range; logits of a trained net differ by far less than 80 at a pixel.
    shift = _bounded(inner.max(axis=0))
    shift_full = cv2.resize(shift, (width, height), interpolation=cv2.INTER_LINEAR)
    with np.errstate(over="ignore"):
        for c, plane in enumerate(map(_bounded, inner)):
            cv2.resize(plane, (width, height), dst=full, interpolation=cv2.INTER_LINEAR)
            _outdo(best, label, full, c)
            cv2.subtract(full, shift_full, dst=full)
            cv2.exp(full, dst=full)
            cv2.add(exponentials, full, dst=exponentials)
        if exponentials.min(initial=1) > _LEAST:
            confidence = cv2.exp(best - shift_full) / exponentials
        else:
            # Those of a broken net may jump by hundreds between neighbours, which no shift of theirs suits in between.
            exponentials[:] = 0
            for plane in map(_bounded, inner):
                cv2.resize(plane, (width, height), dst=full, interpolation=cv2.INTER_LINEAR)
                exponentials += cv2.exp(full - best)
            confidence = 1 / exponentials
    return label, np.minimum(confidence, 1, out=confidence)


def calibrated(logits: np.ndarray, placement: Placement, calibration: Calibration) -> np.ndarray:
    """Confidence of each original pixel's class when logits are divided by a temperature and offsets are added.

    The class is the one that :func:`from_logits` gives, by the logits as they are. This is done at ``CALIBRATED`` times
    the network's resolution, where nothing is lost but the bend of the interpolation between neighbours, and enlarged.

    Args:
        logits: (C, h, w) float32 for the network's input.
        calibration: temperature and offsets.

    Returns:
        (H, W) float32, 0..1.
    """
    (height, width), (sh, sw), (top, left) = placement.original, placement.scaled, placement.offset
    size = min(width, CALIBRATED * sw), min(height, CALIBRATED * sh)
    inner = logits[:, top : top + sh, left : left + sw]
    shift, cooler = _bounded(inner.max(axis=0)), np.float32(1 / calibration.temperature)
    best, own = np.full(size[::-1], -np.inf, np.float32), np.zeros(size[::-1], np.float32)
    total = np.zeros(size[::-1], np.float32)
    for plane, offset in zip(inner, calibration.offsets, strict=True):
        below = (_bounded(plane) - shift) * cooler
        if below.max() < _NOWHERE:
            continue
        full = cv2.resize(below, size, interpolation=cv2.INTER_LINEAR)
        own[full > best] = offset
        np.maximum(best, full, out=best)
        total += cv2.exp(full) * np.float32(math.exp(offset))
    confidence = np.minimum(cv2.exp(best + own) / np.maximum(total, _LEAST), 1)
    if size != (width, height):
        confidence = cv2.resize(confidence, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(confidence)


def _bounded(plane: np.ndarray) -> np.ndarray:
    """Logits, (h, w) float32, that can be interpolated; one plane at a time, which fits into a cache."""
    return np.clip(plane, -_MOST, _MOST)


def largest(planes: np.ndarray) -> np.ndarray:
    """Which of some planes is the largest at each place, the first of equal ones, as ``argmax`` does in more time.

    Args:
        planes: (K, h, w) float32 without NaN, K up to 256.

    Returns:
        (h, w) uint8.
    """
    best, which = planes[0].copy(), np.zeros(planes.shape[1:], np.uint8)
    for number, plane in enumerate(planes[1:], 1):
        _outdo(best, which, plane, number)
    return which


def _outdo(best: np.ndarray, which: np.ndarray, plane: np.ndarray, number: int) -> None:
    """Put a plane and its number, which no earlier one has reached, where it exceeds the best so far, in place."""
    wins = cv2.compare(plane, best, cv2.CMP_GT)
    np.bitwise_and(wins, np.uint8(number), out=wins)
    cv2.max(which, wins, dst=which)
    cv2.max(best, plane, dst=best)


def resampled(
    logits: Iterable[np.ndarray], placement: Placement, box: Box, size: tuple[int, int]
) -> Iterator[np.ndarray]:
    """Logits on another grid that covers a piece of the picture, interpolated as :func:`from_logits` does.

    One output at a time: all of them together take more memory than the network itself.

    Args:
        logits: planes for the network's input, (h, w) int16 or float32 each.
        box: the piece, in pixels of the picture that ``placement`` is of.
        size: height and width of the grid.

    Yields:
        (*size) float32, a new array for each output.
    """
    (height, width), (sh, sw), (top, left) = placement.original, placement.scaled, placement.offset
    y0, y1, down = _between(height, sh, (np.arange(size[0]) + 0.5) * (box.height / size[0]) + box.top)
    x0, x1, across = _between(width, sw, (np.arange(size[1]) + 0.5) * (box.width / size[1]) + box.left)
    used = slice(top + y0[0], top + y1[-1] + 1), slice(left + x0[0], left + x1[-1] + 1)
    y0, y1, x0, x1, down = y0 - y0[0], y1 - y0[0], x0 - x0[0], x1 - x0[0], down[:, None]
    for plane in logits:
        piece = np.ascontiguousarray(plane[used], np.float32)
        rows = piece.take(y0, axis=0) * (1 - down)
        rows += piece.take(y1, axis=0) * down
        columns = rows.take(x0, axis=1) * (1 - across)
        columns += rows.take(x1, axis=1) * across
        yield columns


def class_logits(logits: np.ndarray) -> np.ndarray:
    """Logits of classes among those of a model: (C, h, w) float32, a view.

    Args:
        logits: (outputs, h, w) float32, of classes, or in the order of ``taxonomy.OUTPUT_IDS``.
    """
    return logits[: taxonomy.NUM_CLASSES]


def part_logits(logits: np.ndarray) -> np.ndarray:
    """Logits of parts among those of a model: (P, h, w) float32, a view; without planes where it tells classes only.

    Args:
        logits: (outputs, h, w) float32, of classes, or in the order of ``taxonomy.OUTPUT_IDS``.
    """
    return logits[taxonomy.NUM_CLASSES :]


def part_map(logits: np.ndarray, placement: Placement, label: np.ndarray) -> np.ndarray:
    """The best part of each original pixel's class: the one whose interpolated logit is the largest.

    Where a class's best part is the same at all four pixels of the network around a place, interpolation between them
    cannot give another: only where they differ is anything interpolated. So no map of a part is ever made at the
    picture's size.

    Args:
        logits: (P, h, w) float32 of the parts (:func:`part_logits`) for the network's input, or int16, in any unit.
        label: (H, W) uint8, class ids; what is none becomes 255.

    Returns:
        (H, W) uint8, ids of parts, and of classes that have none.
    """
    (height, width), (sh, sw), (top, left) = placement.original, placement.scaled, placement.offset
    inner = logits[:, top : top + sh, left : left + sw]
    down, across = _between(height, sh), _between(width, sw)
    classes = np.minimum(label, taxonomy.NUM_CLASSES)
    parts = np.where(classes == taxonomy.NUM_CLASSES, np.uint8(taxonomy.IGNORE_INDEX), classes)
    for c, box in boxes_by_value(classes).items():
        if c in _DIVIDED:
            of_class, rows, columns = classes[box.window] == c, *box.window
            _tell(
                *(parts[box.window], of_class, inner, slice(*taxonomy.PART_RANGES[c])),
                *(tuple(side[rows] for side in down), tuple(side[columns] for side in across)),
            )
    return parts


_DIVIDED = [c for c, (first, end) in enumerate(taxonomy.PART_RANGES) if end - first > 1]
_Between = tuple[np.ndarray, ...]


def _tell(
    parts: np.ndarray, wanted: np.ndarray, inner: np.ndarray, own: slice, down: _Between, across: _Between
) -> None:
    """Write the parts of one class into a window of a map of parts.

    Args:
        parts: (h, w) uint8, changed in place.
        wanted: (h, w) bool, the class's pixels.
        inner: (P, H, W) int16 or float32, logits of the picture's parts.
        own: which of a model's outputs are the class's parts.
        down, across: between which of the logits' rows and columns those of the window lie (:func:`_between`).
    """
    (y0, y1, lower), (x0, x1, right) = down, across
    planes = inner[own.start - taxonomy.NUM_CLASSES : own.stop - taxonomy.NUM_CLASSES]
    seen = np.clip(planes[:, y0[0] : y1[-1] + 1, x0[0] : x1[-1] + 1].astype(np.float32), -_MOST, _MOST)
    y0, y1, x0, x1 = y0 - y0[0], y1 - y0[0], x0 - x0[0], x1 - x0[0]
    ids = taxonomy.OUTPUT_IDS[own]
    best = ids[largest(seen)]
    beyond = np.pad(best, ((0, 1), (0, 1)), mode="edge")
    same = (beyond[1:, :-1] == best) & (beyond[:-1, 1:] == best) & (beyond[1:, 1:] == best)
    decided, flat, stride = np.where(same, best, np.uint8(_OPEN)), seen.reshape(len(ids), -1), seen.shape[2]
    rows = max(1, _BLOCK // len(x0))
    for start in range(0, len(y0), rows):
        block = slice(start, start + rows)
        found, here = decided.take(y0[block], axis=0).take(x0, axis=1), wanted[block]
        y, x = np.nonzero((found == _OPEN) & here)
        if len(y):
            fy, fx = lower[start + y], right[x]
            above, below = (
                flat.take(line[start + y] * stride + x0[x], axis=1) * (1 - fx)
                + flat.take(line[start + y] * stride + x1[x], axis=1) * fx
                for line in (y0, y1)
            )
            found[y, x] = ids[largest((above * (1 - fy) + below * fy)[:, None])[0]]
        np.copyto(parts[block], found, where=here)


def decoded(logits: np.ndarray, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    """What a model says of each original pixel: the best class, and then the best part within that class.

    An output that is the largest of all says nothing by itself: a part counts only among its class's.

    Args:
        logits: (outputs, h, w) float32 for the network's input, of classes, or in the order of ``taxonomy.OUTPUT_IDS``.

    Returns:
        (H, W) uint8, ids of classes, or of parts where the model tells them; and the class's confidence as
        :func:`from_logits` gives it.
    """
    label, confidence = from_logits(class_logits(logits), placement)
    if len(logits) > taxonomy.NUM_CLASSES:
        label = part_map(part_logits(logits), placement, label)
    return label, confidence


def best_parts(logits: np.ndarray, placement: Placement, classes: Sequence[int]) -> np.ndarray:
    """The best part of each of several classes at every pixel, also where the network sees another class.

    Args:
        logits: as for :func:`part_map`.
        classes: ids of the classes.

    Returns:
        (K, H, W) uint8, for each class what :func:`part_map` gives where the whole picture is of it; of pictures over
        ``CHOICES_SIDE`` px a side at that size.
    """
    height, width = placement.original
    scale = min(1.0, CHOICES_SIDE / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    placement = replace(placement, original=size)
    return np.stack([part_map(logits, placement, np.broadcast_to(np.uint8(c), size)) for c in classes])


def _between(length: int, scaled: int, places: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Between which two of ``scaled`` pixels places among ``length`` lie, and how far from the first, as OpenCV has it.

    The places are the middles of all pixels unless others, (N,) float, are given.
    """
    places = np.arange(length) + 0.5 if places is None else places
    place = np.clip(places * scaled / length - 0.5, 0, scaled - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, scaled - 1), (place - first).astype(np.float32)
