"""Short ways to write the tables of the painter: weights, outlines and functions by name, many to a line."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

F = TypeVar("F", bound=Callable)
Point = tuple[float, float]


def weights(text: str) -> dict[str, float]:
    """Numbers by name.

    >>> weights("park 5, night city 1.2")
    {'park': 5, 'night city': 1.2}
    """
    return {name.strip(): number(value) for name, value in (entry.rsplit(maxsplit=1) for entry in text.split(","))}


def number(text: str) -> float:
    """A number as Python reads it: an integer has no point."""
    return float(text) if "." in text else int(text)


def by_name(*functions: F) -> dict[str, F]:
    """Functions under their own names."""
    return {function.__name__: function for function in functions}


def pairs(xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
    """Points from their two coordinates."""
    return list(zip(xs, ys, strict=True))


def xy(xs: Sequence[float], ys: Sequence[float]) -> np.ndarray:
    """(n, 2) points from their two coordinates.

    >>> xy((0, 0.5), (1, 2)).tolist()
    [[0.0, 1.0], [0.5, 2.0]]
    """
    return np.array(pairs(xs, ys))
