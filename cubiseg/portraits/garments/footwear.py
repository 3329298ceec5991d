"""Shoes, boots, sandals and bare feet, from any side; points of a foot are given from the front and from the side."""

from collections.abc import Callable

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.garments.base import Tailor, makes
from cubiseg.portraits.legs import Leg
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy

FOOTWEAR = axis("""footwear: what is worn on the feet:
    loafers 3 3, mary janes 2.5 0.1, sneakers 2.6 3.6, high tops 1 1.2, heels 1.8 0, flats 1.2 0.1,
    ankle boots 1.6 1.8, boots 2.2 2.4, thigh boots 0.9 0.15, sandals 1.2 1, geta 0.25 0.3, slippers 0.4 0.3,
    greaves 0.05 0.15, none 1.2 0.9""")

TALL = frozenset({"boots", "thigh boots", "greaves"})
"""Kinds into which trousers are tucked now and then."""

_BATHING = {"none": 14.0, "sandals": 5.0, "geta": 3.0, "boots": 0.1, "loafers": 0.05, "thigh boots": 0.1}
_WITH = {
    "swimsuit": _BATHING,
    "bikini": _BATHING,
    "school_swimsuit": _BATHING,
    "trunks": {**_BATHING, "none": 20.0},
    "kimono": {"geta": 30.0, "sandals": 6.0, "sneakers": 0.1, "loafers": 0.1, "heels": 0.1},
    "haori": {"geta": 30.0, "sandals": 6.0, "sneakers": 0.1, "loafers": 0.1, "heels": 0.1},
    "miko": {"geta": 20.0, "sandals": 8.0, "sneakers": 0.1, "loafers": 0.1, "heels": 0.1},
    "armour": {"greaves": 120.0, "boots": 3.0, "sneakers": 0.0, "slippers": 0.0},
    "full_plate": {"greaves": 400.0, "boots": 2.0, "sneakers": 0.0, "slippers": 0.0, "none": 0.0},
    "military": {"boots": 5.0, "sandals": 0.0, "slippers": 0.0},
    "tunic": {"boots": 5.0, "sneakers": 0.0},
    "sailor": {"loafers": 4.0},
    "blazer": {"loafers": 4.0},
    "gakuran": {"loafers": 4.0},
    "suit": {"loafers": 4.0, "heels": 2.0, "sandals": 0.1},
    "waistcoat": {"loafers": 4.0, "boots": 1.5, "sandals": 0.1},
    "tailcoat": {"loafers": 5.0, "heels": 2.0, "boots": 2.0, "sandals": 0.0, "sneakers": 0.1},
    "maid": {"mary janes": 4.0},
    "gothic": {"mary janes": 4.0, "boots": 2.0},
    "tracksuit": {"sneakers": 6.0},
    "sports": {"sneakers": 6.0},
}
"""By garment, factors on the weights."""

# where a low shoe is open: a region of the foot from its opening down, as for ``Leg.on_foot``
_LOW = (
    xy((-2.2, -0.75, -0.3, 0.0, 0.4, 0.85, 2.6, 2.6, -2.2), (0.15, 0.2, 0.5, 0.56, 0.5, 0.2, 0.15, 2.0, 2.0)),
    xy((-0.6, -0.12, 0.1, 0.3, 0.42, 0.6, 1.4, 1.4, -0.6), (0.1, 0.15, 0.45, 0.5, 0.42, 0.3, 0.3, 2.0, 2.0)),
)
_PUMP = (
    xy((-2.2, -0.9, -0.7, 0.0, 0.9, 1.1, 2.6, 2.6, -2.2), (0.2, 0.3, 0.68, 0.78, 0.68, 0.3, 0.2, 2.0, 2.0)),
    xy((-0.6, -0.14, 0.0, 0.3, 0.48, 0.56, 1.4, 1.4, -0.6), (0.1, 0.2, 0.66, 0.74, 0.66, 0.5, 0.4, 2.0, 2.0)),
)
_FULL = xy((-3, 3, 3, -3), (-1.0, -1.0, 2.0, 2.0)), xy((-2, 2, 2, -2), (-1.0, -1.0, 2.0, 2.0))


def footwear_of(who: Character, garment: str) -> str:
    """The kind of footwear that this character wears with a garment."""
    factors = _WITH.get(garment, {})
    weights = {kind: w * factors.get(kind, 1.0) for kind, w in FOOTWEAR.weights(who.lean).items()}
    return who.mix.pick(who.rng("footwear"), FOOTWEAR, weights=weights)


