"""Lights, brush strokes and shapes; curves, folds and blobs that could be hair, cloth and faces but are not."""

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.backgrounds import patterns, plain
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.paint import Board, path, ribbon, spline, taper
from cubiseg.portraits.rng import chance, pick, uniform


def _circle(n: int = 32) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(t), np.sin(t)], 1)


def lights(s: Stage) -> Image:
    """Bokeh: discs of light, some with a rim."""
    img = plain.gradient(s)
    if chance(s.rng, 0.5):
        img = s.textured(img, s.noise(1, 3), 0.2)
    board = Board(s.n)
    size, base = uniform(s.rng, 0.02, 0.09), s.colour()
    for _ in range(int(s.rng.integers(10, 50))):
        c, r = s.rng.random(2) * s.n, s.n * size * uniform(s.rng, 0.4, 1.6)
        shape = path(c + r * _circle())
        tint = s.near(base, 0.4) if chance(s.rng, 0.6) else s.colour()
        board.fill(shape, tint, uniform(s.rng, 0.08, 0.5), blur=r * 0.15 * (s.rng.random() < 0.3))
        if chance(s.rng, 0.3):
            board.stroke(shape, col.light(tint, 0.6), 0.006 * s.n, 0.4)
    return s.over(img, board)


def bokeh(s: Stage) -> Image:
    """Discs of light in all colours before a dark or coloured ground: small to a third of a head, crisp or soft."""
    if chance(s.rng, 0.25):
        img = cv2.GaussianBlur(photo(s), (0, 0), 0.03 * s.n)
        img = cv2.convertScaleAbs(img, alpha=uniform(s.rng, 0.4, 0.8))
    else:
        hue, vivid = s.rng.random(), uniform(s.rng, 0.15, 0.8)
        top = uniform(s.rng, 0.12, 0.75)
        ramp = [col.hsv(hue + s.rng.normal(0, 0.1), vivid, top * uniform(s.rng, 0.5, 1.0)) for _ in range(2)]
        a = s.rng.random() * 2 * np.pi
        img = s.ramp(0.5 + (s.x - 0.5) * np.float32(np.cos(a)) + (s.y - 0.5) * np.float32(np.sin(a)), ramp)
    board = Board(s.n)
    size, strength = np.exp(uniform(s.rng, np.log(0.018), np.log(0.075))), uniform(s.rng, 0.15, 0.75)
    soft, rim, base = chance(s.rng, 0.35), uniform(s.rng, 0.0, 0.7), s.rng.random()
    spread = uniform(s.rng, 0.05, 1.0)
    for _ in range(int(np.clip(uniform(s.rng, 0.5, 1.8) / size, 10, 70))):
        at = s.rng.normal(0.5, 0.22, 2) if chance(s.rng, 0.6) else s.rng.random(2)  # most are about the figure
        r = s.n * size * uniform(s.rng, 0.4, 1.7)
        shape = path(at * s.n + r * _circle(48))
        tint = col.hsv(base + spread * s.rng.normal(0, 0.3), uniform(s.rng, 0.1, 0.95), uniform(s.rng, 0.5, 1.0))
        alpha = float(np.clip(strength * uniform(s.rng, 0.4, 1.4), 0.06, 0.95))
        board.fill(shape, tint, alpha, blur=r * uniform(s.rng, 0.08, 0.35) if soft else 0.0)
        if not soft and chance(s.rng, rim):
            board.stroke(shape, col.light(tint, 0.5), uniform(s.rng, 0.02, 0.09) * r, min(1.0, 1.3 * alpha))
    return s.over(img, board)


def brush(s: Stage) -> Image:
    """Broad strokes of a bristly brush on paper."""
    img = s.flat(s.colour() if chance(s.rng, 0.6) else col.WHITE)
    main = s.rng.random() * np.pi
    base = s.colour()
    board = Board(s.n)
    for _ in range(int(s.rng.integers(5, 22))):
        c, a = s.rng.random(2), main + s.rng.normal(0, 0.4)
        d, w = np.array([np.cos(a), np.sin(a)]), uniform(s.rng, 0.02, 0.16)
        line = spline([c - 0.4 * d, c + s.rng.normal(0, 0.05, 2), c + 0.4 * d], 20) * s.n
        tint = s.near(base, 0.25) if chance(s.rng, 0.7) else s.colour()
        board.fill(path(ribbon(line, w * s.n)), tint, uniform(s.rng, 0.5, 1.0))
        side = np.array([-d[1], d[0]])
        for k in s.rng.uniform(-0.5, 0.5, 6):  # bristles
            board.ink(line + k * w * s.n * side, s.near(tint, 0.25), 0.07 * w * s.n, 0.8)
    return s.over(img, board)


