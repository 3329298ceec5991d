"""Back hair in plaits. Their ties go into ``hair.ties``."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits.hair.bound import below, low_nape
from cubiseg.portraits.hair.plaits import plait, tail
from cubiseg.portraits.hair.strands import Hair, Strand, sway
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def _end(rng: Rng, hair: Hair, where: list[Strand], end: np.ndarray, width: float, direction: float) -> None:
    """The brush below a plait, and its tie."""
    at = (float(end[0]), float(end[1]), float(end[2]))
    axis = end + np.array([(0, 0, 0), (0.03 * direction, 0.25, 0), (0.06 * direction, uniform(rng, 0.35, 0.6), 0)])
    where += tail(rng, axis, width, n=4, spread=0.5, ragged=0.3)
    if where is hair.mid:  # behind the body it is not seen
        hair.ties.append((*at, 0.42 * width + 0.05))


def two_braids(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two plaits, before the shoulders or behind."""
    low_nape(rng, hair)
    length, w = uniform(rng, 1.0, 2.8), uniform(rng, 0.26, 0.46)
    x, out = uniform(rng, 1.0, 1.12), uniform(rng, -0.1, 0.4)
    where, high = (hair.mid if chance(rng, 0.7) else hair.back), uniform(rng, 0.2, 0.6)
    for side in (-1, 1):
        axis = sway((side * x, high, -0.1), (side * (x + out), high + length, -0.05), rng, bow=0.05)
        where += plait(axis, w, loose=uniform(rng, 0.85, 1.15))
        _end(rng, hair, where, axis[-1], 0.5 * w, side)
        hair.pull.append((side * x, high, -0.1))
    return high + length


def braid(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """One plait laid over a shoulder."""
    low_nape(rng, hair)
    side = 1 if chance(rng, 0.5) else -1
    length, w = uniform(rng, 1.3, 3.2), uniform(rng, 0.34, 0.56)
    axis = sway((side * 0.95, 0.5, -0.2), (side * uniform(rng, 0.7, 1.15), 0.5 + length, 0.0), rng, bow=0.15)
    hair.mid += plait(axis, w, loose=uniform(rng, 0.85, 1.15))
    _end(rng, hair, hair.mid, axis[-1], 0.55 * w, side)
    hair.pull.append((side * 0.95, 0.5, -0.2))
    return 0.5 + length


def crown_braid(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A plait around the crown; the rest loose or pinned up."""
    top, w = uniform(rng, -1.5, -1.15), uniform(rng, 0.26, 0.38)
    u = np.linspace(-0.97, 0.84, 7) * head.hair_radii[0]
    v = top + 0.75 * (u / head.hair_radii[0]) ** 2
    hair.top += [replace(s, part="hair_front") for s in plait(head.on_hair(u, v, 0.06), w, narrow=0.0)]
    if chance(rng, 0.5):
        low_nape(rng, hair)
        return 0.5
    return below(rng, hair, head)
