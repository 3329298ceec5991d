"""Places with a floor that ends in a strong edge: squares, floors of rooms, trunks close behind the figure."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds import indoors
from cubiseg.portraits.backgrounds.city import bricks, facade
from cubiseg.portraits.backgrounds.nature import foliage, palm
from cubiseg.portraits.backgrounds.outdoors import greens, leaves, sky_down_to, tree_line
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import chance, pick, uniform


def ground_colour(s: Stage) -> col.Colour:
    """Pinkish, sandy or brown as skin is, terracotta, or grey."""
    kind = pick(s.rng, {"skin": 5.0, "terracotta": 2.0, "grey": 1.5})
    if kind == "skin":
        return col.hsv(uniform(s.rng, 0.0, 0.1), uniform(s.rng, 0.1, 0.42), uniform(s.rng, 0.6, 1.0))
    if kind == "terracotta":
        return col.hsv(uniform(s.rng, 0.01, 0.06), uniform(s.rng, 0.45, 0.75), uniform(s.rng, 0.45, 0.85))
    return col.hsv(uniform(s.rng, 0.0, 1.0), uniform(s.rng, 0.0, 0.1), uniform(s.rng, 0.4, 0.9))


def _slabs(s: Stage, c: col.Colour) -> Image:
    """Square slabs in two tones."""
    k = int(s.rng.integers(8, 26))
    u, v = s.x * np.float32(k), s.y * np.float32(k)
    odd = (np.floor(u) + np.floor(v)) % 2
    tone = 0.5 + np.float32(uniform(s.rng, 0.0, 0.4)) * (odd - 0.5) + np.float32(0.06) * s.noise(3, 8, 0.9)
    img = s.ramp(tone, [col.shade(c, 0.4), c, col.light(c, 0.35)])
    joint = np.minimum(np.minimum(u % 1, 1 - u % 1) * np.ones_like(v), np.minimum(v % 1, 1 - v % 1))
    return s.blend(img, col.shade(c, 0.7), (0.05 - joint) * np.float32(s.n / k) + 0.5)


def _floor(s: Stage, indoor: bool) -> Image:
    """Slabs, bricks, boards, or one colour with its grain, seen from above."""
    c = ground_colour(s)
    kind = pick(s.rng, {"slabs": 2.0, "bricks": 2.0, "boards": 3.0 if indoor else 1.0, "plain": 1.5})
    if kind == "slabs":
        return _slabs(s, c)
    if kind == "bricks":
        return bricks(s, c)
    if kind == "boards":
        return indoors.boards(s, c)
    return s.ramp(0.5 + np.float32(0.14) * s.noise(3, 8, 0.9), [col.shade(c, 0.4), c, col.light(c, 0.4)])


def _laid(s: Stage, img: Image, floor: Image, edge: float) -> Image:
    """A floor from the lower side up to ``edge``, running away from the viewer, with shadows across it."""
    x = uniform(s.rng, 0.2, 0.8)
    reach = uniform(s.rng, 1.2, 3.0)
    floor = s.textured(floor, s.noise(1, 3), uniform(s.rng, 0.0, 0.12))
    s.quad(img, floor, [(x - 0.6 * reach, edge), (x + 0.6 * reach, edge), (x + 2 * reach, 1.3), (x - 2 * reach, 1.3)])
    below = np.clip((s.y - np.float32(edge)) * np.float32(s.n), 0, 1) * np.ones_like(s.x)
    for _ in range(int(s.rng.integers(0, 3))):  # shadows of what stands outside of the picture
        y, h, lean = uniform(s.rng, edge, 1.0), uniform(s.rng, 0.02, 0.12), np.float32(s.rng.normal(0, 0.1))
        band = (np.float32(h) - np.abs(s.y - np.float32(y) - lean * s.x)) * np.float32(0.3 * s.n)
        img = s.textured(img, np.clip(band, 0, 1) * below, -uniform(s.rng, 0.15, 0.4))
    return img


def trunk(s: Stage, img: Image, x: float, width: float, top: float, foot: float) -> Image:
    """One trunk, round, with bark or the rings of a palm, from ``top`` to ``foot``."""
    c = col.hsv(uniform(s.rng, 0.02, 0.11), uniform(s.rng, 0.12, 0.5), uniform(s.rng, 0.4, 0.95))
    lean = s.rng.normal(0, 0.06)
    across = (s.x - np.float32(x) - np.float32(lean) * (s.y - 0.5)) / np.float32(width * 0.5)
    across = across / (1 + np.float32(uniform(s.rng, 0.0, 0.35)) * (s.y - 0.5))
    if chance(s.rng, 0.5):
        grain = np.float32(0.16) * np.sin(s.y * np.float32(uniform(s.rng, 90, 260)) + 2 * across**2)
    else:
        grain = np.float32(0.14) * s.noise(3, 8, 0.85, (0.5, 4.0))
    side = 1 if chance(s.rng, 0.5) else -1
    bark = s.ramp(0.55 + 0.35 * side * across - 0.2 * across**2 + grain, [col.shade(c, 0.9), c, col.light(c, 0.45)])
    inside = (1 - np.abs(across)) * np.float32(0.5 * width * s.n) + 0.5
    return s.blend(img, bark, np.clip(inside, 0, 1) * (s.y > top) * (s.y < foot))


def _behind(s: Stage) -> float:
    """x of what stands directly behind the figure."""
    return float(np.clip(s.rng.normal(0.5, 0.13), 0.1, 0.9))


def plaza(s: Stage) -> Image:
    """A square or a promenade: houses with rows of windows, hedges or palms, and paved ground up to a straight edge."""
    edge = uniform(s.rng, 0.55, 0.93)
    img = sky_down_to(s, edge)
    kind = pick(s.rng, {"house": 3.0, "row": 2.5, "trees": 2.0, "open": 0.7})
    if kind == "house":
        x, top, far = uniform(s.rng, -0.6, 0.5), uniform(s.rng, -0.3, 0.3), uniform(s.rng, 0.0, 0.3)
        wall, near = facade(s), 1 if chance(s.rng, 0.5) else -1
        a, b = (0.0, far) if near > 0 else (far, 0.0)
        s.quad(img, wall, [(x, top + a), (x + 1.1, top + b), (x + 1.1, edge), (x, edge)])
    elif kind == "row":
        x = uniform(s.rng, -0.15, 0.0)
        while x < 1:
            w, top = uniform(s.rng, 0.18, 0.45), edge - uniform(s.rng, 0.15, 0.6)
            s.quad(img, facade(s), [(x, top), (x + w, top), (x + w, edge), (x, edge)])
            x += w + uniform(s.rng, 0.0, 0.08)
    if kind == "trees" or chance(s.rng, 0.5):
        img = tree_line(s, img, edge, uniform(s.rng, 0.05, 0.4 if kind == "trees" else 0.15), greens(s))
    for _ in range(int(s.rng.integers(0, 4))):
        bark = col.hsv(uniform(s.rng, 0.05, 0.1), uniform(s.rng, 0.2, 0.5), uniform(s.rng, 0.4, 0.8))
        foot = np.array([uniform(s.rng, 0.0, 1.0), edge + 0.02])
        fronds = [col.mix(c, (0.3, 0.7, 0.25), 0.4) for c in greens(s)]
        palm(s, img, foot, uniform(s.rng, 0.5, 1.1) * edge, fronds, bark)
    img = _laid(s, img, _floor(s, indoor=False), edge)
    if chance(s.rng, 0.4):  # a lawn's or a kerb's strip along the edge
        h = uniform(s.rng, 0.008, 0.05)
        s.box(img, 0, edge - h, 1, edge, greens(s)[3] if chance(s.rng, 0.6) else s.near((0.85, 0.84, 0.8)))
    if chance(s.rng, 0.35):
        img = trunk(s, img, _behind(s), uniform(s.rng, 0.03, 0.12), -0.1, edge + uniform(s.rng, 0.0, 0.08))
    return img


def floored(s: Stage) -> Image:
    """A wall and a floor of boards, bricks, tiles or carpet, a skirting board at most between them."""
    edge = uniform(s.rng, 0.55, 0.93)
    wall = pick(s.rng, {indoors.wall: 3.0, bricks: 1.5, indoors.curtain: 1.0, indoors.room: 2.0})
    img = wall(s)
    img = _laid(s, img, _floor(s, indoor=True), edge)
    if chance(s.rng, 0.6):
        h, c = uniform(s.rng, 0.01, 0.04), col.WHITE if chance(s.rng, 0.4) else s.near(ground_colour(s))
        s.box(img, 0, edge - h, 1, edge, c)
        s.box(img, 0, edge - 0.003, 1, edge + 0.003, col.shade(c, 0.8))
    return img


def trunks(s: Stage) -> Image:
    """Trunks close by, one of them directly behind the figure, before leaves and sky."""
    edge = uniform(s.rng, 0.65, 0.97)
    if chance(s.rng, 0.5):
        img = foliage(s)
    else:
        img = tree_line(s, sky_down_to(s, edge), edge, uniform(s.rng, 0.2, 0.5), greens(s))
    img = _laid(s, img, _floor(s, indoor=False) if chance(s.rng, 0.5) else leaves(s, greens(s)), edge)
    places = [_behind(s), *s.rng.random(int(s.rng.integers(0, 4)))]
    for x in places:
        img = trunk(s, img, float(x), uniform(s.rng, 0.03, 0.22), -0.1, edge + uniform(s.rng, 0.0, 0.1))
    return img
