"""Strands: tapered clumps of hair in head units, the shapes they are bent into, and where they land in a picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import skia

from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import normals, path, spline
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.tables import Point


@dataclass(frozen=True)
class Strand:
    """A clump of hair.

    Attributes:
        points: (k, 3) control points in head units, root to tip.
        width: widest full width in head units.
        root: width at the root, as a share of ``width``.
        tip: width at the tip, as a share of ``width``; 0 is a point, 0.6 a blunt cut.
        belly: place along the strand it is widest, 0..1.
        tone: 0 lit, 1 in the shadow of other hair.
        lines: share of the length, from the tip, along which its edges are inked.
        point: how it narrows to the tip: 1 like a thorn, 2 like a leaf.
        even: it lies flat in the mass: no shading of its own, no shadow.
        dyed: whether it takes the second colour of streaked hair.
        part: the part of the hair that it is; :func:`aside` makes side hair, :func:`lock` front hair. None: of what it
            lies on, and of the back hair where it stands out.
    """

    points: np.ndarray
    width: float
    root: float = 0.6
    tip: float = 0.0
    belly: float = 0.45
    tone: float = 0.0
    lines: float = 0.55
    point: float = 1.7
    even: bool = False
    dyed: bool = False
    part: str | None = "hair_back"


@dataclass
class Hair:
    """One character's hair: strands by layer, in painting order, and places that other parts need.

    ``back`` lies behind the body, ``mid`` in front of the body and behind the face, ``front`` before the face, ``top``
    above all of it. ``buns`` and ``ties``: (x, y, z, radius or size) of rolled hair, and where hair is bound.
    ``volume``: thickness of the hair over the skull, 1 is usual; ``nape``: v where the mass behind the face ends;
    ``hairline``: v of the scalp hair's lower edge on the forehead; ``part``: u of the parting. ``bound``: the hair over
    the ears is pulled back; ``lit``: the hair behind is no darker than the rest; ``pull``: (x, y, z) of the points to
    which bound hair is drawn; ``names``: the kinds. ``near_buns`` lie before the head; the first ``base`` strands of
    ``mid`` belong to the skull. ``knees``, ``floor``: v of the knees and the floor when the figure stands.
    """

    back: list[Strand] = field(default_factory=list)
    mid: list[Strand] = field(default_factory=list)
    front: list[Strand] = field(default_factory=list)
    top: list[Strand] = field(default_factory=list)
    buns: list[tuple[float, float, float, float]] = field(default_factory=list)
    near_buns: list[tuple[float, float, float, float]] = field(default_factory=list)
    ties: list[tuple[float, float, float, float]] = field(default_factory=list)
    base: int = 0
    volume: float = 1.0
    nape: float = 0.75
    hairline: float = -0.85
    part: float = 0.0
    bound: bool = False
    lit: bool = False
    pull: list[tuple[float, float, float]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    knees: float = 6.0
    floor: float = 9.0


def profile(strand: Strand, n: int) -> np.ndarray:
    """(n,) width of a strand along its length, in head units."""
    t = np.linspace(0, 1, n)
    rise = strand.root + (1 - strand.root) * np.sin(np.clip(t / strand.belly, 0, 1) * np.pi / 2)
    s = np.clip((t - strand.belly) / (1 - strand.belly), 0, 1)
    fall = strand.tip + (1 - strand.tip) * (1 - s**strand.point)
    return strand.width * np.where(t < strand.belly, rise, fall)


@dataclass(frozen=True)
class Drawn:
    """A strand in the picture: (n, 2) px middle line, (n,) px widths, (n, 2) unit normals, (n, 2) from the middle to
    its edge, its path."""

    line: np.ndarray
    width: np.ndarray
    normal: np.ndarray
    off: np.ndarray
    shape: skia.Path
    strand: Strand


def place(strands: Sequence[Strand], head: Head) -> list[Drawn]:
    """Project strands into the picture."""
    if not strands:
        return []
    counts = [int(np.clip(4 * len(s.points), 14, 40)) for s in strands]
    lines = head.project(np.concatenate([spline(s.points, n) for s, n in zip(strands, counts, strict=True)]))
    out = []
    for s, line in zip(strands, np.split(lines, np.cumsum(counts)[:-1]), strict=True):
        width = profile(s, len(line)) * head.scale
        normal = normals(line)
        off = normal * (width * 0.5)[:, None]
        out.append(Drawn(line, width, normal, off, path(np.concatenate([line + off, (line - off)[::-1]])), s))
    return out


def aside(strands: Sequence[Strand]) -> list[Strand]:
    """The strands as side hair, each of the side that it hangs on."""
    sides = ["hair_side_left" if s.points[:, 0].mean() > 0 else "hair_side_right" for s in strands]
    return [replace(s, part=side) for s, side in zip(strands, sides, strict=True)]


_T = np.linspace(0, 1, 6)


def lock(
    head: Head,
    root: Point,
    tip: Point,
    width: float,
    *,
    bend: float = 0.0,
    hook: float = 0.0,
    fan: float = 0.5,
    lift: float = 0.06,
    blunt: float = 0.0,
    lines: float = 0.5,
    belly: float = 0.5,
    base: float = 0.5,
    tone: float = 0.0,
    point: float = 1.5,
) -> Strand:
    """A strand over the front of the head from ``root`` to ``tip``, both frontal (u, v).

    ``bend`` bows it sideways and ``hook`` turns its tip, so that opposite signs make an S; ``fan``: how early it leaves
    the crown sideways, 0 straight, 1 first around the skull and then down.
    """
    t = _T
    ease = (1 - fan) * t + fan * np.sin(0.5 * np.pi * t)
    u = root[0] + (tip[0] - root[0]) * ease + bend * np.sin(np.pi * t) + hook * (t**4 - t)
    v = root[1] + (tip[1] - root[1]) * t
    points = head.on_hair(np.clip(u, -1.34, 1.34), v, lift * 0.5)
    near = np.clip((v + 0.8) / 0.8, 0, 1)  # from the brow down it lies close to the face, not on the hair's ellipsoid
    points[:, 2] += near * np.minimum(head.face_depth(u, v) + 0.12 - points[:, 2], 0)
    points[:, 2] = np.maximum(points[:, 2] + lift * np.sin(np.pi * t), 0.1)
    return Strand(points, width, base, blunt, belly, tone, lines, point, part="hair_front")


def drop(
    head: Head,
    side: int,
    u: float,
    v0: float,
    v1: float,
    width: float,
    *,
    z: float = 0.35,
    wave: float = 0.0,
    curl: float = 0.0,
    bow: float = 0.0,
    blunt: float = 0.0,
    phase: float = 0.0,
    turns: float = 2.0,
    tone: float = 0.0,
    root: float = 0.5,
    drift: float = 0.0,
    belly: float = 0.5,
    lines: float = 0.8,
    point: float = 1.5,
    sharp: float = 2.0,
) -> Strand:
    """A hanging strand at (side * u) from v0 to v1; ``curl`` > 0 bends the tip inwards, ``wave`` sways it, ``bow``
    bulges it outwards; ``sharp``: how late the curl sets in."""
    n = 7 if wave < 0.01 else int(np.clip(4 * turns, 7, 14))
    t = np.linspace(0, 1, n)
    y = v0 + (v1 - v0) * t
    skull = 0.5 * np.clip((-0.35 - y) / 1.1, 0, 1) ** 2  # roots follow the skull
    u += (head.hair_radii[0] - 1.44) * float(np.clip((u - 0.9) / 0.3, 0, 1))  # fuller hair hangs further out
    x = u - skull * u + wave * np.sin(phase + turns * 2 * np.pi * t) * np.minimum(1, 2 * t)
    x = x - curl * np.clip((t - 0.45) / 0.55, 0, 1) ** sharp + drift * t + bow * np.sin(np.pi * t)
    points = np.column_stack([side * x, y, z - 0.3 * skull])
    return Strand(points, width, root=root, tip=blunt, belly=belly, tone=tone, lines=lines, point=point)


def on_dome(head: Head, angle: float, r: float, z: float = -0.1) -> tuple[float, float, float]:
    """A point beside the hair's outline as seen from the front: ``angle`` 0 right, pi/2 up; ``r`` 1 is the outline."""
    x0, y0, _ = head.hair_centre
    rx, ry, _ = head.hair_radii
    return x0 + r * rx * np.cos(angle), y0 - r * ry * np.sin(angle), z


