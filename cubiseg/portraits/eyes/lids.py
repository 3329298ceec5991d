"""The lids of an eye as curves, open or shut, in eye coordinates: x outwards, y down, head units, the middle at 0."""

import numpy as np

from cubiseg.portraits.paint import spline
from cubiseg.portraits.tables import Point
from cubiseg.portraits.traits.eye_kinds import EyeShape

N = 40
"""Points of a lid's curve."""


def _fall(s: np.ndarray, bow: float, roundness: float) -> np.ndarray:
    """From 0 at a lid's peak (s = 0) to 1 at its corner (s = 1)."""
    circle = 1 - np.sqrt(np.maximum(1 - s * s, 0))
    return (1 - roundness) * s**bow + roundness * circle


def _lid(top: float, ends: Point, peak: float, bows: Point, rounds: Point) -> np.ndarray:
    """(N, 2) from the inner to the outer corner in shares of width and height; dense where lids turn fast."""
    t = -np.cos(np.linspace(0, np.pi, N))
    inside = _fall(np.clip((peak - t) / (peak + 1), 0, 1), bows[0], rounds[0])
    outside = _fall(np.clip((t - peak) / (1 - peak), 0, 1), bows[1], rounds[1])
    y = top + (ends[0] - top) * inside + (ends[1] - top) * outside
    return np.column_stack([0.5 * t, y])


def open_lids(
    s: EyeShape, width: float, height: float, openness: float, low_lid: float
) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower lid; ``low_lid`` 0..1 pushes the lower one up."""
    ends, size = (s.inner, s.outer), (width, height)
    upper = _lid(-0.5, ends, s.peak, (s.inner_bow, s.outer_bow), (s.inner_round, s.outer_round)) * size
    lower = _lid(0.5, ends, s.low_peak, (s.low_bow, s.low_bow), (s.low_round, s.low_round)) * size
    chord = np.column_stack([upper[:, 0], np.interp(upper[:, 0], [-0.5 * width, 0.5 * width], np.array(ends) * height)])
    shut = chord + (lower - chord) * 0.75
    upper = shut + (upper - shut) * openness
    lower = lower - (lower - chord) * (0, 0.6 * low_lid)
    return upper, np.maximum(lower, upper)


def shut_lid(shut_as: str, s: EyeShape, width: float, height: float, low_lid: float) -> np.ndarray:
    """The line of a shut eye: ``shut`` hangs down, ``arch`` bows up, ``squeezed`` points inwards (> <)."""
    h = min(max(height, 0.24), 0.5)
    if shut_as == "squeezed":
        corner = np.array([(0.42, -0.42), (-0.1, -0.16), (-0.4, 0.02), (-0.1, 0.2), (0.42, 0.42)])
        sides = [spline(part * (width, 0.75 * h), N // 2) for part in (corner[:3], corner[2:])]
        return np.vstack(sides)
    t = np.linspace(-1, 1, N)
    lean = t * (s.outer - s.inner) * 0.3 * height
    bow = 1 - np.abs(t + 0.1 * (1 - t * t)) ** 2.2
    if shut_as == "arch":
        return np.column_stack([0.48 * width * t, 0.16 * h - (0.5 + 0.25 * low_lid) * h * bow + lean])
    return np.column_stack([0.5 * width * t, 0.12 * h + 0.32 * h * bow + lean])
