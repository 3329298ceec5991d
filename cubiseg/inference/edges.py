"""Borders between classes at the picture's own edges: a guided filter of what the network saw.

A network sees a picture at a few hundred pixels a side, and borders between its pixels are smooth curves that miss what
is drawn. In small windows of the network's grid each class's probability is fitted by a linear function of the
picture's colour (He, Sun and Tang, "Guided image filtering", 2013); the coefficients are enlarged, not the
probabilities, and the picture's own colours put in (He and Sun, "Fast guided filter", 2015). Only pixels near a border
between classes are decided anew, and only where the picture has something to tell there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.letterbox import Placement, class_logits, largest

RADIUS = 3
"""Half the side of a window, in pixels of the network."""
SMOOTH = 1e-5
"""Variance of colour, of 1, below which a window is smoothed rather than followed."""
NEAR = 2
"""How near to a border a pixel is decided anew, in pixels of the network."""
PLAIN = 0.02
"""Standard deviation of colour, of 1, in a window below which the picture tells nothing and nothing is changed."""
OCCURS = 0.02
"""Probability below which a class is taken to be absent."""

_BLOCK = 1 << 20
"""Pixels of a picture that are decided at a time."""
_COLUMNS = 1024
_ROWS = 32
"""Rows of the network's grid that are worked on at a time."""


@dataclass(frozen=True)
class _Fit:
    """A class's probability as a linear function of colour, in a piece of the network's grid.

    Attributes:
        top, left: where the piece begins.
        coefficients: (h, w, 4) float32, of red, green and blue, and the constant.
    """

    number: int
    top: int
    left: int
    coefficients: np.ndarray


