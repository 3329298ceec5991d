"""Back hair that is tied or rolled. Ties go into ``hair.ties``; accessories draw the bands and bows."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits.hair.cropped import veil
from cubiseg.portraits.hair.plaits import ringlet, tail
from cubiseg.portraits.hair.strands import Hair, sway
from cubiseg.portraits.head import Head
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.tables import Point

Place = tuple[float, float, float]


def _tie(hair: Hair, at: Place, size: float) -> None:
    hair.ties.append((*at, size))
    hair.pull.append(at)


def low_nape(rng: Rng, hair: Hair) -> None:
    """Bound hair: it ends at the nape, is pulled over the ears and lit like the rest."""
    hair.nape, hair.bound, hair.lit = uniform(rng, 0.35, 0.65), True, True


def tie_both(rng: Rng, hair: Hair, high: float, x: float, draw: Callable[[int, Place], None]) -> None:
    """Tie the hair at both sides at height ``high`` and let ``draw`` append the bundles."""
    low_nape(rng, hair)
    size = uniform(rng, 0.12, 0.22)
    for side in (-1, 1):
        at = (side * x, high, -0.05)
        draw(side, at)
        _tie(hair, at, size)


def high_place(rng: Rng, head: Head) -> Point:
    """v and x of a tie on the upper side of the head, on its outline."""
    v = uniform(rng, -1.55, -0.75)
    x0, y0, _ = head.hair_centre
    rx, ry, _ = head.hair_radii
    return v, float(x0 + 0.97 * rx * np.sqrt(max(0.05, 1 - ((v - y0) / ry) ** 2)))


def _twin(rng: Rng, hair: Hair, head: Head, detail: float, *, high: bool, thick: float, curl: float = 0.0) -> float:
    v, x = high_place(rng, head) if high else (uniform(rng, 0.35, 0.75), uniform(rng, 1.0, 1.12))
    length = uniform(rng, 1.4, 5.0) if high else uniform(rng, 0.9, 3.2)
    out = uniform(rng, 0.25, 0.95) if high else uniform(rng, 0.0, 0.45)
    wave, bow = uniform(rng, 0.0, 0.12), uniform(rng, 0.0, 0.35)
    before = chance(rng, 0.4 if high else 0.6)

    def draw(side: int, at: Place) -> None:
        axis = sway(at, (at[0] + side * out, v + length, at[2]), rng, bow=bow)
        tail_curl = curl + uniform(rng, -0.1, 0.3)
        bundle = tail(rng, axis, thick, n=int(4 + 3 * detail), wave=wave, curl=tail_curl, spread=uniform(rng, 0.2, 0.8))
        (hair.mid if before else hair.back).extend(bundle)

    tie_both(rng, hair, v, x, draw)
    return v + length


def low_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two bundles tied behind the ears or at the neck, often laid before the shoulders."""
    return _twin(rng, hair, head, detail, high=False, thick=uniform(rng, 0.2, 0.42))


def high_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two thick bundles high at the sides."""
    return _twin(rng, hair, head, detail, high=True, thick=uniform(rng, 0.35, 0.7))


def thin_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two long thin bundles high at the sides."""
    return _twin(rng, hair, head, detail, high=True, thick=uniform(rng, 0.14, 0.3))


