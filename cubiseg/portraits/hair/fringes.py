"""Front hair that falls over the forehead. Each kind is a function from a random stream to strands in ``hair.front``.

To add a kind: write a function ``(rng, hair, head, detail) -> None`` and list it in ``FRONTS`` below.
"""

import numpy as np

from cubiseg.portraits.hair import parted
from cubiseg.portraits.hair.locks import Front, clump, clumps, root_at, row, strand
from cubiseg.portraits.hair.strands import Hair, Strand, aside, lock, tuft
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def zigzag(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Pointed clumps side by side down to the brows or eyes: the most usual fringe."""
    low, arch = uniform(rng, -0.55, 0.0), uniform(rng, 0.05, 0.35)
    hair.part = uniform(rng, -0.35, 0.35)
    n, full, sweep = int(rng.integers(5, 8) + 1.5 * detail), uniform(rng, 1.15, 1.6), rng.normal(0, 0.08)
    bow, hook = uniform(rng, 0.0, 0.14), uniform(rng, -0.15, 0.1)
    row(rng, hair, head, n, lambda u: low + arch * u * u, part=hair.part, full=full, sweep=sweep, bow=bow, hook=hook)


def m_shape(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A tuft in the middle, high notches beside it, long wings at the temples."""
    hair.part = uniform(rng, -0.12, 0.12)
    mid, notch, wing = uniform(rng, -0.35, 0.15), uniform(rng, 0.35, 0.55), uniform(rng, 0.0, 0.45)
    for side in (-1, 1):
        n = int(rng.integers(2, 4) + 0.5 * detail)
        u, w = clumps(rng, n, notch, 1.15, 0.3)
        for i in range(n)[::-1]:
            tip = (side * u[i], -0.5 + (wing + 0.5) * ((u[i] - notch) / 0.7) ** 0.8 + rng.normal(0, 0.06))
            root = root_at(head, hair.part, side * u[i], 0.3)
            clump(rng, hair, head, root, tip, w[i] * 1.5, bend=side * 0.1, hook=side * uniform(rng, -0.1, 0.15))
    for k in range(int(rng.integers(1, 4))):
        x = hair.part + rng.normal(0, 0.1)
        root, width = root_at(head, hair.part, x, 0.4), uniform(rng, 0.26, 0.46)
        clump(rng, hair, head, root, (x, mid - 0.12 * k), width, bend=rng.normal(0, 0.05), hook=rng.normal(0, 0.08))


def blunt(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A straight cut across the forehead, nicked here and there."""
    n = int(rng.integers(5, 10) + 2 * detail)
    low, sag, wide = uniform(rng, -0.65, -0.2), uniform(rng, -0.05, 0.2), uniform(rng, 0.9, 1.12)
    u, w = clumps(rng, n, -wide, wide, 0.4)
    for i in sorted(range(n), key=lambda i: -abs(u[i])):
        tip = (u[i], low + sag * u[i] ** 2 + rng.normal(0, 0.018))
        root, width, lock_blunt = root_at(head, 0, u[i], 0.35), w[i] * uniform(rng, 1.1, 1.3), uniform(rng, 0.55, 0.9)
        lines = uniform(rng, 0.08, 0.5)
        hair.front.append(lock(head, root, tip, width, fan=0.8, blunt=lock_blunt, lines=lines, belly=0.75))
    for _ in range(int(rng.integers(0, 4))):
        v = uniform(rng, -0.9, 0.9)
        hair.front.append(strand(rng, head, root_at(head, 0, v, 0.4), (v, low + uniform(rng, 0.02, 0.12)), 0.07, 0.02))


def blunt_steps(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """The princess's cut: a straight fringe, and at each temple a step down to a straight lock at the cheek."""
    step, wide = uniform(rng, 0.4, 1.0), uniform(rng, 0.16, 0.3)
    for side in (-1, 1):
        for k in range(2):
            u = 0.98 + 0.14 * k
            root, tip = root_at(head, 0, side * u, 0.5), (side * u, step + 0.04 * k)
            hair.front += aside([lock(head, root, tip, wide, fan=0.9, blunt=0.9, belly=0.7, lines=0.6)])
    blunt(rng, hair, head, detail)


def rounded(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """The mushroom's fringe: a full, rounded edge that comes down at the temples, its lines short."""
    n = int(rng.integers(6, 10) + detail)
    low, arch = uniform(rng, -0.5, -0.1), uniform(rng, 0.15, 0.45)
    u, w = clumps(rng, n, -1.18, 1.18, 0.3)
    for i in sorted(range(n), key=lambda i: -abs(u[i])):
        tip = (0.97 * u[i], low + arch * u[i] ** 2 + rng.normal(0, 0.03))
        root, width, lock_blunt, hook = root_at(head, 0, u[i], 0.3), w[i] * 1.4, uniform(rng, 0.1, 0.5), -0.08 * u[i]
        lines = uniform(rng, 0.1, 0.45)
        hair.front.append(
            lock(head, root, tip, width, fan=0.9, blunt=lock_blunt, hook=hook, lines=lines, belly=0.7, point=2.4)
        )


def beak(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A long clump between the eyes with a sweep on either side."""
    hair.part = uniform(rng, -0.2, 0.2)
    for side in (-1, 1):
        for _ in range(int(rng.integers(2, 4) + detail)):
            tip = (side * uniform(rng, 0.5, 1.15), uniform(rng, -0.4, 0.3))
            width, bend, hook = uniform(rng, 0.26, 0.5), side * uniform(rng, 0.0, 0.2), side * uniform(rng, -0.2, 0.2)
            clump(rng, hair, head, root_at(head, hair.part, tip[0], 0.25), tip, width, bend=bend, hook=hook, split=0.5)
    for _ in range(int(rng.integers(1, 4))):
        u = hair.part * 0.5 + rng.normal(0, 0.12)
        root, clump_tip = root_at(head, hair.part, u, 0.6), (u, uniform(rng, -0.25, 0.3))
        width = uniform(rng, 0.2, 0.42)
        clump(rng, hair, head, root, clump_tip, width, bend=rng.normal(0, 0.08), hook=rng.normal(0, 0.12), split=0.4)


def messy(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Short tufts in all directions."""
    hair.part = uniform(rng, -0.5, 0.5)
    n = int(rng.integers(9, 13) + 3 * detail)
    u, w = clumps(rng, n, -1.15, 1.15, 0.4)
    for i in rng.permutation(n):
        tip = (u[i] + rng.normal(0, 0.16), -0.4 + 0.3 * abs(u[i]) + rng.normal(0, 0.15))
        root, bend = root_at(head, hair.part, u[i], uniform(rng, 0.3, 0.6)), rng.normal(0, 0.14)
        clump(rng, hair, head, root, tip, w[i] * 1.9, bend=bend, hook=rng.normal(0, 0.2), split=0.4, point=1.2)


def choppy(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Many narrow locks of very unequal length, cut slantwise."""
    slope, low = rng.normal(0, 0.18), uniform(rng, -0.55, -0.2)
    hair.part = uniform(rng, -0.3, 0.3)
    row(
        rng,
        hair,
        head,
        int(rng.integers(9, 13) + 2 * detail),
        lambda u: low + 0.2 * u * u + slope * u,
        part=hair.part,
        uneven=0.6,
        jitter=0.16,
        full=1.3,
        split=0.9,
        spread=0.5,
        bow=0.03,
        sweep=slope * 0.4,
    )


def wisps(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Thin see-through bangs: narrow strands with forehead between them."""
    hair.hairline = uniform(rng, -1.15, -0.95)
    low = uniform(rng, -0.4, 0.0)
    row(
        rng,
        hair,
        head,
        int(rng.integers(7, 12) + 2 * detail),
        lambda u: low + 0.15 * u * u,
        span=(-0.9, 0.9),
        full=uniform(rng, 0.45, 0.8),
        jitter=0.1,
        spread=0.75,
        split=0.5,
        bow=0.03,
        lines=0.7,
    )
    for side in (-1, 1):
        root = root_at(head, 0, side, 0.4)
        clump(rng, hair, head, root, (side * 1.06, uniform(rng, -0.1, 0.3)), 0.42, bend=side * 0.1)


def crossed(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Two sweeps that cross over the forehead, tips on the other side of the nose."""
    side = 1 if chance(rng, 0.5) else -1
    hair.part = -side * uniform(rng, 0.0, 0.35)
    low = uniform(rng, -0.35, 0.05)
    for s, n in ((-side, 3), (side, 4)):
        for k in range(n + int(detail)):
            u = s * (0.95 - 1.15 * k / n)
            root, width = root_at(head, hair.part, s * 0.35, 0.5 + 0.3 * abs(u)), uniform(rng, 0.26, 0.42)
            hook = -s * uniform(rng, 0.05, 0.3)
            clump(rng, hair, head, root, (u, low + 0.25 * abs(u)), width, bend=s * 0.2, hook=hook, split=0.4, fan=0.3)


def layered(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A dark lower row with a lighter upper row over it."""
    n, low = int(rng.integers(5, 8) + 1.5 * detail), uniform(rng, -0.45, 0.0)
    hair.part = uniform(rng, -0.2, 0.2)
    row(rng, hair, head, n, lambda u: low + 0.2 * abs(u), tone=0.55, full=1.5, split=0.4, part=hair.part)
    row(rng, hair, head, n - 1, lambda u: low - 0.2 + 0.2 * abs(u), span=(-1, 1), full=1.4, part=hair.part)


def antenna(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A pointed fringe with one or two long locks that spring from the crown and arch over the forehead."""
    zigzag(rng, hair, head, detail)
    for side in (-1, 1) if chance(rng, 0.6) else (1 if chance(rng, 0.5) else -1,):
        top = head.hair_centre[1] - head.hair_radii[1]
        h, w = uniform(rng, 0.15, 0.5), uniform(rng, 0.5, 1.1)
        pts = np.array(
            [
                (0.05 * side, top + 0.2, 0.5),
                (side * 0.3 * w, top - h, 0.7),
                (side * 0.8 * w, top - 0.6 * h, 0.8),
                (side * w, top + uniform(rng, 0.2, 0.6), 0.9),
            ]
        )
        width = uniform(rng, 0.06, 0.13)
        hair.top.append(Strand(pts, width, root=0.7, belly=0.35, lines=1.0, point=1.3, part="hair_front"))


def spikes(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """The hero's fringe: a few huge thorns downwards, and others that stand up from the hairline."""
    hair.part = uniform(rng, -0.4, 0.4)
    low = uniform(rng, -0.35, 0.1)
    row(
        rng,
        hair,
        head,
        int(rng.integers(4, 7)),
        lambda u: low + 0.25 * abs(u),
        part=hair.part,
        uneven=0.45,
        jitter=0.14,
        full=1.5,
        split=0.35,
        bow=0.12,
        hook=0.2,
    )
    for a in np.linspace(0.2, 0.8, int(rng.integers(3, 6))) * np.pi:
        lean = 0.35 * np.sign(np.cos(a) + 1e-6)
        hair.front.insert(
            0, tuft(head, a + lean, a - 0.2 * lean, uniform(rng, 0.03, 0.2), uniform(rng, 0.3, 0.5), z=0.2)
        )


FRONTS: dict[str, tuple[Front, float, float]] = {
    "zigzag": (zigzag, 3.0, 2.0),
    "m_shape": (m_shape, 1.8, 2.0),
    "blunt": (blunt, 2.0, 0.4),
    "blunt_steps": (blunt_steps, 0.9, 0.1),
    "rounded": (rounded, 1.2, 0.6),
    "beak": (beak, 1.5, 2.5),
    "messy": (messy, 0.8, 2.5),
    "choppy": (choppy, 1.2, 1.5),
    "wisps": (wisps, 1.0, 0.5),
    "crossed": (crossed, 0.9, 1.0),
    "layered": (layered, 1.0, 0.8),
    "antenna": (antenna, 0.5, 0.3),
    "spikes": (spikes, 0.4, 2.0),
    **parted.FRONTS,
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""