def curves(s: Stage) -> Image:
    """Bundles of long tapered curves with a sheen, as locks of hair have."""
    img = plain.gradient(s)
    board, base = Board(s.n), s.colour()
    a = s.rng.random() * 2 * np.pi
    for _ in range(int(s.rng.integers(6, 24))):
        b = a + s.rng.normal(0, 0.3)
        d = np.array([np.cos(b), np.sin(b)])
        start = s.rng.random(2) * 1.2 - 0.1 - 0.3 * d
        bend = s.rng.normal(0, 0.07)
        side = np.array([-d[1], d[0]])
        points = [
            start,
            start + 0.3 * d + bend * side,
            start + 0.6 * d - bend * side,
            start + uniform(s.rng, 0.7, 1.2) * d + 2 * bend * side,
        ]
        line = spline(points, 26) * s.n
        w, tint = uniform(s.rng, 0.02, 0.12) * s.n, s.near(base, 0.2)
        band = path(ribbon(line, taper(26, 0.3, 0.0, 0.4) * w))
        board.stroke(band, col.ink(tint, 0.4), 0.004 * s.n, 0.8)
        board.fill(band, tint)
        board.ink(line[4:20] + 0.15 * w * side, col.light(tint, 0.4), 0.15 * w, 0.7)
        board.ink(line[6:], col.shade(tint, 0.5), 0.08 * w, 0.8)
    return s.over(img, board)


def folds(s: Stage) -> Image:
    """Hanging cloth: a curtain, a sheet, a flag."""
    t = s.x * np.float32(uniform(s.rng, 3, 14)) + s.noise(1, 3) * np.float32(uniform(s.rng, 0.05, 0.4))
    t = t + s.y * np.float32(s.rng.normal(0, 1.5))
    wave = np.sin(t * np.float32(2 * np.pi)) * 0.5 + 0.25 * np.sin(t * np.float32(4.7)) + 0.5
    if chance(s.rng, 0.4):  # cel-like steps
        wave = np.floor(wave * 3) / 3
    c = s.colour()
    img = s.ramp(wave, [col.shade(c, uniform(s.rng, 0.4, 0.9)), c, col.light(c, uniform(s.rng, 0.1, 0.5))])
    return s.textured(img, s.noise(5, 8, 0.9), uniform(s.rng, 0.0, 0.06))


def blobs(s: Stage) -> Image:
    """Round shapes in warm tones with dark spots: balloons, fruit, toys, faces far out of focus."""
    img = s.textured(plain.gradient(s), s.noise(1, 4), uniform(s.rng, 0, 0.2))
    board = Board(s.n)
    ink = col.hsv(s.rng.random(), 0.4, 0.15)
    for _ in range(int(s.rng.integers(3, 14))):
        c, r = s.rng.random(2) * s.n, s.n * uniform(s.rng, 0.03, 0.16)
        tint = col.hsv(uniform(s.rng, 0.0, 0.12), uniform(s.rng, 0.1, 0.5), uniform(s.rng, 0.7, 1.0))
        shape = path(c + r * _circle() * (1, uniform(s.rng, 0.8, 1.3)))
        board.stroke(shape, ink, 0.005 * s.n, 0.8 * chance(s.rng, 0.5))
        board.fill(shape, tint if chance(s.rng, 0.7) else s.colour())
        board.spot(c + r * np.array([0.3, 0.4]), 0.9 * r, col.shade(tint, 0.6), 0.5)
        for k in range(int(s.rng.integers(0, 4))):
            at = c + r * np.array([(-0.4, 0.0), (0.4, 0.0), (0.0, 0.5)][k])
            board.fill(path(at + r * uniform(s.rng, 0.06, 0.16) * _circle()), ink)
        if chance(s.rng, 0.4):  # a cap of another colour
            cap = c + r * np.stack([1.05 * np.cos(a := np.linspace(np.pi, 2 * np.pi, 20)), 1.1 * np.sin(a)], 1)
            board.fill(path(cap), s.colour())
    return s.over(img, board)