class _Shoe:
    """What one pair is painted with: its tailor, colours and draws that both feet share."""

    def __init__(self, tool: Tailor) -> None:
        rng = tool.rng
        leather = col.hsv(uniform(rng, 0.03, 0.09), uniform(rng, 0.3, 0.65), uniform(rng, 0.25, 0.6))
        dark = col.hsv(rng.random(), uniform(rng, 0.0, 0.3), uniform(rng, 0.07, 0.22))
        white = col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.08))
        colours = {dark: 3.0, leather: 2.0, white: 1.8, tool.second: 1.6, tool.accent: 1.4, tool.main: 1.0}
        self.tool, self.colour = tool, pick(rng, colours)
        self.trim = pick(rng, {white: 2.0, tool.accent: 1.0, col.shade(self.colour, 0.5): 1.5})
        self.draws = rng.random(6)
        self.u = tool.torso.long

    def px(self, leg: Leg, front: np.ndarray, aside: np.ndarray, grow: float = 0.03) -> np.ndarray:
        return leg.on_foot(front, aside, grow * self.u)

    def upper(self, leg: Leg, region: tuple[np.ndarray, np.ndarray], c: col.Colour | None = None) -> None:
        """The shoe's upper, as far as it is closed."""
        tool, c = self.tool, c or self.colour
        opening = self.px(leg, *region)
        shape = path(tool.px(opening))
        with tool.board.clipped(shape):
            tool.piece(leg.foot(0.03 * self.u), c, 0.0)
            if region is not _FULL:
                tool.board.stroke(path(tool.px(opening[:7]), closed=False), tool.ink(c), tool.line)

    def sole(self, leg: Leg, c: col.Colour, thick: float) -> None:
        """A band along the ground."""
        with self.tool.board.clipped(path(self.tool.px(leg.foot(0.045 * self.u)))):
            self.tool.stripe(leg.foot_points(0.03 * self.u)[2:7], c, thick * self.u, inked=True)

    def strap(self, leg: Leg, front: tuple[float, float], aside: tuple[float, float], c: col.Colour, w: float) -> None:
        """A strap across the foot: at a height from the front, at (x, height) from the side."""
        y, bow = front
        f = xy((-1.35, -0.6, 0.1, 0.8, 1.45), (y, y + 0.5 * bow, y + 0.6 * bow, y + 0.5 * bow, y))
        x, top = aside
        a = xy((x - 0.22, x - 0.08, x, x + 0.03, x + 0.02), (0.95, 0.7, 0.5, 0.3, top))
        with self.tool.board.clipped(path(self.tool.px(leg.foot(0.05 * self.u)))):
            self.tool.stripe(spline(self.px(leg, f, a), 14), c, w * self.u, inked=True)

    def shaft(self, leg: Leg, height: float, c: col.Colour | None = None, grow: float = 0.05) -> None:
        """A boot's shaft from a height (of a body that stands straight) to the ankle, and its foot."""
        tool, c = self.tool, c or self.colour
        self.upper(leg, _FULL, c)
        tool.on_leg(leg, c, grow * self.u, start=leg.share(height))


def _loafers(s: _Shoe, leg: Leg) -> None:
    s.upper(leg, _LOW)
    s.sole(leg, col.shade(s.colour, 0.8), 0.06)
    s.strap(leg, (0.62, 0.1), (0.42, 0.4), col.shade(s.colour, 0.5), 0.05)


def _mary_janes(s: _Shoe, leg: Leg) -> None:
    s.upper(leg, _PUMP)
    s.strap(leg, (0.3, 0.12), (0.28, 0.2), s.colour, 0.09)


def _sneakers(s: _Shoe, leg: Leg) -> None:
    s.upper(leg, _LOW)
    s.sole(leg, s.trim if s.draws[0] < 0.3 else col.WHITE, 0.15)
    for k in range(3):
        y = 0.52 + 0.12 * k
        f, a = xy((-0.35, 0.45), (y, y)), xy((0.34 + 0.07 * k, 0.28 + 0.07 * k), (0.36 + 0.1 * k, 0.56 + 0.1 * k))
        s.tool.stripe(s.px(leg, f, a), s.trim, 0.035 * s.u)


def _high_tops(s: _Shoe, leg: Leg) -> None:
    t = s.tool.torso
    s.shaft(leg, t.ankle - 0.16 * (t.ankle - t.knee), grow=0.03)
    s.sole(leg, col.WHITE, 0.14)
    for k in range(4):
        y = -0.1 + 0.2 * k
        f, a = xy((-0.35, 0.4), (y, y)), xy((0.14 + 0.07 * k, 0.04 + 0.09 * k), (y, y + 0.12))
        s.tool.stripe(s.px(leg, f, a), col.WHITE, 0.035 * s.u)


