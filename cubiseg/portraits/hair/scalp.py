"""The hair on the skull: its outline, the hairline, the temples, what lies behind the ears, and stray locks on top."""

from dataclasses import replace

import cv2
import numpy as np
import skia

from cubiseg.portraits.axes import axis
from cubiseg.portraits.character import Character
from cubiseg.portraits.hair.strands import Hair, Strand, drop, tuft
from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import path, spline
from cubiseg.portraits.rng import Rng, chance, uniform

AHOGE = axis("""ahoge: locks that stand up from the crown:
    none 7, one 1.3, pair 0.5, curl 0.5, leaf 0.5, sprout 0.4, wisps 1.2""")


def cap(who: Character, head: Head, hair: Hair) -> tuple[skia.Path, skia.Path]:
    """Scalp hair seen from the front: a slightly uneven dome closed by the hairline, and the lines that edge it.

    Between dome and hairline it has no line: behind the ears it goes over into the hair at the back."""
    rng = who.rng("scalp")
    start, end = np.pi * 0.97, np.pi * 2.03
    dome = head.dome(64, start=start, end=end)
    a = np.linspace(start, end, 64)
    centre = head.project(head.hair_centre[None])[0]
    uneven = uniform(rng, 0.003, 0.014)
    grow = sum(uneven * np.sin(k * a + uniform(rng, 0, 6.3)) for k in (5, 9, 14)) * np.sin(a - np.pi) ** 2
    dent = uniform(rng, 0.0, 0.05) if chance(rng, 0.45) else 0.0
    grow = grow - dent * np.exp(-np.square((a - 1.5 * np.pi - 0.5 * hair.part) / 0.14))
    dome = centre + (dome - centre) * (1 + grow)[:, None]
    u = np.linspace(1.22, -1.22, 21)
    line = hair.hairline - 0.25 + 0.62 * np.abs(u) ** 2.2 + 0.08 * np.exp(-np.square((u - hair.part) / 0.12))
    points = head.on_hair(u, np.minimum(line, 0.0))
    points[:, 2] = np.maximum(points[:, 2] - 0.12, -0.1)
    line = spline(head.project(points), 48)
    edges = path(dome, closed=False)
    edges.addPath(path(line[8:-8], closed=False))
    return path(np.concatenate([dome, line])), edges


def crown_region(head: Head) -> skia.Path:
    """px region of the scalp that belongs to the front hair: from the whorl to the hairline, between the temples.

    Around it a rim is left to the back hair, as riggers cut it: the mass behind is larger than what lies on it.
    """
    x0, y0, _ = head.hair_centre
    rx, ry = head.hair_radii[0] - 0.28, head.hair_radii[1] - 0.2
    a = np.linspace(np.pi, 2 * np.pi, 40)
    arch = np.column_stack([x0 + rx * np.cos(a), y0 + ry * np.sin(a)])
    u, v = np.vstack([arch, [(x0 + rx, 0.5), (x0 - rx, 0.5)]]).T
    return path(head.project(head.on_hair(u, v)))


def skull(head: Head, hair: Hair) -> skia.Path:
    """The mass behind the face, down to the nape, from any side."""
    a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rings = []
    low = max(hair.nape, 0.0)
    for v, rx, rz in ((0.35 * low, 1.12, 1.05), (0.75 * low, 1.02, 0.95), (hair.nape, 0.86, 0.8)):
        z = np.minimum(-0.25 + rz * np.sin(a), 0.1)  # not before the face
        rings.append(head.project(np.column_stack([rx * np.cos(a), np.full(20, v), z])))
    dome = head.dome(48, start=np.pi * 0.98, end=np.pi * 2.02)
    hull = cv2.convexHull(np.concatenate([dome, *rings]).astype(np.float32))[:, 0]
    return path(hull.astype(float))


def temples(rng: Rng, hair: Hair, head: Head, bare_ears: bool) -> None:
    """Hair from the crown over the temples, where the scalp's outline ends; bound hair is pulled back."""
    top = head.hair_centre[1] - head.hair_radii[1]
    for side in (-1, 1):
        for k in range(3):
            low = uniform(rng, -0.15, 0.1) if bare_ears else uniform(rng, 0.1, 0.6)
            x = head.hair_radii[0] - 0.17 - 0.12 * k
            pts = np.array(
                [
                    *[(0.35 * x, top + 0.35, 0.5), (0.8 * x, -1.25, 0.3), (x, -0.7, 0.12)],
                    *[(x + 0.03, -0.25, 0.05), (x - 0.06, low, -0.1 if bare_ears else 0.1)],
                ]
            )
            hair.front.append(Strand(pts * (side, 1, 1), uniform(rng, 0.3, 0.42), root=0.5, belly=0.5, lines=0.35))


