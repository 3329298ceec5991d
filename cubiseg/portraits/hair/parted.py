"""Front hair that is parted, swept aside or brushed back, so that the forehead shows."""

from dataclasses import replace

import numpy as np

from cubiseg.portraits.hair.locks import Front, clump, root_at, strand
from cubiseg.portraits.hair.strands import Hair, lock
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def curtain(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Parted in or near the middle, locks to both sides that get shorter towards the parting."""
    hair.part = uniform(rng, -0.25, 0.25)
    n = int(rng.integers(3, 5) + detail)
    hair.hairline = uniform(rng, -1.25, -1.0)
    high, hook = uniform(rng, -0.75, -0.3), uniform(rng, -0.15, 0.25)
    for side in (-1, 1):
        for k in range(n):
            s = 1 - k / n
            tip = (side * (0.35 + 0.78 * s) + rng.normal(0, 0.04), high + (0.45 - high) * s + rng.normal(0, 0.07))
            root = root_at(head, hair.part, hair.part + side * (0.5 + 0.3 * k), 0.15)
            width, bend = uniform(rng, 0.28, 0.45), side * uniform(rng, 0.06, 0.2)
            clump_hook = side * (hook + rng.normal(0, 0.05))
            clump(rng, hair, head, root, tip, width, bend=bend, hook=clump_hook, split=0.6, fan=0.8, belly=0.45)


def long_arcs(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Parted in the middle, two long arcs that frame the forehead and run past the cheeks."""
    hair.part = uniform(rng, -0.12, 0.12)
    hair.hairline = uniform(rng, -1.3, -1.1)
    low, wide = uniform(rng, 0.45, 1.1), uniform(rng, 0.82, 1.02)
    for side in (-1, 1):
        for k in range(int(2 + 1.5 * detail)):
            tip = (side * (wide + 0.12 - 0.1 * k), low - 0.22 * k + rng.normal(0, 0.06))
            root = root_at(head, hair.part, hair.part + side, 0.05 + 0.06 * k)
            width, bend = uniform(rng, 0.26, 0.38), side * uniform(rng, 0.16, 0.28)
            hook = side * uniform(rng, -0.1, 0.12)
            clump(rng, hair, head, root, tip, width, bend=bend, hook=hook, split=0.5, fan=0.9, belly=0.4, base=0.6)
    if chance(rng, 0.5):
        u = rng.normal(0, 0.15)
        hair.front.append(strand(rng, head, root_at(head, hair.part, u, 0.3), (u, uniform(rng, -0.4, 0.1)), 0.07))


def swept(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A side parting, all of the fringe brushed to the other side."""
    side = 1 if chance(rng, 0.5) else -1
    hair.part = -side * uniform(rng, 0.3, 0.75)
    n = int(rng.integers(4, 6) + 1.2 * detail)
    low, hook, fan = uniform(rng, -0.2, 0.25), uniform(rng, 0.05, 0.45), uniform(rng, 0.0, 0.6)
    for k in range(3):
        tip = (hair.part - side * (0.25 + 0.25 * (2 - k)), -0.3 + 0.3 * (2 - k) + rng.normal(0, 0.05))
        root = root_at(head, hair.part, hair.part - side * 0.3, 0.5)
        clump(rng, hair, head, root, tip, uniform(rng, 0.3, 0.42), bend=-side * 0.12, hook=-side * 0.05, split=0.4)
    for k in range(n):
        s = 1 - k / (n - 1)
        tip = (
            hair.part + side * (0.2 + 1.5 * s) + rng.normal(0, 0.05),
            low - 0.5 * (1 - s) ** 1.5 + rng.normal(0, 0.06),
        )
        root, width = root_at(head, hair.part, hair.part + side * 0.6, 0.15), uniform(rng, 0.38, 0.6)
        bend, clump_hook = side * uniform(rng, 0.06, 0.22), side * (hook + rng.normal(0, 0.06))
        clump(rng, hair, head, root, tip, width, bend=bend, hook=clump_hook, split=0.4, fan=fan, belly=0.5)


def one_eye(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """A side parting with hair down over one eye."""
    swept(rng, hair, head, detail)
    side = -1 if hair.part > 0 else 1
    low = uniform(rng, 0.3, 0.95)
    for k in range(int(rng.integers(3, 5))):
        tip = (side * (0.9 - 0.17 * k), low - 0.14 * k + rng.normal(0, 0.06))
        width, bend, hook = uniform(rng, 0.32, 0.46), side * uniform(rng, 0.05, 0.16), -side * uniform(rng, 0.0, 0.2)
        clump(rng, hair, head, root_at(head, hair.part, 0.3 * side, 0.2), tip, width, bend=bend, hook=hook, fan=0.9)


def asymmetric(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Cut on a slant: short at one temple, past the eye at the other."""
    side = 1 if chance(rng, 0.5) else -1
    hair.part = -side * uniform(rng, 0.1, 0.5)
    n = int(rng.integers(5, 8) + detail)
    low, rise = uniform(rng, -0.25, 0.05), uniform(rng, 0.25, 0.5)
    for k in range(n):
        u = -1.05 + 2.1 * k / (n - 1)
        tip = (side * u + side * 0.1, low + rise * u + rng.normal(0, 0.05))
        root = root_at(head, hair.part, side * u, 0.25)
        clump(rng, hair, head, root, tip, 3.3 / n, bend=side * 0.08, hook=side * 0.12, point=uniform(rng, 1.3, 2.4))


def slicked(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """Brushed back: the hairline shows, with its corners, and the strands run from it over the skull."""
    hair.hairline = uniform(rng, -1.15, -0.85)
    top = head.hair_centre[1] - head.hair_radii[1]
    lean = rng.normal(0, 0.2)
    for side in (-1, 1):
        for k in range(3):
            u = side * (1.1 - 0.02 * k)
            root, tip = (side * (0.55 - 0.1 * k), top + 0.5), (u, 0.1 - 0.3 * k)
            hair.front.append(lock(head, root, tip, 0.36, bend=side * 0.2, fan=1.0, point=2.0, lines=0.3))
    n = int(6 + 4 * detail)
    for u in np.linspace(-0.92, 0.92, n):
        u += rng.normal(0, 0.03)
        v = hair.hairline - 0.2 + 0.45 * abs(u) ** 2.2 + rng.normal(0, 0.02)
        x = u * 0.6 + 0.6 * lean
        start = (x, head.hair_centre[1] - head.hair_radii[1] * np.sqrt(1 - (x / head.hair_radii[0]) ** 2) + 0.08)
        width, lines = 3.0 / n * uniform(rng, 0.9, 1.3), uniform(rng, 0.3, 0.9)
        back = lock(
            head, start, (u, v), width, bend=0.12 * u, base=0.5, belly=0.7, fan=0.3, lift=0.05, blunt=0.8, lines=lines
        )
        hair.front.append(replace(back, even=True))
    if chance(rng, 0.6):
        for _ in range(int(rng.integers(1, 3))):
            u = rng.normal(0, 0.25)
            hair.front.append(
                strand(rng, head, (u * 0.6, -1.35), (u, uniform(rng, -0.5, 0.2)), uniform(rng, 0.05, 0.14), 0.2)
            )


def bare(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """The forehead is bare below a soft hairline, with a loose strand or two."""
    hair.hairline = uniform(rng, -1.15, -0.9)
    hair.part = uniform(rng, -0.5, 0.5)
    for side in (-1, 1):
        for k in range(2):
            root, tip = root_at(head, hair.part, side, 0.2 + 0.2 * k), (side * (1.16 - 0.06 * k), 0.1 - 0.2 * k)
            clump(rng, hair, head, root, tip, uniform(rng, 0.34, 0.46), bend=side * 0.2, split=0.3, fan=1.0)
    for _ in range(int(rng.integers(0, 4))):
        u = uniform(rng, -0.6, 0.6)
        tip = (u + rng.normal(0, 0.2), uniform(rng, -0.7, 0.1))
        hair.front.append(strand(rng, head, (u * 0.5, -1.5), tip, uniform(rng, 0.05, 0.14), 0.15))


def pompadour(rng: Rng, hair: Hair, head: Head, detail: float) -> None:
    """The fringe is rolled up and back into a swell above the forehead, or combed over in one wave."""
    side = 1 if chance(rng, 0.5) else -1
    hair.hairline, hair.part = uniform(rng, -1.0, -0.85), -side * uniform(rng, 0.3, 0.6)
    top = head.hair_centre[1] - head.hair_radii[1]
    for s in (-1, 1):
        hair.front.append(lock(head, (s * 0.5, top + 0.5), (s * 1.14, 0.0), 0.4, bend=s * 0.2, fan=1.0, lines=0.3))
    n = int(3 + 1.3 * detail)
    for k in range(n):
        u = hair.part + side * 1.35 * k / n
        tip = (u + side * uniform(rng, 0.35, 0.6), top + 0.25 + 0.3 * k / n)
        v = hair.hairline - 0.25 + 0.25 * u * u
        width, bend = uniform(rng, 0.5, 0.75), -side * 0.15
        hair.front.append(lock(head, (u, v), tip, width, bend=bend, lift=0.3, base=0.5, fan=0.0, lines=0.45, point=1.8))


FRONTS: dict[str, tuple[Front, float, float]] = {
    "curtain": (curtain, 1.4, 1.5),
    "long_arcs": (long_arcs, 1.3, 0.6),
    "swept": (swept, 1.8, 2.0),
    "one_eye": (one_eye, 0.6, 0.8),
    "asymmetric": (asymmetric, 0.7, 1.0),
    "slicked": (slicked, 0.4, 1.0),
    "bare": (bare, 0.6, 0.5),
    "pompadour": (pompadour, 0.15, 0.7),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""