def _heels(s: _Shoe, leg: Leg) -> None:
    front = xy((-0.7, 0.7, 0.5, -0.5), (0.8, 0.8, 1.05, 1.05))
    heel = s.px(leg, front, xy((-0.22, -0.02, -0.12, -0.2), (0.8, 0.9, 1.32, 1.32)))
    s.tool.piece(heel, col.shade(s.colour, 0.4), 0.0, form=False)
    s.upper(leg, _PUMP)
    if s.draws[0] < 0.45:
        s.strap(leg, (-0.05, 0.1), (0.06, -0.1), s.colour, 0.05)


def _flats(s: _Shoe, leg: Leg) -> None:
    s.upper(leg, _PUMP)
    if s.draws[0] < 0.5:
        a = np.linspace(0, 2 * np.pi, 14)
        f = np.column_stack([0.1 + 0.3 * np.cos(a), 0.8 + 0.1 * np.sin(a)])
        s.tool.piece(s.px(leg, f, np.column_stack([0.52 + 0.07 * np.cos(a), 0.7 + 0.09 * np.sin(a)])), s.trim, 0.0)


def _ankle_boots(s: _Shoe, leg: Leg) -> None:
    t = s.tool.torso
    s.shaft(leg, t.ankle - (0.1 + 0.25 * s.draws[0]) * (t.ankle - t.knee))
    s.sole(leg, col.shade(s.colour, 0.9), 0.1)


def _boots(s: _Shoe, leg: Leg) -> None:
    t, tool = s.tool.torso, s.tool
    high = t.knee + (0.05 + 0.5 * s.draws[0]) * (t.ankle - t.knee)
    s.shaft(leg, high, grow=0.045 + 0.05 * s.draws[5])
    s.sole(leg, col.shade(s.colour, 0.9), 0.09)
    start = leg.share(high)
    if s.draws[1] < 0.35:  # a turned-down cuff
        tool.on_leg(leg, s.trim, (0.075 + 0.05 * s.draws[5]) * s.u, start=start, end=start + 0.08)
    elif s.draws[1] < 0.6:  # laced up the front
        for k in np.linspace(start + 0.04, 0.96, 7):
            mid, wide = leg.at(float(k))
            tool.stripe(mid + np.array([(-0.35 * wide, -0.03), (0.35 * wide, 0.03)]), s.trim, 0.035 * s.u)
    elif s.draws[1] < 0.75:  # buckles
        for k in (start + 0.12, 0.9):
            mid, wide = leg.at(k)
            points = mid + np.array([(-1.1 * wide - 0.05 * s.u, 0.0), (1.1 * wide + 0.05 * s.u, 0.0)])
            tool.stripe(points, col.shade(s.colour, 0.6), 0.07 * s.u)
            buckle = np.array([(-0.3, -0.3), (0.3, -0.3), (0.3, 0.3), (-0.3, 0.3)]) * wide
            at = mid + np.array([0.4 * leg.side * wide, 0.0])
            tool.piece(at + buckle, tool.who.metal, 0.0, form=False)


def _thigh_boots(s: _Shoe, leg: Leg) -> None:
    t = s.tool.torso
    high = t.knee - (0.25 + 0.4 * s.draws[0]) * (t.knee - t.crotch)
    s.shaft(leg, high, grow=0.03)
    if s.draws[1] < 0.4:
        start = leg.share(high)
        s.tool.on_leg(leg, s.trim, 0.045 * s.u, start=start, end=start + 0.04)


def _sandals(s: _Shoe, leg: Leg) -> None:
    s.sole(leg, s.trim, 0.09)
    s.strap(leg, (0.72, 0.12), (0.6, 0.5), s.colour, 0.08)
    if s.draws[0] < 0.6:
        s.strap(leg, (0.42, 0.12), (0.4, 0.3), s.colour, 0.06)
    if s.draws[1] < 0.6:
        s.strap(leg, (-0.02, 0.1), (0.06, -0.1), s.colour, 0.06)
    if s.draws[2] < 0.2:  # laced around the calf
        for k in np.linspace(0.66, 0.95, 4):
            mid, wide = leg.at(float(k))
            for lean in (-0.25, 0.25):
                points = mid + np.array([(-wide, lean * wide), (wide, -lean * wide)])
                s.tool.stripe(points, s.colour, 0.045 * s.u, inked=True)


