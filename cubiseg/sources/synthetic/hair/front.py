"""Front hair: kinds of fringe. Each is a function from a random stream to strands over the forehead.

To add a kind: write a function ``(rng, canvas) -> None`` that appends to ``hair.front`` and list it in ``FRONTS``.
"""

from collections.abc import Callable

import numpy as np

from cubiseg.sources.synthetic.hair.strands import Hair, Strand
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.rng import chance, uniform

Front = Callable[[np.random.Generator, Hair, Head, float], None]


def lock(head: Head, root: tuple[float, float], tip: tuple[float, float], width: float, *, bend: float = 0.0,
         lift: float = 0.06, blunt: float = 0.0, lines: float = 0.5, belly: float = 0.55, base: float = 0.6,
         tone: float = 0.0) -> Strand:  # fmt: skip
    """A strand over the front of the head from ``root`` to ``tip``, both frontal (u, v); ``bend`` bows it sideways."""
    t = np.array([0.0, 0.3, 0.65, 1.0])
    u = root[0] + (tip[0] - root[0]) * t**0.85 + bend * np.sin(np.pi * t)
    v = root[1] + (tip[1] - root[1]) * t
    points = head.on_hair(np.clip(u, -1.34, 1.34), v, lift * 0.5)
    points[:, 2] = np.maximum(points[:, 2] + lift * np.array([0, 1, 0.7, 0.0]), 0.1)
    return Strand(points, width, root=base, tip=blunt, belly=belly, lines=lines, tone=tone)


def _row(rng: np.random.Generator, n: int, reach: float, jitter: float) -> np.ndarray:
    u = np.linspace(-reach, reach, n)
    return u + rng.normal(0, jitter * 2 * reach / n, n)


def _order(u: np.ndarray, part: float) -> list[int]:
    """From the sides to the parting, so that the middle lies on top."""
    return sorted(range(len(u)), key=lambda i: -abs(u[i] - part))


