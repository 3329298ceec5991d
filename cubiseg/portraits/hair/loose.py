"""Long back hair worn loose. A kind appends to ``hair.back`` and ``mid`` and returns the v where the hair ends."""

import numpy as np

from cubiseg.portraits.hair.cropped import veil
from cubiseg.portraits.hair.plaits import ringlet
from cubiseg.portraits.hair.strands import Hair, Strand, aside, drop, sway
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def over_shoulder(rng: Rng, hair: Hair, head: Head, v: float, wave: float, p: float = 0.55) -> None:
    """Strands that come from behind the ear and lie on the body, down to ``v`` or the picture's edge."""
    if not chance(rng, p):
        return
    sides = (-1, 1) if chance(rng, 0.6) else ((1,) if chance(rng, 0.5) else (-1,))
    drift, bow = uniform(rng, -0.3, 0.35), uniform(rng, 0.0, 0.15)
    first = len(hair.mid)
    for side in sides:
        phase = rng.random() * 6
        for k in range(int(rng.integers(2, 6))):
            hair.mid.append(
                drop(
                    head,
                    side,
                    1.05 + 0.11 * k,
                    -0.6,
                    v * uniform(rng, 0.7, 1.02),
                    uniform(rng, 0.16, 0.36),
                    z=0.0,
                    wave=wave,
                    phase=phase + rng.normal(0, 0.4),
                    turns=max(1.0, v / 1.6),
                    bow=bow,
                    drift=drift + rng.normal(0, 0.06),
                    point=1.3,
                )
            )
        for _ in range(int(rng.integers(0, 3))):  # a few hairs apart from the rest
            out, end, width = uniform(rng, 1.0, 1.4), v * uniform(rng, 0.6, 1.0), uniform(rng, 0.03, 0.08)
            hair.mid.append(drop(head, side, out, -0.4, end, width, z=0.0, drift=drift + rng.normal(0, 0.2), bow=bow))
    hair.mid[first:] = aside(hair.mid[first:])


def straight(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long and straight, to the chest or waist."""
    v = uniform(rng, 1.7, 4.6)
    spread, blunt = uniform(rng, -0.05, 0.35), uniform(rng, 0.4, 0.8) * chance(rng, 0.3)
    veil(rng, hair, head, v, spread=spread, blunt=blunt, ragged=0.12, curl=uniform(rng, -0.1, 0.2), n=12)
    over_shoulder(rng, hair, head, v, 0.0)
    return v


def very_long(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Past the lower edge of any picture, wide, with strands that stray."""
    v, spread = uniform(rng, 6.0, 9.0), uniform(rng, 0.2, 1.6)
    wave = uniform(rng, 0.0, 0.1)
    veil(rng, hair, head, v, spread=spread, wave=wave, ragged=0.6, n=13, bow=uniform(rng, 0.0, 0.5), reach=1.3)
    over_shoulder(rng, hair, head, v, wave, 0.75)
    return v


def waves(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long and waving."""
    v, wave = uniform(rng, 1.5, 4.2), uniform(rng, 0.06, 0.17)
    veil(rng, hair, head, v, spread=uniform(rng, 0.15, 0.7), wave=wave, ragged=0.18, n=11, curl=uniform(rng, -0.2, 0.2))
    over_shoulder(rng, hair, head, v, wave)
    return v


def curly(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long with full curls that swell beside the neck."""
    v, wave = uniform(rng, 1.2, 3.2), uniform(rng, 0.13, 0.24)
    for k in range(2):
        length, spread, bow = v * (1 - 0.2 * k), uniform(rng, 0.3, 0.7), uniform(rng, 0.15, 0.4)
        veil(rng, hair, head, length, spread=spread, bow=bow, wave=wave, ragged=0.3, n=9, curl=uniform(rng, -0.4, 0.4))
    over_shoulder(rng, hair, head, v, wave, 0.7)
    return v


def wild(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long with clumps that spread out in points."""
    v = uniform(rng, 1.3, 3.8)
    for _ in range(3):
        length, spread, curl = v * uniform(rng, 0.5, 1.0), uniform(rng, 0.2, 0.9), -uniform(rng, 0.0, 0.5)
        bow = uniform(rng, 0.0, 0.3)
        veil(rng, hair, head, length, spread=spread, ragged=0.35, curl=curl, bow=bow, n=8, point=1.1, uneven=0.6)
    return v


def flips(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long hair in layers, each with its tips flared outwards."""
    v, curl = uniform(rng, 1.4, 2.8), uniform(rng, 0.3, 0.75)
    for k in range(int(rng.integers(2, 4))):
        length, reach = v * (1 - 0.27 * k), 1.15 + 0.06 * k
        veil(rng, hair, head, length, curl=-curl, reach=reach, n=9 - k, ragged=0.1, sharp=2.8, spread=0.05, point=1.15)
    return v


def half_up(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Long, the upper half gathered at the back of the crown or in two small tails."""
    v = uniform(rng, 1.5, 4.0)
    wave = uniform(rng, 0.0, 0.1)
    veil(rng, hair, head, v, spread=uniform(rng, 0.0, 0.4), wave=wave, ragged=0.15)
    over_shoulder(rng, hair, head, v, wave)
    hair.bound = chance(rng, 0.6)
    top = head.hair_centre[1] - head.hair_radii[1]
    if chance(rng, 0.55):  # two small tails
        for side in (-1, 1):
            at = (side * uniform(rng, 0.95, 1.1), top + uniform(rng, 0.35, 0.6), 0.0)
            n, length, out = int(rng.integers(3, 6)), uniform(rng, 0.5, 1.8), uniform(rng, 0.25, 0.6)
            for k in range(n):
                t = np.linspace(0, 1, 5)
                x = at[0] + side * (out * np.sin(np.pi * 0.5 * t) + 0.1 * k * t)
                points = np.column_stack(
                    [x, at[1] - 0.1 * np.sin(np.pi * t) + length * t**1.5 * uniform(rng, 0.7, 1.0), 0 * t]
                )
                hair.front.insert(0, Strand(points, uniform(rng, 0.14, 0.26), root=0.5, lines=0.85, point=1.3))
            hair.ties.append((*at, 0.13))
            hair.pull.append(at)
    else:
        hair.pull.append((0.0, top + 0.1, -0.4))
    return v


def drills(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Ringlets beside the neck: one thick one on either side, or several thinner ones."""
    hair.nape = uniform(rng, 0.5, 0.8)
    length, high = uniform(rng, 1.3, 3.0), uniform(rng, -0.9, 0.4)
    many = chance(rng, 0.45)
    hair.bound = not many
    for side in (-1, 1):
        for k in range(3 if many else 1):
            w = uniform(rng, 0.26, 0.38) if many else uniform(rng, 0.5, 0.8)
            x = 1.05 + 0.22 * k if many else 1.35
            start = (side * x, high + 0.1 * k, 0.0)
            axis = sway(start, (side * (x + 0.1 + 0.1 * k), high + length * (1 - 0.12 * k), 0.0), rng)
            hair.mid += ringlet(axis, w, tilt=side * uniform(rng, 0.25, 0.55))
            if many:
                hair.mid.append(drop(head, side, x, -1.0, high + 0.1 * k + 0.3, w, z=0.0, blunt=0.7, lines=0.3))
        if not many:
            at = (side * 1.3, high - 0.12, 0.0)
            hair.ties.append((*at, uniform(rng, 0.16, 0.24)))
            hair.pull.append(at)
    if many:  # not bound
        hair.mid = aside(hair.mid)
    return high + length
