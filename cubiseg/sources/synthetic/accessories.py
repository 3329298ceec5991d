"""Ribbons, pins, hats, bands, animal ears, headsets, glasses, chokers, earrings.

Each is a function that paints on a board at one place in the stack (``Stage``); ``ACCESSORIES`` lists them with the
share of characters that wear them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.axes import Axis
from cubiseg.sources.synthetic.body import Torso
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.hair import HairArt
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, blob, path, ribbon, spline, taper
from cubiseg.sources.synthetic.rng import chance, stream, uniform


@dataclass
class Wear:
    """What an accessory needs: the wearer, geometry, a board and a stream of its own."""

    who: Character
    head: Head
    hair: HairArt
    torso: Torso
    board: Board
    rng: np.random.Generator

    @property
    def line(self) -> float:
        """Ink width in px."""
        return self.who.style.line * self.head.scale

    def ink(self, c: col.Colour) -> col.Colour:
        """The line colour on a part of colour ``c``."""
        return col.ink(c, self.who.style.ink)

    def patch(self, points: np.ndarray, c: col.Colour, smooth: int = 0) -> None:
        """A filled, inked shape; (n, 2) px."""
        shape = blob(points, smooth) if smooth else path(points)
        self.board.outline(shape, c, self.ink(c), self.line)
        if self.who.style.shading != "flat":
            with self.board.clipped(shape):
                low = points.mean(axis=0) + np.array([0, 0.35 * np.ptp(points[:, 1])])
                self.board.spot(low, 0.6 * np.ptp(points[:, 1]) + 1, col.shade(c, 0.5), 0.6)


def _bow(w: Wear, at: np.ndarray, size: float, c: col.Colour, angle: float) -> None:
    r = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    s = size * w.head.scale
    for side in (-1, 1):
        end = np.array([(0, 0), (side * 0.45, 1.2), (side * 0.75, 1.05)])
        w.patch(at + s * end @ r, col.shade(c, 0.25))
    for side in (-1, 1):
        loop = np.array([(0, 0), (side * 0.6, -0.5), (side * 1.05, -0.4), (side * 1.0, 0.35), (side * 0.55, 0.38)])
        w.patch(at + s * loop @ r, c, 28)
        w.board.ink(
            at + s * np.array([(side * 0.12, 0), (side * 0.5, -0.05)]) @ r,
            w.ink(c),
            w.line,
            start=0.8,
            end=0.0,
            belly=0.1,
        )
    w.patch(at + s * np.array([(-0.18, -0.2), (0.18, -0.2), (0.2, 0.2), (-0.2, 0.2)]) @ r, c, 20)


def ties(w: Wear, low: bool) -> None:
    """Bands or bows where hair is bound: ``low`` those behind the face, else those beside the crown."""
    bows = chance(w.rng, 0.5)
    c = w.who.accent
    for x, y, z, size in w.hair.hair.ties:
        if (y > -0.5) != low:
            continue
        at = w.head.project(np.array([(x, y, z)]))[0]
        if bows:
            _bow(w, at, size * 1.5, c, 0.25 * np.sign(x))
        else:
            w.patch(
                at + size * w.head.scale * np.array([(-0.7, -0.45), (0.7, -0.45), (0.75, 0.45), (-0.75, 0.45)]), c, 20
            )


def ribbon_bow(w: Wear) -> None:
    """A big bow on the crown or at the side of the head."""
    side = 1 if chance(w.rng, 0.5) else -1
    u, v = side * uniform(w.rng, 0.0, 1.0), uniform(w.rng, -1.75, -1.35)
    at = w.head.project(w.head.on_hair(np.array([u]), np.array([v]), 0.15))[0]
    _bow(w, at, uniform(w.rng, 0.35, 0.65), w.who.accent, 0.3 * u)


def pins(w: Wear) -> None:
    """Hairpins or a flower at one temple."""
    side = 1 if chance(w.rng, 0.5) else -1
    c = w.who.accent
    kind = int(w.rng.integers(0, 3))
    u0, v0 = side * uniform(w.rng, 0.65, 0.95), uniform(w.rng, -0.85, -0.45)
    if kind == 0:
        for k in range(int(w.rng.integers(1, 4))):
            line = w.head.on_hair(
                np.array([u0 - side * 0.16, u0 + side * 0.16]), np.array([v0 + 0.12 * k, v0 + 0.05 + 0.12 * k]), 0.2
            )
            px = w.head.project(line)
            w.board.stroke(path(px, closed=False), w.ink(c), 0.085 * w.head.scale + 2 * w.line)
            w.board.stroke(path(px, closed=False), c, 0.085 * w.head.scale)
        return
    at = w.head.project(w.head.on_hair(np.array([u0]), np.array([v0]), 0.2))[0]
    a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    n = 5
    if kind == 1:
        r = uniform(w.rng, 0.2, 0.36) * (0.72 + 0.28 * np.abs(np.cos(0.5 * n * a)))
        w.patch(at + w.head.scale * r[:, None] * np.stack([np.cos(a), np.sin(a)], 1), c)
        w.patch(at + 0.07 * w.head.scale * np.stack([np.cos(a), np.sin(a)], 1), (1.0, 0.85, 0.3))
    else:
        b = np.arange(10) * np.pi / 5 - np.pi / 2
        r = uniform(w.rng, 0.17, 0.26) * np.where(np.arange(10) % 2 == 0, 1.0, 0.45)
        w.patch(at + w.head.scale * r[:, None] * np.stack([np.cos(b), np.sin(b)], 1), c)


def _arc(w: Wear, v: float, lift: float, reach: float = 1.38, n: int = 40) -> np.ndarray:
    """A band over the head from ear to ear whose top lies at v; (n, 3)."""
    a = np.linspace(-np.pi / 2, np.pi / 2, n)
    top = w.head.hair_centre[1] - w.head.hair_radii[1]
    rx = min(reach, w.head.hair_radii[0] + lift)
    y = 0.0 + (top - lift - 0.0) * np.cos(a) ** 0.85
    return np.column_stack([rx * np.sin(a), y, np.full(n, v)])


def band(w: Wear) -> None:
    """A hair band over the head, plain or with a frill."""
    c = w.who.accent if chance(w.rng, 0.6) else col.WHITE
    line = w.head.project(_arc(w, uniform(w.rng, 0.15, 0.45), -0.14)[5:-5])
    width = uniform(w.rng, 0.1, 0.28) * w.head.scale * taper(len(line), 0.3, 0.3)
    if chance(w.rng, 0.3):
        wave = 1 + 0.25 * np.abs(np.sin(np.arange(len(line)) * 1.3))
        w.patch(ribbon(line, width * 1.7 * wave), col.WHITE)
    w.patch(ribbon(line, width), c)


def animal_ears(w: Wear) -> None:
    """Cat, fox or rabbit ears on a band."""
    long = 1.4 if chance(w.rng, 0.2) else 0.0
    c = w.who.hair if chance(w.rng, 0.6) else w.who.cloth
    inner = col.mix(c, (1.0, 0.75, 0.75), 0.75)
    h = uniform(w.rng, 0.5, 0.9) + long
    wide = uniform(w.rng, 0.36, 0.55) * (0.6 if long else 1.0)
    if not chance(w.rng, 0.6):
        line = w.head.project(_arc(w, 0.05, 0.02))
        w.patch(ribbon(line, 0.09 * w.head.scale), col.ink(c, 0.6))
    for s in (-1, 1):
        x = s * (0.78 - 0.25 * bool(long))
        y = w.head.hair_centre[1] - w.head.hair_radii[1] * np.sqrt(1 - (x / w.head.hair_radii[0]) ** 2) + 0.12
        shape = np.array(
            [
                (x - s * wide, y - 0.08),
                (x - s * 0.35 * wide, y - 0.55 * h),
                (x + s * 0.45 * wide, y - h),
                (x + s * 0.85 * wide, y - 0.35 * h),
                (x + s * wide, y + 0.4),
            ]
        )
        z = np.full((5, 1), 0.0)
        w.patch(w.head.project(np.hstack([shape, z])), c)
        core = shape * 0.62 + shape.mean(axis=0) * 0.38 + (0, 0.05)
        w.board.fill(path(w.head.project(np.hstack([core, z + 0.05]))), inner)


def headset(w: Wear) -> None:
    """Headphones, with or without a microphone."""
    c = w.who.cloth2 if chance(w.rng, 0.5) else w.who.accent
    line = w.head.project(_arc(w, 0.0, 0.05, 1.6))
    w.patch(ribbon(line, uniform(w.rng, 0.12, 0.24) * w.head.scale), c)
    side_far = w.head.pose.yaw
    for s in (-1, 1):
        if s * side_far > 0.4:
            continue
        at = w.head.project(np.array([(s * min(w.head.hair_radii[0], 1.42), 0.08, 0.05)]))[0]
        a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        r = uniform(w.rng, 0.3, 0.42) * w.head.scale
        w.patch(at + r * np.stack([0.72 * np.cos(a), np.sin(a)], 1), c)
        w.board.fill(path(at + 0.55 * r * np.stack([0.7 * np.cos(a), np.sin(a)], 1)), col.light(c, 0.4))
    if chance(w.rng, 0.4):
        s = 1 if chance(w.rng, 0.5) else -1
        v = w.who.face.mouth * w.who.face.chin
        mic = np.array([(s * 1.35, 0.25, 0.2), (s * 1.2, 0.75 * v + 0.1, 0.6), (s * 0.62, v + 0.05, 1.05)])
        px = spline(w.head.project(mic), 20)
        w.board.ink(px, col.ink(c, 0.8), 0.06 * w.head.scale, start=1, end=1)
        w.board.spot(px[-1], 0.11 * w.head.scale, (0.1, 0.1, 0.12), 1.0, atop=False)


def hat(w: Wear) -> None:
    """A beret, a cap with a peak or a brimmed hat."""
    c = col.WHITE if chance(w.rng, 0.25) else w.who.cloth2
    top = w.head.hair_centre[1] - w.head.hair_radii[1]
    rx = w.head.hair_radii[0]
    v = uniform(w.rng, -1.15, -0.85)
    half = rx * np.sqrt(max(0.2, 1 - ((v + 0.42) / w.head.hair_radii[1]) ** 2)) + 0.08
    u = np.linspace(-half, half, 24)
    edge = w.head.project(
        np.column_stack([u, v + 0.35 * (u / half) ** 2 - 0.25, 0.9 * np.sqrt(np.maximum(1 - (u / half) ** 2, 0))])
    )
    kind = int(w.rng.choice([0, 0, 1, 2]))
    puff = uniform(w.rng, 0.25, 0.6)
    wide = half + (uniform(w.rng, 0.15, 0.45) if kind == 0 else 0.02)
    crown = np.array(
        [
            (wide, v - 0.15),
            (wide * 0.98, top * 0.72 + 0.28 * v - 0.4 * puff),
            (0.55 * wide, top - puff * 0.8),
            (0, top - puff),
            (-0.55 * wide, top - puff * 0.8),
            (-wide * 0.98, top * 0.72 + 0.28 * v - 0.4 * puff),
            (-wide, v - 0.15),
        ]
    )
    dome = spline(w.head.project(np.column_stack([crown, np.full(7, -0.1)])), 48)
    w.patch(np.vstack([dome, edge]), c)
    trim = w.who.accent
    if kind == 2:
        brim = np.column_stack(
            [
                1.55 * half * np.cos(np.linspace(0, 2 * np.pi, 40)),
                v - 0.05 + 0.38 * np.sin(np.linspace(0, 2 * np.pi, 40)),
            ]
        )
        ring = w.head.project(np.column_stack([brim, 0.9 * np.sin(np.linspace(0, 2 * np.pi, 40))]))
        w.patch(ring, col.shade(c, 0.1))
        w.patch(np.vstack([dome, edge]), c)
    with w.board.clipped(path(np.vstack([dome, edge]))):
        w.patch(ribbon(edge - (0, 0.07 * w.head.scale), 0.2 * w.head.scale), trim)
    if kind == 1:
        s = 0.35
        peak = np.array(
            [
                (-0.8 * half, v - 0.1, 0.6),
                (-0.5 * half, v + 0.12, 1.3),
                (0, v + 0.2, 1.6),
                (0.5 * half, v + 0.12, 1.3),
                (0.8 * half, v - 0.1, 0.6),
                (0, v - 0.3 * s, 1.0),
            ]
        )
        w.patch(spline(w.head.project(peak), 40, closed=True), col.shade(trim, 0.4))


def glasses(w: Wear) -> None:
    """Spectacle frames; the lenses are clear or faintly tinted."""
    e = w.who.eyes
    c = col.hsv(w.rng.random(), 0.5, uniform(w.rng, 0.08, 0.5)) if chance(w.rng, 0.7) else w.who.accent
    rx, ry = e.width * uniform(w.rng, 0.56, 0.66), max(e.height * 0.5, 0.18) * uniform(w.rng, 0.95, 1.35)
    power = uniform(w.rng, 2.0, 4.0)
    thick = uniform(w.rng, 0.025, 0.065) * w.head.scale
    rimless = chance(w.rng, 0.25)
    rx = min(rx, e.x - 0.06)
    drop = uniform(w.rng, 0.0, 0.12)
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    cos, sin = np.cos(a), np.sin(a)
    shape = np.column_stack(
        [rx * np.sign(cos) * np.abs(cos) ** (2 / power), ry * np.sign(sin) * np.abs(sin) ** (2 / power)]
    )
    tint = uniform(w.rng, 0.02, 0.2) if chance(w.rng, 0.5) else 0.0
    for s in (-1, 1):
        ring = w.head.on_face(shape + np.array([s * e.x, drop]), 0.14)
        if tint:
            w.board.fill(path(ring), col.light(c, 0.8), tint)
        part = ring if not rimless else np.vstack([ring[18:40], ring[:3]])
        w.board.stroke(path(part, closed=not rimless), c, thick)
        temple = w.head.project(np.array([(s * (e.x + rx), drop - 0.3 * ry, 0.62), (s * 1.06, drop - 0.1, 0.1)]))
        w.board.stroke(path(temple, closed=False), c, thick * 0.9)
        if tint and chance(w.rng, 0.5):
            glare = w.head.on_face(
                np.array([(-0.3, -0.6), (0.0, -0.7), (-0.35, 0.4), (-0.5, 0.2)]) * (rx, ry) + (s * e.x, drop), 0.15
            )
            w.board.fill(path(glare), col.WHITE, 0.25)
    inner = e.x - rx
    bridge = w.head.on_face(np.array([(-inner, drop - 0.05), (0, drop - 0.12), (inner, drop - 0.05)]), 0.2)
    w.board.stroke(path(spline(bridge, 10), closed=False), c, thick)


def eye_patch(w: Wear) -> None:
    """A medical or pirate's patch over one eye."""
    s = 1 if chance(w.rng, 0.5) else -1
    e = w.who.eyes
    c = col.WHITE if chance(w.rng, 0.5) else (0.1, 0.1, 0.12)
    strap = w.head.project(
        np.array([(-s * 1.02, -0.75, 0.25), (0, -0.3, 0.95), (s * e.x, 0.0, 0.9), (s * 1.05, 0.05, 0.2)])
    )
    w.board.stroke(path(spline(strap, 20), closed=False), c, 0.06 * w.head.scale)
    r = np.array([(-0.5, -0.45), (0.5, -0.5), (0.55, 0.2), (0.1, 0.6), (-0.45, 0.35)]) * (
        e.width * 1.15,
        max(e.height, 0.4) * 1.2,
    )
    w.patch(spline(w.head.on_face(r * (s, 1) + (s * e.x, 0.02), 0.1), 32, closed=True), c)


