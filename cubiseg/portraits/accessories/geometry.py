"""Anchors on the head: sites on the hair's ellipsoid, and rings around it for hats and bands."""

import cv2
import numpy as np
import skia

from cubiseg.portraits.head import Head
from cubiseg.portraits.paint import Points, path, spline
from cubiseg.portraits.tables import Point


def depth(head: Head, vectors: Points) -> Points:
    """How much (n, 3) directions point to the viewer once the head is turned."""
    cy, sy, cp, sp = (f(a) for a in (head.pose.yaw, head.pose.pitch) for f in (np.cos, np.sin))
    x, y, z = np.atleast_2d(vectors).T
    return -sp * y + cp * (-sy * x + cy * z)


def hull(points: Points) -> skia.Path:
    """The convex outline of (n, 2) px."""
    return path(cv2.convexHull(np.asarray(points, np.float32))[:, 0])


class Site:
    """A place on the hair at azimuth ``a`` (0 front, pi/2 the picture's right) and elevation ``e`` (radians).

    ``px`` lays a small flat shape on it: local x to the picture's right along the surface, y down it, as seen on the
    turned head; ``firm`` 0..1 keeps it from becoming too narrow where the surface turns away.
    """

    def __init__(self, head: Head, a: float, e: float, lift: float = 0.03, firm: float = 0.6) -> None:
        radii = head.hair_radii + lift
        unit = np.array([np.sin(a) * np.cos(e), -np.sin(e), np.cos(a) * np.cos(e)])
        self.head = head
        self.point = head.hair_centre + radii * unit
        normal = unit / radii
        self.normal = normal / np.linalg.norm(normal)
        across = np.cross(np.array([0.0, 1.0, 0.0]), self.normal)
        across /= max(float(np.linalg.norm(across)), 1e-6)
        down = np.cross(self.normal, across)
        self.facing = float(depth(head, self.normal)[0])
        at = head.project(np.stack([self.point, self.point + 0.02 * across, self.point + 0.02 * down]))
        self.at = at[0]
        basis = (at[1:] - at[0]) / 0.02
        for i in range(2):
            size, least = float(np.hypot(*basis[i])), firm * head.scale
            if size < least:  # seen edge on
                flat = np.array([1.0, 0.0]) if i == 0 else np.array([0.0, 1.0])
                basis[i] = basis[i] * (least / size) if size > 0.15 * head.scale else flat * least
        self.basis = basis

    @property
    def seen(self) -> bool:
        """Whether the place faces the viewer."""
        return self.facing > -0.05

    def px(self, points: Points) -> Points:
        """(n, 2) local head units to px."""
        return np.asarray(points, float) @ self.basis + self.at