def photo(s: Stage) -> Image:
    """Nothing one could name: natural colours, many octaves, hard and soft edges, some boxes."""
    hue = s.rng.random()
    ramp = [col.hsv(hue + s.rng.normal(0, 0.08), uniform(s.rng, 0.05, 0.6), v) for v in np.linspace(0.08, 0.95, 5)]
    base = s.noise(1, 7, uniform(s.rng, 0.5, 0.9), (uniform(s.rng, 0.5, 3), uniform(s.rng, 0.5, 3)))
    t = 0.5 + 0.2 * base + (s.y - 0.5) * np.float32(s.rng.normal(0, 0.4))
    img = s.ramp(t, ramp)
    for _ in range(int(s.rng.integers(2, 12))):
        x, y, w, h = (*s.rng.uniform(-0.1, 1, 2), *s.rng.uniform(0.02, 0.5, 2))
        lay, c = img.copy(), s.colour(0.6)
        lean = s.rng.normal(0, 0.06)
        s.polygon(lay, [(x, y), (x + w, y + lean), (x + w + lean, y + h), (x + lean, y + h)], c)
        img = cv2.addWeighted(lay, k := uniform(s.rng, 0.3, 1.0), img, 1 - k, 0)
        if chance(s.rng, 0.2):
            img = cv2.GaussianBlur(img, (0, 0), s.n * uniform(s.rng, 0.002, 0.01))
    patch = s.noise(2, 4) + 0.3 * s.noise(6, 8, 0.9)
    leafy = [s.near(col.hsv(uniform(s.rng, 0.05, 0.45), uniform(s.rng, 0.2, 0.7), v)) for v in (0.1, 0.35, 0.75)]
    img = s.blend(img, s.ramp(0.5 + 0.3 * s.noise(4, 8, 0.85), leafy), (patch - uniform(s.rng, 0.3, 2)) * 6)
    return s.textured(img, s.noise(1, 8, 0.8), uniform(s.rng, 0.02, 0.12))


def circle(s: Stage) -> Image:
    """A disc or a ring behind the head, as on stickers and emblems."""
    img, inner = s.flat(s.colour()), patterns.stripes if chance(s.rng, 0.2) else plain.gradient
    c = np.array([uniform(s.rng, 0.4, 0.6), uniform(s.rng, 0.35, 0.6)])
    r = np.hypot(s.x - c[0], s.y - c[1])
    radius, edge = uniform(s.rng, 0.25, 0.5), np.float32(s.n)
    img = s.blend(img, inner(s), (radius - r) * edge + 0.5)
    for k in range(int(s.rng.integers(0, 3))):
        img = s.blend(img, s.colour(), 0.5 + (uniform(s.rng, 0.003, 0.02) - np.abs(r - radius - 0.03 * k)) * edge)
    return img


def frame(s: Stage) -> Image:
    """A border around another background: cards, portraits, windows of a game."""
    inner = pick(s.rng, {plain.gradient: 3, patterns.scatter: 1, patterns.dots: 1, lights: 1, photo: 1})
    img = inner(s)
    m, w = uniform(s.rng, 0.02, 0.14), uniform(s.rng, 0.004, 0.03)
    d = np.minimum(np.minimum(s.x, 1 - s.x), np.minimum(s.y, 1 - s.y))
    if chance(s.rng, 0.3):
        d = d - np.float32(0.04) * (np.abs(s.x - 0.5) + np.abs(s.y - 0.5) > 0.8)
    img = s.blend(img, s.colour(), (m - d) * np.float32(s.n) + 0.5)
    return s.blend(img, s.colour(), (w - np.abs(d - m)) * np.float32(s.n) + 0.5)


def panel(s: Stage) -> Image:
    """Manga: white or toned panels with black borders, burst lines, bubbles."""
    img = s.flat(col.WHITE)
    cuts = np.sort(s.rng.uniform(0.1, 0.9, 2))
    for (x0, x1), y in zip([(0, 1), (0, cuts[0]), (cuts[0], 1)], (0.0, cuts[1], cuts[1]), strict=True):
        y1 = cuts[1] if y == 0 else 1.0
        g = uniform(s.rng, 0.3, 1.0)
        s.box(img, x0 + 0.015, y + 0.015, x1 - 0.015, y1 - 0.015, col.BLACK)
        s.box(img, x0 + 0.021, y + 0.021, x1 - 0.021, y1 - 0.021, (g, g, g))
        for _ in range(int(s.rng.integers(0, 30))):
            a = s.rng.uniform(0, 1, 2) * (x1 - x0 - 0.05, y1 - y - 0.05) + (x0 + 0.025, y + 0.025)
            s.line(img, np.array([a, (a + s.rng.normal(0, 0.02, 2))]), col.BLACK, 0.003)
    tone = cv2.cvtColor(patterns.halftone(s), cv2.COLOR_RGB2GRAY)
    img = np.where((s.noise(1, 2)[..., None] > 0.8) & (img > 60), np.minimum(img, tone[..., None]), img)
    for _ in range(int(s.rng.integers(0, 4))):
        c, r = s.rng.random(2), uniform(s.rng, 0.06, 0.16)
        s.polygon(img, c + r * _circle() * (1, 0.75), col.BLACK)
        s.polygon(img, c + (r - 0.006) * _circle() * (1, 0.75), col.WHITE)
    return img
