"""Cloaks that are closed in front, capes that hang from the shoulders behind the body, and short capes."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.garments import parts
from cubiseg.portraits.garments.base import Tailor
from cubiseg.portraits.garments.patterns import weave
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import xy


def _cloth(tool: Tailor) -> tuple[col.Colour, col.Colour, col.Colour]:
    """Colours of a cape: outside, lining, trim."""
    rng = tool.rng
    white = col.mix(col.WHITE, tool.second, uniform(rng, 0.0, 0.06))
    c = pick(rng, {tool.second: 2.0, tool.accent: 1.5, tool.main: 1.0, white: 0.7, (0.14, 0.13, 0.17): 0.8})
    lining = pick(rng, {tool.accent: 1.5, tool.shade(c): 2.0, tool.second: 1.0, white: 0.4})
    return c, lining, pick(rng, {tool.who.metal: 2.0, white: 1.0, tool.shade(c): 1.5, tool.accent: 1.0})


def _low(tool: Tailor, short: float, long: float) -> float:
    """Height of a hem, off the ground."""
    t = tool.torso
    return min(t.crotch + uniform(tool.rng, short, long) * t.long, t.stance.low - 0.2 * t.long)


def _brooch(tool: Tailor, metal: col.Colour, y: float) -> None:
    a = np.linspace(0, 2 * np.pi, 16)[:-1]
    ring = np.column_stack([np.cos(a), np.sin(a)])
    at, u = np.array([0.0, y]), tool.torso.long
    tool.piece(at + 0.15 * u * ring, metal, 0.3, form=False)
    tool.piece(at + 0.08 * u * ring, tool.accent, 0.3, form=False)


def _hem(left: np.ndarray, right: np.ndarray, waves: int, deep: float, n: int = 50) -> np.ndarray:
    """(n, 2) a hem in folds from ``right`` to ``left``."""
    x = np.linspace(1, 0, n)[:, None]
    low = right * x + left * (1 - x)
    low[:, 1] += deep * (0.5 + 0.5 * np.cos(2 * np.pi * waves * x[:, 0]))
    return low


def closed_cloak(tool: Tailor) -> None:
    """A travelling cloak or a poncho that covers trunk and arms, its hood on the shoulders or a high collar."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, lining, trim = _cloth(tool)
    low = t.hip_y + uniform(rng, -0.6, 0.3) * u if chance(rng, 0.35) else _low(tool, 0.6, 3.6)
    wide, waves = uniform(rng, 1.25, 1.7) * s, int(rng.integers(3, 6))
    pattern = weave(tool, c, {"plain": 6.0, "plaid": 1.0, "stripes": 0.4, "checks": 0.3, "argyle": 0.3})
    hooded, banded, split = chance(rng, 0.55), chance(rng, 0.45), chance(rng, 0.6)
    fastened = int(rng.integers(0, 4))
    folds = rng.uniform(0.2, 1.0, int(rng.integers(4, 8)))

    def behind(w: Tailor) -> None:
        half = xy((0.9 * s, 0.97 * wide, 0.0), (t.hip_y, low - 0.05 * u, low + 0.05 * u))
        w.piece(np.vstack([half, t.mirrored(half)]), w.shade(lining), form=False)

    def over(w: Tailor) -> None:
        top = t.shoulder_line(t.neck * 1.05, s - 0.8 * t.arm, 0.1 * u, 8)
        side = xy((s + 0.14 * u, s + 0.3 * u, 0.5 * (s + 0.3 * u + wide)), (t.top + 0.35 * u, t.bust_y, t.waist_y))
        outer = spline(np.vstack([top[-1:], side, [(wide, low)]]), 24)
        hem = _hem(np.array([-wide, low]), np.array([wide, low]), waves, 0.14 * u)
        half = np.vstack([top, outer[1:]])
        shape = w.piece(np.vstack([[(0.0, t.y + 0.2 * u)], half, hem[1:-1], t.mirrored(half)]), c, 0.1, form=False)
        if pattern:
            pattern(w.board, shape)
        w.drape(shape, c)
        with w.board.clipped(shape):
            if banded:
                w.stripe(hem - (0, 0.18 * u), trim, 0.12 * u, 0.1)
            for k, x in enumerate(folds):
                q = 1 if k % 2 else -1
                foot = np.array([q * x * wide, low + 0.1 * u])
                head = np.array([q * 0.75 * x * s, t.y + (0.6 + 0.8 * x) * u])
                w.crease(np.array([foot, 0.5 * (foot + head) + (q * 0.06 * u, 0), head]), c, 0.2)
            if split:
                line = xy((0.0, 0.02 * u, 0.06 * u, 0.16 * u), (t.y, t.bust_y, t.waist_y, low + 0.3 * u))
                w.board.ink(spline(w.px(line, 0.2), 20), w.ink(c), 1.2 * w.line, start=0.8, end=1.0)
        w.board.stroke(shape, w.ink(c), w.line)
        for k in range(fastened if split else 0):
            y = t.y + (0.7 + 0.55 * k) * u
            w.stripe(xy((-0.16 * u, 0.18 * u), (y, y)), trim, 0.08 * u, 0.3, inked=True)
        if hooded:
            for q in (-1, 1):
                roll = xy(
                    (t.neck * 1.0, t.neck * 1.25 + 0.12 * u, t.neck + 0.42 * u, t.neck + 0.3 * u, 0.02, 0.0),
                    (t.y - 0.3 * u, t.y - 0.22 * u, t.y + 0.12 * u, t.y + 0.42 * u, t.y + 0.5 * u, t.y + 0.2 * u),
                )
                w.piece(roll * (q, 1), c, 0.2, smooth=36)
        else:
            parts.stand_collar(w, c, uniform(rng, 0.5, 0.95), gap=0.3 * t.neck, trim=trim, flare=0.08 * u)
        _brooch(w, w.who.metal, t.y + 0.36 * u)

    tool.add("cape", behind)
    tool.add("over", over)


