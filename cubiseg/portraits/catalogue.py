"""All axes of variety, and mixes checked against them. Importing this loads the painter."""

from collections.abc import Mapping

from cubiseg.errors import CubisegError
from cubiseg.portraits import (
    accessories,
    arms,
    background,
    body,
    bows,
    captions,
    carried,
    colour,
    distractors,
    effects,
    expressions,
    garments,
    gestures,
    hair,
    lighting,
    poses,
    scene,
    seats,
    shadows,
    style,
    tails,
    wings,
)
from cubiseg.portraits.axes import Axis, Mix
from cubiseg.portraits.traits import brows, eyes, face

AXES: dict[str, Axis] = {
    axis.name: axis
    for module in (
        *(accessories, arms, background, body, bows, brows, captions, carried, colour, distractors, effects),
        *(expressions, eyes, face, garments, gestures, hair, lighting, poses, scene, seats, shadows, style),
        *(tails, wings),
    )
    for axis in module.AXES
}

FACIAL = frozenset(axis.name for module in (brows, eyes, expressions, face) for axis in module.AXES)
"""Names of the axes that only a close look at the face shows."""


def checked_mix(shares: Mapping[str, Mapping[str, float]]) -> Mix:
    """The mix that ``shares`` asks for.

    Args:
        shares: axis: kind: factor on how often the kind is drawn.

    Raises:
        CubisegError: an axis or a kind that there is not, a negative factor, or an axis with no kind left.
    """
    for name, factors in shares.items():
        if name not in AXES:
            raise CubisegError(f"synthetic.shares: no axis {name!r}; there are {', '.join(sorted(AXES))}")
        kinds = AXES[name].kinds
        for kind, factor in factors.items():
            if kind not in kinds:
                raise CubisegError(f"synthetic.shares: {name!r} has no kind {kind!r}; it has {', '.join(kinds)}")
            if not 0 <= factor < 1e6:
                raise CubisegError(f"synthetic.shares: {name}, {kind}: {factor} must be from 0 to below 1,000,000")
        if not any(factors.get(kind, 1.0) for kind in kinds):
            raise CubisegError(f"synthetic.shares: every kind of {name!r} is 0; leave one")
    return Mix(shares)
