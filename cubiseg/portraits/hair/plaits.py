"""Bundles of hair that are bound or set: tails, plaits, ringlets, along an axis of (k, 3) points in head units."""

import numpy as np

from cubiseg.portraits.hair.strands import Strand
from cubiseg.portraits.paint import spline
from cubiseg.portraits.rng import Rng, uniform
from cubiseg.portraits.tables import Point


def _frame(axis: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """(n, 3) points evenly along an axis, (n, 2) directions and normals in the frontal plane, and the step's length."""
    fine = spline(axis, 96)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine[:, :2], axis=0).T))])
    at = np.linspace(0, way[-1], n)
    p = np.column_stack([np.interp(at, way, fine[:, i]) for i in range(3)])
    d = np.gradient(p[:, :2], axis=0)
    d /= np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-6)[:, None]
    return p, d, np.stack([-d[:, 1], d[:, 0]], 1), float(way[-1]) / max(n - 1, 1)


def _length(axis: np.ndarray) -> float:
    return float(np.hypot(*np.diff(spline(axis, 48)[:, :2], axis=0).T).sum())


def plait(axis: np.ndarray, width: float, *, narrow: float = 0.4, loose: float = 1.0) -> list[Strand]:
    """A three-strand plait: lobes from alternate sides that dive under the next one; ``loose`` stretches them."""
    n = max(4, int(_length(axis) / (0.38 * width * loose)))
    p, d, s, step = _frame(axis, n)
    out = []
    for k in range(n):
        w = width * (1 - narrow * k / n)
        side = 1 if k % 2 else -1
        at = [(-0.42, -0.2), (-0.5, 0.55), (-0.2, 1.35), (0.28, 2.3)]  # (across in widths, along in steps)
        pts = np.array([np.append(p[k, :2] + side * a * w * s[k] + b * step * d[k], p[k, 2]) for a, b in at])
        out.append(Strand(pts, 0.74 * w, root=0.45, tip=0.12, belly=0.45, lines=0.95, point=1.6))
    return out


def ringlet(
    axis: np.ndarray, width: float, *, tilt: float = 0.3, narrow: float = 0.65, turns: float = 1.0
) -> list[Strand]:
    """A drill: slanted turns that narrow to a point, dark where the inside shows; ``tilt`` says which way they rise."""
    n = max(4, int(turns * _length(axis) / (0.52 * width)))
    p, d, s, step = _frame(axis, n)
    fronts, insides = [], []
    for k in range(n):
        t = k / n
        h = 0.5 * width * (1 - narrow * t**1.6)
        c = p[k, :2]

        def turn(at: list[Point], k: int = k, c: np.ndarray = c, h: float = h) -> np.ndarray:
            return np.array([np.append(c + a * h * s[k] + b * h * d[k], p[k, 2]) for a, b in at])

        rise = 1.7 * tilt
        back = turn([(-0.75, -0.75 * rise - 0.45), (0.0, -0.5), (0.75, 0.75 * rise - 0.55)])
        front = turn([(-1.0, -rise - 0.15), (-0.6, -0.5 * rise + 0.22), (0.55, 0.6 * rise + 0.3), (1.02, rise - 0.12)])
        insides.append(Strand(back, 1.2 * step, root=0.5, tip=0.5, belly=0.5, tone=0.9, lines=0.2, point=2))
        fronts.append(Strand(front, max(1.08 * step, 0.5 * h), root=0.12, tip=0.06, belly=0.48, lines=1.0, point=1.7))
    tip = np.array(
        [
            p[-1],
            p[-1] + np.append(0.25 * width * d[-1] + 0.1 * width * s[-1], 0),
            p[-1] + np.append(0.55 * width * d[-1] - 0.15 * width * np.sign(tilt) * s[-1], 0),
        ]
    )
    return [*insides, Strand(tip, width * (1 - narrow) * 0.9, root=0.8, belly=0.3, lines=0.9), *fronts[::-1]]


def tail(
    rng: Rng,
    axis: np.ndarray,
    width: float,
    *,
    n: int = 7,
    spread: float = 0.5,
    wave: float = 0.0,
    curl: float = 0.0,
    ragged: float = 0.25,
    point: float = 1.4,
    blunt: float = 0.0,
) -> list[Strand]:
    """A loose bundle: narrow at the tie, it swells and parts into points of unequal length; ``curl`` turns tips."""
    fine = spline(axis, 9)
    t = np.linspace(0, 1, 9)
    swell = np.minimum(1, 0.3 + 1.6 * t) * (1 + spread * t) * (1 - uniform(rng, 0.0, 0.8) * t**2)
    out = []
    phase = uniform(rng, 0, 6.3)
    turns = max(1.0, _length(axis) / 1.5)
    order = sorted(np.linspace(-1, 1, n), key=lambda u: -abs(u))
    for i, u in enumerate(order):
        long = 1 - ragged * rng.random() * (0.4 + 0.6 * abs(u))
        pts = spline(fine, 80)[np.linspace(0, 79 * long, 9).astype(int)]
        across = u * 0.5 * width * swell + wave * np.sin(phase + 0.6 * rng.normal() + 2 * np.pi * turns * t) * t
        across = across + curl * np.sign(u) * np.clip((t - 0.6) / 0.4, 0, 1) ** 2 * rng.uniform(0.4, 1.2)
        pts = pts + np.column_stack([across, 0 * t, 0 * t])
        strand_width, belly = 3.2 * width / n * uniform(rng, 0.9, 1.5), uniform(rng, 0.4, 0.6)
        lines, tone = uniform(rng, 0.35, 0.8), 0.35 * (i < n // 2) * rng.random()
        out.append(Strand(pts, strand_width, root=0.4, tip=blunt, belly=belly, lines=lines, tone=tone, point=point))
    return out


def curls(rng: Rng, centre: tuple[float, float, float], radius: float, n: int, size: float) -> list[Strand]:
    """A cloud of small curls within ``radius`` of ``centre``, inner ones first."""
    out = []
    golden = np.pi * (3 - np.sqrt(5))
    for k in range(n):
        r = radius * np.sqrt((k + 0.5) / n)
        a = golden * k + rng.normal(0, 0.2)
        c = np.array([centre[0] + r * np.cos(a), centre[1] + r * np.sin(a)])
        s = size * uniform(rng, 0.7, 1.3)
        turn = a + rng.normal(0, 0.6) + np.linspace(-2.5, 2.2, 6) * (1 if rng.random() < 0.5 else -1)
        pts = np.column_stack([c[0] + s * np.cos(turn), c[1] + s * np.sin(turn), np.full(6, centre[2])])
        out.append(
            Strand(pts, 1.2 * s, root=0.5, belly=0.5, lines=uniform(rng, 0.5, 1.0), point=1.6, tone=0.3 * rng.random())
        )
    return out
