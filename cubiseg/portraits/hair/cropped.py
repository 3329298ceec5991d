"""Short back hair, to the nape or the jaw. A kind appends to ``hair.back`` and returns the v where the hair ends."""

import numpy as np

from cubiseg.portraits.hair.plaits import curls
from cubiseg.portraits.hair.strands import Hair, Strand, aside, drop, tuft
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform


def veil(
    rng: Rng,
    hair: Hair,
    head: Head,
    length: float,
    *,
    spread: float = 0.0,
    wave: float = 0.0,
    curl: float = 0.0,
    bow: float = 0.0,
    blunt: float = 0.0,
    ragged: float = 0.06,
    reach: float = 1.25,
    n: int = 11,
    z: float = -0.55,
    rise: float = 0.06,
    sharp: float = 2.0,
    uneven: float = 0.25,
    point: float = 1.5,
) -> None:
    """A row of clumps behind the neck from ear to ear, down to ``length``; ``rise``: how much shorter the outer are."""
    turns = max(1.0, (length + 0.6) / 1.6)
    u = np.linspace(-1, 1, n) + rng.normal(0, uneven / n, n)
    u = np.clip(u, -1, 1)
    phases = {side: uniform(rng, 0, 6.3) for side in (-1, 1)}
    for i in sorted(range(n), key=lambda i: abs(u[i])):
        side, a = (1 if u[i] >= 0 else -1), abs(float(u[i]))
        v1 = length * (1 - rise * a * a) - abs(rng.normal(0, ragged))
        hair.back.append(
            drop(
                head,
                side,
                reach * a,
                -1.2,
                v1,
                2 * reach / n * uniform(rng, 1.3, 1.9),
                z=z,
                wave=wave,
                curl=curl * (0.25 + 0.75 * a),
                bow=bow * a,
                blunt=blunt,
                phase=phases[side] + rng.normal(0, 0.5),
                turns=turns,
                tone=0.55 * max(0.0, 1 - 1.35 * a),
                root=0.6,
                drift=spread * a,
                lines=0.75,
                sharp=sharp,
                point=point,
            )
        )


def tufts(
    rng: Rng,
    hair: Hair,
    head: Head,
    n: int,
    out: float,
    *,
    low: float = -0.15,
    fall: float = 0.6,
    before: float = 0.5,
    width: float = 0.4,
) -> None:
    """Clumps that leave the head's outline all around: from the crown outwards and down."""
    for a in np.linspace(low * np.pi, (1 - low) * np.pi, n) + rng.normal(0, 0.06, n):
        back = fall * uniform(rng, 0.7, 1.3) * np.sign(np.cos(a) + 0.15 * rng.normal())
        grow = out * uniform(rng, 0.25, 1.0)
        strand = tuft(head, a + back, a - 0.15 * back, grow, width * uniform(rng, 0.75, 1.25), z=-0.2, inside=0.82)
        (hair.front if np.sin(a) > 0.1 and chance(rng, before) else hair.back).append(strand)


