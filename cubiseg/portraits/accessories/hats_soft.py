"""Soft hats: beret, beanie, newsboy, bucket, nightcap and Santa's, chef's, nurse's cap."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, rotated
from cubiseg.portraits.accessories.crown import around, brim, crest, crown, fuzz, peak, ribs, seams, seat
from cubiseg.portraits.accessories.flowers import bloom
from cubiseg.portraits.accessories.geometry import Site
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.paint import path, ribbon, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.tables import pairs, xy


def decorate(w: Wear, at: np.ndarray, c: col.Colour) -> None:
    """Something small on a hat: a bow, a flower, a badge, a pin, or nothing."""
    kind = pick(w.rng, {"none": 2, "bow": 1.2, "bloom": 1, "badge": 1})
    if kind == "bow":
        bow(w, at, uniform(w.rng, 0.22, 0.4), w.trim(c), uniform(w.rng, -0.4, 0.4))
    elif kind == "bloom":
        bloom(w, at, uniform(w.rng, 0.18, 0.3), w.trim(c))
    elif kind == "badge":
        w.ball(at, uniform(w.rng, 0.08, 0.14), w.metal())


def beret(w: Wear) -> None:
    """Flat and wide, leaning to one side, with a narrow band."""
    c, side = w.colour(), w.rng.choice([-1.0, 1.0])
    ring = seat(w, (-0.62, -0.42), (0.2, 0.4), 0.2)
    wide, flat = uniform(w.rng, 1.12, 1.36), uniform(w.rng, 0.8, 1.0)
    shift = np.array([side * uniform(w.rng, 0.05, 0.35), 0.0, -0.15])
    xs = (1.01, 1.1, wide, wide, 0.85 * wide, 0.5, 0.0)
    profile = pairs(xs, (0.0, 0.06, 0.24, 0.5, 0.8 * flat, flat, flat + 0.03))
    p = crown(w, ring, profile, c, shift=shift)
    with w.board.clipped(p):
        for k in range(int(w.rng.integers(1, 4))):
            t = side * (0.4 + 0.35 * k) + np.pi / 2
            line = np.array([ring.at(t, 1.04, 0.1), ring.at(t + 0.1 * side, 1.18, 0.35), ring.at(t, 1.2, 0.7)])
            w.pen(line, c, 0.9, end=0.0)
    if chance(w.rng, 0.75):
        trim = w.trim(c) if chance(w.rng, 0.6) else w.dark(c)
        w.covers.append(w.patch(around(ring, -0.03, uniform(w.rng, 0.08, 0.17), 1.015, 1.05), trim, tone=0.4))
    if chance(w.rng, 0.5):
        top = w.head.project((ring.centre + flat * ring.height * ring.up + shift)[None])[0]
        stem = np.array([(0, 0.06), (0.02, -0.08), (0.07, -0.18)]) * w.u + top
        w.rod(spline(stem, 8), 0.05, c)
    decorate(w, ring.at(np.pi / 2 - 0.75 * side, 1.15, 0.3), c)


def beanie(w: Wear) -> None:
    """Knitted, with a turned-up cuff and often a pompom."""
    c, cuff = w.colour(), uniform(w.rng, 0.25, 0.42)
    ring = seat(w, (-0.68, -0.45), (0.15, 0.35))
    top = uniform(w.rng, 0.98, 1.25)
    p = crown(w, ring, [(1.02, 0.0), (1.05, 0.3), (0.94, 0.66), (0.58, 0.62 + 0.33 * top), (0.0, top)], c)
    if chance(w.rng, 0.4):
        w.pattern(p, w.trim(c), "stripes", uniform(w.rng, 0.25, 0.5), np.pi / 2 + w.head.pose.roll)
        w.board.stroke(p, w.ink(c), w.line)
    elif chance(w.rng, 0.6):
        seams(w, ring, [(1.05, 0.1), (1.05, 0.3), (0.94, 0.66), (0.5, 0.95), (0.05, top)], c, 16, 0.6)
    c2 = c if chance(w.rng, 0.5) else w.trim(c)
    w.covers.append(w.patch(around(ring, -0.02, cuff, 1.05, 1.07), c2))
    ribs(w, ring, 0.02, cuff - 0.03, c2, 1.06)
    if chance(w.rng, 0.7):
        at = w.head.project((ring.centre + (top * ring.height + 0.12) * ring.up)[None])[0]
        fuzz(w, at, uniform(w.rng, 0.22, 0.4), w.trim(c) if chance(w.rng, 0.6) else col.WHITE)


def newsboy(w: Wear) -> None:
    """A full round crown of panels with a button, over a short peak."""
    c = w.colour()
    ring = seat(w, (-0.7, -0.52), (0.08, 0.26), 0.1)
    profile = [(1.01, 0.0), (1.16, 0.14), (1.22, 0.38), (1.05, 0.7), (0.55, 0.92), (0.0, 0.97)]
    p = crown(w, ring, profile, c)
    if chance(w.rng, 0.4):
        w.pattern(p, w.dark(c) if chance(w.rng, 0.6) else w.trim(c), "checks", uniform(w.rng, 0.2, 0.35), 0.3)
        w.board.stroke(p, w.ink(c), w.line)
    seams(w, ring, profile, c, 8)
    w.ball(w.head.project((ring.centre + 0.97 * ring.height * ring.up)[None])[0], 0.08, c, gloss=0)
    peak(w, ring, c if chance(w.rng, 0.6) else w.trim(c), length=uniform(w.rng, 0.32, 0.5), droop=0.32, half=0.95)
    decorate(w, ring.at(np.pi / 2 - w.rng.choice([-0.7, 0.7]), 1.12, 0.25), c)


def bucket(w: Wear) -> None:
    """A sewn crown over a drooping brim."""
    c, k = w.colour(), uniform(w.rng, 1.2, 1.4)
    ring = seat(w, (-0.68, -0.5), (0.1, 0.28))
    reach = (np.full(ring.N, k), np.full(ring.N, -uniform(w.rng, 0.16, 0.32)))
    brim(w, ring, reach, c, near=False)
    crown(w, ring, [(1.02, 0.0), (0.98, 0.45), (0.83, 0.85), (0.66, 0.95), (0.0, 0.98)], c)
    if chance(w.rng, 0.4):
        w.patch(around(ring, 0.0, 0.16), w.trim(c), tone=0.4)
    p = brim(w, ring, reach, c, near=True, lip=0.1)
    if p and chance(w.rng, 0.25):
        w.pattern(p, w.trim(c), "dots", 0.2)
    decorate(w, ring.at(np.pi / 2 - 0.5, 1.02, 0.45), c)


def nightcap(w: Wear) -> None:
    """A cone that bends over and ends in a ball: a nightcap, or Santa's with a fur edge."""
    santa, side = chance(w.rng, 0.5), w.rng.choice([-1.0, 1.0])
    c = (0.83, 0.1, 0.13) if santa else w.colour()
    ring = seat(w, (-0.72, -0.5), (0.1, 0.3), 0.1)
    p0 = w.head.project((ring.centre + 1.0 * ring.height * ring.up)[None])[0]
    out = np.array([side, 0.0]) @ _roll(w)
    down = np.array([0.0, 1.0])
    far, fall = uniform(w.rng, 0.8, 1.35), uniform(w.rng, 0.3, 1.3)
    line = np.stack(
        [
            p0 - 0.35 * w.u * out + 0.5 * w.u * down,
            p0 + 0.35 * w.u * out - 0.1 * w.u * down,
            p0 + far * w.u * out + 0.2 * w.u * down,
            p0 + (far + 0.25) * w.u * out + fall * w.u * down,
        ]
    )
    tail = spline(line, 26)
    w.patch(ribbon(tail, w.u * np.linspace(1.7, 0.22, 26) * np.linspace(1, 0.95, 26)), c)
    p = crown(w, ring, [(1.02, 0.0), (1.03, 0.3), (0.9, 0.65), (0.5, 0.98), (0.0, 1.05)], c)
    with w.board.clipped(p):
        w.board.fill(path(ribbon(tail[:12], w.u * np.linspace(1.6, 1.0, 12))), c)
    if not santa and chance(w.rng, 0.7):
        w.pattern(p, w.trim(c), pick(w.rng, {"stripes": 2, "dots": 1}), 0.3, w.head.pose.roll + np.pi / 2)
    w.pen(tail[3:18] + 0.1 * w.u * down, c, 0.9)
    fur = col.WHITE if santa or chance(w.rng, 0.5) else w.trim(c)
    band = around(ring, -0.1, 0.24, 1.09, 1.08)
    w.covers.append(w.patch(band, fur, 90 if santa else 0))
    fuzz(w, tail[-1], uniform(w.rng, 0.18, 0.3), fur)


