"""Soft edges: which part of a border pixel belongs to the upper layer, and the two colours it is mixed from.

A pixel next to a border is taken as a mix of the nearest two parts: ``picture = alpha * upper + (1 - alpha) * lower``
(Porter and Duff, "Compositing Digital Images", 1984). Alpha comes from where the pixel's colour lies between those of
both parts nearby, as in Ruzon and Tomasi, "Alpha estimation in natural images", 2000, with one colour a side: drawn
parts are locally flat. The two colours are then corrected so that the mix gives the picture's pixel back exactly.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg.layers.order import TAXONOMY, Order

REACH = 3
"""How far, in pixels, the colours of a part are looked for."""
SPREAD = 1.5
"""Weight of a pixel at ``d`` pixels is ``exp(-d * d / SPREAD)``: colours change along an edge."""
MIXED = 32
"""Distance, in levels, of a colour from the line between both parts' colours at which that line says little of it."""
UNEXPLAINED = 28
"""Correction, in levels, of one of both colours beyond which a pixel is no mix of them."""
LEAST, MOST = 10, 245
"""Alpha outside these counts as clear or opaque: what is left of it is noise."""


@dataclass(frozen=True)
class Matte:
    """Who owns each pixel, and the pixels that two layers share.

    Attributes:
        rank: (H, W) uint8, place in the stack of the part that owns the pixel's larger share; 1 is the bottom.
        rows, columns: (N,) int32, the shared pixels.
        upper, lower: (N,) uint8, the places of the layers that share a pixel; ``upper`` > ``lower``.
        alpha: (N,) uint8, alpha of the upper layer; the lower one is opaque there.
        upper_colour, lower_colour: (N, 3) uint8, sRGB.
    """

    rank: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    alpha: np.ndarray
    upper_colour: np.ndarray
    lower_colour: np.ndarray

    def solid(self) -> np.ndarray:
        """Place of the opaque layer at each pixel: (H, W) uint8."""
        solid = self.rank.copy()
        solid[self.rows, self.columns] = self.lower
        return solid


def hard(label: np.ndarray, order: Order = TAXONOMY) -> Matte:
    """No shared pixels: each belongs to one layer alone."""
    none, byte = np.zeros(0, np.int32), np.zeros(0, np.uint8)
    colour = np.zeros((0, 3), np.uint8)
    return Matte(order.rank[label], none, none, byte, byte, byte, colour, colour)


def soft(rgb: np.ndarray, label: np.ndarray, opaque: np.ndarray, order: Order = TAXONOMY) -> Matte:
    """Find the shared pixels along all borders of a label map.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        label: (H, W) uint8, ids of classes and parts, or whatever ``order`` has a place for.
        opaque: (H, W) bool; pixels that are not opaque already are shared, with what lies behind the picture.
        order: what lies above what.
    """
    rank = order.rank[label]
    window = np.ones((3, 3), np.uint8)
    border = cv2.dilate(rank, window) != cv2.erode(rank, window)
    rows, columns = np.nonzero(border & opaque)
    if not len(rows):
        return hard(label, order)
    around = _Around(rgb, rank, border, opaque, rows, columns)
    own, other = rank[rows, columns], around.nearest_other()
    shared = other > 0
    upper, lower = np.maximum(own, other), np.minimum(own, other)
    colour = rgb[rows, columns].astype(np.float32)
    over, under, inside = around.colours(upper, lower)
    line = over - under
    contrast = np.einsum("nc,nc->n", line, line)
    mixed = np.einsum("nc,nc->n", colour - under, line) / np.maximum(contrast, 1)
    # Where both parts have one colour, alpha cannot be seen: the border is only smoothed.
    contrasting = np.clip((np.sqrt(contrast) - 12) / 24, 0, 1)
    off = colour - under - np.clip(mixed, 0, 1)[:, None] * line
    trust = contrasting * np.exp(-np.einsum("nc,nc->n", off, off) / MIXED**2)
    share = trust * np.clip(mixed, 0, 1) + (1 - trust) * inside
    # What no mix of both explains is ink, or a third part: it belongs to one of them alone.
    left = (colour - share[:, None] * over - (1 - share)[:, None] * under) / (share**2 + (1 - share) ** 2)[:, None]
    wrong = np.abs(left).max(axis=1) * np.maximum(share, 1 - share) > UNEXPLAINED
    share = np.where(wrong, own == upper, share)
    alpha = np.rint(255 * share).astype(np.int32)
    alpha[alpha < LEAST] = 0
    alpha[alpha > MOST] = 255
    alpha[~shared] = np.where(own[~shared] >= upper[~shared], 255, 0)
    rank = rank.copy()
    rank[rows, columns] = np.where(~shared, own, np.where(alpha >= 128, upper, lower))
    # Faint specks that touch nothing of their part are dropped.
    alpha[(alpha < 128) & ~_touches(rank, rows, columns, upper)] = 0
    kept = shared & (alpha > 0) & (alpha < 255)
    rows, columns, alpha = rows[kept], columns[kept], alpha[kept].astype(np.uint8)
    over, under = unmix(colour[kept], alpha, over[kept], under[kept])
    return Matte(rank, rows.astype(np.int32), columns.astype(np.int32), upper[kept], lower[kept], alpha, over, under)


