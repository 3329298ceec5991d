"""Portraits in the manner of anime, drawn by code, with exact labels and complete layers.

``draw(seed, index)`` paints one picture from layers; nothing is stored, and any index can be drawn alone with the same
bytes. How it works and how to add a hair style: ``docs/generator.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg.errors import CubisegError
from cubiseg.sources.synthetic.compose import Layer, label_map, restack
from cubiseg.sources.synthetic.rng import VERSION

__all__ = ["VERSION", "Layer", "Portrait", "SyntheticParams", "draw", "restack"]

MIN_SIZE, MAX_SIZE = 64, 2048

Shares = Mapping[str, Mapping[str, float]]


class SyntheticParams(BaseModel):
    """What the source ``synthetic`` draws.

    Attributes:
        count: number of pictures.
        size: side of a picture in px.
        pictures_per_character: pictures that share a character and so a group.
        layers: of the first so many pictures all layers are packed too, one OpenRaster file a picture.
        shares: by axis and kind, factors on how often the kind is drawn: 0 never, 1 as usual. The stage checks them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int = Field(360, ge=1)
    size: int = Field(512, ge=MIN_SIZE, le=MAX_SIZE)
    pictures_per_character: int = Field(2, ge=1)
    layers: int = Field(0, ge=0)
    shares: dict[str, dict[str, float]] = {}


@dataclass(frozen=True)
class Portrait:
    """One drawn picture.

    Attributes:
        image: (H, W, 3) uint8, sRGB, after the photographic post effects.
        clean: (H, W, 3) uint8, sRGB, before them: what the layers restack to.
        label: (H, W) uint8, taxonomy ids.
        layers: bottom to top.
        group: name of the character, shared by all pictures of it.
    """

    image: np.ndarray
    clean: np.ndarray
    label: np.ndarray
    layers: tuple[Layer, ...]
    group: str


def draw(
    seed: int, index: int, size: int = 512, pictures_per_character: int = 2, shares: Shares | None = None
) -> Portrait:
    """Draw picture ``index`` of the series that ``seed`` opens.

    Args:
        seed: non-negative.
        index: non-negative; ``index // pictures_per_character`` is the character.
        size: side in px, 64..2048.
        pictures_per_character: at least 1.
        shares: as in ``SyntheticParams``.

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
    from cubiseg.sources.synthetic import effects, portrait
    from cubiseg.sources.synthetic.catalogue import checked_mix

    who, view = portrait.compose_scene(seed, index, size, pictures_per_character, checked_mix(shares or {}))
    layers = portrait.paint_layers(who, view, size)
    clean = restack(layers)
    return Portrait(
        image=effects.develop(clean, view.rng("effects"), view.tint, view.mix),
        clean=clean,
        label=label_map(layers),
        layers=layers,
        group=f"synthetic-{seed}-{who.key[1]:05d}",
    )
