"""What binds the hair at ``hair.ties``: bands, beads, scrunchies, ribbons, bows, metal rings."""

import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.accessories.base import Wear, rotated
from cubiseg.portraits.accessories.crown import star
from cubiseg.portraits.accessories.flowers import bloom
from cubiseg.portraits.accessories.ribbons import bow
from cubiseg.portraits.axes import axis
from cubiseg.portraits.paint import Points
from cubiseg.portraits.rng import chance, uniform

TIE = axis("""hair tie: what binds the hair:
    band 2.0, bow 2.2, scrunchie 1.5, ribbon 1.2, beads 1.0, ring 0.7, flower 0.6, star 0.4""")


def ties(w: Wear, low: bool) -> None:
    """Bind the hair: ``low`` where it is bound behind the face, else beside the crown."""
    kind = w.who.mix.pick(w.rng, TIE, lean=w.who.lean)
    c, m, scale = w.colour(), w.metal(), uniform(w.rng, 0.8, 1.25)
    state = w.rng.bit_generator.state
    for x, y, z, size in w.hair.hair.ties:
        w.rng.bit_generator.state = state  # both sides alike
        if (y > -0.5) == low:
            at = w.head.project(np.array([(x, y, z)]))[0]
            _tie(w, kind, at, size * scale, 0.25 * float(np.sign(x)) + w.head.pose.roll, c, m)


def _tie(w: Wear, kind: str, at: Points, size: float, angle: float, c: col.Colour, m: col.Colour) -> None:
    s = size * w.u
    if kind == "bow":
        _band(w, at, size, angle, c)
        bow(w, at, size * 1.9, c, angle)
    elif kind == "scrunchie":
        a = np.linspace(0, 2 * np.pi, 26, endpoint=False)
        r = 1 + 0.13 * np.cos(np.arange(26) * np.pi)
        q = (r * s)[:, None] * np.stack([1.15 * np.cos(a), 0.75 * np.sin(a)], 1)
        w.patch(at + rotated(q, angle), c, 70)
        for k in np.linspace(-0.8, 0.8, 5):
            line = np.array([(k * 0.45, -0.3), (k * 0.8, 0.0), (k * 0.7, 0.5)]) * s
            w.pen(at + rotated(line, angle), c, 0.8, smooth=6)
    elif kind == "ribbon":
        for k in (-0.35, 0.0, 0.35):
            _band(w, at + rotated(np.array([(0, 1.1 * k * s)]), angle)[0], 0.85 * size, angle + 0.25 * (k > 0), c, 0.2)
        for side in (-1, 1):
            q = np.array([(0, 0), (side * 0.4, 1.0), (side * 0.35, 2.4), (side * 0.8, 2.2), (side * 0.75, 0.9)]) * s
            w.patch(at + rotated(q, angle), c)
    elif kind == "beads":
        for x in (-0.55, 0.6):
            w.ball(at + rotated(np.array([(x * s, 0.1 * s)]), angle)[0], 0.62 * size, c)
    elif kind == "ring":
        _band(w, at, size, angle, m, 0.75)
        w.gem(at, 0.3 * size, w.gem_colour())
    elif kind == "flower":
        _band(w, at, size, angle, c)
        bloom(w, at, 1.4 * size, c, kind="round")
    elif kind == "star":
        _band(w, at, size, angle, w.trim(c))
        w.patch(at + rotated(1.2 * s * star(5, 0.5), angle), c)
    else:
        _band(w, at, size, angle, c, 0.45 if chance(w.rng, 0.6) else 0.25)


def _band(w: Wear, at: Points, size: float, angle: float, c: col.Colour, high: float = 0.4) -> None:
    q = np.array([(-0.75, -high), (0, -high - 0.12), (0.75, -high), (0.8, high), (0, high + 0.14), (-0.8, high)])
    w.patch(at + rotated(q * size * w.u, angle), c, 28)