def free_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two long thin bundles that hang clear of the body, a gap between them and the arms."""
    v, x = high_place(rng, head)
    length, out, bow = uniform(rng, 0.35, 0.85) * (hair.floor - v), uniform(rng, 0.5, 2.2), uniform(rng, 0.2, 0.9)
    thick, wave, before = uniform(rng, 0.1, 0.26), uniform(rng, 0.0, 0.1), chance(rng, 0.35)

    def draw(side: int, at: Place) -> None:
        axis = sway(at, (at[0] + side * out, v + length, at[2]), rng, bow=bow)
        bundle = tail(rng, axis, thick, n=int(3 + 2 * detail), wave=wave, curl=0.0, spread=uniform(rng, 0.1, 0.5))
        (hair.mid if before else hair.back).extend(bundle)

    tie_both(rng, hair, v, x, draw)
    return v + length


def curled_twin(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two bundles high at the sides that end in curls or ringlets."""
    v, x = high_place(rng, head)
    length, w, many = uniform(rng, 1.3, 2.8), uniform(rng, 0.36, 0.6), chance(rng, 0.5)

    def draw(side: int, at: Place) -> None:
        for k in range(3 if many else 1):
            end = (at[0] + side * (0.3 + 0.28 * k), v + length * (1 - 0.2 * k), at[2])
            axis = sway(at, end, rng, bow=0.2)
            hair.mid.extend(ringlet(axis, w * (0.75 if many else 1.1), tilt=side * uniform(rng, 0.2, 0.5)))

    tie_both(rng, hair, v, x, draw)
    return v + length


def _pony(
    rng: Rng, hair: Hair, at: Place, end: Place, width: float, detail: float, *, mid: bool = False, bow: float = 0.2
) -> float:
    low_nape(rng, hair)
    axis = sway(at, end, rng, bow=bow)
    n, wave = int(5 + 3 * detail), uniform(rng, 0, 0.14)
    bundle = tail(rng, axis, width, n=n, wave=wave, spread=uniform(rng, 0.2, 0.9), curl=uniform(rng, -0.1, 0.35))
    (hair.mid if mid else hair.back).extend(bundle)
    _tie(hair, at, uniform(rng, 0.14, 0.22))
    return end[1]


