"""Crowns, tiaras, circlets, haloes."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.bands import over, shown
from cubiseg.portraits.accessories.base import Wear
from cubiseg.portraits.accessories.crown import around
from cubiseg.portraits.accessories.geometry import Ring
from cubiseg.portraits.paint import Points, normals, path, spline
from cubiseg.portraits.rng import chance, uniform


def _spikes(ring: Ring, n: int, low: float, high: float, flare: float, round_: bool) -> tuple[Points, Points]:
    """(N,) height and growth of a jagged upper edge."""
    t = (ring.theta * n / (2 * np.pi) + 0.25 * (n % 4)) % 1.0
    saw = 1 - 2 * np.abs(t - 0.5)
    saw = np.sqrt(saw) if round_ else saw
    h = low + (high - low) * saw
    return h, 1 + flare * h


def crown(w: Wear) -> None:
    """A king's or a princess's crown: around the crown of the head, or small and tilted on it."""
    m, small = w.metal(), chance(w.rng, 0.6)
    side = w.rng.choice([-1.0, 1.0])
    if small:
        ring = Ring(w.head, uniform(w.rng, -1.6, -1.5), uniform(w.rng, 0.0, 0.2), side * uniform(w.rng, 0.0, 0.4), 0.03)
    else:
        ring = Ring(w.head, uniform(w.rng, -1.35, -1.0), uniform(w.rng, 0.0, 0.25), side * 0.06, 0.05)
    n, high = int(w.rng.integers(5, 9)), uniform(w.rng, 0.4, 0.75)
    h, k = _spikes(ring, n, 0.45 * high, high, uniform(w.rng, 0.0, 0.25), chance(w.rng, 0.3))
    far, near = ring.order(False), ring.order()
    low, up = ring.px(1.0, 0.0), ring.px(k, h)
    if ring.from_above:
        w.patch(np.vstack([low[far], up[far][::-1]]), w.dark(m, 1.2))
    else:
        w.patch(np.vstack([low[far], up[far][::-1]]), w.dark(m, 1.2), board=w.behind)
    p = w.patch(np.vstack([low[near], up[near][::-1]]), m)
    w.covers.append(p)
    with w.board.clipped(p):
        q = near[len(near) // 4 : len(near) // 4 + 3]
        w.board.fill(path(np.vstack([low[q], up[q][::-1]])), col.WHITE, 0.55)
    for a in (0.06, 0.4 * high):
        w.board.ink(ring.arc(1.01, a), w.ink(m), 0.8 * max(w.line, 0.01 * w.u))
    jewel = w.gem_colour()
    peaks = np.flatnonzero((h >= np.roll(h, 1)) & (h > np.roll(h, -1)) & ring.near)
    for i in peaks:
        w.ball(up[i], 0.07, jewel if chance(w.rng, 0.5) else m)
        w.gem(ring.px(1.01, 0.22 * high)[i], 0.06, jewel)


def tiara(w: Wear) -> None:
    """A band over the head with a rising filigree and stones in its middle."""
    m, jewel = w.metal(), w.gem_colour()
    line = spline(shown(w.head, over(w.head, uniform(w.rng, 0.4, 0.75), 0.03, -0.3)), 61)
    up = normals(line)
    up *= -np.sign(up[30] @ (w.head.project(w.head.hair_centre[None])[0] - line[30])) or 1.0
    t = np.linspace(-1, 1, 61)
    high = uniform(w.rng, 0.3, 0.55) * np.maximum(1 - np.abs(t / 0.75) ** 1.5, 0)
    n = int(w.rng.integers(3, 6))
    edge = line + up * (w.u * high * (0.6 + 0.4 * np.abs(np.cos(np.pi * n * t))))[:, None]
    inner = line + up * (w.u * high * 0.35)[:, None]
    p = path(np.vstack([edge[8:53], inner[8:53][::-1]]))
    w.covers.append(w.patch(p, m))
    w.rod(line, 0.06, m)
    for k in range(-n, n + 1):
        i = int(30 + 22 * k / n)
        w.rod(np.stack([line[i], edge[i]]), 0.03, m)
        w.gem(edge[i], 0.06 if k else 0.09, jewel if k % 2 == 0 else (0.95, 0.97, 1.0))
    w.gem(line[30] + 0.5 * (edge[30] - line[30]), 0.12, jewel, m)


def circlet(w: Wear) -> None:
    """A thin ring around the forehead with a stone, chains or a point in the middle."""
    m, jewel = w.metal(), w.gem_colour()
    ring = Ring(w.head, uniform(w.rng, -0.8, -0.62), uniform(w.rng, -0.02, 0.2), 0.0, 0.0)
    dip = uniform(w.rng, 0.0, 0.2) * np.exp(-np.square((ring.theta - np.pi / 2) / 0.35))
    arc = ring.px(1.01, -dip)[ring.order()]
    w.rod(arc, uniform(w.rng, 0.035, 0.08), m)
    w.covers.append(path(np.vstack([arc, arc[::-1] + np.array([0, 0.04 * w.u])])))
    at = ring.px(1.03, -dip)[ring.N // 4]
    s = uniform(w.rng, 0.1, 0.16)
    if chance(w.rng, 0.5):
        w.patch(at + w.u * s * np.array([(-2.0, -0.3), (0, -1.3), (2.0, -0.3), (0, 2.2)]), m)
    w.gem(at, s, jewel, m)
    if chance(w.rng, 0.4):
        for k in (0.35, 0.7):
            for sgn in (-1, 1):
                w.gem(ring.at(np.pi / 2 + sgn * k, 1.03, -0.05), 0.05, jewel)
    if chance(w.rng, 0.4):
        drop = at + np.array([0, 1.9 * s * w.u])
        w.patch(drop + w.u * 0.08 * np.array([(0, -1), (0.7, 0.5), (0, 1.3), (-0.7, 0.5)]), jewel, 16)


def halo(w: Wear) -> None:
    """A ring of light that floats above the head."""
    c = (1.0, 0.93, 0.6) if chance(w.rng, 0.6) else col.hsv(w.rng.random(), uniform(w.rng, 0.1, 0.5), 1.0)
    top = w.head.hair_centre[1] - w.head.hair_radii[1]
    r, up = uniform(w.rng, 0.6, 1.05), uniform(w.rng, 0.1, 0.32)
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    tilt = uniform(w.rng, 0.12, 0.4)
    ring = np.column_stack([r * np.cos(t), top - up + tilt * r * np.sin(t), w.head.hair_centre[2] + r * np.sin(t)])
    px = w.head.project(ring)
    p, width = path(px), uniform(w.rng, 0.06, 0.16) * w.u
    w.board.stroke(p, w.ink(c), width + 2 * w.line)
    w.board.stroke(p, c, width)
    w.board.stroke(p, col.WHITE, 0.4 * width, 0.8)
    if chance(w.rng, 0.3):
        for i in range(0, 60, int(w.rng.choice([6, 10, 12]))):
            d = px[i] - px.mean(axis=0)
            w.rod(np.stack([px[i], px[i] + 0.25 * d]), 0.05, c)


def jewelled_band(w: Wear) -> None:
    """A broad metal diadem over the hairline."""
    m = w.metal()
    ring = Ring(w.head, uniform(w.rng, -0.95, -0.75), uniform(w.rng, 0.1, 0.3), 0.0, 0.0)
    high = uniform(w.rng, 0.16, 0.3)
    w.covers.append(w.patch(around(ring, -0.5 * high, 0.5 * high, 1.01), m))
    c = w.gem_colour()
    for k in np.linspace(0.3, np.pi - 0.3, int(w.rng.integers(3, 8))):
        w.gem(ring.at(float(k), 1.03), 0.35 * high, c)
