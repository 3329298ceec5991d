"""From votes on regions to a label map: a Potts pass on the region graph corrects names that nothing near supports."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from cubiseg import taxonomy
from cubiseg.cleaning.params import CleanParams
from cubiseg.regions import Proposals
from cubiseg.regions.mean_field import Units, Weights, class_probabilities, describe
from cubiseg.regions.naming import Naming, count_votes, voted_label

_SMALL = taxonomy.mask(*taxonomy.SMALL_PARTS)


@dataclass(frozen=True)
class VotedLabel:
    """A label map out of votes.

    Attributes:
        voted: (H, W) uint8, each region as most votes have it, 255 without a vote.
        label: (H, W) uint8, after the Potts pass; 255 where nothing is known.
        confidence: 0..1, how probable the names are, given what is around; the mean over the classes found and the
            parts of the face.
    """

    voted: np.ndarray
    label: np.ndarray
    confidence: float


def label_from_votes(proposals: Proposals, naming: Naming, rgb: np.ndarray, params: CleanParams) -> VotedLabel:
    """Turn votes into a label map.

    Args:
        proposals: the regions that were asked about.
        naming: the votes.
        rgb: (H, W, 3) uint8, sRGB.
        params: ``rules.potts``, ``name_error``, ``confusion``, ``likeness``, ``smoothness``, ``place``, ``seen`` and
            ``least_probability``.

    Raises:
        CubisegError: the votes are about other regions.
    """
    units = describe(*count_votes(proposals, naming), rgb, proposals.seen_label())
    return label_from_units(units, params)


def label_from_units(units: Units, params: CleanParams) -> VotedLabel:
    """Turn votes into a label map; see :func:`label_from_votes`.

    Args:
        units: the regions, and what was said of them.
        params: as there.
    """
    voted = voted_label(units.map, units.votes)
    weights = _weights(params)
    probability = softmax(units.votes @ weights.logits, axis=1)
    if not params.rules.potts:
        return VotedLabel(voted, voted, _confidence(units, probability, voted))
    probability = class_probabilities(units, weights)
    label = _best(probability, params)[units.map]
    return VotedLabel(voted, label, _confidence(units, probability, label))


def classes_of_units(units: Units, params: CleanParams) -> np.ndarray:
    """What the Potts pass makes of the regions: (U,) uint8, class ids, 255 where nothing is known.

    Args:
        units: the regions, and what was said of them.
        params: as for :func:`label_from_votes`.
    """
    return _best(class_probabilities(units, _weights(params)), params)


def _best(probability: np.ndarray, params: CleanParams) -> np.ndarray:
    best = probability.argmax(1).astype(np.uint8)
    best[probability.max(1) < params.least_probability] = taxonomy.IGNORE_INDEX
    return best


def _weights(params: CleanParams) -> Weights:
    return Weights(params.name_error, params.likeness, params.smoothness, params.place, params.seen, params.confusion)


def _confidence(units: Units, probability: np.ndarray, label: np.ndarray) -> float:
    """How probable the names are that pixels were given, mean over classes.

    A part of the face that was not found counts as 0: where a cut has lost it, nobody could name it. That says more of
    a picture's error than the names do.
    """
    named = units.votes.argmax(1)
    said = np.where(units.votes.max(1) > 0, probability[np.arange(len(named)), named], 0)[units.map]
    count = np.bincount(label.ravel(), minlength=256)
    total = np.bincount(label.ravel(), said.ravel(), minlength=256)
    found = count[: taxonomy.NUM_CLASSES] > 0
    expected = found | _SMALL
    if not found.any():
        return 0.0
    known = 1 - count[taxonomy.IGNORE_INDEX] / label.size
    means = (total / np.maximum(count, 1))[: taxonomy.NUM_CLASSES]
    return float(means[expected].mean() * known)
