"""Back hair: what hangs behind, stands up or is bound. A kind appends to ``hair.back``, ``mid``, ``buns``, ``ties``.

Strands run root to tip; ``hair.nape`` is where the mass behind the face ends.
"""

from collections.abc import Callable

import numpy as np

from cubiseg.sources.synthetic.hair.sides import drop
from cubiseg.sources.synthetic.hair.strands import Hair, Strand
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.rng import chance, uniform

Back = Callable[[np.random.Generator, Hair, Head, float], float]


def curtain(rng: np.random.Generator, hair: Hair, head: Head, length: float, *, spread: float = 0.0,
            wave: float = 0.0, curl: float = 0.0, blunt: float = 0.0, ragged: float = 0.06, reach: float = 1.28,
            n: int = 11, z: float = -0.55) -> None:  # fmt: skip
    """A row of clumps behind the neck from ear to ear, down to ``length``."""
    turns = max(1.0, length / 1.6)
    u = np.linspace(-1, 1, n)
    for i in sorted(range(n), key=lambda i: abs(u[i])):
        side = 1 if u[i] >= 0 else -1
        v1 = length * (1 - 0.06 * abs(u[i])) + rng.normal(0, ragged)
        hair.back.append(
            drop(
                head,
                side,
                reach * abs(u[i]),
                -1.1,
                v1,
                2 * reach / n * uniform(rng, 1.35, 1.8),
                z=z,
                wave=wave,
                curl=curl * abs(u[i]),
                blunt=blunt,
                phase=rng.random() * 0.8 + side * 0.5,
                turns=turns,
                tone=0.35 * (1 - abs(u[i])),
                root=0.6,
                drift=spread * abs(u[i]),
            )
        )


