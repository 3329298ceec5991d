"""Built outdoors: skylines, streets, facades, brick walls."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds.outdoors import greens, sky_down_to, tree_line
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import Point


def _stone(s: Stage) -> col.Colour:
    """Plaster, stone, brick or concrete."""
    return col.hsv(uniform(s.rng, 0.02, 0.14), uniform(s.rng, 0.02, 0.45), uniform(s.rng, 0.3, 0.97))


def bricks(s: Stage, c: col.Colour | None = None) -> Image:
    """Rows of bricks, blocks or tiles, of a colour or of any."""
    h = uniform(s.rng, 0.02, 0.12)
    rows, aspect = 1 / h, uniform(s.rng, 1.2, 3.0)
    v = s.y * np.float32(rows)
    row = np.floor(v).astype(int)
    u = s.x * np.float32(rows / aspect) + 0.5 * (row % 2)
    cell = (np.floor(u).astype(int) * 57 + row * 131) % 997
    tone = s.rng.random(997).astype(np.float32)[cell]
    c = c or (_stone(s) if chance(s.rng, 0.7) else s.colour())
    img = s.ramp(tone, [col.shade(c, 0.5), c, col.light(c, 0.3)])
    img = s.textured(img, s.noise(3, 8, 0.9), uniform(s.rng, 0.02, 0.14))
    gap = np.minimum(np.minimum(u - np.floor(u), np.ceil(u) - u) * np.float32(aspect), np.minimum(v - row, row + 1 - v))
    mortar = s.near(col.light(c, 0.5) if chance(s.rng, 0.6) else col.shade(c, 0.9))
    return s.blend(img, mortar, (uniform(s.rng, 0.03, 0.09) - gap) * np.float32(s.n * h) + 0.5)


def facade(s: Stage) -> Image:
    """A building face on: storeys of windows, often columns, cornices and a door."""
    wall = s.near(_stone(s))
    img = s.textured(s.flat(wall), s.noise(2, 8, 0.85), uniform(s.rng, 0.01, 0.08))
    nx, ny = int(s.rng.integers(3, 12)), int(s.rng.integers(2, 9))
    w, h = uniform(s.rng, 0.35, 0.75), uniform(s.rng, 0.45, 0.8)
    glass = [col.hsv(uniform(s.rng, 0.5, 0.65), uniform(s.rng, 0.1, 0.5), v) for v in (0.12, 0.3, 0.6, 0.9)]
    rim = col.light(wall, 0.5) if chance(s.rng, 0.6) else col.shade(wall, 0.6)
    bars = int(s.rng.integers(0, 3))
    for j in range(ny):
        for i in range(nx):
            cx, cy = (i + 0.5) / nx, (j + 0.5) / ny
            a, b = 0.5 * w / nx, 0.5 * h / ny
            s.box(img, cx - 1.18 * a, cy - 1.12 * b, cx + 1.18 * a, cy + 1.12 * b, rim)
            s.box(img, cx - a, cy - b, cx + a, cy + b, glass[int(s.rng.integers(4))])
            for k in range(bars):
                x = cx + a * (2 * (k + 1) / (bars + 1) - 1)
                s.line(img, np.array([(x, cy - b), (x, cy + b)]), rim, 0.1 * a)
            if bars:
                s.line(img, np.array([(cx - a, cy), (cx + a, cy)]), rim, 0.1 * a)
    if chance(s.rng, 0.5):
        k, width = int(s.rng.integers(3, nx + 4)), uniform(s.rng, 0.1, 0.3)
        u = (s.x * np.float32(k)) % 1
        round_ = np.clip(1 - ((u - 0.5) / np.float32(width)) ** 2, 0, 1) ** 0.5 * np.ones_like(s.y)
        flute = 0.12 * np.sin(u * np.float32(2 * np.pi * 9 / (2 * width)))
        column = s.ramp(0.75 * round_ + flute * (u < 0.5 + width), [col.shade(wall, 0.9), wall, col.light(wall, 0.8)])
        img = s.blend(img, column, (round_ > 0).astype(np.float32) * (s.y > 0.08))
    for y in (np.arange(ny + 1) / ny)[:: max(1, int(s.rng.integers(1, 4)))]:
        s.box(img, 0, y - 0.012, 1, y + 0.006, col.light(wall, 0.4))
        s.box(img, 0, y + 0.006, 1, y + 0.014, col.shade(wall, 0.7))
    return img


def _tower(s: Stage, img: Image, x: float, w: float, top: float, base: float, c: col.Colour, lit: float) -> None:
    """One block with a grid of windows, a share ``lit`` of which shine."""
    n = s.n
    x0, x1 = (int(np.clip(v * n, 0, n)) for v in (x, x + w))
    y0, y1 = (int(np.clip(v * n, 0, n)) for v in (top, base))
    if x1 - x0 < 3 or y1 - y0 < 3:
        return
    block = np.empty((y1 - y0, x1 - x0, 3), np.float32)
    block[:] = np.array(c) * 255
    p, q = uniform(s.rng, 0.01, 0.035) * n, uniform(s.rng, 0.012, 0.04) * n
    yy, xx = np.arange(y1 - y0, dtype=np.float32) / q, np.arange(x1 - x0, dtype=np.float32) / p
    on = s.rng.random((int(yy[-1]) + 1, int(xx[-1]) + 1)) < lit
    hit = ((yy % 1 > 0.35) & (yy > 0.6))[:, None] & (xx % 1 > uniform(s.rng, 0.15, 0.6))[None]
    glow = np.where(on[yy.astype(int)][:, xx.astype(int)], 1.0, 0.0)
    warm = np.array(col.hsv(uniform(s.rng, 0.08, 0.16) if lit < 0.9 else 0.58, uniform(s.rng, 0.1, 0.6), 1.0)) * 255
    dim = np.array(col.shade(c, 0.6)) * 255
    block[hit] = np.where(glow[hit][:, None] > 0, warm, dim)
    img[y0:y1, x0:x1] = block


def _towers(s: Stage, img: Image, horizon: float, night: bool) -> None:
    air = col.hsv(0.6, 0.2, 0.15 if night else 0.85)
    base = s.colour(0.5, 0.08, 0.25) if night else _stone(s)
    for row in range(3):
        for _ in range(int(s.rng.integers(5, 14))):
            far = 1 - row / 3
            h = uniform(s.rng, 0.08, 0.6) * (0.5 + 0.5 * far)
            x, w = uniform(s.rng, -0.1, 1.0), uniform(s.rng, 0.04, 0.2)
            c = col.mix(s.near(base, 0.2), air, 0.6 * far)
            _tower(s, img, x, w, horizon - h, 1.0, c, uniform(s.rng, 0.1, 0.7) if night else uniform(s.rng, 0, 0.4))


def skyline(s: Stage) -> Image:
    """Towers by day."""
    horizon = uniform(s.rng, 0.6, 1.0)
    img = sky_down_to(s, horizon)
    _towers(s, img, horizon, night=False)
    if chance(s.rng, 0.5):
        img = tree_line(s, img, 1.01, uniform(s.rng, 0.1, 0.3), greens(s))
    return s.textured(img, s.noise(4, 8, 0.9), uniform(s.rng, 0.0, 0.08))


def night_city(s: Stage) -> Image:
    """Towers by night with lit windows."""
    h = uniform(s.rng, 0.55, 0.85)
    img = s.ramp(s.y, [col.hsv(h, 0.7, 0.06), col.hsv(h, 0.6, 0.2), col.hsv(h + 0.1, 0.5, 0.45)])
    _towers(s, img, uniform(s.rng, 0.7, 1.0), night=True)
    return img


def street(s: Stage) -> Image:
    """Two rows of houses that run to a vanishing point, a road between them."""
    vx, vy = uniform(s.rng, 0.25, 0.75), uniform(s.rng, 0.4, 0.65)
    img = sky_down_to(s, vy)
    road = s.colour(0.3, 0.25, 0.7)
    below = np.clip((s.y - np.float32(vy)) * np.float32(s.n), 0, 1) * np.ones_like(s.x)
    img = s.blend(img, s.ramp(0.5 + 0.15 * s.noise(3, 8, 0.9), [col.shade(road, 0.5), col.light(road, 0.3)]), below)
    for k in (-1.0, 1.0):
        top, foot = uniform(s.rng, -0.9, -0.2), uniform(s.rng, 0.9, 1.3)
        depth = uniform(s.rng, 0.05, 0.2)
        near, far = 0.5 + k * 0.75, vx + k * depth

        def at(x: float, y: float, near: float = near) -> Point:
            t = (x - vx) / (near - vx)
            return x, vy + (y - vy) * t

        wall = facade(s) if chance(s.rng, 0.75) else bricks(s)
        corners = [(near, top), at(far, top), at(far, foot), (near, foot)]
        s.quad(img, wall if k < 0 else np.ascontiguousarray(wall[:, ::-1]), corners)
    for t in np.linspace(0.1, 1, 8) ** 2:  # dashes along the road
        a, b = vy + (1.05 - vy) * t, vy + (1.05 - vy) * t * 1.25
        x0, x1 = vx + (0.5 - vx) * t, vx + (0.5 - vx) * t * 1.25
        s.polygon(img, [(x0 - 0.01 * t, a), (x0 + 0.01 * t, a), (x1 + 0.013 * t, b), (x1 - 0.013 * t, b)], col.WHITE)
    for _ in range(int(s.rng.integers(0, 4))):  # posts and signs
        x, h = s.rng.random(), uniform(s.rng, 0.2, 0.7)
        c = s.colour()
        s.box(img, x, vy + 0.2 - h, x + uniform(s.rng, 0.005, 0.015), vy + 0.25, s.near((0.3, 0.3, 0.32)))
        s.box(img, x - 0.04, vy + 0.2 - h, x + 0.05, vy + 0.2 - h + pick(s.rng, {0.05: 1, 0.1: 1, 0.2: 1}), c)
    return img
