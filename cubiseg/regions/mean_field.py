"""How probable each class is for each region, out of votes and of what is around it.

Five things count: a region's votes, what regions of like colour nearby are called, what the regions that it touches are
called, where it lies about the face, and what a model sees there that guided the regions. They are found together by
mean-field iterations (Krähenbühl and Koltun 2011, here on a graph of some hundred regions).
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from scipy.special import softmax

from cubiseg import taxonomy
from cubiseg.arrays import read_arrays
from cubiseg.boxes import Box
from cubiseg.regions.tree import region_edges
from cubiseg.taxonomy import ID

_ROUNDS = 12
_COLOUR = 9.0
"""Lab distance at which two regions are no longer alike."""

_NEAR = 0.35
"""How far likeness reaches, in widths of the face."""

_FAINT = 0.03
"""Support that any class has without being named nearby; the smaller, the more likeness decides."""

_PART_TRUST = 0.35
"""What likeness counts for where an answer names a small part: a brow has the colour of the hair beside it."""

_ASTRAY = 4.0
"""Logit against a small part outside the face, or a face far off."""

_SMALL = taxonomy.mask(*taxonomy.SMALL_PARTS)
FACE_PARTS = taxonomy.mask("face", *taxonomy.SMALL_PARTS)
"""By class: whether it is face or a part of it."""

PLACES = (48, 40)
"""Rows and columns of the table of places: eighths of the face, from two faces above and to the left of it."""

PLACES_FILE = Path(__file__).with_name("places.npz")
"""Log of each class's share by place, (*PLACES, C) float16, learnt by ``benchmarks/places.py`` from drawn portraits."""


@dataclass(frozen=True)
class Weights:
    """What counts how much.

    Attributes:
        name_error: share of names that are taken to be wrong, 0..1, both exclusive.
        likeness: weight of what regions of like colour nearby are called.
        smoothness: weight of what the touching regions are called.
        place: weight of how often a class lies there, seen from the face.
        seen: weight of the class that a model sees there: the logit that a region gets where it sees nothing else.
        confusion: by true class, shares of its names that are another class, where that is known; others are
            ``name_error``, spread over all classes.
    """

    name_error: float = 0.15
    likeness: float = 1.0
    smoothness: float = 2.0
    place: float = 0.2
    seen: float = 2.5
    confusion: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def odds(self) -> float:
        """Logit that one vote gives its class where no confusion is known."""
        return float(np.log((1 - self.name_error) / self._slip))

    @property
    def logits(self) -> np.ndarray:
        """Logit that one vote for a class (row) gives every class (column), (C, C): how probable that name is of each.

        Only differences within a row count; 0 stands for a slip of the pen.
        """
        table = np.eye(taxonomy.NUM_CLASSES) * self.odds
        for true, row in self.confusion.items():
            shares = np.full(taxonomy.NUM_CLASSES, self._slip)
            for said, share in row.items():
                shares[ID[said]] = max(share, self._slip)
            shares[ID[true]] = 0
            shares[ID[true]] = max(1 - shares.sum(), self._slip)
            table[:, ID[true]] = np.log(shares / self._slip)
        return table

    @property
    def _slip(self) -> float:
        """Chance that a name is one certain wrong class."""
        return self.name_error / (taxonomy.NUM_CLASSES - 1)


@dataclass(frozen=True)
class Units:
    """Regions and what is known of them: votes (U, C), area (U,), Lab (U, 3), place (U, 2) as x, y, and the graph.

    ``seen`` is (U, C), the share of each region's pixels that a model gives each class; 0 where none was asked.
    """

    map: np.ndarray
    votes: np.ndarray
    area: np.ndarray
    colour: np.ndarray
    place: np.ndarray
    seen: np.ndarray
    pairs: np.ndarray
    length: np.ndarray

    @functools.cached_property
    def graph(self) -> tuple[np.ndarray, np.ndarray]:
        """How alike any two regions are, and how much they touch: (U, U) each. Weights change nothing in it."""
        width = _face_width(self)
        distance = ((self.colour[:, None] - self.colour[None]) ** 2).sum(-1) / (2 * _COLOUR**2)
        distance += ((self.place[:, None] - self.place[None]) ** 2).sum(-1) / (2 * (_NEAR * width) ** 2)
        alike = np.exp(-distance) * np.sqrt(np.minimum(self.area, width**2 / 16))[None]
        np.fill_diagonal(alike, 0)
        touch = np.zeros_like(alike)
        a, b = self.pairs.T
        touch[a, b] = touch[b, a] = self.length
        touch /= np.maximum(touch.sum(1, keepdims=True), 1)
        # A border of colour is a reason to differ; a quarter of the pull stays, since parts are patchy.
        touch *= 0.25 + 0.75 * np.exp(-((self.colour[:, None] - self.colour[None]) ** 2).sum(-1) / (2 * 20.0**2))
        return alike, touch


