"""Side hair: locks before the ears. A kind appends strands to ``hair.front``, before the fringe is laid over them."""

from collections.abc import Callable

import numpy as np

from cubiseg.sources.synthetic.hair.strands import Hair, Strand
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.rng import uniform

Side = Callable[[np.random.Generator, Hair, Head, float], None]


def drop(head: Head, side: int, u: float, v0: float, v1: float, width: float, *, z: float = 0.35, wave: float = 0.0,
         curl: float = 0.0, blunt: float = 0.0, phase: float = 0.0, turns: float = 2.0, tone: float = 0.0,
         root: float = 0.55, drift: float = 0.0, belly: float = 0.5) -> Strand:  # fmt: skip
    """A hanging strand at (side * u) from v0 to v1; ``curl`` > 0 bends the tip inwards, ``wave`` sways it."""
    n = 9
    t = np.linspace(0, 1, n)
    inward = 0.45 * np.clip((-0.35 - v0 - (v1 - v0) * t) / 0.75, 0, 1) ** 2  # roots follow the skull
    x = u - inward * u + wave * np.sin(phase + turns * 2 * np.pi * t) * np.minimum(1, 2 * t)
    x = x - curl * np.clip((t - 0.65) / 0.35, 0, 1) ** 2 + drift * t
    points = np.column_stack([side * x, v0 + (v1 - v0) * t, z + 0 * t])
    return Strand(points, width, root=root, tip=blunt, belly=belly, tone=tone, lines=0.8)


def none(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """Short tufts that end over the ears."""
    for side in (-1, 1):
        for _ in range(2):
            hair.front.append(drop(head, side, uniform(rng, 1.08, 1.25), -1.0, uniform(rng, 0.0, 0.4),
                                   uniform(rng, 0.26, 0.4), drift=uniform(rng, -0.1, 0.15)))  # fmt: skip


def tuft(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """Locks to the cheek, pointed."""
    for side in (-1, 1):
        for _ in range(int(rng.integers(2, 4))):
            hair.front.append(drop(head, side, uniform(rng, 1.05, 1.28), -0.9, uniform(rng, 0.35, 0.95),
                                   uniform(rng, 0.22, 0.42), curl=uniform(rng, -0.2, 0.3)))  # fmt: skip


def long_locks(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """Thin locks that fall past the chin."""
    v1 = uniform(rng, 1.1, 2.4)
    width, wave = uniform(rng, 0.2, 0.4), uniform(rng, 0.0, 0.06)
    for side in (-1, 1):
        for k in range(int(rng.integers(1, 3))):
            hair.front.append(drop(head, side, 1.1 + 0.13 * k, -0.9, v1 * uniform(rng, 0.85, 1.1), width, wave=wave,
                                   curl=uniform(rng, -0.1, 0.2), phase=rng.random() * 6))  # fmt: skip


def framing(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """A curtain of clumps from temple to jaw, as bobs have."""
    v1 = min(length, uniform(rng, 0.9, 1.5))
    curl = uniform(rng, -0.15, 0.35)
    for side in (-1, 1):
        for k in (2, 1, 0):
            hair.front.append(drop(head, side, 1.08 + 0.14 * k, -0.95, v1 * uniform(rng, 0.9, 1.05),
                                   uniform(rng, 0.3, 0.45), curl=curl, z=0.35 - 0.12 * k))  # fmt: skip


def hime(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """Straight locks cut off at the cheek."""
    v1 = uniform(rng, 0.45, 1.1)
    for side in (-1, 1):
        for k in (1, 0):
            hair.front.append(drop(head, side, 1.08 + 0.17 * k, -0.95, v1 + 0.03 * k, 0.24, blunt=0.85, belly=0.7))


def wavy(rng: np.random.Generator, hair: Hair, head: Head, length: float) -> None:
    """Waving locks to the shoulder."""
    v1 = min(length + 0.2, uniform(rng, 1.0, 2.2))
    wave = uniform(rng, 0.06, 0.14)
    for side in (-1, 1):
        for k in (2, 1, 0):
            hair.front.append(drop(head, side, 1.1 + 0.13 * k, -0.95, v1 * uniform(rng, 0.8, 1.1),
                                   uniform(rng, 0.24, 0.38), wave=wave, phase=rng.random() * 6,
                                   turns=uniform(rng, 1, 2)))  # fmt: skip


SIDES: dict[str, tuple[Side, float, float]] = {
    "none": (none, 0.6, 4.0),
    "tuft": (tuft, 2.0, 4.0),
    "long_locks": (long_locks, 2.4, 0.6),
    "framing": (framing, 2.2, 0.8),
    "hime": (hime, 1.1, 0.1),
    "wavy": (wavy, 1.4, 0.3),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""
