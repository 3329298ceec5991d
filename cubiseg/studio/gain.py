"""In which order samples are reviewed: first those where a person is expected to find most to mend."""

import hashlib
from collections.abc import Mapping

from cubiseg.samples import Flag, Sample

WEIGHTS = {
    Flag.REFUSED: 0.5,
    Flag.NEEDS_REVIEW: 0.5,
    Flag.NO_FACE: 0.4,
    Flag.PARTIAL: 0.3,
    Flag.SEVERAL_PEOPLE: 0.3,
    Flag.LOW_CONFIDENCE: 0.2,
    Flag.CROPPED: 0.1,
}
"""Chance, 0..1, that a sample with a flag needs work because of what the flag says; rules of thumb, not fitted."""
LEAST = 0.05
"""Gain under which nothing tells that a sample needs work; those come last, in random order."""


def gain(sample: Sample, disagreement: float | None = None) -> float:
    """How much a review is expected to find, 0..1: the chance that one of several independent signs is right.

    Args:
        sample: its record; of confidence, flags and whether it has a label.
        disagreement: 1 - mean IoU of the model's label map against the sample's; None where nobody looked.
    """
    signs = [WEIGHTS.get(flag, 0.0) for flag in sample.flags]
    signs += [1 - sample.confidence] if sample.confidence is not None else []
    signs += [disagreement] if disagreement is not None else []
    nothing = 1.0
    for sign in signs:
        nothing *= 1 - sign
    return 1 - nothing


def reasons(sample: Sample, disagreement: float | None = None) -> list[str]:
    """The same in words, for the reviewer."""
    told = [flag.value.replace("_", " ") for flag in sample.flags if flag in WEIGHTS]
    if sample.confidence is not None:
        told.append(f"confidence {sample.confidence:.2f}")
    if disagreement is not None:
        told.append(f"the model disagrees by {disagreement:.0%}".replace("%", " %"))
    return told


def order(samples: Mapping[int, Sample], disagreement: Mapping[str, float], seed: int) -> list[int]:
    """Keys of samples, the greatest gain first; those that nothing tells of in an order drawn by the seed."""

    def place(key: int) -> tuple[float, str]:
        sample = samples[key]
        found = gain(sample, disagreement.get(sample.id))
        drawn = hashlib.sha256(f"{seed}:{sample.id}".encode()).hexdigest()
        return (-found, sample.id) if found >= LEAST else (0.0, drawn)

    return sorted(samples, key=place)