def zigzag(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """Pointed clumps side by side down to the brows: the most usual fringe."""
    n = int(rng.integers(5, 9) + 2 * detail)
    part = uniform(rng, -0.35, 0.35)
    low = uniform(rng, -0.7, -0.15)
    u = _row(rng, n, 1.05, 0.12)
    for i in _order(u, part):
        v = low + 0.25 * abs(u[i]) + rng.normal(0, 0.09)
        root = (part + (u[i] - part) * 0.3, -1.55 + 0.15 * abs(u[i]))
        hair.front.append(lock(head, root, (u[i] + rng.normal(0, 0.05), v), 2.7 / n * uniform(rng, 1.0, 1.35),
                               bend=0.1 * (u[i] - part), lines=uniform(rng, 0.3, 0.75)))  # fmt: skip
    hair.part = part


def blunt(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """A straight cut across the forehead."""
    n = int(rng.integers(7, 12) + 3 * detail)
    low = uniform(rng, -0.7, -0.32)
    u = _row(rng, n, 1.02, 0.08)
    for i in _order(u, 0.0):
        root = (u[i] * 0.5, -1.5)
        tip = (u[i], low + 0.14 * u[i] ** 2 + rng.normal(0, 0.02))
        hair.front.append(lock(head, root, tip, 2.5 / n * uniform(rng, 1.0, 1.25), blunt=uniform(rng, 0.35, 0.75),
                               lines=uniform(rng, 0.15, 0.6)))  # fmt: skip


def curtain(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """Parted in the middle, swept to both sides; the forehead shows."""
    part = uniform(rng, -0.25, 0.25)
    n = int(rng.integers(3, 5) + detail)
    top = uniform(rng, -1.5, -1.3)
    hair.hairline = -1.12
    for side in (-1, 1):
        for k in range(n):
            s = 1 - k / n
            tip = (side * (0.45 + 0.65 * s) + rng.normal(0, 0.04), -0.45 + 0.75 * s + rng.normal(0, 0.07))
            root = (part + side * 0.06 * (1 + k), top + 0.05 * s)
            hair.front.append(lock(head, root, tip, uniform(rng, 0.34, 0.5), bend=side * uniform(rng, 0.1, 0.28),
                                   belly=0.4, base=0.45))  # fmt: skip
    hair.part = part


def swept(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """A side parting, all of the fringe brushed to the other side."""
    side = 1 if chance(rng, 0.5) else -1
    part = -side * uniform(rng, 0.3, 0.7)
    n = int(rng.integers(5, 8) + 2 * detail)
    low = uniform(rng, -0.3, 0.1)
    for k in range(3):
        tip = (part - side * (0.25 + 0.25 * (2 - k)), -0.3 + 0.25 * (2 - k) + rng.normal(0, 0.05))
        hair.front.append(lock(head, (part, -1.5), tip, uniform(rng, 0.3, 0.45), bend=-side * 0.15))
    for k in range(n):
        s = 1 - k / (n - 1)
        tip = (part + side * (0.2 + 1.45 * s) + rng.normal(0, 0.04), low - 0.45 * (1 - s) + rng.normal(0, 0.06))
        hair.front.append(lock(head, (part + side * 0.05, -1.5 + 0.1 * s), tip, uniform(rng, 0.36, 0.52),
                               bend=side * uniform(rng, 0.05, 0.3), belly=0.5))  # fmt: skip
    hair.part = part


def one_eye(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """A side parting with hair down over one eye."""
    swept(rng, hair, head, detail)
    side = -1 if hair.part > 0 else 1
    for k in range(int(rng.integers(3, 5))):
        tip = (side * uniform(rng, 0.35, 0.85), uniform(rng, 0.25, 0.8))
        hair.front.append(lock(head, (hair.part * 0.6 + side * 0.12 * k, -1.45), tip, uniform(rng, 0.4, 0.58),
                               bend=side * uniform(rng, 0.1, 0.3), belly=0.5))  # fmt: skip


def beak(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """A long clump between the eyes with a sweep on either side."""
    part = uniform(rng, -0.2, 0.2)
    for side in (-1, 1):
        for k in range(int(rng.integers(2, 4) + detail)):
            tip = (side * uniform(rng, 0.5, 1.1), uniform(rng, -0.45, 0.15))
            hair.front.append(lock(head, (part + side * 0.15 * (k + 1), -1.5), tip, uniform(rng, 0.34, 0.52),
                                   bend=side * uniform(rng, 0.0, 0.2)))  # fmt: skip
    for _ in range(int(rng.integers(1, 4))):
        tip = (part * 0.5 + rng.normal(0, 0.14), uniform(rng, -0.3, 0.28))
        hair.front.append(lock(head, (part, -1.5), tip, uniform(rng, 0.24, 0.42), bend=rng.normal(0, 0.08)))
    hair.part = part


def messy(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """Short tufts in all directions."""
    part = uniform(rng, -0.5, 0.5)
    n = int(rng.integers(9, 13) + 4 * detail)
    u = _row(rng, n, 1.1, 0.35)
    for i in rng.permutation(n):
        tip = (u[i] + rng.normal(0, 0.16), -0.45 + 0.35 * abs(u[i]) + rng.normal(0, 0.16))
        root = (part + (u[i] - part) * 0.5, -1.45 + rng.normal(0, 0.12))
        hair.front.append(lock(head, root, tip, uniform(rng, 0.26, 0.44), bend=rng.normal(0, 0.16),
                               lines=uniform(rng, 0.3, 0.6)))  # fmt: skip
    hair.part = part


def wisps(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """Thin see-through bangs: narrow strands with forehead between them."""
    hair.hairline = -1.0
    n = int(rng.integers(6, 11) + 3 * detail)
    for u in _row(rng, n, 0.95, 0.3):
        hair.front.append(lock(head, (u * 0.75, -1.4), (u + rng.normal(0, 0.08), uniform(rng, -0.5, -0.05)),
                               uniform(rng, 0.1, 0.2), bend=rng.normal(0, 0.07)))  # fmt: skip
    for side in (-1, 1):
        hair.front.append(lock(head, (side * 0.55, -1.4), (side * 1.05, 0.0), uniform(rng, 0.4, 0.6), bend=side * 0.1))


def bare(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """Brushed back from the forehead, with at most a loose strand or two."""
    hair.hairline = uniform(rng, -1.1, -0.9)
    for side in (-1, 1):
        hair.front.append(
            lock(head, (side * 0.5, -1.45), (side * 1.16, -0.05), uniform(rng, 0.35, 0.5), bend=side * 0.2)
        )
    for _ in range(int(rng.integers(0, 4))):
        u = uniform(rng, -0.5, 0.5)
        hair.front.append(lock(head, (u * 0.3, -1.45), (u + rng.normal(0, 0.2), uniform(rng, -0.6, 0.1)),
                               uniform(rng, 0.08, 0.17), bend=rng.normal(0, 0.2)))  # fmt: skip
    hair.part = uniform(rng, -0.4, 0.4)


def layered(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> None:
    """A dark lower row with a lighter upper row over it."""
    n = int(rng.integers(6, 9) + 2 * detail)
    low = uniform(rng, -0.55, -0.1)
    for v, reach, tone, grow in ((low, 1.08, 0.5, 1.2), (low - 0.2, 0.98, 0.0, 1.0)):
        u = _row(rng, n, reach, 0.2)
        for i in _order(u, 0.0):
            tip = (u[i], v + 0.2 * abs(u[i]) + rng.normal(0, 0.07))
            hair.front.append(lock(head, (u[i] * 0.35, -1.5), tip, 2.5 / n * uniform(rng, 0.9, 1.25) * grow,
                                   bend=rng.normal(0, 0.05), tone=tone))  # fmt: skip


FRONTS: dict[str, tuple[Front, float, float]] = {
    "zigzag": (zigzag, 3.0, 2.0),
    "blunt": (blunt, 2.2, 0.5),
    "curtain": (curtain, 1.6, 1.5),
    "swept": (swept, 2.0, 2.0),
    "one_eye": (one_eye, 0.6, 0.8),
    "beak": (beak, 1.8, 3.0),
    "messy": (messy, 1.0, 2.5),
    "wisps": (wisps, 1.0, 0.4),
    "bare": (bare, 0.6, 1.0),
    "layered": (layered, 1.3, 0.8),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""
