"""Side hair: locks before and behind the ears. A kind appends strands before the fringe is laid over them.

``hair.front`` lies before the face, ``hair.mid`` behind it and before the body.
"""

from collections.abc import Callable

from cubiseg.portraits.hair.plaits import plait, ringlet
from cubiseg.portraits.hair.strands import Hair, drop, sway
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform

Side = Callable[[Rng, Hair, Head, float], None]

_TOP = -1.25


def none(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Short tufts that end over the ears."""
    for side in (-1, 1):
        for _ in range(int(rng.integers(2, 4))):
            out, end, width = uniform(rng, 1.05, 1.25), uniform(rng, -0.05, 0.4), uniform(rng, 0.24, 0.36)
            hair.front.append(drop(head, side, out, _TOP, end, width, drift=uniform(rng, -0.08, 0.15), lines=0.35))


def sideburns(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Narrow points before the ears, the ears free."""
    low = uniform(rng, 0.1, 0.6)
    for side in (-1, 1):
        for k in range(2):
            out, end, width = 0.98 + 0.08 * k, low - 0.15 * k, uniform(rng, 0.12, 0.22)
            hair.front.append(drop(head, side, out, -0.9, end, width, z=0.3, curl=uniform(rng, -0.03, 0.1), lines=0.5))


def tuft(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Locks to the cheek, pointed, of different lengths."""
    curl = uniform(rng, -0.15, 0.3)
    for side in (-1, 1):
        for _ in range(int(rng.integers(3, 5))):
            out, end, width = uniform(rng, 1.0, 1.26), uniform(rng, 0.3, 0.95), uniform(rng, 0.16, 0.36)
            drop_curl, bow = curl + rng.normal(0, 0.06), uniform(rng, 0, 0.1)
            hair.front.append(drop(head, side, out, _TOP, end, width, curl=drop_curl, bow=bow, lines=0.5))


def long_locks(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Thin locks that fall past the chin."""
    v1 = uniform(rng, 1.0, 2.0)
    width, wave = uniform(rng, 0.14, 0.32), uniform(rng, 0.0, 0.06)
    for side in (-1, 1):
        for k in range(int(rng.integers(1, 4))):
            out, end, drop_width = 1.04 + 0.1 * k, v1 * uniform(rng, 0.7, 1.1), width * (1 - 0.2 * k)
            curl, phase = uniform(rng, -0.1, 0.2), rng.random() * 6
            hair.front.append(drop(head, side, out, _TOP, end, drop_width, wave=wave, curl=curl, phase=phase))


def chest(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Long front locks that lie on the chest, several strands each, ending in points."""
    v1, wave, u = uniform(rng, 1.9, 4.5), uniform(rng, 0.0, 0.07), uniform(rng, 0.98, 1.12)
    bow = uniform(rng, -0.05, 0.12)
    for side in (-1, 1):
        phase = rng.random() * 6
        for k in range(int(rng.integers(3, 5))):
            hair.front.append(
                drop(
                    head,
                    side,
                    u + 0.1 * (k % 3),
                    _TOP,
                    v1 * uniform(rng, 0.72, 1.05),
                    uniform(rng, 0.16, 0.32),
                    wave=wave,
                    phase=phase,
                    turns=v1 / 1.5,
                    bow=bow,
                    drift=uniform(rng, -0.1, 0.15),
                    point=1.3,
                )
            )


def waist(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Front locks that hang before the body to the waist or the hips."""
    v1, u, bow = uniform(rng, 4.0, 8.5), uniform(rng, 0.98, 1.15), uniform(rng, -0.1, 0.3)
    wave, drift = uniform(rng, 0.0, 0.1), uniform(rng, -0.3, 0.5)
    for side in (-1, 1):
        phase = rng.random() * 6
        for k in range(int(rng.integers(3, 6))):
            out, end, width = u + 0.1 * (k % 3), v1 * uniform(rng, 0.75, 1.05), uniform(rng, 0.18, 0.36)
            strand = drop(
                head,
                side,
                out,
                _TOP,
                end,
                width,
                wave=wave,
                phase=phase,
                turns=v1 / 2.2,
                bow=bow,
                drift=drift,
                point=1.3,
            )
            hair.front.append(strand)


def framing(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """A curtain of clumps from temple to jaw, as bobs have."""
    v1 = min(max(length, 0.9), uniform(rng, 0.9, 1.5))
    curl, bow = uniform(rng, -0.1, 0.4), uniform(rng, 0.0, 0.15)
    for side in (-1, 1):
        for k in (3, 2, 1, 0):
            out, end, width = 1.05 + 0.1 * k, v1 * uniform(rng, 0.88, 1.04), uniform(rng, 0.24, 0.38)
            hair.front.append(drop(head, side, out, _TOP, end, width, curl=curl, bow=bow, z=0.35 - 0.1 * k, lines=0.6))


def cheek_curl(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Locks curled inwards around the cheeks."""
    v1, curl = uniform(rng, 0.7, 1.25), uniform(rng, 0.3, 0.6)
    for side in (-1, 1):
        for k in (2, 1, 0):
            out, end, width = 1.1 + 0.09 * k, v1 - 0.12 * k + rng.normal(0, 0.04), uniform(rng, 0.2, 0.36)
            drop_curl, depth = curl * uniform(rng, 0.8, 1.2), 0.4 - 0.1 * k
            hair.front.append(drop(head, side, out, _TOP, end, width, curl=drop_curl, bow=0.14, sharp=2.6, z=depth))


def wings(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Flips outwards at cheek height, like small wings."""
    v1, out = uniform(rng, 0.15, 0.75), uniform(rng, 0.3, 0.75)
    for side in (-1, 1):
        for k in range(int(rng.integers(2, 4))):
            hair.front.append(
                drop(
                    head,
                    side,
                    1.1 + 0.05 * k,
                    _TOP,
                    v1 - 0.24 * k + rng.normal(0, 0.05),
                    uniform(rng, 0.36, 0.56),
                    curl=-out * uniform(rng, 0.8, 1.2),
                    sharp=1.9,
                    z=0.2,
                    lines=0.45,
                    point=1.25,
                    belly=0.6,
                )
            )


def hime(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Straight locks cut off at the cheek or jaw."""
    v1 = uniform(rng, 0.45, 1.2)
    for side in (-1, 1):
        for k in (1, 0):
            hair.front.append(
                drop(head, side, 1.04 + 0.15 * k, _TOP, v1 + 0.03 * k, 0.26, blunt=0.9, belly=0.7, lines=0.6)
            )


def wavy(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Waving locks to the shoulder."""
    v1 = min(max(length, 1.0) + 0.2, uniform(rng, 1.0, 2.4))
    wave, turns = uniform(rng, 0.06, 0.14), uniform(rng, 1, 2)
    for side in (-1, 1):
        phase = rng.random() * 6
        for k in (2, 1, 0):
            out, end, width = 1.08 + 0.1 * k, v1 * uniform(rng, 0.8, 1.1), uniform(rng, 0.2, 0.36)
            drop_phase = phase + rng.normal(0, 0.4)
            hair.front.append(drop(head, side, out, _TOP, end, width, wave=wave, phase=drop_phase, turns=turns))


def around_ear(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """One lock before the ear, one behind it, the ear between them."""
    v1 = uniform(rng, 0.6, 2.0)
    for side in (-1, 1):
        for k in range(2):
            end = v1 * uniform(rng, 0.8, 1.3) + 0.2
            hair.mid.append(drop(head, side, 1.16 + 0.1 * k, -0.9, end, 0.3, z=-0.25, drift=0.05, curl=-0.05))
        for k in range(2):
            out, end, width = 0.96 + 0.05 * k, v1 * uniform(rng, 0.75, 1.0), uniform(rng, 0.12, 0.22)
            hair.front.append(drop(head, side, out, _TOP, end, width, curl=uniform(rng, -0.05, 0.15), z=0.3))


def tucked(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """Tucked behind the ear, on one side or both; a thin strand before it."""
    both = chance(rng, 0.6)
    free = 1 if chance(rng, 0.5) else -1
    for side in (-1, 1):
        if not both and side == free:
            for k in range(3):
                hair.front.append(
                    drop(head, side, 1.08 + 0.08 * k, _TOP, uniform(rng, 0.5, 1.1), 0.3, curl=0.1, bow=0.05)
                )
            continue
        hair.mid += [
            drop(head, side, 1.18 + 0.06 * k, -0.8, max(length, 0.6) * 0.9 + 0.15, 0.3, z=-0.3, curl=0.05)
            for k in range(2)
        ]
        if chance(rng, 0.6):
            end, width = uniform(rng, 0.3, 1.2), uniform(rng, 0.04, 0.1)
            hair.front.append(drop(head, side, 0.95, -0.95, end, width, z=0.35, curl=uniform(rng, -0.1, 0.15)))


def drill_locks(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """A ringlet before each shoulder."""
    low, w, high = uniform(rng, 1.2, 2.4), uniform(rng, 0.28, 0.44), uniform(rng, -0.2, 0.4)
    tilt = uniform(rng, 0.25, 0.5)
    for side in (-1, 1):
        hair.front.append(drop(head, side, 1.12, _TOP, high + 0.35, w * 0.9, blunt=0.7, z=0.3, lines=0.4))
        axis = sway((side * 1.14, high, 0.3), (side * 1.2, low, 0.25), rng)
        hair.front += ringlet(axis, w, tilt=side * tilt)


def braid_lock(rng: Rng, hair: Hair, head: Head, length: float) -> None:
    """A thin plait before the ear, on one side or both."""
    low, w, high = uniform(rng, 0.9, 1.9), uniform(rng, 0.17, 0.26), uniform(rng, -0.4, 0.1)
    sides = (-1, 1) if chance(rng, 0.4) else (1 if chance(rng, 0.5) else -1,)
    for side in (-1, 1):
        hair.front.append(drop(head, side, 1.14, _TOP, uniform(rng, 0.3, 0.8), 0.34, curl=0.08, lines=0.5))
        if side in sides:
            axis = sway((side * 1.06, high, 0.35), (side * 1.1, low, 0.3), rng)
            hair.front.append(drop(head, side, 1.06, _TOP, high + 0.12, w, blunt=0.8, z=0.35, lines=0.4))
            hair.front += plait(axis, w)
            end = axis[-1]
            hair.front += [drop(head, side, abs(end[0]), end[1] - 0.05, end[1] + 0.28, 0.8 * w, z=end[2], root=0.4)]
            hair.ties.append((float(end[0]), float(end[1]), float(end[2]), 0.09))


SIDES: dict[str, tuple[Side, float, float]] = {
    "none": (none, 0.6, 4.0),
    "sideburns": (sideburns, 0.7, 3.0),
    "tuft": (tuft, 2.0, 4.0),
    "long_locks": (long_locks, 2.2, 0.6),
    "chest": (chest, 1.6, 0.2),
    "waist": (waist, 0.6, 0.08),
    "framing": (framing, 2.0, 0.8),
    "cheek_curl": (cheek_curl, 1.3, 0.4),
    "wings": (wings, 1.0, 1.5),
    "hime": (hime, 1.0, 0.1),
    "wavy": (wavy, 1.3, 0.3),
    "around_ear": (around_ear, 1.0, 0.7),
    "tucked": (tucked, 0.9, 0.6),
    "drill_locks": (drill_locks, 0.35, 0.03),
    "braid_lock": (braid_lock, 0.4, 0.08),
}
"""Kind: (function, weight for a soft character, weight for an angular one)."""
