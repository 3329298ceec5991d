"""Backgrounds: plain, gradient, pattern, lights, and blurred places that look photographed."""

import cv2
import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.axes import Axis, Mix
from cubiseg.sources.synthetic.paint import Board, gradient, path
from cubiseg.sources.synthetic.rng import chance, pick, uniform

BACKGROUND = Axis("background", "what lies behind",
                  {"white": 2, "plain": 2, "gradient": 3, "pattern": 1.5, "lights": 1.2, "place": 3.2})  # fmt: skip
AXES = (BACKGROUND,)


def _colour(rng: np.random.Generator, vivid: float = 1.0) -> col.Colour:
    s = vivid * (uniform(rng, 0.0, 0.25) if chance(rng, 0.5) else uniform(rng, 0.1, 0.9))
    return col.hsv(rng.random(), s, uniform(rng, 0.15, 1.0))


def _fill(board: Board, rng: np.random.Generator, a: col.Colour, b: col.Colour) -> None:
    n = board.size
    t = rng.random() * 2 * np.pi
    d = 0.6 * n * np.array([np.cos(t), np.sin(t)])
    c = np.array([n / 2, n / 2])
    board.fill(path(np.array([(0, 0), (n, 0), (n, n), (0, n)])), gradient(c - d, c + d, [(a, 1), (b, 1)]))


def _pattern(board: Board, rng: np.random.Generator) -> None:
    n, a, b = board.size, _colour(rng), _colour(rng)
    _fill(board, rng, a, a)
    step = n * uniform(rng, 0.06, 0.16)
    kind = pick(rng, {"stripes": 2, "checks": 2, "dots": 2, "rays": 1})
    turn = rng.random() * np.pi
    if kind == "rays":
        centre = np.array([n / 2, n / 2])
        for k in range(14):
            t = turn + k * np.pi / 7 + np.array([0, np.pi / 14])
            board.fill(path(np.vstack([centre, centre + 1.5 * n * np.stack([np.cos(t), np.sin(t)], 1)])), b)
        return
    board.canvas.save()
    board.canvas.rotate(float(np.degrees(turn)), n / 2, n / 2)
    grid = np.arange(-0.5 * n, 1.5 * n, step)
    for x in grid:
        if kind == "stripes":
            board.fill(path(np.array([(x, -n), (x + step / 2, -n), (x + step / 2, 2 * n), (x, 2 * n)])), b)
            continue
        for y in grid:
            h = step / 4
            shape = np.array([(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])
            if kind == "dots":
                t = np.linspace(0, 2 * np.pi, 16)
                shape = np.stack([x + h * np.cos(t), y + h * np.sin(t)], 1)
            board.fill(path(shape), b)
    board.canvas.restore()


def _lights(board: Board, rng: np.random.Generator) -> None:
    _fill(board, rng, _colour(rng), _colour(rng))
    for _ in range(int(rng.integers(10, 40))):
        c, r = rng.random(2) * board.size, board.size * uniform(rng, 0.02, 0.12)
        t = np.linspace(0, 2 * np.pi, 32)
        board.fill(path(c + r * np.stack([np.cos(t), np.sin(t)], 1)), _colour(rng), uniform(rng, 0.08, 0.4))


def _shapes(board: Board, rng: np.random.Generator) -> None:
    """Rectangles, trunks and foliage: blurred, they pass for a street, a room or a park."""
    n, vivid = board.size, uniform(rng, 0.1, 0.9)
    sky, ground = col.light(_colour(rng, vivid), 0.5), _colour(rng, vivid)
    _fill(board, rng, sky, col.light(sky, 0.4))
    horizon = n * uniform(rng, 0.3, 0.85)
    base = _colour(rng, vivid)
    for _ in range(int(rng.integers(4, 14))):
        x, w, h = n * uniform(rng, -0.2, 1.1), n * uniform(rng, 0.05, 0.3), n * uniform(rng, 0.05, 0.55)
        c = col.mix(base, _colour(rng, vivid), uniform(rng, 0.1, 0.6))
        board.fill(path(np.array([(x, horizon - h), (x + w, horizon - h), (x + w, horizon), (x, horizon)])), c)
        for _ in range(int(rng.integers(0, 10))):
            a, b, s = x + w * rng.random(), horizon - h * rng.random(), n * uniform(rng, 0.01, 0.03)
            board.fill(
                path(np.array([(a, b), (a + s, b), (a + s, b + 1.4 * s), (a, b + 1.4 * s)])),
                col.light(c, uniform(rng, 0.2, 0.9)),
            )
    board.fill(path(np.array([(0, horizon), (n, horizon), (n, n), (0, n)])), ground)
    vanish = np.array([n * rng.random(), horizon])
    for _ in range(int(rng.integers(0, 16))):  # lines of floors, ceilings and furniture run to one point
        c = col.mix(base, _colour(rng, vivid), 0.7)
        far, near = rng.uniform(0.1, 0.5), rng.uniform(0.6, 1.6)
        t = rng.random() * 2 * np.pi + np.array([0.0, uniform(rng, 0.02, 0.2)])
        ray = n * np.stack([np.cos(t), np.sin(t)], 1)
        board.fill(path(np.vstack([vanish + far * ray, (vanish + near * ray)[::-1]])), c, uniform(rng, 0.4, 1.0))
    leaf = col.hsv(uniform(rng, 0.1, 0.45), uniform(rng, 0.2, 0.8), uniform(rng, 0.15, 0.7))
    for _ in range(int(rng.integers(0, 60))):
        at = np.array([n * rng.random(), horizon - n * rng.normal(0.1, 0.15)])
        t = np.sort(rng.random(9)) * 2 * np.pi
        r = n * uniform(rng, 0.01, 0.06)
        board.fill(
            path(at + r * np.stack([np.cos(t), np.sin(t)], 1)),
            col.mix(leaf, _colour(rng, vivid), 0.25),
            uniform(rng, 0.5, 1.0),
        )


def _texture(rgba: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Uneven light and foliage-like mottling: value noise of several octaves (resized random grids)."""
    n = rgba.shape[0]
    noise = np.zeros((n, n), np.float32)
    for octave in range(2, 6):
        grid = rng.standard_normal((2**octave + 1, 2**octave + 1)).astype(np.float32)
        noise += cv2.resize(grid, (n, n), interpolation=cv2.INTER_CUBIC) * np.float32(0.7 ** (octave - 2))
    gain = 1 + noise * np.float32(uniform(rng, 0.03, 0.2))
    return np.clip(np.rint(rgba * gain[..., None]), 0, 255).astype(np.uint8)


def paint_background(size: int, rng: np.random.Generator, mix: Mix) -> np.ndarray:
    """(size, size, 4) uint8, opaque."""
    board = Board(size)
    kind = mix.pick(rng, BACKGROUND)
    if kind in ("white", "plain"):
        c = col.hsv(rng.random(), uniform(rng, 0, 0.04), uniform(rng, 0.93, 1.0)) if kind == "white" else _colour(rng)
        _fill(board, rng, c, c)
    elif kind == "gradient":
        _fill(board, rng, _colour(rng), _colour(rng))
    elif kind == "pattern":
        _pattern(board, rng)
    elif kind == "lights":
        _lights(board, rng)
    else:
        _shapes(board, rng)
    out = board.rgba()
    if kind == "place":
        out = _texture(out, rng)
    if kind == "place":
        sigma = size * (uniform(rng, 0.001, 0.004) if chance(rng, 0.3) else uniform(rng, 0.004, 0.016))
        out = cv2.GaussianBlur(out, (0, 0), sigma)
    out[..., 3] = 255
    return out
