"""Very long hair: to the knees and the floor, out of the picture, blown aside; tails and drills of that length."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits.hair.bound import high_place, tie_both
from cubiseg.portraits.hair.cropped import veil
from cubiseg.portraits.hair.loose import over_shoulder
from cubiseg.portraits.hair.plaits import plait, ringlet, tail
from cubiseg.portraits.hair.strands import Hair, Strand, aside, drop, sway
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def _mane(
    rng: Rng,
    hair: Hair,
    head: Head,
    v: float,
    spread: float,
    *,
    wave: float = 0.0,
    bow: float = 0.0,
    before: float = 0.7,
) -> None:
    """Three rows of clumps, so that the mass stays dense where it is wide, and most often some before the shoulders."""
    for k in range(3):
        share = 1 - 0.3 * k
        veil(
            rng,
            hair,
            head,
            v * (1 - 0.1 * k),
            spread=spread * share,
            wave=wave,
            bow=bow * share,
            ragged=0.05 * v,
            n=11,
            reach=1.3,
            uneven=0.5,
            point=1.3,
        )
    over_shoulder(rng, hair, head, v * uniform(rng, 0.45, 1.0), wave, before)


def knee(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """To the hips, the knees or the shins, straight or waving, behind and before the shoulders."""
    v = uniform(rng, 0.75 * hair.knees, 0.95 * hair.floor)
    wave = uniform(rng, 0.05, 0.16) if chance(rng, 0.4) else 0.0
    _mane(rng, hair, head, v, uniform(rng, 0.1, 1.4), wave=wave, bow=uniform(rng, 0.0, 0.5))
    return v


def floor_long(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """To the floor and along it."""
    floor = hair.floor
    v, spread = floor * uniform(rng, 1.05, 1.4), uniform(rng, 0.4, 1.8)
    first = len(hair.back)
    _mane(rng, hair, head, v, spread, wave=uniform(rng, 0.02, 0.1), bow=uniform(rng, 0.0, 0.6), before=0.5)
    for i, s in enumerate(hair.back[first:], first):
        p, low = s.points.copy(), floor + uniform(rng, -0.15, 0.3)
        over = np.maximum(p[:, 1] - low, 0.0)
        side = np.sign(p[-1, 0] or 1.0)
        p[:, 0] += side * 0.9 * over
        p[:, 1] -= over * uniform(rng, 0.85, 1.0)
        hair.back[i] = replace(s, points=p)
    return v


def wide(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A flood that spreads to both sides and leaves most pictures."""
    v, spread = uniform(rng, 3.5, 9.0), uniform(rng, 2.0, 5.5)
    wave = uniform(rng, 0.0, 0.2)
    _mane(rng, hair, head, v, spread, wave=wave, bow=uniform(rng, 0.3, 1.4), before=0.5)
    for side in (-1, 1):  # strands that float
        for _ in range(int(2 + 3 * detail)):
            out, end = uniform(rng, 1.0, 1.3), v * uniform(rng, 0.3, 0.8)
            drift, width = spread * uniform(rng, 0.6, 1.2), uniform(rng, 0.08, 0.3)
            hair.back.append(
                drop(head, side, out, -0.9, end, width, z=-0.6, wave=0.15, drift=drift, phase=6 * rng.random())
            )
    return v