def behind_ears(rng: Rng, hair: Hair, head: Head) -> None:
    """Hair over the back of the skull beside and behind the ear, seen when the head is turned; below the rest."""
    low = min(hair.nape, 0.6)
    drawn = []
    for side in (-1, 1):
        for k, (x, z) in enumerate(((0.98, -1.0), (1.08, -0.75), (1.12, -0.5), (1.1, -0.28))):
            v1 = low + uniform(rng, -0.12, 0.08) - 0.05 * k
            width = uniform(rng, 0.42, 0.55)
            drawn.append(
                drop(head, side, x, -1.1, v1, width, z=z, curl=0.12, lines=0.3, belly=0.6, point=2.2, blunt=0.1)
            )
    hair.mid[:0] = drawn
    hair.base = len(drawn)


def unruly(rng: Rng, hair: Hair, head: Head) -> None:
    """Small tufts that break the outline of the head."""
    if not chance(rng, 0.65):
        return
    out = uniform(rng, 0.015, 0.09)
    for k in range(int(rng.integers(2, 9) + rng.integers(0, 4))):
        hairs = k % 3 == 2  # single hairs
        side = 1 if chance(rng, 0.5) else -1
        a = uniform(rng, -0.08, 0.3) * np.pi  # from the right, mirrored on the left
        root = min(a + uniform(rng, 0.25, 0.6), 0.47 * np.pi)
        tip = a - (0.15 if hairs else 0.05)
        grow = uniform(rng, 0.03, 0.12) if hairs else out * uniform(rng, 0.4, 1.2)
        width = uniform(rng, 0.02, 0.04) if hairs else uniform(rng, 0.14, 0.34)
        lock = tuft(head, root, tip, grow, width, z=0.0, inside=0.96 if hairs else 0.9, lines=0.3)
        hair.front.append(replace(lock, points=lock.points * (side, 1, 1)))


def ahoge(who: Character, hair: Hair, head: Head) -> None:
    """The kind of stray lock that the character has, if any."""
    rng = who.rng("ahoge")
    kind = who.mix.pick(rng, AHOGE)
    top = head.hair_centre[1] - head.hair_radii[1]
    side = 1 if chance(rng, 0.5) else -1
    x, h, w = uniform(rng, -0.2, 0.2), uniform(rng, 0.22, 0.62), uniform(rng, 0.2, 0.7)
    width = uniform(rng, 0.07, 0.17)

    def stand(side: int, h: float, w: float, width: float, end: float) -> None:
        pts = np.array(
            [
                (x, top + 0.14, 0.0),
                (x + 0.1 * side * w, top - 0.6 * h, 0.0),
                (x + side * 0.6 * w, top - h, 0.0),
                (x + side * w, top - h * end, 0.0),
            ]
        )
        hair.top.append(Strand(pts, width, root=0.8, belly=0.3, lines=1.0, point=1.3, part="hair_front"))

    if kind == "one":
        stand(side, h, w, width, uniform(rng, 0.1, 0.8))
    elif kind == "pair":
        stand(-1, h, w, width, uniform(rng, 0.2, 0.8))
        stand(1, h * uniform(rng, 0.7, 1.1), w * uniform(rng, 0.7, 1.2), width, uniform(rng, 0.2, 0.8))
    elif kind == "curl":
        t = np.linspace(0, 1, 8)
        r = h * (0.6 - 0.4 * t)
        turn = -0.5 * np.pi + side * (t * 3.9 - 1.2)
        pts = np.column_stack([x + r * np.cos(turn), top - 0.55 * h + r * np.sin(turn), 0 * t])
        pts[0] = (x, top + 0.12, 0)
        hair.top.append(Strand(pts, 0.9 * width, root=0.9, belly=0.3, lines=1.0, point=1.2, part="hair_front"))
    elif kind == "leaf":  # broad, like a leaf or a flame
        stand(side, h, 0.5 * w, 2.2 * width, uniform(rng, 0.9, 1.3))
    elif kind == "sprout":
        for k in np.linspace(-1, 1, int(rng.integers(3, 5))):
            stand(1 if k > 0 else -1, h * (1 - 0.3 * abs(k)), 0.1 + w * abs(k), 0.8 * width, uniform(rng, 0.7, 1.1))
    elif kind == "wisps":
        for _ in range(int(rng.integers(2, 6))):
            stand_side, stand_h = 1 if chance(rng, 0.5) else -1, h * uniform(rng, 0.3, 0.8)
            stand(stand_side, stand_h, w * uniform(rng, 0.5, 1.3), uniform(rng, 0.02, 0.05), uniform(rng, 0.2, 1.0))