def _roll(w: Wear) -> np.ndarray:
    return np.array(rotated(np.eye(2), w.head.pose.roll))


def chef(w: Wear) -> None:
    """A stiff pleated band and a puffed top."""
    c, tall = col.hsv(w.rng.random(), 0.03, 0.98), uniform(w.rng, 0.25, 0.6)
    ring = seat(w, (-1.0, -0.75), (0.05, 0.22), 0.1)
    b = tall / ring.height
    profile = [(1.02, 0.0), (1.03, b), (1.28, b + 0.25), (1.3, b + 0.6), (0.9, b + 0.98), (0.0, b + 1.05)]
    crown(w, ring, profile, c, convex=False)
    seams(w, ring, profile[1:], c, 12)
    w.patch(around(ring, 0.0, tall, 1.03), c, tone=0.5)
    ribs(w, ring, 0.05, tall, c, 1.03, 4)


def nurse(w: Wear) -> None:
    """A folded white cap on the crown with a cross or a stripe."""
    c = col.hsv(w.rng.random(), 0.05, 0.98) if chance(w.rng, 0.8) else w.colour()
    site = Site(w.head, 0.0, uniform(w.rng, 0.8, 1.0), 0.05, firm=0.75)
    half, h = uniform(w.rng, 0.62, 0.95), uniform(w.rng, 0.42, 0.62)
    xs = (-half, -1.12 * half, -0.4 * half, 0.4 * half, 1.12 * half, half, 0.5 * half, -0.5 * half)
    body = xy(xs, (0.3, -h, -h - 0.12, -h - 0.12, -h, 0.3, 0.2, 0.2))
    w.covers.append(w.patch(site.px(body), c))
    fold = np.array([(-1.05 * half, 0.05), (0, -0.06), (1.05 * half, 0.05), (half, 0.32), (0, 0.2), (-half, 0.32)])
    w.patch(site.px(fold), c, tone=0.5)
    red = (0.85, 0.15, 0.25) if chance(w.rng, 0.7) else w.trim(c)
    s, o = 0.13, np.array([0.0, -0.5 * h + 0.02])
    for a, b in ((s, 0.36 * s), (0.36 * s, s)):
        w.board.fill(path(site.px(o + np.array([(-a, -b), (a, -b), (a, b), (-a, b)]))), red)