def blown(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """All of it blown to one side, rising and falling, some of it across the shoulder."""
    side, long = (1 if chance(rng, 0.5) else -1), uniform(rng, 2.5, 8.0)
    lift, swing, fan = uniform(rng, -0.2, 0.65), uniform(rng, 0.2, 0.6), uniform(rng, 0.15, 0.45)
    t = np.linspace(0, 1, 9)
    n = int(20 + 8 * detail)
    for k in sorted(range(n), key=lambda k: abs(k - n / 2)):
        u = 2 * k / (n - 1) - 1  # from the far side of the head to the near one
        reach, phase = long * uniform(rng, 0.65, 1.05), 1.3 * u + rng.normal(0, 0.25)
        x = 1.25 * u * (1 - 0.5 * t) + side * reach * t**1.25 * (0.85 + 0.15 * abs(u))
        fan_out = fan * reach * (u + rng.normal(0, 0.2)) * side * t**1.3
        fall = (0.75 - lift) * reach * t**1.1 + swing * np.sin(phase + 4.5 * t) * t + fan_out
        points = np.column_stack([x, -0.9 + 0.4 * t + fall, np.full(9, -0.55)])
        width = uniform(rng, 0.25, 0.5)
        hair.back.append(
            Strand(points, width, root=0.7, belly=0.35, lines=0.8, point=1.2, tone=0.4 * rng.random() * (k % 2))
        )
    if chance(rng, 0.5):
        first = len(hair.mid)
        for k in range(int(rng.integers(2, 5))):
            drift = side * long * uniform(rng, 0.15, 0.3)
            width = uniform(rng, 0.14, 0.3)
            hair.mid.append(drop(head, -side, 1.05, -0.5, 2.2 + 0.3 * k, width, z=0.0, drift=-side * drift, wave=0.08))
        hair.mid[first:] = aside(hair.mid[first:])
    return min(long, 3.0)


def long_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two tails from high on the head to the hips, the knees or the floor, some swung out of the picture."""
    v, x = high_place(rng, head)
    floor = hair.floor
    length, out = uniform(rng, 0.62, 1.05) * (floor - v), uniform(rng, 0.3, 3.8)
    wide_, wave, bow = uniform(rng, 0.35, 0.85), uniform(rng, 0.0, 0.35), uniform(rng, 0.0, 0.9)
    curl, before = uniform(rng, -0.2, 0.6), chance(rng, 0.3)

    def draw(side: int, at: tuple[float, float, float]) -> None:
        end = (at[0] + side * out, v + length, at[2])
        axis = sway(at, end, rng, bow=bow, wave=side * wave, turns=uniform(rng, 0.7, 1.4), n=9)
        bundle = tail(rng, axis, wide_, n=int(6 + 4 * detail), wave=0.05, curl=curl, spread=uniform(rng, 0.3, 1.2))
        (hair.mid if before else hair.back).extend(bundle)

    tie_both(rng, hair, v, x, draw)
    return v + length


def big_drills(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two drills as thick as the head, from high at its sides to the chest or the hips."""
    v, x = high_place(rng, head)
    length, width, out = uniform(rng, 2.2, 6.0), uniform(rng, 0.8, 1.4), uniform(rng, 0.1, 0.9)
    before = chance(rng, 0.5)

    def draw(side: int, at: tuple[float, float, float]) -> None:
        start = (at[0] + side * 0.35 * width, v + 0.15, at[2])
        axis = sway(start, (start[0] + side * out, v + length, at[2]), rng, bow=0.15)
        turns = ringlet(axis, width, tilt=side * uniform(rng, 0.2, 0.5), narrow=uniform(rng, 0.5, 0.9))
        (hair.mid if before else hair.back).extend(turns)

    tie_both(rng, hair, v, x, draw)
    return v + length


def ribbon_buns(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two buns, some with a plait laid around them, each tied with a band or a ribbon; sometimes long hair below."""
    v, x = high_place(rng, head)
    r, braided = uniform(rng, 0.32, 0.6), chance(rng, 0.5)

    def draw(side: int, at: tuple[float, float, float]) -> None:
        centre = (at[0] + side * 0.45 * r, v - 0.35 * r, -0.15)
        if braided:
            a = np.linspace(0, 2 * np.pi, 9) + 0.5 * side
            ring = np.column_stack([centre[0] + r * np.cos(a), centre[1] + r * np.sin(a), np.full(9, -0.15)])
            hair.back.extend(plait(ring, 0.5 * r, narrow=0.0))
        hair.buns.append((*centre, 0.9 * r))

    below, long = chance(rng, 0.45), uniform(rng, 1.5, 5.5)
    tie_both(rng, hair, v, x, draw)
    if below:
        hair.bound = hair.lit = False
        hair.nape = 0.75
        _mane(rng, hair, head, long, uniform(rng, 0.0, 0.6), before=0.5)
        return long
    return 0.5