def choker(w: Wear) -> None:
    """A band around the neck, sometimes with a pendant."""
    t, c = w.torso, w.who.accent if chance(w.rng, 0.5) else (0.08, 0.07, 0.09)
    y = w.who.face.chin + 0.72 * w.who.face.neck_length
    n = t.neck * 1.03
    thick = uniform(w.rng, 0.06, 0.18)
    a = np.linspace(-1, 1, 16)
    line = t.px(np.column_stack([n * a, y + 0.09 * (1 - a * a)]))
    w.patch(ribbon(line, thick * w.head.scale), c)
    if chance(w.rng, 0.5):
        at = t.px(np.array([(0, y + 0.14 + thick)]), 0.2)[0]
        b = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        w.patch(at + 0.09 * w.head.scale * np.stack([np.cos(b), np.sin(b)], 1), w.who.metal)


def earrings(w: Wear) -> None:
    """Studs, drops or rings at the lobes."""
    c = w.who.metal if chance(w.rng, 0.6) else w.who.accent
    kind = int(w.rng.integers(0, 3))
    a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for s in (-1, 1):
        if s * w.head.pose.yaw > 0.25:
            continue
        at = w.head.project(np.array([(s * 1.07, 0.5, -0.05)]))[0]
        if kind == 0:
            w.patch(at + 0.06 * w.head.scale * np.stack([np.cos(a), np.sin(a)], 1), c)
        elif kind == 1:
            drop = np.array([(0, -0.02), (0.09, 0.3), (0, 0.42), (-0.09, 0.3)])
            w.patch(at + w.head.scale * drop, c)
        else:
            ring = at + w.head.scale * 0.15 * np.stack([0.8 * np.cos(a), 1 + np.sin(a)], 1)
            w.board.stroke(path(ring), c, 0.045 * w.head.scale)