def unmix(colour: np.ndarray, alpha: np.ndarray, over: np.ndarray, under: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correct two colours as little as possible so that mixing them gives a third one exactly.

    ``rint(alpha * upper + (1 - alpha) * lower)`` equals ``colour``. What the two estimates leave over is shared by both
    (the least change in the sum of squares); what clipping and rounding leave over is absorbed by the side that weighs
    less first, then by the other.

    Args:
        colour: (N, 3) float32, whole numbers 0..255.
        alpha: (N,) uint8, 1..254.
        over, under: (N, 3) float32, estimates of both colours.

    Returns:
        The upper and the lower colour, (N, 3) uint8 each.
    """
    a = (alpha / np.float64(255))[:, None]
    b = 1 - a
    left = (colour - a * over - b * under) / (a * a + b * b)
    over, under = over + a * left, under + b * left
    # The side that weighs more is solved for last: its rounding moves the mix by less than half a level, and by solving
    # it the lighter side's rounding is not enlarged. A clipped value is made up for by the other side.
    heavy = a >= 0.5
    light_weight, heavy_weight = np.where(heavy, b, a), np.where(heavy, a, b)
    light = _bytes(np.where(heavy, under, over))
    solid = _bytes((colour - light_weight * light) / heavy_weight)
    exact = np.rint(light_weight * light + heavy_weight * solid) == colour
    again = _bytes((colour - heavy_weight * solid) / light_weight)
    light = np.where(exact, light, again)
    over, under = np.where(heavy, solid, light), np.where(heavy, light, solid)
    return over.astype(np.uint8), under.astype(np.uint8)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255)


def _touches(rank: np.ndarray, rows: np.ndarray, columns: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Whether a pixel of the wanted place lies within two pixels: (N,) bool."""
    padded = cv2.copyMakeBorder(rank, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    stride = padded.shape[1]
    centre = (rows + 2) * stride + columns + 2
    flat = padded.ravel()
    found = np.zeros(len(rows), bool)
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            found |= flat.take(centre + dy * stride + dx) == wanted
    return found


class _Around:
    """The surroundings of some pixels, offset by offset."""

    def __init__(
        self,
        rgb: np.ndarray,
        rank: np.ndarray,
        border: np.ndarray,
        opaque: np.ndarray,
        rows: np.ndarray,
        columns: np.ndarray,
    ) -> None:
        pad = (REACH,) * 4
        self._rank = cv2.copyMakeBorder(rank * opaque, *pad, cv2.BORDER_CONSTANT, value=0).ravel()
        pure = np.where(border, np.float32(0.002), np.float32(1))
        self._purity = cv2.copyMakeBorder(pure, *pad, cv2.BORDER_CONSTANT, value=0).ravel()
        self._planes = [plane.ravel() for plane in cv2.split(cv2.copyMakeBorder(rgb, *pad, cv2.BORDER_CONSTANT))]
        self._stride = rank.shape[1] + 2 * REACH
        self._centre = (rows + REACH) * self._stride + columns + REACH
        span = np.arange(-REACH, REACH + 1)
        dy, dx = (grid.ravel() for grid in np.meshgrid(span, span, indexing="ij"))
        away = dy * dy + dx * dx
        used = (away > 0) & (away <= REACH * REACH)
        order = np.argsort(away[used], kind="stable")
        self._offsets = list(zip(dy[used][order], dx[used][order], away[used][order], strict=True))

    def nearest_other(self) -> np.ndarray:
        """Place of the nearest opaque pixel of another part, 0 where there is none: (N,) uint8."""
        own = self._rank.take(self._centre)
        other = np.zeros(len(own), np.uint8)
        for dy, dx, _ in self._offsets:
            rank = self._rank.take(self._centre + dy * self._stride + dx)
            found = (other == 0) & (rank != own)
            other[found] = rank[found]
        return other

    def colours(self, upper: np.ndarray, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Colours of both parts nearby, and the upper part's share of the nearest pixels.

        Returns:
            upper and lower colour, (N, 3) float32; share (N,) float32, 0..1.
        """
        count = len(upper)
        # Pixels at the border are mixed themselves: they speak only where a part has no others.
        sums = np.zeros((2, 3, count), np.float32)
        weights = np.full((2, count), 1e-12, np.float32)
        near = np.zeros((2, count), np.float32)
        for dy, dx, away in [(0, 0, 0), *self._offsets]:
            index = self._centre + (dy * self._stride + dx)
            rank = self._rank.take(index)
            colour = [plane.take(index).astype(np.float32) for plane in self._planes]
            weight = self._purity.take(index) * np.float32(np.exp(-away / SPREAD))
            for side, place in enumerate((upper, lower)):
                here = rank == place
                w = weight * here
                weights[side] += w
                for plane, some in zip(sums[side], colour, strict=True):
                    plane += some * w
                if away <= 2:
                    near[side] += here * np.float32((4, 2, 1)[away])
        over, under = np.ascontiguousarray((sums / weights[:, None]).transpose(0, 2, 1))
        return over, under, near[0] / np.maximum(near.sum(axis=0), 1)
