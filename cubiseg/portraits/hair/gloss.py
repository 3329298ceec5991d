"""The lit band across the crown, in the ways that artists draw it, and the thin lines that flow from the whorl."""

from itertools import pairwise

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair.colouring import HairPaint
from cubiseg.portraits.hair.render import manner
from cubiseg.portraits.hair.strands import Hair
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Board, path, spline
from cubiseg.portraits.rng import uniform


def _column(head: Head, u: float, v0: float, v1: float, n: int = 6) -> np.ndarray:
    """(n, 2) px from v0 to v1 along the way that hair flows past u at the brow: it gathers at the crown."""
    v = np.linspace(v0, v1, n)
    top = head.hair_centre[1] - head.hair_radii[1]
    gather = np.clip((v - top) / (-0.5 - top), 0, 1) ** 0.5
    return head.project(head.on_hair(u * gather, v))


def gloss(board: Board, head: Head, paint: HairPaint, who: Character) -> None:
    """Painted onto the front hair; the kind is the artist's, its place and raggedness the character's."""
    rng, kind = who.rng("gloss"), who.style.gloss
    if kind == "none":
        return
    soft = who.style.shading not in ("flat", "cel")
    v0, reach = uniform(rng, -1.35, -0.95), uniform(rng, 0.75, 1.15)
    sag, strength = uniform(rng, 0.1, 0.38), uniform(rng, 0.35, 0.85)
    if col.luma(who.hair) < 0.25:  # on black hair a sheen, not a stripe
        strength *= uniform(rng, 0.3, 0.8)
    thick, ragged, gaps = uniform(rng, 0.05, 0.15), uniform(rng, 0.2, 1.2), uniform(rng, 0.0, 0.45)
    blur = head.scale * uniform(rng, 0.015, 0.05) if soft else 0.0
    if kind == "streaks":
        for u in np.linspace(-reach, reach, int(rng.integers(7, 18))):
            if rng.random() < 0.3:
                continue
            v = v0 + sag * u * u + rng.normal(0, 0.05)
            length = uniform(rng, 0.08, 0.34)
            line = _column(head, u + rng.normal(0, 0.03), v - length, v + length)
            board.ink(line, paint.light, head.scale * uniform(rng, 0.015, 0.07), strength, start=0, end=0, atop=True)
        return
    top = head.hair_centre[1] - head.hair_radii[1]

    def at(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        gather = np.clip((v - top) / (-0.5 - top), 0, 1) ** 0.25
        return head.project(head.on_hair(u * gather, v))

    if kind == "ring" and gaps < 0.2:  # a whole crescent; its edges follow the clumps
        u = np.linspace(-reach, reach, 61)
        body = np.maximum(1 - np.square(u / reach), 0.0) ** 0.8
        waves = sum(np.sin(k * u + uniform(rng, 0, 6.3)) for k in (9, 17, 29)) * 0.22 * ragged
        v = v0 + sag * u * u
        shape = path(np.concatenate([at(u, v - thick * body), at(u, v + thick * body * (1 + waves))[::-1]]))
        board.fill(shape, paint.light, strength, atop=True, blur=blur)
        return
    # a band cut into columns along the flow; neighbours differ in height, and some are left out
    n = int(rng.integers(5, 10)) if kind == "ring" else int(rng.integers(9, 18))
    edges = -reach + 2 * reach * np.concatenate([[0], np.cumsum(rng.uniform(0.5, 1.5, n))]) / n
    edges = np.clip(edges, -1.2, 1.2)
    for a, b in pairwise(edges):
        if rng.random() < gaps * (0.4 if kind == "ring" else 1.0):
            continue
        u = np.linspace(a, b, 7)
        fade = np.sqrt(np.maximum(1 - np.square(0.5 * (a + b) / (reach * 1.1)), 0.05))
        mid = v0 + sag * u * u + rng.normal(0, 0.02)
        if kind == "ring":  # broken into lozenges
            arch = np.sin(np.pi * np.linspace(0.02, 0.98, 7)) ** 0.6 * fade
            up, low = thick * arch * uniform(rng, 0.5, 1.1), thick * arch * uniform(rng, 0.6, 1.6)
        else:
            tooth = 1 - np.abs(np.linspace(-1, 1, 7)) ** 0.8
            up = thick * fade * (0.3 + ragged * rng.uniform(0.4, 1.4) * tooth)
            low = thick * fade * (0.3 + 1.8 * ragged * rng.uniform(0.3, 1.5) * tooth[::-1])
        shape = path(np.concatenate([at(u, mid - up), at(u, mid + low)[::-1]]))
        board.fill(shape, paint.light, strength, atop=True, blur=blur)


def flow(board: Board, head: Head, paint: HairPaint, who: Character, hair: Hair) -> None:
    """Thin lines and dark wedges on the scalp: from the whorl downwards, or to where the hair is tied."""
    rng, how = who.rng("flow"), manner(who)
    top = head.hair_centre[1] - head.hair_radii[1]
    n = int(3 + 9 * how.lines * rng.random())
    u = rng.uniform(-1.15, 1.15, n)
    ends = np.array([top + uniform(rng, 0.25, 0.75) for _ in range(n)])
    for ui, end in zip(u, ends, strict=True):
        line = spline(_column(head, ui, top + rng.uniform(0.0, 0.12), end), 12)
        if rng.random() < 0.5 * how.wedge:
            width = head.scale * uniform(rng, 0.02, 0.06)
            board.ink(line, paint.shade, width, 0.8 if not how.soft else 0.4, start=0.1, end=0.0, atop=True)
        board.ink(line, paint.ink, paint.line * how.line, 0.7, start=0.5, end=0.0, belly=0.3, atop=True)
    for x, y, z in hair.pull:
        side = 1.0 if x > 0 else -1.0
        for t in np.linspace(0.0, 1.0, int(3 + 3 * how.lines)):
            if abs(x) > 0.5:  # tied at the side: from parting to nape, over the skull
                start = (side * 0.12 * (1 - t) + side * 0.95 * t, top + 0.15 + 1.5 * t)
            else:
                start = (1.6 * (t - 0.5) + rng.normal(0, 0.05), top + 0.8)
            a = head.on_hair(np.array([start[0]]), np.array([start[1]]))[0]
            b = np.array([min(abs(x), head.hair_radii[0]) * side if abs(x) > 0.5 else x, max(y, top + 0.03), z])
            m = 0.5 * (a + b)
            m[:2] += 0.12 * np.array([side, -1.0]) * (abs(x) > 0.5)
            line = spline(head.project(np.array([a, m, b])), 12)[3:]
            board.ink(line, paint.ink, paint.line * how.line, 0.7, start=0.0, end=0.5, belly=0.7, atop=True)
    for k in range(int(rng.integers(0, 4))):  # the whorl
        s = uniform(rng, -0.1, 0.1) + hair.part * 0.7
        out = np.array([s, s + 0.05 * (-1) ** k, s + rng.normal(0, 0.14)])
        pts = head.on_hair(out, top + np.array([0.03, 0.1, 0.22]))
        board.ink(spline(head.project(pts), 10), paint.ink, paint.line, 0.85, start=0.4, end=0.0, belly=0.3, atop=True)