Accessory = Callable[[Wear], None]
ACCESSORIES: dict[str, dict[str, tuple[Accessory, float, float]]] = {
    "neck": {"choker": (choker, 0.12, 0.02)},
    "ears": {"earrings": (earrings, 0.16, 0.16)},
    "face": {"glasses": (glasses, 0.15, 0.15), "eye_patch": (eye_patch, 0.02, 0.02)},
    "hair": {"pins": (pins, 0.22, 0.04), "bow": (ribbon_bow, 0.08, 0.02)},
    "head": {
        "band": (band, 0.1, 0.02),
        "animal_ears": (animal_ears, 0.09, 0.09),
        "headset": (headset, 0.06, 0.06),
        "hat": (hat, 0.14, 0.14),
    },
}
"""Place in the stack: kind: (function, share of soft characters that wear it, share of angular ones)."""

PLACES = {
    place: Axis(
        f"worn {place}",
        f"accessories: {place}",
        {
            "none": (1 - sum(v[1] for v in kinds.values()), 1 - sum(v[2] for v in kinds.values())),
            **{k: (soft, hard) for k, (_, soft, hard) in kinds.items()},
        },
    )
    for place, kinds in ACCESSORIES.items()
}
AXES = tuple(PLACES.values())


def worn(who: Character, place: str) -> str:
    """What this character wears at a place of the stack, or "none"."""
    return who.mix.pick(who.rng("wears " + place), PLACES[place], lean=who.lean)


def paint_accessories(place: str, who: Character, head: Head, hair: HairArt, torso: Torso, board: Board) -> bool:
    """Paint what is worn at ``place``; False when it is nothing."""
    name = worn(who, place)
    if name != "none":
        ACCESSORIES[place][name][0](
            Wear(who, head, hair, torso, board, stream(*who.key, "character", "accessory", name))
        )
    low = place == "ears"
    bound = place in ("hair", "ears") and any((tie[1] > -0.5) == low for tie in hair.hair.ties)
    if bound:
        ties(Wear(who, head, hair, torso, board, who.rng("ties")), low)
    return name != "none" or bound
