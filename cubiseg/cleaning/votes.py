"""From votes on regions to a label map: a Potts pass on the region graph corrects names that nothing near supports."""

from dataclasses import dataclass

import numpy as np

from cubiseg import taxonomy
from cubiseg.cleaning.params import CleanParams
from cubiseg.regions import Proposals
from cubiseg.regions.belief import Units, Weights, believe, describe, softmax
from cubiseg.regions.naming import Naming, count_votes, voted_label


@dataclass(frozen=True)
class Named:
    """A label map out of votes.

    Attributes:
        voted: (H, W) uint8, each region as most votes have it, 255 without a vote.
        label: (H, W) uint8, after the Potts pass; 255 where nothing is known.
        confidence: 0..1, how probable the names are, given what is around; the mean over the classes found.
    """

    voted: np.ndarray
    label: np.ndarray
    confidence: float


def label_from_votes(proposals: Proposals, naming: Naming, rgb: np.ndarray, params: CleanParams) -> Named:
    """Turn votes into a label map.

    Args:
        proposals: the regions that were asked about.
        naming: the votes.
        rgb: (H, W, 3) uint8, sRGB.
        params: ``rules.potts``, ``name_error``, ``likeness``, ``smoothness``, ``place`` and ``least_probability``.

    Raises:
        CubisegError: the votes are about other regions.
    """
    units = describe(*count_votes(proposals, naming), rgb)
    voted = voted_label(units.map, units.votes)
    weights = Weights(params.name_error, params.likeness, params.smoothness, params.place)
    probability = softmax(units.votes * weights.odds)
    if not params.rules.potts:
        return Named(voted, voted, _confidence(units, probability, voted))
    probability = believe(units, weights)
    best = probability.argmax(1).astype(np.uint8)
    best[probability.max(1) < params.least_probability] = taxonomy.IGNORE_INDEX
    label = best[units.map]
    return Named(voted, label, _confidence(units, probability, label))


def _confidence(units: Units, probability: np.ndarray, label: np.ndarray) -> float:
    """Mean over the classes found of how probable the names are that their pixels were given; no name counts as 0."""
    named = units.votes.argmax(1)
    said = np.where(units.votes.max(1) > 0, probability[np.arange(len(named)), named], 0)[units.map]
    count = np.bincount(label.ravel(), minlength=256)
    total = np.bincount(label.ravel(), said.ravel(), minlength=256)
    found = np.flatnonzero(count[: taxonomy.NUM_CLASSES])
    if not len(found):
        return 0.0
    known = 1 - count[taxonomy.IGNORE_INDEX] / label.size
    return float((total[found] / count[found]).mean() * known)