def high_pony(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """One bundle from the back of the crown; seen from the front it arches over and falls beside the head."""
    side = 1 if chance(rng, 0.5) else -1
    top = head.hair_centre[1] - head.hair_radii[1]
    at = (side * uniform(rng, 0.0, 0.35), top + uniform(rng, -0.02, 0.15), -0.6)
    out, length = uniform(rng, 1.2, 2.2), uniform(rng, 1.5, 4.5)
    low_nape(rng, hair)
    rise = uniform(rng, 0.1, 0.45)
    axis = np.array(
        [
            at,
            (at[0] + side * 0.3 * out, at[1] - rise, -0.7),
            (at[0] + side * 0.8 * out, at[1] + 0.1, -0.7),
            (at[0] + side * out, at[1] + 0.45 * length, -0.7),
            (at[0] + side * out * uniform(rng, 0.8, 1.1), at[1] + length, -0.7),
        ]
    )
    width, n = uniform(rng, 0.35, 0.7), int(6 + 3 * detail)
    hair.back.extend(tail(rng, axis, width, n=n, wave=uniform(rng, 0, 0.1), spread=0.4, curl=uniform(rng, -0.1, 0.3)))
    _tie(hair, at, uniform(rng, 0.16, 0.24))
    return at[1] + length


def low_pony(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """One bundle from the nape, behind the back or laid before a shoulder."""
    side = 1 if chance(rng, 0.5) else -1
    length = uniform(rng, 1.2, 4.0)
    mid = chance(rng, 0.55)
    at = (side * (0.95 if mid else uniform(rng, 0.1, 0.5)), uniform(rng, 0.6, 0.85), -0.3)
    end = (side * (uniform(rng, 0.75, 1.2) if mid else uniform(rng, 0.5, 1.5)), at[1] + length, -0.2)
    return _pony(rng, hair, at, end, uniform(rng, 0.18, 0.45), detail, mid=mid)


def side_pony(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """One bundle at the side of the head, high or by the ear."""
    side = 1 if chance(rng, 0.5) else -1
    v, x = high_place(rng, head) if chance(rng, 0.5) else (uniform(rng, -0.4, 0.3), 1.22)
    at = (side * x, v, -0.05)
    end = (side * (x + uniform(rng, 0.1, 0.7)), v + uniform(rng, 1.0, 3.4), 0.0)
    return _pony(rng, hair, at, end, uniform(rng, 0.25, 0.5), detail, mid=chance(rng, 0.6), bow=uniform(rng, 0.0, 0.4))


def ringlet_pony(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A bunch of ringlets tied at one side, over the shoulder."""
    low_nape(rng, hair)
    side = 1 if chance(rng, 0.5) else -1
    at = (side * uniform(rng, 1.15, 1.3), uniform(rng, -0.5, 0.4), 0.0)
    length, w, n = uniform(rng, 1.2, 2.6), uniform(rng, 0.3, 0.45), int(rng.integers(3, 6))
    for k in sorted(range(n), key=lambda k: -abs(k - 0.4 * n)):
        x = at[0] + side * (0.75 - 1.0 * k / (n - 1)) * uniform(rng, 0.8, 1.2)
        end = (x, at[1] + length * uniform(rng, 0.6, 1.0), 0.0)
        start = (at[0] + side * 0.1 * (1 - 2 * k / (n - 1)), at[1] + 0.05, 0.0)
        hair.mid += ringlet(sway(start, end, rng, bow=0.1), w, tilt=side * uniform(rng, 0.25, 0.5), narrow=0.5)
    _tie(hair, at, 0.2)
    return at[1] + length


def bun(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """One bun on the crown, behind it, or low at the nape's side; sometimes long hair below."""
    low_nape(rng, hair)
    r = uniform(rng, 0.36, 0.7)
    top = head.hair_centre[1] - head.hair_radii[1]
    if chance(rng, 0.75):
        at = (uniform(rng, -0.3, 0.3), top - 0.4 * r, -0.5)
    else:
        at = ((1 if chance(rng, 0.5) else -1) * 1.1, uniform(rng, 0.1, 0.5), -0.5)
    hair.buns.append((*at, r))
    hair.pull.append(at)
    if chance(rng, 0.25):
        hair.bound = hair.lit = False
        return below(rng, hair, head)
    return 0.5


def below(rng: Rng, hair: Hair, head: Head) -> float:
    """Long loose hair under what is bound."""
    v = uniform(rng, 1.2, 3.4)
    veil(rng, hair, head, v, spread=uniform(rng, 0.0, 0.3), ragged=0.15, wave=0.06 * chance(rng, 0.4))
    return v


def two_buns(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """A bun on either side of the crown, sometimes with long hair below."""
    low_nape(rng, hair)
    r, v = uniform(rng, 0.28, 0.55), uniform(rng, -1.75, -1.0)
    x = 1.02 * head.hair_radii[0] * np.sqrt(max(0.1, 1 - ((v + 0.42) / head.hair_radii[1]) ** 2))
    for side in (-1, 1):
        hair.buns.append((side * float(x), v - 0.2 * r, -0.15, r))
        hair.pull.append((side * float(x), v, -0.1))
    if chance(rng, 0.4):
        hair.bound = hair.lit = False
        return below(rng, hair, head)
    return 0.5


def odango(rng: Rng, hair: Hair, head: Head, detail: float) -> float:
    """Two buns with a long tail out of each."""
    low_nape(rng, hair)
    v, x = high_place(rng, head)
    r, length = uniform(rng, 0.26, 0.4), uniform(rng, 2.0, 5.0)
    out, width = uniform(rng, 0.3, 0.8), uniform(rng, 0.16, 0.36)
    for side in (-1, 1):
        at = (side * x, v - 0.3 * r, -0.1)
        start = (side * (x + 0.5 * r), v, -0.15)
        axis = sway(start, (side * (x + out), v + length, -0.1), rng, bow=uniform(rng, 0, 0.3))
        hair.back += tail(rng, axis, width, n=int(4 + 2 * detail), spread=0.3)
        hair.buns.append((*at, r))
        hair.pull.append(at)
    return v + length