def describe(unit_map: np.ndarray, votes: np.ndarray, rgb: np.ndarray, seen: np.ndarray | None = None) -> Units:
    """Measure regions.

    Args:
        unit_map: (H, W) int32, ids 0..U-1.
        votes: (U, C) float64.
        rgb: (H, W, 3) uint8, sRGB.
        seen: (H, W) uint8, taxonomy ids, what a model sees; None where none was asked.
    """
    flat = unit_map.ravel()
    area = np.bincount(flat, minlength=len(votes)).astype(float)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    y, x = np.indices(unit_map.shape)
    safe = np.maximum(area, 1)[:, None]
    colour = np.stack([np.bincount(flat, c, len(votes)) for c in lab.T], 1) / safe
    place = np.stack([np.bincount(flat, c.ravel(), len(votes)) for c in (x, y)], 1) / safe
    shares = np.zeros(votes.shape)
    if seen is not None:
        key = flat.astype(np.int64) * votes.shape[1] + seen.ravel()
        shares = np.bincount(key, minlength=votes.size).reshape(votes.shape) / safe
    return Units(unit_map, votes, area, colour, place, shares, *region_edges(unit_map))


def class_probabilities(units: Units, weights: Weights) -> np.ndarray:
    """Probability of each class for each region: (U, C)."""
    unary = units.votes @ weights.logits + _place_prior(units) + weights.place * _usual_places(units)
    unary += weights.seen * units.seen
    alike, touch = units.graph
    named_part = (units.votes[:, _SMALL].sum(1) >= units.votes[:, ~_SMALL].sum(1)) & (units.votes.sum(1) > 0)
    trust = weights.likeness * np.where(named_part, _PART_TRUST, 1.0)[:, None]
    floor = _FAINT * np.median(alike.sum(1)) + 1e-9
    probability = softmax(unary, axis=1)
    probability[units.votes.sum(1) <= 0] = 1 / taxonomy.NUM_CLASSES
    known = (units.votes.sum(1) > 0).astype(float)[:, None]
    for _ in range(_ROUNDS):
        support = alike @ (probability * known)
        support = np.log((support + floor) / (support + floor).sum(1, keepdims=True))
        fresh = softmax(unary + trust * support + weights.smoothness * (touch @ probability), axis=1)
        known = np.ones_like(known)
        probability = 0.5 * probability + 0.5 * fresh
    return probability


def _face_width(units: Units) -> float:
    box = _face_box(units)
    return 0.3 * units.map.shape[1] if box is None else max(8.0, box.width)


def _face_box(units: Units) -> Box | None:
    """Where most of what is called face or a part of it lies, in px."""
    share = units.votes[:, FACE_PARTS].sum(1) / np.maximum(units.votes.sum(1), 1e-9)
    return box_of(share[units.map])


def box_of(face: np.ndarray) -> Box | None:
    """Where most of a face lies, in px; None where there is none.

    Args:
        face: (H, W) float, how far each pixel is face.
    """
    if face.sum() <= 0:
        return None
    ends = []
    for axis in (0, 1):
        sums = np.cumsum(face.sum(axis))
        ends.append([float(np.searchsorted(sums, q * sums[-1])) for q in (0.03, 0.97)])
    (left, right), (top, bottom) = ends
    return Box(left, top, right, bottom)


def place_of(box: Box, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the table of places for points, px."""
    row = np.clip(((y - box.top) / max(8.0, box.height) + 2) * 8, 0, PLACES[0] - 1).astype(np.int64)
    column = np.clip(((x - box.left) / max(8.0, box.width) + 2) * 8, 0, PLACES[1] - 1).astype(np.int64)
    return row, column


@functools.cache
def _places() -> np.ndarray:
    return np.asarray(read_arrays(PLACES_FILE, "logit")["logit"], np.float64)


def _usual_places(units: Units) -> np.ndarray:
    """Log of how often each class lies where a region does: (U, C); all alike where no face is named."""
    box = _face_box(units)
    if box is None:
        return np.zeros(units.votes.shape)
    return _places()[place_of(box, *units.place.T)]


def _place_prior(units: Units) -> np.ndarray:
    """Logits against parts of the face outside it: (U, C)."""
    prior = np.zeros(units.votes.shape)
    box = _face_box(units)
    if box is None:
        return prior
    left, top, right, bottom = box
    wide, high = 0.15 * (right - left), 0.25 * (bottom - top)
    x, y = units.place.T
    outside = (x < left - wide) | (x > right + wide) | (y < top - high) | (y > bottom + 0.1 * (bottom - top))
    prior[np.ix_(outside, _SMALL)] = -_ASTRAY
    far = (x < left - 3 * wide) | (x > right + 3 * wide) | (y < top - 2 * high) | (y > bottom + high)
    prior[far, ID["face"]] = -_ASTRAY
    return prior
