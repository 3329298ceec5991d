"""Random streams: every part of every character and picture has its own, so that parts do not disturb each other."""

import zlib
from typing import TypeVar

import numpy as np

Rng = np.random.Generator
T = TypeVar("T")

VERSION = 5
"""Raised when the bytes of any picture change."""

_SERIES = 4
"""Where all streams start; stays when ``VERSION`` is raised, so that what a version does not touch stays as it was."""


def stream(*key: int | str) -> Rng:
    """Generator of the stream that ``key`` names; equal keys give equal draws, different keys unrelated ones.

    Args:
        key: non-negative integers (seed, index) and names of parts (``"hair"``).
    """
    entropy = [_SERIES, *(zlib.crc32(k.encode()) if isinstance(k, str) else k for k in key)]
    return np.random.default_rng(np.random.SeedSequence(entropy))


def chance(rng: Rng, p: float) -> bool:
    """True with probability ``p``."""
    return bool(rng.random() < p)


def uniform(rng: Rng, low: float, high: float) -> float:
    """A float from [low, high)."""
    return float(rng.uniform(low, high))


def bell(rng: Rng, mean: float, spread: float, low: float, high: float) -> float:
    """A normal draw, clipped to [low, high]."""
    return float(np.clip(rng.normal(mean, spread), low, high))


def pick(rng: Rng, weights: dict[T, float]) -> T:
    """A key of ``weights``, drawn in proportion to its weight."""
    names = list(weights)
    share = np.array([weights[n] for n in names], float)
    return names[int(rng.choice(len(names), p=share / share.sum()))]
