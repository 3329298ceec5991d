"""A stratified random sample of label maps for people to look at."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from cubiseg.cleaning.spot_checks import DrawnSample
from cubiseg.errors import CubisegError
from cubiseg.samples import TRUSTED_METHODS, LabelMethod, Sample

BANDS = (0.6, 0.8)
"""Where bands of confidence meet; the first is where ``clean.low_confidence`` flags."""

MADE = tuple(m for m in LabelMethod if m not in TRUSTED_METHODS)
"""Methods whose label maps are in question."""


def stratum_of(sample: Sample) -> str:
    """Method, source and band of confidence of a sample."""
    return f"{sample.label_method}/{sample.source}/{band_of(sample.confidence)}"


def band_of(confidence: float | None) -> str:
    """Name of a band of confidence."""
    if confidence is None:
        return "no confidence"
    below, above = BANDS
    if confidence < below:
        return f"under {below:g}"
    return f"{below:g} to {above:g}" if confidence < above else f"from {above:g}"


def draw_order(strata: Mapping[str, str], seed: int) -> list[str]:
    """All samples in an order of which every beginning is a stratified random sample.

    In its stratum a sample has a random rank; ranks divided by the stratum's size, with a random start, interleave the
    strata in proportion (systematic sampling). A sample's place hangs on the seed and its own stratum alone.

    Args:
        strata: stratum by sample id.
        seed: seed of the draw.
    """
    members: dict[str, list[str]] = {}
    for sample in sorted(strata, key=lambda i: _chance(seed, "sample", i)):
        members.setdefault(strata[sample], []).append(sample)
    place = {
        sample: ((rank + _chance(seed, "stratum", stratum)) / len(ids), _chance(seed, "sample", sample))
        for stratum, ids in members.items()
        for rank, sample in enumerate(ids)
    }
    return sorted(place, key=lambda i: place[i])


def _chance(seed: int, kind: str, name: str) -> float:
    """A number in 0..1 that hangs on the seed and a name alone."""
    return int(hashlib.sha256(f"{kind}:{seed}:{name}".encode()).hexdigest()[:13], 16) / 16**13


def draw_samples(
    samples: Sequence[Sample],
    size: int,
    seed: int,
    methods: Collection[LabelMethod] = MADE,
    before: Sequence[DrawnSample] = (),
    anew: bool = False,
) -> list[DrawnSample]:
    """Draw samples with label maps.

    Args:
        samples: the manifest to draw from.
        size: number of samples in all.
        seed: seed of the draw.
        methods: who made the label maps that are in question.
        before: what was drawn before: it stays, and comes first.
        anew: what was drawn before is left out instead.

    Raises:
        CubisegError: there are no such samples.
    """
    drawn = {d.sample for d in before}
    strata = {
        s.id: stratum_of(s) for s in samples if s.label is not None and s.label_method in methods and s.id not in drawn
    }
    kept = [] if anew else list(before)
    if not strata and not kept:
        raise CubisegError(
            f"no label maps by {', '.join(methods)} are left to draw from; name another method with --method"
        )
    fresh = draw_order(strata, seed)[: max(0, size - len(kept))]
    return kept + [DrawnSample(sample=i, stratum=strata[i]) for i in fresh]