def tuft(
    head: Head,
    root: float,
    tip: float,
    grow: float,
    width: float,
    *,
    z: float = -0.1,
    inside: float = 0.8,
    lines: float = 0.45,
) -> Strand:
    """A tuft that follows the hair's outline from angle ``root`` and leaves it at ``tip`` by ``grow`` of its radius."""
    a = root + (tip - root) * np.array([0.0, 0.4, 0.75, 1.0])
    r = np.array([inside, 0.95, 1.0 + 0.35 * grow, 1.0 + grow])
    points = np.array([on_dome(head, ai, ri, z) for ai, ri in zip(a, r, strict=True)])
    return Strand(points, width, root=0.9, belly=0.3, lines=lines, point=1.1, part=None)


def sway(
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    rng: Rng,
    *,
    bow: float = 0.0,
    wave: float = 0.0,
    turns: float = 1.5,
    phase: float = 0.0,
    n: int = 7,
) -> np.ndarray:
    """(n, 3) points of a hanging bundle's middle from ``start`` to ``end``: it leaves the tie sideways and then falls;
    ``bow`` bulges it to the side of its end, ``wave`` sways it."""
    t = np.linspace(0, 1, n)
    a, b = np.asarray(start, float), np.asarray(end, float)
    side = np.sign(b[0] - a[0] + 1e-9)
    x = a[0] + (b[0] - a[0]) * np.sin(0.5 * np.pi * t) + side * bow * np.sin(np.pi * t)
    x = x + wave * np.sin(phase + 2 * np.pi * turns * t) * t
    y = a[1] + (b[1] - a[1]) * t ** (1.25 if abs(b[0] - a[0]) > 0.15 else 1.0)
    return np.column_stack([x, y, a[2] + (b[2] - a[2]) * t])
