"""What fringes are made of: clumps of unequal width, each a few locks that share a root and part at the tip."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits.hair.strands import Hair, Strand, lock
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point

Front = Callable[[Rng, Hair, Head, float], None]
Edge = Callable[[float], float]


def clumps(rng: Rng, n: int, low: float, high: float, uneven: float) -> tuple[np.ndarray, np.ndarray]:
    """(n,) middles and widths of clumps that share the space from ``low`` to ``high``."""
    w = np.exp(rng.normal(0, uneven, n))
    w *= (high - low) / w.sum()
    return low + np.cumsum(w) - w / 2, w


def root_at(head: Head, part: float, u: float, spread: float) -> Point:
    """Root of a lock whose tip is at u: near the whorl, on the dome."""
    top = head.hair_centre[1] - head.hair_radii[1]
    r = part + (u - part) * spread
    return r, top + 0.18 + 0.3 * abs(r)


def clump(
    rng: Rng,
    hair: Hair,
    head: Head,
    root: Point,
    tip: Point,
    width: float,
    *,
    bend: float = 0.0,
    hook: float = 0.0,
    split: float = 0.6,
    fan: float = 0.6,
    point: float = 1.5,
    lines: float = 0.4,
    tone: float = 0.0,
    base: float = 0.45,
    belly: float = 0.55,
) -> None:
    """One main lock and ``split`` on average thinner ones beside it, of other lengths."""
    for _ in range(int(rng.poisson(split))):
        side = 1 if chance(rng, 0.5) else -1
        short = uniform(rng, -0.05, 0.22)
        end = (tip[0] + side * width * uniform(rng, 0.3, 0.55), tip[1] - short)
        extra = lock(
            head,
            root,
            end,
            width * uniform(rng, 0.35, 0.6),
            bend=bend + side * 0.03,
            hook=hook + rng.normal(0, 0.04),
            fan=fan,
            point=uniform(rng, 1.1, 1.6),
            base=base,
            lines=lines * uniform(rng, 0.6, 1.0),
            tone=max(tone, 0.4 * rng.random()),
            belly=0.6,
        )
        hair.front.append(extra)
    hair.front.append(
        lock(
            head,
            root,
            tip,
            width,
            bend=bend,
            hook=hook,
            fan=fan,
            point=point,
            base=base,
            belly=belly,
            lines=lines * uniform(rng, 0.7, 1.3),
            tone=tone,
        )
    )


def row(
    rng: Rng,
    hair: Hair,
    head: Head,
    n: int,
    edge: Edge,
    *,
    part: float = 0.0,
    span: Point = (-1.1, 1.1),
    uneven: float = 0.35,
    jitter: float = 0.07,
    full: float = 1.35,
    spread: float = 0.3,
    sweep: float = 0.0,
    bow: float = 0.08,
    hook: float = 0.0,
    split: float = 0.6,
    tone: float = 0.0,
    lines: float = 0.4,
) -> None:
    """A row of clumps whose tips follow ``edge`` (u to v), outer ones first.

    ``full``: width of a clump over its share of the row, below 1 the forehead shows; ``spread``: how far apart the
    roots are; ``sweep`` moves all tips sideways; ``bow`` bends locks away from the parting, ``hook`` turns their tips.
    """
    u, w = clumps(rng, n, *span, uneven)
    curve = uniform(rng, 1.2, 2.2)
    for i in sorted(range(n), key=lambda i: -abs(u[i] - part)):
        out = float(np.clip((u[i] - part) * 1.4, -1, 1))
        tip = (float(u[i] + sweep + rng.normal(0, 0.3) * w[i]), edge(u[i]) + rng.normal(0, jitter))
        clump(
            rng,
            hair,
            head,
            root_at(head, part, u[i], spread),
            tip,
            w[i] * full * uniform(rng, 0.95, 1.2),
            bend=bow * out + rng.normal(0, 0.02),
            hook=hook * out + sweep * 0.5 + rng.normal(0, 0.03),
            split=split,
            point=curve + rng.normal(0, 0.1),
            tone=tone,
            lines=lines,
        )


def strand(rng: Rng, head: Head, root: Point, tip: Point, width: float, curve: float = 0.1) -> Strand:
    """A single loose lock: a long S with a fine tip."""
    bend = rng.normal(0, curve)
    hook, fan, point = -bend * uniform(rng, 0.5, 2.0), uniform(rng, 0.3, 0.9), uniform(rng, 1.1, 1.5)
    belly = uniform(rng, 0.3, 0.55)
    return lock(head, root, tip, width, bend=bend, hook=hook, fan=fan, point=point, base=0.3, belly=belly, lines=0.75)


def between_eyes(rng: Rng, hair: Hair, head: Head) -> None:
    """A long tapered lock, or two that cross, hanging between the eyes or onto the nose; often with a hair beside."""
    u = rng.normal(0, 0.12)
    root = root_at(head, hair.part, u, 0.4)
    low, width = uniform(rng, -0.1, 0.38), uniform(rng, 0.13, 0.28)
    side = 1 if chance(rng, 0.5) else -1
    if chance(rng, 0.4):  # crossed
        other = (u + side * uniform(rng, 0.12, 0.3), low - uniform(rng, 0.05, 0.3))
        lock_root, lock_width, bend = (root[0] - side * 0.2, root[1]), width * 0.8, -side * 0.1
        hair.front.append(
            lock(head, lock_root, other, lock_width, bend=bend, hook=-side * 0.03, point=1.3, base=0.4, lines=0.6)
        )
    lock_root, lock_tip, bend = (root[0] + side * 0.1, root[1]), (u - side * 0.08, low), side * 0.09
    hook, point = side * uniform(rng, 0.0, 0.1), uniform(rng, 1.1, 1.5)
    hair.front.append(
        lock(head, lock_root, lock_tip, width, bend=bend, hook=hook, point=point, base=0.5, lines=0.6, belly=0.45)
    )
    if chance(rng, 0.5):
        tip = (u + side * uniform(rng, 0.05, 0.2), low - uniform(rng, 0.1, 0.25))
        hair.front.append(strand(rng, head, root, tip, uniform(rng, 0.03, 0.07)))
