"""Reading back what was written for one picture: the manifest and the PNGs that it names; neither is trusted."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, fault
from cubiseg.imaging import MAX_SIDE, read_picture
from cubiseg.layers.former import MOST_BYTES
from cubiseg.layers.manifest import MANIFEST_FILE, LayerEntry
from cubiseg.samples import InsidePath

MOST, MOST_PIXELS = 1000, 1 << 29
"""Layers of a picture at most, and pixels of all of them: 30 of the largest picture's."""


@dataclass(frozen=True)
class Written:
    """One layer of a folder.

    Attributes:
        names: classes and parts that it holds; a class stands for its parts too.
        box: its place in the picture.
        rgba: (h, w, 4) uint8, sRGB, straight alpha.
    """

    names: tuple[str, ...]
    box: Box
    rgba: np.ndarray


class _Entry(LayerEntry):
    file: InsidePath


class _Listed(BaseModel):
    """What is needed of a manifest of any version."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    width: Annotated[int, Field(ge=1, le=MAX_SIDE)]
    height: Annotated[int, Field(ge=1, le=MAX_SIDE)]
    layers: Annotated[tuple[_Entry, ...], Field(max_length=MOST)]


def read_written(folder: Path) -> tuple[tuple[int, int], list[Written]]:
    """Read the layers of a folder that `cubiseg layers` wrote, or somebody edited since.

    Args:
        folder: holds ``manifest.json`` and the PNGs that it names.

    Returns:
        Height and width of the picture; its layers from the bottom, without background and segments that have no name.

    Raises:
        CubisegError: something is missing, damaged, or lies outside of the folder or of the picture.
    """
    path = folder / MANIFEST_FILE
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise CubisegError(f"{path}: is over {MOST_BYTES >> 20} MB; it is no manifest")
        listed = _Listed.model_validate(json.loads(content))
    except ValidationError as error:
        raise CubisegError(f"{path}: is no manifest ({fault(error, MANIFEST_FILE)}); cut the layers again") from error
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; name a folder that `cubiseg layers` wrote") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CubisegError(f"{path}: cannot be read as JSON; cut the layers again") from error
    size = listed.height, listed.width
    layers: list[Written] = []
    for entry in listed.layers:
        if names := _names(entry):
            layers.append(_layer(folder, entry, names, size))
            if sum(one.box.width * one.box.height for one in layers) > MOST_PIXELS:
                raise CubisegError(f"{path}: its layers hold over {MOST_PIXELS >> 20} megapixels; cut the layers again")
    return size, layers


def _names(entry: LayerEntry) -> tuple[str, ...]:
    if entry.class_name == taxonomy.NAMES[0]:
        return ()
    return tuple(name for name in entry.parts or (entry.class_name,) if name in taxonomy.PART_ID)


def _layer(folder: Path, entry: LayerEntry, names: tuple[str, ...], size: tuple[int, int]) -> Written:
    rgba = read_picture(folder / entry.file, min_side=1).rgba()
    height, width = rgba.shape[:2]
    if min(entry.x, entry.y) < 0 or entry.x + width > size[1] or entry.y + height > size[0]:
        raise CubisegError(f"{folder / entry.file}: reaches beyond the picture; its place is {entry.x}, {entry.y}")
    return Written(names, Box(entry.x, entry.y, entry.x + width, entry.y + height), rgba)
