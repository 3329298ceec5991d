"""What a sitting figure sits on: a stool, a box, a bench, a ledge, or nothing. It belongs to the background."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.paint import Board, path, spline
from cubiseg.portraits.rng import Rng, chance, uniform
from cubiseg.portraits.scene import Scene

SEAT = axis("seat: what a sitting figure sits on: none 3, stool 2, box 2, bench 1.5, ledge 1, armchair 1")
AXES = (SEAT,)


def add_seat(img: np.ndarray, torso: Torso, view: Scene) -> None:
    """Draw the seat into the (n, n, 4) uint8 background, in place, if the figure sits."""
    height, n = torso.stance.seat, img.shape[0]
    rng = view.rng("seat")
    kind = view.mix.pick(rng, SEAT)
    if height is None or kind == "none" or float(torso.px(np.array([(0.0, height)]))[0, 1]) > n:
        return
    board = Board(n)
    _SEATS[kind](board, torso, rng, height, torso.stance.low)
    rgba = board.rgba()
    alpha = rgba[..., 3:] * np.float32(1 / 255)
    img[..., :3] = np.rint(img[..., :3] * (1 - alpha) + rgba[..., :3] * alpha).astype(np.uint8)


class _Joiner:
    """Paints boards and cushions of one seat in body coordinates."""

    def __init__(self, board: Board, torso: Torso, rng: Rng) -> None:
        self.board, self.torso = board, torso
        wood = col.hsv(uniform(rng, 0.04, 0.1), uniform(rng, 0.3, 0.7), uniform(rng, 0.25, 0.8))
        cloth = col.hsv(rng.random(), uniform(rng, 0.0, 0.8), uniform(rng, 0.3, 0.95))
        self.colour = wood if chance(rng, 0.5) else cloth
        self.ink = col.ink(self.colour, torso.who.style.ink)
        self.line = torso.who.style.line * torso.head.scale

    def slab(self, x0: float, y0: float, x1: float, y1: float, *, dark: float = 0.0, round_: int = 0) -> None:
        """A board between two corners, ``dark`` 0..1; ``round_``: samples of its rounded outline."""
        points = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        if round_:
            mids = 0.5 * (points + np.roll(points, -1, 0))
            corners = points + 0.12 * (points.mean(axis=0) - points)
            points = spline(np.stack([corners, mids], 1).reshape(-1, 2), round_, closed=True)
        c = col.shade(self.colour, dark)
        self.board.outline(path(self.torso.px(points)), c, self.ink, self.line)


def _stool(board: Board, t: Torso, rng: Rng, y: float, low: float) -> None:
    j, w, thick = _Joiner(board, t, rng), uniform(rng, 1.1, 1.5) * t.hip, 0.25 * t.long
    for x in (-0.85, 0.7):
        j.slab(x * w, y + thick, (x + 0.16) * w, low, dark=0.35)
    j.slab(-w, y, w, y + thick, round_=24)


def _box(board: Board, t: Torso, rng: Rng, y: float, low: float) -> None:
    j, w = _Joiner(board, t, rng), uniform(rng, 1.2, 2.0) * t.hip
    j.slab(-w, y + 0.3 * t.long, w, low, dark=0.3)
    j.slab(-w, y, w, y + 0.32 * t.long)


def _bench(board: Board, t: Torso, rng: Rng, y: float, low: float) -> None:
    j, w, back = _Joiner(board, t, rng), uniform(rng, 4, 9) * t.hip, chance(rng, 0.6)
    x = uniform(rng, -0.5, 0.5) * w
    for k in (-0.9, 0.82):
        j.slab(x + k * w, y, x + (k + 0.08) * w, low, dark=0.4)
    for k in range(3 if back else 0):
        j.slab(x - w, y - (0.8 + 0.6 * k) * t.long, x + w, y - (0.4 + 0.6 * k) * t.long, dark=0.15)
    j.slab(x - w, y, x + w, y + 0.28 * t.long)


def _ledge(board: Board, t: Torso, rng: Rng, y: float, low: float) -> None:
    j, far = _Joiner(board, t, rng), 60.0
    j.slab(-far, y + 0.4 * t.long, far, low + far, dark=0.3)
    j.slab(-far, y, far, y + 0.42 * t.long)


def _armchair(board: Board, t: Torso, rng: Rng, y: float, low: float) -> None:
    j, w, u = _Joiner(board, t, rng), uniform(rng, 1.5, 2.2) * t.shoulder, t.long
    j.slab(-w, t.y + uniform(rng, -0.8, 0.8) * u, w, low, dark=0.15, round_=40)
    j.slab(-w, y - 0.1 * u, w, low - 0.1 * u, dark=0.0)
    for s in (-1, 1):
        j.slab(s * w - 0.3 * t.shoulder, y - 0.9 * u, s * w + 0.3 * t.shoulder, low, dark=0.08, round_=32)


_SEATS = {"stool": _stool, "box": _box, "bench": _bench, "ledge": _ledge, "armchair": _armchair}