def cape(tool: Tailor) -> None:
    """A cape from the shoulders behind arms and legs, blown aside or straight, held by clasps and a cord."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, lining, trim = _cloth(tool)
    low = _low(tool, 0.3, 4.0)
    blow = uniform(rng, -1.3, 1.3) * s if chance(rng, 0.5) else 0.0
    wide, waves = uniform(rng, 1.25, 2.1) * s, int(rng.integers(3, 7))
    torn, banded = chance(rng, 0.12), chance(rng, 0.4)
    jag = rng.uniform(-0.35, 0.1, 50) * u if torn else np.zeros(50)
    folds = rng.uniform(-1.0, 1.0, 7)

    def behind(w: Tailor) -> None:
        right, left = np.array([wide + max(blow, 0.25 * blow), low]), np.array([-wide + min(blow, 0.25 * blow), low])
        right[1] -= 0.3 * max(blow, 0.0)
        left[1] -= 0.3 * max(-blow, 0.0)
        hem = _hem(left, right, waves, 0.22 * u) + np.column_stack([np.zeros(50), jag])
        edges = []
        for q, end in ((1, right), (-1, left)):
            start = np.array([q * (s - 0.6 * t.arm), t.top - 0.05 * u])
            mid = start + (end - start) * (0.55, 0.45) + (q * 0.06 * u, 0)
            edges.append(spline(np.array([start, mid, end]), 20))
        neck = xy((t.neck, -t.neck), (t.y - 0.05 * u, t.y - 0.05 * u))
        shape = w.piece(np.vstack([edges[0], hem, edges[1][::-1], neck[::-1]]), lining, -0.3, form=False)
        with w.board.clipped(shape):
            if banded:
                w.stripe(hem - (0, 0.16 * u), trim, 0.1 * u, -0.3)
            for x in folds:
                foot = 0.5 * (1 + x) * right + 0.5 * (1 - x) * left + (0, 0.1 * u)
                head = np.array([0.8 * x * s, t.bust_y])
                w.crease(np.array([foot, 0.5 * (foot + head), head]), lining, 0.22, -0.3)
        w.board.stroke(shape, w.ink(lining), w.line)

    over_shoulder, roped = chance(rng, 0.6), chance(rng, 0.7)

    def over(w: Tailor) -> None:
        for q in (-1, 1):
            if over_shoulder:
                top = t.shoulder_line(t.neck * 1.1, s - 0.7 * t.arm, 0.1 * u, 8)
                fold = xy(
                    (s + 0.08 * u, s + 0.14 * u, s - 0.5 * t.arm, t.neck + 0.3 * u),
                    (t.top + 0.2 * u, t.top + 0.75 * u, t.top + 0.5 * u, t.y + 0.45 * u),
                )
                w.piece(np.vstack([top, fold, [(t.neck * 1.0, t.y + 0.1 * u)]]) * (q, 1), c, 0.05)
        if roped:
            for k in (0.0, 0.16):
                x, y = 0.62 * s, t.y + 0.55 * u
                rope = xy((-x, 0, x), (y - 0.1 * u, y + (0.12 + k) * u, y - 0.1 * u))
                w.stripe(spline(rope, 16), w.who.metal if k else trim, 0.06 * u, 0.2, inked=True)
            for q in (-1, 1):
                a = np.linspace(0, 2 * np.pi, 14)[:-1]
                disc = np.column_stack([q * 0.62 * s + 0.13 * u * np.cos(a), t.y + 0.48 * u + 0.13 * u * np.sin(a)])
                w.piece(disc, w.who.metal, 0.2, form=False)
        else:
            band = xy((-t.neck * 1.2, 0.0, t.neck * 1.2), (t.y + 0.1 * u, t.y + 0.34 * u, t.y + 0.1 * u))
            w.stripe(spline(band, 12), c, 0.2 * u, 0.15, inked=True)
            _brooch(w, w.who.metal, t.y + 0.34 * u)

    tool.add("cape", behind)
    tool.add("over", over)


def capelet(tool: Tailor) -> None:
    """A short cape over the shoulders, of cloth or lace, plain, scalloped or with fur, tied with a ribbon."""
    t, rng, u, s = tool.torso, tool.rng, tool.torso.long, tool.torso.shoulder
    c, _, trim = _cloth(tool)
    low, wide = t.bust_y + uniform(rng, -0.3, 0.35) * u, uniform(rng, 1.0, 1.2) * s + 0.12 * u
    edge = pick(rng, {"frill": 1.0, "band": 1.0, "fur": 0.6, "plain": 0.8})
    opened, tied = uniform(rng, 0.0, 0.4) * s, chance(rng, 0.7)
    pattern = weave(tool, c, {"plain": 5.0, "plaid": 0.8, "dots": 0.3, "checks": 0.4})

    def over(w: Tailor) -> None:
        for q in (-1, 1):
            top = t.shoulder_line(t.neck * 1.05, s - 0.8 * t.arm, 0.1 * u, 8)
            side = spline(xy((top[-1, 0], s + 0.16 * u, wide), (top[-1, 1], t.top + 0.4 * u, low - 0.2 * u)), 12)
            hem = spline(xy((wide, 0.55 * wide, opened), (low - 0.2 * u, low + 0.12 * u, low + 0.14 * u)), 16)
            half = np.vstack([top, side[1:], hem[1:], [(0.0, t.y + 0.2 * u)]])
            if edge == "frill":
                parts.frill(w, hem * (q, 1), trim, 0.3 * u, 0.05)
            shape = w.piece(half * (q, 1), c, 0.05)
            with w.board.clipped(shape):
                if pattern:
                    pattern(w.board, shape)
                if edge == "band":
                    w.stripe((hem - (0, 0.12 * u)) * (q, 1), trim, 0.08 * u, 0.05)
                for x in (0.45, 0.75):
                    points = xy((q * x * wide, q * 0.9 * x * s), (low + 0.1 * u, t.y + 0.5 * u))
                    w.crease(points, c, 0.12, 0.05)
            w.board.stroke(shape, w.ink(c), w.line)
            if edge == "fur":
                parts.fur(w, hem[::4] * (q, 1), 0.3 * u, col.mix(col.WHITE, c, 0.1))
        if tied:
            parts.neck_bow(w, trim if trim != c else w.accent, t.y + 0.28 * u, uniform(rng, 0.2, 0.4) * u)
        else:
            _brooch(w, w.who.metal, t.y + 0.28 * u)

    tool.add("over", over)