def flat_top(w: Wear) -> None:
    """A sailor's hat: a turned-up band and a wide flat top."""
    c, band = col.hsv(0.6, 0.05, 0.98) if chance(w.rng, 0.7) else w.colour(), uniform(w.rng, 0.2, 0.32)
    ring = seat(w, (-1.0, -0.7), (0.05, 0.3), 0.18)
    wide = uniform(w.rng, 1.1, 1.3)
    b = band / ring.height
    crown(w, ring, [(1.02, 0.0), (1.04, b), (wide, b + 0.25), (wide * 0.98, b + 0.45), (0.6, 1.06), (0.0, 1.1)], c)
    t = w.trim(c) if chance(w.rng, 0.5) else col.hsv(0.62, 0.7, 0.35)
    w.covers.append(w.patch(around(ring, -0.02, band, 1.04), t, tone=0.5))
    if chance(w.rng, 0.5):
        line = ring.arc(1.05, 0.5 * band)
        w.board.stroke(path(line, closed=False), w.metal(), 0.03 * w.u)
    if chance(w.rng, 0.5):
        crest(w, ring, 0.5 * band, w.metal(), 0.13)
    elif chance(w.rng, 0.5):
        bow(w, ring.at(np.pi / 2 - 0.9, 1.05, 0.5 * band), 0.3, t, 0.3)
    else:
        fuzz(w, w.head.project((ring.centre + 1.12 * ring.height * ring.up)[None])[0], 0.16, t)