def short(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Cropped at the nape."""
    hair.nape = uniform(rng, 0.35, 0.75)
    length = hair.nape + 0.25
    veil(rng, hair, head, length, reach=uniform(rng, 0.95, 1.18), n=9, ragged=0.14, curl=uniform(rng, -0.1, 0.2))
    tufts(rng, hair, head, int(rng.integers(2, 6)), 0.05, before=0.7)
    return 0.5


def pixie(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Close to the head, layered tips that lie towards the nape."""
    hair.nape = uniform(rng, 0.3, 0.55)
    for k in range(2):
        veil(rng, hair, head, hair.nape + 0.3 - 0.2 * k, reach=1.1 + 0.08 * k, n=8, ragged=0.1, curl=0.25, bow=0.08)
    return 0.5


def boy(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A boy's cut: choppy tips around the ears and at the crown, the nape clear."""
    hair.nape = uniform(rng, 0.15, 0.4)
    veil(rng, hair, head, hair.nape + 0.2, reach=1.05, n=8, ragged=0.12, curl=uniform(rng, -0.15, 0.1), point=1.2)
    tufts(rng, hair, head, int(rng.integers(6, 11)), uniform(rng, 0.04, 0.12), before=0.8, width=0.36)
    return 0.4


def undercut(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Shaved at sides and nape, long on top."""
    hair.nape = uniform(rng, -0.05, 0.15)
    hair.bound = True
    tufts(rng, hair, head, int(rng.integers(5, 9)), uniform(rng, 0.05, 0.16), low=0.12, before=0.9, width=0.42)
    return 0.3


def spiky(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Short hair whose clumps stand off the head all around."""
    hair.nape, hair.lit = uniform(rng, 0.4, 0.8), True
    tufts(rng, hair, head, int(rng.integers(12, 19)), uniform(rng, 0.12, 0.45), low=-0.22, width=0.45)
    veil(rng, hair, head, hair.nape + 0.15, n=7, ragged=0.14, reach=1.0, curl=-0.15, point=1.1)
    return 0.5


def spiky_up(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Spikes that stand up and back from the forehead."""
    hair.nape, hair.lit = uniform(rng, 0.2, 0.6), True
    out = uniform(rng, 0.2, 0.55)
    lean = rng.normal(0, 0.2)
    for a in np.linspace(0.08, 0.92, int(rng.integers(8, 12))) * np.pi:
        root, tip, grow = a + 0.25 * np.cos(a), a - lean - 0.1 * np.cos(a), out * uniform(rng, 0.5, 1.0)
        strand = tuft(head, root, tip, grow, uniform(rng, 0.4, 0.6), z=uniform(rng, -0.3, 0.3), inside=0.7)
        (hair.front if chance(rng, 0.6) else hair.back).append(strand)
    veil(rng, hair, head, hair.nape + 0.2, n=8, ragged=0.15, reach=1.05, curl=-0.1, point=1.1)
    return 0.5


def mullet(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """The wolf cut: spiky layers on top, ragged long points at the nape that flick outwards."""
    v = uniform(rng, 1.1, 2.0)
    veil(rng, hair, head, v, reach=0.95, n=9, ragged=0.25, curl=-uniform(rng, 0.15, 0.45), point=1.1)
    veil(rng, hair, head, uniform(rng, 0.5, 0.9), reach=1.22, n=8, ragged=0.2, curl=-uniform(rng, 0.1, 0.35), point=1.1)
    tufts(rng, hair, head, int(rng.integers(5, 10)), uniform(rng, 0.06, 0.2), width=0.42)
    return v


def mushroom(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """The bowl: rounded, widest at eye height, its edge turned in at the ears or jaw."""
    v, wide = uniform(rng, 0.35, 0.95), uniform(rng, 0.02, 0.16)
    hair.nape, hair.lit = v - 0.1, True
    curl = uniform(rng, 0.25, 0.55)
    veil(rng, hair, head, v, curl=curl, bow=wide, n=12, reach=1.16, ragged=0.03, rise=0.1, z=-0.4, point=2.2, blunt=0.2)
    for side in (-1, 1):
        for k in (4, 3, 2, 1, 0):
            out, end, width, curl = 1.02 + 0.05 * k, v - 0.05 * k, uniform(rng, 0.3, 0.42), uniform(rng, 0.2, 0.4)
            depth = 0.35 - 0.12 * k
            edge = drop(
                head, side, out, -1.5, end, width, bow=wide, curl=curl, z=depth, lines=0.5, blunt=0.15, point=2.2
            )
            hair.front += aside([edge])
    return v


def bob(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """To the jaw, bent inwards or cut straight."""
    v = uniform(rng, 0.8, 1.4)
    blunt = uniform(rng, 0.3, 0.8) if chance(rng, 0.5) else 0.0
    curl = uniform(rng, 0.0, 0.45)
    veil(rng, hair, head, v, curl=curl, bow=uniform(rng, 0.0, 0.2), blunt=blunt, spread=uniform(rng, 0.0, 0.25), n=12)
    return v


def flipped(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """To the neck or shoulder, tips bent outwards."""
    v = uniform(rng, 0.8, 1.6)
    veil(rng, hair, head, v, curl=-uniform(rng, 0.25, 0.7), spread=-0.05, ragged=0.12, sharp=2.6, n=10, point=1.2)
    return v


def lob(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A long bob to the collar bones, ends uneven."""
    v = uniform(rng, 1.3, 2.1)
    curl, spread, ragged = uniform(rng, -0.15, 0.3), uniform(rng, 0.0, 0.3), uniform(rng, 0.04, 0.2)
    blunt = 0.5 * chance(rng, 0.3)
    veil(rng, hair, head, v, curl=curl, spread=spread, ragged=ragged, blunt=blunt, n=12, wave=0.05 * chance(rng, 0.4))
    for side in (-1, 1):
        hair.mid += aside(
            [drop(head, side, 1.1 + 0.1 * k, -0.9, v * uniform(rng, 0.8, 1.0), 0.3, z=-0.1, curl=0.1) for k in range(2)]
        )
    return v


def cloud(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A cloud of tight curls around the whole head."""
    hair.lit = True
    grow, size = uniform(rng, 0.12, 0.55), uniform(rng, 0.13, 0.22)
    x0, y0, _ = head.hair_centre
    rx, ry, _ = head.hair_radii
    low = uniform(rng, 0.5, 1.3)
    hair.nape = min(low, 0.8)
    for a in np.linspace(-0.22 * np.pi, 1.22 * np.pi, 16):  # the mass under the curls
        reach = (0.5, 0.8, 0.9 + 0.8 * grow)
        mass = [(x0 + r * rx * np.cos(a), min(y0 - r * ry * np.sin(a), low), -0.4) for r in reach]
        hair.back.append(Strand(np.array(mass), 0.75, root=0.9, tip=0.7, lines=0.0, tone=0.5))
    for ring in (0.2, 0.6, 1.0):
        n = int((16 + 10 * ring) * (0.16 / size) ** 0.5)
        for a in np.linspace(-0.28 * np.pi, 1.28 * np.pi, n):
            r = 0.9 + grow * ring + rng.normal(0, 0.02)
            at = (x0 + r * rx * np.cos(a), min(y0 - r * ry * np.sin(a), low), -0.35 + 0.2 * (1 - ring))
            hair.back += curls(rng, at, 0.05, 1, size)
    for side in (-1, 1):
        for _ in range(7):
            at = (side * uniform(rng, 1.08, 1.35), uniform(rng, -1.2, min(low, 0.5)), 0.1)
            hair.front += aside(curls(rng, at, 0.05, 1, 0.8 * size))
    for a in np.linspace(0.15, 0.85, 9) * np.pi:
        at = (0.92 * rx * np.cos(a), y0 - 0.9 * ry * np.sin(a), 0.4)
        hair.front += curls(rng, at, 0.1, 1, size)
    return low


SHORT = frozenset({"short", "pixie", "boy", "undercut", "spiky", "spiky_up", "mushroom", "cloud"})
"""Kinds that end above the jaw or near it."""
