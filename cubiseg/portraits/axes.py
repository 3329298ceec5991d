"""Axes of variety: each has a name and kinds, drawn by weight; a ``Mix`` makes kinds more or less frequent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.portraits.rng import Rng
from cubiseg.portraits.tables import Point, number


@dataclass(frozen=True)
class Axis:
    """One thing in which pictures differ, such as the shape of the fringe.

    Attributes:
        name: name of the axis in params and on sheets.
        about: what differs, half a line.
        kinds: weight of each kind; a pair is (weight for a soft character, weight for an angular one).
    """

    name: str
    about: str
    kinds: Mapping[str, float | Point]

    def weights(self, lean: float = 0.5) -> dict[str, float]:
        """Weight of each kind for a character of a ``lean`` between soft (0) and angular (1)."""
        return {k: (1 - lean) * w[0] + lean * w[1] if isinstance(w, tuple) else w for k, w in self.kinds.items()}


def axis(text: str) -> Axis:
    """An axis as one line of text: name, what differs, and the kinds with one weight or with two.

    >>> axis("pet: who sits beside: cat 2, old dog 1 0.5")
    Axis(name='pet', about='who sits beside', kinds={'cat': 2, 'old dog': (1, 0.5)})
    """
    name, about, kinds = text.split(":")
    return Axis(name.strip(), about.strip(), dict(map(_kind, kinds.split(","))))


def _kind(entry: str) -> tuple[str, float | tuple[float, float]]:
    words = entry.split()
    numbers: list[float] = []
    while words[-1][0].isdigit():
        numbers.insert(0, number(words.pop()))
    return " ".join(words), numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


@dataclass(frozen=True)
class Mix:
    """Factors on the weights of kinds, by axis: 0 never, 1 (also of what is not named) as usual, 3 thrice as often."""

    factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def pick(self, rng: Rng, axis: Axis, *, lean: float = 0.5, weights: Mapping[str, float] | None = None) -> str:
        """A kind of ``axis``; always takes one draw from ``rng``, so that other draws stay what they were.

        Args:
            lean: between soft and angular, for kinds that have a weight for either.
            weights: weights in place of the usual ones, where they depend on something else; kinds left out weigh 0.
        """
        usual = axis.weights(lean) if weights is None else weights
        factors = self.factors.get(axis.name, {})
        share = np.array([usual.get(k, 0.0) * factors.get(k, 1.0) for k in axis.kinds])
        if not share.any():  # asked for what this character never has: asked is asked
            share = np.array([factors.get(k, 1.0) for k in axis.kinds])
        return list(axis.kinds)[int(rng.choice(len(share), p=share / share.sum()))]

    def only(self, axis: Axis, kind: str) -> "Mix":
        """This mix with nothing but ``kind`` on ``axis``.

        Raises:
            CubisegError: ``axis`` has no such kind.
        """
        if kind not in axis.kinds:
            raise CubisegError(f"axis {axis.name!r} has no kind {kind!r}; it has {', '.join(axis.kinds)}")
        return Mix({**self.factors, axis.name: {k: float(k == kind) for k in axis.kinds}})