def _geta(s: _Shoe, leg: Leg) -> None:
    wood = (0.5, 0.32, 0.2) if s.draws[0] < 0.6 else (0.15, 0.11, 0.12)
    for x in (-0.05, 0.45):
        front = xy((-1.1, 1.2, 1.2, -1.1), (0.98, 0.98, 1.3, 1.3))
        s.tool.piece(
            s.px(leg, front, xy((x, x + 0.14, x + 0.14, x), (0.95, 0.95, 1.35, 1.35))), col.shade(wood, 0.3), 0.0
        )
    s.sole(leg, wood, 0.12)
    for end in (-1.2, 1.35):
        f, a = xy((0.25, 0.5 * end, end), (0.85, 0.5, 0.6)), xy((0.58, 0.42, 0.2), (0.8, 0.5, 0.7 + 0.1 * end))
        s.tool.stripe(spline(s.px(leg, f, a), 8), s.tool.accent, 0.08 * s.u, inked=True)


def _slippers(s: _Shoe, leg: Leg) -> None:
    s.upper(
        leg,
        (
            xy((-2.2, -1.3, -0.6, 0.0, 0.7, 1.4, 2.6, 2.6, -2.2), (0.6, 0.55, 0.42, 0.4, 0.42, 0.55, 0.6, 2.0, 2.0)),
            xy((0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 1.4, 1.4, 0.05), (1.2, 0.9, 0.6, 0.4, 0.2, 0.1, 0.1, 2.0, 2.0)),
        ),
    )
    s.sole(leg, col.shade(s.colour, 0.5), 0.08)


def _greaves(s: _Shoe, leg: Leg) -> None:
    t, tool, u = s.tool.torso, s.tool, s.u
    steel = col.hsv(0.6, 0.05 + 0.1 * s.draws[0], 0.35 + 0.5 * s.draws[1]) if s.draws[2] < 0.7 else s.colour
    s.shaft(leg, t.knee + 0.05 * (t.ankle - t.knee), steel, 0.06)
    for y in (0.35, 0.65):  # plates over the foot
        s.strap(leg, (y, 0.2), (0.3 + 0.4 * (y - 0.35), y), col.shade(steel, 0.4), 0.025)
    mid, wide = leg.at(0.5)
    if not leg.hidden:
        ridge = [leg.at(float(k))[0] for k in np.linspace(0.58, 0.97, 6)]
        tool.board.ink(tool.px(np.array(ridge)), tool.ink(steel), tool.line, 0.8)
    a = np.linspace(0, 2 * np.pi, 7)[:-1]
    cop = mid + np.column_stack([(wide + 0.08 * u) * np.cos(a), 1.1 * (wide + 0.08 * u) * np.sin(a)])
    tool.piece(cop, col.light(steel, 0.2), 0.0)
    tool.piece(mid + 0.45 * (cop - mid), tool.who.metal if s.draws[3] < 0.5 else steel, 0.0, form=False)


_KINDS: dict[str, Callable[[_Shoe, Leg], None]] = {
    "loafers": _loafers,
    "mary janes": _mary_janes,
    "sneakers": _sneakers,
    "high tops": _high_tops,
    "heels": _heels,
    "flats": _flats,
    "ankle boots": _ankle_boots,
    "boots": _boots,
    "thigh boots": _thigh_boots,
    "sandals": _sandals,
    "geta": _geta,
    "slippers": _slippers,
    "greaves": _greaves,
}


@makes("footwear")
def paint_footwear(tool: Tailor, kind: str, size: int) -> None:
    """Paint what is worn on the feet, where a picture of ``size`` px shows it.

    Args:
        tool: tailor with a random stream of the footwear's own.
        kind: a kind of ``FOOTWEAR``.
        size: side of the picture in px.
    """
    if kind == "none":
        return
    shoe, t = _Shoe(tool), tool.torso
    for leg in t.legs:
        if leg.hidden and kind not in TALL:
            continue
        if float(t.px(leg.joints[0 if kind == "thigh boots" else 1 :])[:, 1].min()) > size:
            continue
        with tool.behind(leg):
            if leg.hidden:
                _hidden(shoe, leg, kind)
            else:
                _KINDS[kind](shoe, leg)


def _hidden(s: _Shoe, leg: Leg, kind: str) -> None:
    """All that is seen of a tall boot on a leg that kneels: its shaft over the knee, where it reaches so far."""
    if kind == "thigh boots":
        t = s.tool.torso
        s.tool.on_leg(
            leg, s.colour, 0.03 * s.u, start=leg.share(t.knee - (0.25 + 0.4 * s.draws[0]) * (t.knee - t.crotch))
        )


def tucks(who: Character, kind: str) -> bool:
    """Whether this character's trousers end inside the footwear."""
    return kind in TALL and chance(who.rng("tucked"), 0.9 if kind == "greaves" else 0.6)