def at_edges(
    rgb: np.ndarray, logits: np.ndarray, placement: Placement, label: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move the borders of a label map to the picture's edges.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        logits: (outputs, h, w) float32 for the network's input; the classes come first.
        placement: where the picture lies in them.
        label: (H, W) uint8, class ids, as :func:`cubiseg.letterbox.from_logits` gives them.
        confidence: (H, W) float32, 0..1, of the same.

    Returns:
        Label map and confidence, of the same kind. Where a class has changed, its confidence is the fitted probability.
        Both are the given ones where nothing changes: far from borders, in plain windows, and everywhere in a picture
        that is no larger than the network's input.
    """
    (sh, sw), (top, left) = placement.scaled, placement.offset
    if max(label.shape) <= max(sh, sw):
        return label, confidence
    inner = class_logits(logits)[:, top : top + sh, left : left + sw]
    seen = largest(inner)
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    near = cv2.dilate(seen, around) != cv2.erode(seen, around)
    if not near.any():
        return label, confidence
    small = cv2.resize(rgb, (sw, sh), interpolation=cv2.INTER_AREA)
    guide = [channel.astype(np.float32) / 255 for channel in cv2.split(small)]
    mean = [_box(channel) for channel in guide]
    spread = _spread(guide, mean)
    near &= spread[0] + spread[3] + spread[5] > PLAIN * PLAIN
    if not near.any():
        return label, confidence
    inverse = _inverse(spread)
    del spread
    fits: Iterable[_Fit] = _fits(_probabilities(inner), guide, mean, inverse)
    label, confidence = label.copy(), confidence.copy()
    width = label.shape[1]
    rows = max(1, _BLOCK // width)
    if rows < len(label):
        fits = list(fits)  # each block needs them again; for a single one, none is kept
    for start in range(0, len(label), rows):
        _decide(rgb, near, fits, start, min(rows, len(label) - start), label, confidence)
    return label, confidence


def _probabilities(logits: np.ndarray) -> Iterator[np.ndarray]:
    """Softmax over the classes: (h, w) float32, one class at a time."""
    top = logits.max(axis=0)
    total = np.zeros_like(top)
    for plane in logits:
        total += np.exp(plane - top)
    for plane in logits:
        yield np.exp(plane - top) / total


def _box(values: np.ndarray) -> np.ndarray:
    """Means over windows."""
    return cv2.blur(values, (2 * RADIUS + 1, 2 * RADIUS + 1), borderType=cv2.BORDER_REFLECT)


def _spread(guide: list[np.ndarray], mean: list[np.ndarray]) -> list[np.ndarray]:
    """Covariances of colour in each window, (h, w) float32 each: rr, rg, rb, gg, gb, bb."""
    pairs = [(i, j) for i in range(3) for j in range(i, 3)]
    return [_box(guide[i] * guide[j]) - mean[i] * mean[j] for i, j in pairs]


def _inverse(spread: list[np.ndarray]) -> list[np.ndarray]:
    """Inverses of covariances with ``SMOOTH`` on their diagonals, in the same order."""
    out = [np.empty_like(plane) for plane in spread]
    for top in range(0, len(out[0]), _ROWS):  # what is 64 bits wide stays in a cache
        some = [plane[top : top + _ROWS].astype(np.float64) for plane in spread]
        rr, rg, rb, gg, gb, bb = (s + SMOOTH * (n in (0, 3, 5)) for n, s in enumerate(some))
        cofactors = [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg, rr * bb - rb * rb, rg * rb - rr * gb]
        cofactors.append(rr * gg - rg * rg)
        determinant = rr * cofactors[0] + rg * cofactors[1] + rb * cofactors[2]
        for plane, cofactor in zip(out, cofactors, strict=True):
            plane[top : top + _ROWS] = cofactor / determinant
    return out


def _fits(
    probabilities: Iterable[np.ndarray], guide: list[np.ndarray], mean: list[np.ndarray], inverse: list[np.ndarray]
) -> Iterator[_Fit]:
    """The fit of each class that occurs, in the piece of the grid that it reaches."""
    reach = 2 * RADIUS
    for number, whole in enumerate(probabilities):
        rows, columns = (np.flatnonzero((whole > OCCURS).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            continue
        top, left = max(0, rows[0] - reach), max(0, columns[0] - reach)
        window = slice(top, rows[-1] + reach + 1), slice(left, columns[-1] + reach + 1)
        p, middle = whole[window], [channel[window] for channel in mean]
        level = _box(p)
        r, g, b = (_box(channel[window] * p) - within * level for channel, within in zip(guide, middle, strict=True))
        rr, rg, rb, gg, gb, bb = (part[window] for part in inverse)
        slopes = rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b
        constant = level - sum(slope * within for slope, within in zip(slopes, middle, strict=True))
        yield _Fit(number, int(top), int(left), _box(cv2.merge([*slopes, constant])))


def _decide(
    rgb: np.ndarray,
    near: np.ndarray,
    fits: Iterable[_Fit],
    start: int,
    count: int,
    label: np.ndarray,
    confidence: np.ndarray,
) -> None:
    """Decide the pixels near borders in some rows anew, in place."""
    (height, width), (sh, sw) = label.shape, near.shape
    y = (np.arange(start, start + count, dtype=np.float32) + 0.5) * (sh / height)
    x = (np.arange(width, dtype=np.float32) + 0.5) * (sw / width)
    rows, columns = np.nonzero(near[np.ix_(y.astype(np.intp), x.astype(np.intp))])
    if not len(rows):
        return
    y, x = y[rows] - 0.5, x[columns] - 0.5
    rows += start
    colour = rgb[rows, columns].astype(np.float32) / 255
    best = np.full(len(rows), -np.inf, np.float32)
    chosen = np.zeros(len(rows), np.uint8)
    for fit in fits:
        h, w = fit.coefficients.shape[:2]
        within = (y >= fit.top - 0.5) & (y < fit.top + h) & (x >= fit.left - 0.5) & (x < fit.left + w)
        here = np.flatnonzero(within)
        if not len(here):
            continue
        at = _at(fit.coefficients, y[here] - fit.top, x[here] - fit.left)
        probability = np.einsum("nk,nk->n", at[:, :3], colour[here]) + at[:, 3]
        wins = probability > best[here]
        where = here[wins]
        best[where], chosen[where] = probability[wins], fit.number
    changed = chosen != label[rows, columns]
    rows, columns = rows[changed], columns[changed]
    label[rows, columns] = chosen[changed]
    confidence[rows, columns] = np.clip(best[changed], 0, 1)


def _at(values: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values of a grid, (h, w, K) float32, interpolated at points: (N, K) float32."""
    columns = min(_COLUMNS, len(y))  # OpenCV takes no side of 32,768 or more
    more = -len(y) % columns
    across, down = (np.pad(places, (0, more)).reshape(-1, columns) for places in (x, y))
    out = np.asarray(cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return out.reshape(-1, values.shape[2])[: len(y)]
