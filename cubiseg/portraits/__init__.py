"""Portraits in the manner of anime, drawn by code, with exact labels and complete layers.

``draw(seed, index)`` paints one picture from layers; nothing is stored, and any index can be drawn alone with the same
bytes. How it works and how to add a hair style: ``docs/generator.md``.

>>> from cubiseg.portraits import draw, restack
>>> portrait = draw(seed=0, index=12, size=64)
>>> portrait.image.shape, portrait.label.shape, portrait.group
((64, 64, 3), (64, 64), 'synthetic-0-00006')
>>> portrait.layers[0].name, bool((restack(portrait.layers) == portrait.clean).all())
('background', True)
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.portraits.compose import DrawnLayer, label_map, part_map, restack, told_apart
from cubiseg.portraits.rng import VERSION

__all__ = ["MAX_SIZE", "MIN_SIZE", "VERSION", "DrawnLayer", "Portrait", "Shares", "draw", "restack", "told_apart"]

MIN_SIZE, MAX_SIZE = 64, 2048
"""Bounds of a picture's side in px."""

Shares = Mapping[str, Mapping[str, float]]
"""By axis and kind: a factor on how often the kind is drawn, 0 never, 1 as usual."""


@dataclass(frozen=True)
class Portrait:
    """One drawn picture.

    Attributes:
        image: (H, W, 3) uint8, sRGB, after the photographic post effects.
        clean: (H, W, 3) uint8, sRGB, before them: what the layers restack to.
        label: (H, W) uint8, ids of classes.
        parts: (H, W) uint8, the same map told apart further: ids of parts, and of classes that have none.
        layers: bottom to top.
        group: name of the character, shared by all pictures of it.
    """

    image: np.ndarray
    clean: np.ndarray
    label: np.ndarray
    parts: np.ndarray
    layers: tuple[DrawnLayer, ...]
    group: str


def draw(
    seed: int,
    index: int,
    size: int = 512,
    pictures_per_character: int = 2,
    shares: Shares | None = None,
    *,
    alone: bool = False,
) -> Portrait:
    """Draw picture ``index`` of the series that ``seed`` opens.

    Args:
        seed: seed of the whole series, not negative.
        index: number of the picture in the series, not negative; ``index // pictures_per_character`` is the character.
        size: side in px, 64..2048.
        pictures_per_character: how many pictures show one character, at least 1.
        shares: by axis and kind, a factor on how often the kind is drawn: 0 never, 1 as usual.
        alone: whether each part is painted alone too (``DrawnLayer.alone``); the picture is the same.

    Raises:
        CubisegError: an argument is out of its range.
    """
    if seed < 0 or index < 0:
        raise CubisegError(f"synthetic: seed {seed} and index {index} must not be negative")
    if not MIN_SIZE <= size <= MAX_SIZE or pictures_per_character < 1:
        raise CubisegError(
            f"synthetic: size {size} must be {MIN_SIZE}..{MAX_SIZE} and pictures_per_character "
            f"{pictures_per_character} at least 1"
        )
    # skia loads only when something is drawn
    from cubiseg.portraits import effects, portrait
    from cubiseg.portraits.catalogue import checked_mix

    who, view = portrait.compose_scene(seed, index, size, pictures_per_character, checked_mix(shares or {}))
    layers = portrait.paint_layers(who, view, size, alone=alone)
    clean = restack(layers)
    image, label = effects.develop(clean, view.rng("effects"), view.tint, view.mix), label_map(layers)
    parts, group = part_map(layers, label), f"synthetic-{seed}-{who.key[1]:05d}"
    return Portrait(image=image, clean=clean, label=label, parts=parts, layers=layers, group=group)