class Ring:
    """The hair's ellipsoid cut by a tilted plane, and all that can be built on that cut: bands, crowns, brims.

    Args:
        middle: v of the plane at the ears.
        slope: radians by which the front lies higher than the back.
        lean: radians by which the plane leans to the picture's right.
        lift: distance from the hair in head units.
    """

    N = 64

    def __init__(
        self, head: Head, middle: float = -0.6, slope: float = 0.25, lean: float = 0.0, lift: float = 0.05
    ) -> None:
        self.head = head
        radii, c = head.hair_radii + lift, head.hair_centre
        self.up = np.array([np.sin(lean), -np.cos(slope) * np.cos(lean), -np.sin(slope) * np.cos(lean)])
        m = radii * self.up
        size = float(np.linalg.norm(m))
        d = float(np.clip(self.up @ (np.array([0.0, middle, c[2]]) - c) / size, -0.93, 0.93))
        m = m / size
        a = np.array([1.0, 0.0, 0.0]) - m[0] * m
        a /= np.linalg.norm(a)
        b = np.cross(m, a)
        b *= np.sign(b[2]) or 1.0
        t = np.arange(self.N) * (2 * np.pi / self.N)
        rho = np.sqrt(1 - d * d)
        self.theta = t  # 0 the picture's right, pi/2 the front
        self.base = c + radii * (d * m + rho * (np.cos(t)[:, None] * a + np.sin(t)[:, None] * b))
        self.centre = c + radii * d * m
        self.front = radii * b / np.linalg.norm(radii * b)
        self.across = radii * a / np.linalg.norm(radii * a)
        self.height = size * (1 - d)
        tangent = np.gradient(np.vstack([self.base[-1], self.base, self.base[0]]), axis=0)[1:-1]
        out = np.cross(tangent, self.up)
        out *= np.sign(np.einsum("ni,ni->n", out, self.base - self.centre))[:, None]
        self.near = depth(head, out) > 0
        self.from_above = bool(depth(head, self.up)[0] > 0)

    def points(self, k: float | Points = 1.0, h: float | Points = 0.0, shift: Points | float = 0.0) -> Points:
        """(N, 3): the cut grown by ``k`` (a number, or one a point), raised by ``h`` head units, moved by ``shift``."""
        k, h = (np.broadcast_to(np.asarray(v, float), (self.N,))[:, None] for v in (k, h))
        return self.centre + k * (self.base - self.centre) + h * self.up + shift

    def px(self, k: float | Points = 1.0, h: float | Points = 0.0, shift: Points | float = 0.0) -> Points:
        """(N, 2) px of the same."""
        return self.head.project(self.points(k, h, shift))

    def order(self, near: bool = True) -> Points:
        """Indices of the points on the near (or far) side, in a row from left to right as the ring runs."""
        i = np.flatnonzero(self.near if near else ~self.near)
        gap = np.flatnonzero(np.diff(i) > 1)
        return np.roll(i, -int(gap[0]) - 1) if len(gap) else i

    def arc(self, k: float | Points = 1.0, h: float | Points = 0.0, near: bool = True) -> Points:
        """px of the near (or far) half of a ring."""
        return self.px(k, h)[self.order(near)]

    def shell(
        self, profile: list[Point], *, shift: Points | None = None, smooth: int = 14, convex: bool = True
    ) -> skia.Path:
        """The outline of a crown: rings (growth, height in shares of the head's), bottom first, without its opening.

        ``shift``: where the top has moved to against the bottom, 3 head units, in proportion to the square of height.
        """
        rows = spline(np.array(profile), smooth) if smooth else np.array(profile)
        rows[:, 0] = np.maximum(rows[:, 0], 0.0)
        top = max(float(rows[:, 1].max()), 1e-6)
        off = [np.zeros(3) if shift is None else shift * max(h / top, 0.0) ** 2 for _, h in rows]
        rings = [self.px(k, h * self.height, o) for (k, h), o in zip(rows, off, strict=True)]
        if convex:
            out = hull(np.concatenate(rings))
        else:
            out = hull(np.concatenate(rings[:2]))
            for i in range(1, len(rings) - 1):
                out = skia.Op(out, hull(np.concatenate(rings[i : i + 2])), skia.kUnion_PathOp)
        if not self.from_above:
            out = skia.Op(out, self.below(), skia.kDifference_PathOp)
        return out

    def below(self) -> skia.Path:
        """All that lies under the near edge of the cut, as seen: where the head shows, if it is seen from below."""
        roll = self.head.pose.roll
        edge, down = self.arc(), 6 * self.head.scale * np.array([-np.sin(roll), np.cos(roll)])
        return path(np.vstack([edge, edge[-1:] + down, edge[:1] + down]))

    def rim(self) -> Points:
        """(2, 2) px: the ring's leftmost and rightmost points as the head leans."""
        p = self.px()
        c, s = np.cos(self.head.pose.roll), np.sin(self.head.pose.roll)
        x = p @ np.array([c, s])
        return p[[int(x.argmin()), int(x.argmax())]]

    def at(self, theta: float, k: float = 1.0, h: float = 0.0) -> Points:
        """(2,) px of one point at an angle of the ring."""
        i = round(theta / (2 * np.pi) * self.N) % self.N
        return self.head.project(self.points(k, h)[i : i + 1])[0]