def short(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Cropped at the nape."""
    hair.nape = uniform(rng, 0.35, 0.8)
    curtain(rng, hair, head, hair.nape + 0.2, reach=uniform(rng, 0.95, 1.2), n=8, ragged=0.1)
    return 0.5


def spiky(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Short hair whose clumps stand off the head."""
    hair.nape = uniform(rng, 0.4, 0.8)
    out = uniform(rng, 0.12, 0.55)
    x0, y0, _ = head.hair_centre
    rx, ry, _ = head.hair_radii
    for a in np.linspace(-0.2 * np.pi, 1.2 * np.pi, int(rng.integers(13, 20))):
        a += rng.normal(0, 0.05)
        back = uniform(rng, 0.45, 0.75) * np.sign(np.cos(a) + 1e-9)  # spikes flow from the crown outwards and down
        grow = out * uniform(rng, 0.2, 1.0)
        at = [
            (a + back, 0.84),
            (a + 0.45 * back, 0.97 + 0.2 * grow),
            (a, 1.0 + 0.75 * grow),
            (a - 0.12 * back, 1.02 + grow),
        ]
        points = np.array([(x0 + r * rx * np.cos(t), y0 - r * ry * np.sin(t), -0.25) for t, r in at])
        where = hair.front if np.sin(a) > 0.1 and chance(rng, 0.55) else hair.back
        where.append(Strand(points, uniform(rng, 0.3, 0.5), root=0.9, belly=0.25, lines=0.5, point=1.05))
    curtain(rng, hair, head, hair.nape + 0.15, n=7, ragged=0.14, reach=1.0)
    return 0.5


def bob(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """To the jaw, bent inwards or cut straight."""
    v = uniform(rng, 0.85, 1.45)
    blunt = uniform(rng, 0.3, 0.8) if chance(rng, 0.5) else 0.0
    curtain(rng, hair, head, v, curl=uniform(rng, 0.0, 0.4), blunt=blunt, spread=uniform(rng, 0.02, 0.28), n=12)
    return v


def flipped(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """To the shoulder, tips bent outwards."""
    v = uniform(rng, 1.0, 1.8)
    curtain(rng, hair, head, v, curl=-uniform(rng, 0.2, 0.5), spread=0.05, ragged=0.12)
    return v


def straight(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Long and straight."""
    v = uniform(rng, 1.7, 4.6)
    curtain(rng, hair, head, v, spread=uniform(rng, -0.05, 0.4), blunt=0.5 * chance(rng, 0.3), ragged=0.12, n=13)
    _over_shoulder(rng, hair, head, v, 0.0)
    return v


def waves(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Long and waving."""
    v, wave = uniform(rng, 1.5, 4.2), uniform(rng, 0.07, 0.17)
    curtain(rng, hair, head, v, spread=uniform(rng, 0.15, 0.6), wave=wave, ragged=0.18, n=12)
    _over_shoulder(rng, hair, head, v, wave)
    return v


def wild(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Long with clumps that spread out in points."""
    v = uniform(rng, 1.3, 3.5)
    for _ in range(3):
        curtain(rng, hair, head, v * uniform(rng, 0.5, 1.0), spread=uniform(rng, 0.2, 0.9), ragged=0.3,
                curl=-uniform(rng, 0.0, 0.3), n=8)  # fmt: skip
    return v


def _over_shoulder(rng: np.random.Generator, hair: Hair, head: Head, v: float, wave: float) -> None:
    if v < 1.9 or not chance(rng, 0.5):
        return
    sides = (-1, 1) if chance(rng, 0.6) else ((1,) if chance(rng, 0.5) else (-1,))
    for side in sides:
        for k in range(int(rng.integers(2, 5))):
            hair.mid.append(drop(head, side, 1.0 + 0.13 * k, -0.3, v * uniform(rng, 0.75, 1.0), uniform(rng, 0.22, 0.4),
                                 z=0.2, wave=wave, phase=rng.random() * 6, turns=max(1.0, v / 1.6),
                                 drift=uniform(rng, -0.15, 0.2)))  # fmt: skip


def _tail(rng: np.random.Generator, at: tuple[float, float, float], out: float, length: float, width: float, *,
          n: int, wave: float, curl: float = 0.0) -> list[Strand]:  # fmt: skip
    """A bound bundle that leaves ``at`` sideways by ``out`` and falls by ``length``."""
    strands = []
    for k in range(n):
        s = (k / max(n - 1, 1) - 0.5) * 2
        t = np.linspace(0, 1, 9)
        fan = width * s * np.sin(np.pi * np.clip(t * 0.75 + 0.08, 0, 1))
        x = at[0] + out * (1 - np.exp(-5 * t)) + fan + wave * np.sin(2 * np.pi * t * max(1, length / 1.5) + 0.4 * s)
        x += curl * np.sign(out) * t**2
        rise = 0.22 * abs(out) * np.sin(np.pi * np.clip(3 * t, 0, 1)) * (length > 0.8)
        y = at[1] + length * (1 - 0.13 * abs(s) * rng.random()) * t**1.15 - rise
        strands.append(Strand(np.column_stack([x, y, np.full(9, at[2])]), width * uniform(rng, 1.0, 1.4) * 2.2 / n**0.6,
                              root=0.25, belly=0.4, tone=0.25 * (k % 2), lines=0.75))  # fmt: skip
    order = rng.permutation(n)
    return [strands[i] for i in order]


def twin_tails(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Two bundles, high or low, behind or before the shoulders."""
    high = uniform(rng, -1.25, 0.5)
    length = uniform(rng, 0.9, 4.2)
    out, width = uniform(rng, 0.2, 0.75), uniform(rng, 0.16, 0.4)
    wave = uniform(rng, 0.0, 0.16)
    before = chance(rng, 0.35)
    hair.nape = uniform(rng, 0.4, 0.7)
    x = 1.25 - 0.3 * max(0.0, -high - 0.6) if high < 0.3 else 1.08
    for side in (-1, 1):
        at = (side * x, high, -0.1 if not before else 0.1)
        strands = _tail(
            rng, at, side * out, length, width, n=int(4 + 3 * detail), wave=wave, curl=uniform(rng, -0.2, 0.4)
        )
        (hair.mid if before else hair.back).extend(strands)
        hair.ties.append((*at, uniform(rng, 0.16, 0.24)))
    return high + length


def ponytail(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """One bundle: high, low or at the side."""
    kind = int(rng.integers(0, 3))
    side = 1 if chance(rng, 0.5) else -1
    at = [(side * 0.15, -1.75, -0.7), (side * 0.45, 0.6, -0.6), (side * 1.25, -0.2, -0.1)][kind]
    length = [uniform(rng, 1.6, 4.0), uniform(rng, 1.2, 3.0), uniform(rng, 0.9, 2.8)][kind]
    out = side * [uniform(rng, 0.7, 1.6), uniform(rng, 0.3, 0.9), uniform(rng, 0.1, 0.5)][kind]
    hair.nape = uniform(rng, 0.4, 0.7)
    tail = _tail(rng, at, out, length, uniform(rng, 0.22, 0.45), n=int(5 + 3 * detail), wave=uniform(rng, 0, 0.15))
    (hair.mid if kind == 2 and chance(rng, 0.6) else hair.back).extend(tail)
    hair.ties.append((*at, 0.22))
    return at[1] + length


def buns(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """One or two buns on the head, sometimes with long hair below."""
    r = uniform(rng, 0.32, 0.6)
    if chance(rng, 0.7):
        v = uniform(rng, -1.9, -1.1)
        hair.buns += [(side * (0.75 + 0.45 * (v + 1.9)), v, -0.15, r) for side in (-1, 1)]
    else:
        hair.buns.append((uniform(rng, -0.25, 0.25), -2.05, -0.5, r * 1.2))
    hair.nape = uniform(rng, 0.4, 0.8)
    if chance(rng, 0.4):
        v = uniform(rng, 1.2, 3.2)
        curtain(rng, hair, head, v, spread=0.1, ragged=0.15)
        return v
    return 0.5


def braids(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """One or two plaits over the shoulders: crossing short clumps down a line."""
    hair.nape = uniform(rng, 0.5, 0.8)
    length, w = uniform(rng, 1.2, 2.8), uniform(rng, 0.3, 0.46)
    sides = (-1, 1) if chance(rng, 0.65) else ((1,) if chance(rng, 0.5) else (-1,))
    z = 0.15 if chance(rng, 0.7) else -0.5
    where = hair.mid if z > 0 else hair.back
    drift = uniform(rng, -0.1, 0.3)
    for side in sides:
        n = int(length / (0.55 * w))
        for k in range(n):
            t = k / n
            x, y = side * (1.02 + drift * t), 0.45 + length * t
            s = 1 if k % 2 else -1
            w_k = w * (1 - 0.45 * t)
            pts = np.array([(x - s * 0.55 * w_k, y - 0.3 * w_k, z), (x + 0.1 * s * w_k, y + 0.15 * w_k, z),
                            (x + s * 0.32 * w_k, y + 0.95 * w_k, z)])  # fmt: skip
            where.append(Strand(pts, 0.85 * w_k, root=0.6, tip=0.15, belly=0.5, lines=0.95))
        end = (side * (1.02 + drift), 0.45 + length + 0.3 * w, z)
        where.extend(_tail(rng, end, 0.03 * side, 0.45, 0.12, n=4, wave=0.0))
        hair.ties.append((*end, 0.15))
    return 0.5 + length


def drills(rng: np.random.Generator, hair: Hair, head: Head, detail: float) -> float:
    """Ringlets: stacked slanted turns that narrow downwards."""
    hair.nape = uniform(rng, 0.5, 0.8)
    length, w = uniform(rng, 1.2, 2.6), uniform(rng, 0.5, 0.8)
    high = uniform(rng, -0.9, 0.4)
    for side in (-1, 1):
        n = int(length / 0.24)
        for k in range(n):
            t = k / n
            x, y = side * (1.28 + 0.1 * np.sin(5 * t)), high + length * t
            half = 0.5 * w * (1 - 0.6 * t**1.5)
            pts = np.array([(x - side * half, y - 0.08, 0.1), (x, y + 0.1, 0.15), (x + side * half, y - 0.02, 0.1)])
            hair.mid.append(Strand(pts, 0.34, root=0.35, tip=0.35, belly=0.5, tone=0.3 * (k % 2), lines=1.0))
        hair.ties.append((side * 1.25, high - 0.05, 0.1, 0.2))
    return high + length


BACKS: dict[str, tuple[Back, float, float]] = {
    "short": (short, 0.8, 4.0),
    "spiky": (spiky, 0.5, 3.5),
    "bob": (bob, 2.2, 0.6),
    "flipped": (flipped, 1.2, 0.4),
    "straight": (straight, 2.6, 0.5),
    "waves": (waves, 1.8, 0.3),
    "wild": (wild, 0.9, 0.5),
    "twin_tails": (twin_tails, 1.8, 0.05),
    "ponytail": (ponytail, 1.4, 0.5),
    "buns": (buns, 0.8, 0.05),
    "braids": (braids, 0.8, 0.1),
    "drills": (drills, 0.4, 0.02),
}
"""Kind: (function that returns the v where the hair ends, weight for a soft character, for an angular one)."""
