"""A label map after people's reviews of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg.cleaning.corrections import Judgement, read_corrected_label
from cubiseg.label_maps import has_parts, keep_parts, label_hash
from cubiseg.taxonomy import CLASS_OF


@dataclass(frozen=True)
class Reviewed:
    """What reviews made of a label map.

    Attributes:
        label: (H, W) uint8, ids of classes and parts, and 255; None where there was none and nobody drew one.
        tells_parts: whether a person's map told the parts.
        base_changed: the review that counts saw another label map than there is.
    """

    label: np.ndarray | None
    tells_parts: bool
    base_changed: bool


def apply_reviews(label: np.ndarray | None, reviews: Judgement, corrections: Path, size: tuple[int, int]) -> Reviewed:
    """The label map that reviews come to.

    A correction of an earlier correction saw that one, and not what the rules make: so each is looked for among all
    label maps that there were.

    Args:
        label: (H, W) uint8, what the rules made; None where there is nothing.
        reviews: what people said.
        corrections: the corrections folder.
        size: height and width.

    Raises:
        CubisegError: the label map of a correction is missing, of another size, or none at all.
    """
    states: dict[str | None, np.ndarray | None] = _hashed(label)
    now, tells_parts, known = label, False, True
    for review in reviews.corrections:
        drawn = read_corrected_label(corrections, review, size)
        known = review.base_sha256 in states
        base = states[review.base_sha256] if known else label
        tells_parts = has_parts(drawn) or base is None
        # Who corrects classes says nothing against the parts of those that were right.
        now = drawn if tells_parts or base is None else keep_parts(drawn, base)
        states.update(_hashed(now))
    if (verdict := reviews.verdict) is not None and verdict.label is None:
        # Who accepts what a correction came to has seen it, whatever the correction saw.
        known = (known and bool(reviews.corrections)) or verdict.base_sha256 in _hashed(now)
    return Reviewed(now, tells_parts, not known)


def _hashed(label: np.ndarray | None) -> dict[str | None, np.ndarray | None]:
    """A label map by its hashes: reviewers see it at either level."""
    return {None: None} if label is None else {label_hash(label): label, label_hash(CLASS_OF[label]): label}
