"""Which pixels of complete layers are hidden: the truth that completions are measured and trained on.

Complete layers come from the generator, or from renders whose drawables were kept: a folder a picture with
``image.png``, ``meta.json`` and ``layers/``. Such folders are untrusted: sizes and counts are bounded, and every fault
is one line that names the file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, fault
from cubiseg.heads import find_heads
from cubiseg.imaging import read_picture
from cubiseg.params import read_yaml
from cubiseg.portraits import Portrait
from cubiseg.portraits.openraster import read_layers
from cubiseg.samples import InsidePath

OPAQUE = 128
"""Alpha from which a layer covers what lies below it, and from which a part is there: a half."""
LID = 3.0
"""CIE76 distance in Lab, of medians, under which a drawable of an eye is skin: the lid. Whites are 6 and more away."""
MOST_LAYERS, MOST_PICTURES, MAX_SIDE, MAX_META, MOST_PIXELS = 400, 10_000, 4096, 4 << 20, 1 << 28
"""Bounds of what is read: layers of a picture, pictures of a folder, a side in px, bytes of ``meta.json``, pixels of
all layers of a picture."""
META, PICTURE = "meta.json", "image.png"


@dataclass(frozen=True)
class Piece:
    """One complete layer of a picture; several may be of one part.

    Attributes:
        name: class or part.
        box: its place in the picture.
        rgba: (h, w, 4) uint8, sRGB, straight alpha, complete beneath what covers it.
    """

    name: str
    box: Box
    rgba: np.ndarray

    @classmethod
    def of(cls, name: str, canvas: np.ndarray) -> "Piece | None":
        """What an (H, W, 4) uint8 canvas holds; None for nothing."""
        box = Box.around(canvas[..., 3])
        return None if box is None else cls(name, box, canvas[box.window])


@dataclass(frozen=True)
class CompletePart:
    """A part as it truly is, seen and hidden.

    Attributes:
        name: class or part.
        box: the piece of the picture that the arrays are of.
        rgba: (h, w, 4) uint8, sRGB, straight alpha: its layers stacked on each other, in one.
        visible: (h, w) bool, where it is what is seen.
        hidden: (h, w) bool, where its alpha is at least a half and something else is seen.
    """

    name: str
    box: Box
    rgba: np.ndarray
    visible: np.ndarray
    hidden: np.ndarray


@dataclass(frozen=True)
class CompletePicture:
    """A picture with its complete layers.

    Attributes:
        name: what it is called.
        group: its character.
        rgb: (H, W, 3) uint8, sRGB, what the layers stack to.
        label: (H, W) uint8, ids of classes and parts: what is seen.
        pieces: its layers, bottom to top, without the background.
    """

    name: str
    group: str
    rgb: np.ndarray
    label: np.ndarray
    pieces: tuple[Piece, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Classes and parts that it has, bottom to top by the taxonomy."""
        return tuple(sorted({piece.name for piece in self.pieces}, key=taxonomy.STACK_ORDER.index))

    @cached_property
    def figure(self) -> np.ndarray:
        """(H, W) bool: where something else than the background is seen."""
        return np.asarray(taxonomy.CLASS_OF[self.label] != 0)

    @cached_property
    def head_width(self) -> float:
        """Width of the largest head (:func:`cubiseg.heads.find_heads`) in px; half the figure's where none is seen."""
        heads = find_heads(self.label)
        if heads:
            return heads[0].width
        box = Box.around(self.figure)
        return 0.0 if box is None else box.width / 2

    @cached_property
    def parts(self) -> dict[str, CompletePart]:
        """Its parts by name, bottom to top by the taxonomy."""
        return {name: part for name in self.names if (part := self.part(name)) is not None}

    def part(self, *names: str) -> CompletePart | None:
        """A part, or some as one; None where the picture has none of them.

        Args:
            names: classes and parts; the part is called as the first.
        """
        own = [piece for piece in self.pieces if piece.name in names]
        box: Box | None = None
        for piece in own:
            box = piece.box.union(box)
        if box is None:
            return None
        rgba = stacked(own, box)
        seen = np.isin(self.label[box.window], [taxonomy.PART_ID[name] for name in names])
        there = rgba[..., 3] >= OPAQUE
        return CompletePart(names[0], box, rgba, seen, there & ~seen)


def beneath(name: str, label: np.ndarray) -> np.ndarray:
    """Where a part may go on unseen: beneath what the taxonomy stacks above it.

    An iris also goes on behind the lids, which are of the face, below it in the stack.

    Args:
        name: class or part.
        label: (H, W) uint8, ids of classes and parts.

    Returns:
        (H, W) bool; nowhere on the part itself, on what is lower, or on the background.
    """
    own = taxonomy.STACK_RANK[taxonomy.PART_ID[name]]
    above = own < taxonomy.STACK_RANK
    if name.endswith("_iris"):
        above[taxonomy.ID["face"]] = True
    above[taxonomy.IGNORE_INDEX] = False
    return np.asarray(above[label])


def stacked(pieces: Sequence[Piece], box: Box) -> np.ndarray:
    """Layers composed source over destination within a box that holds them: (h, w, 4) uint8, straight alpha."""
    colour = np.zeros((int(box.height), int(box.width), 3), np.float32)
    alpha = np.zeros((*colour.shape[:2], 1), np.float32)
    for piece in pieces:
        at = piece.box.moved(-box.left, -box.top).window
        a = piece.rgba[..., 3:] * np.float32(1 / 255)
        colour[at] = piece.rgba[..., :3] * a + colour[at] * (1 - a)
        alpha[at] = a + alpha[at] * (1 - a)
    return np.dstack([np.rint(colour / np.maximum(alpha, 1e-6)), np.rint(alpha * 255)]).astype(np.uint8)


def seen_from_above(pieces: Sequence[Piece], size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8: id of the topmost layer whose alpha is at least a half; 0 where none is."""
    label = np.zeros(size, np.uint8)
    for piece in pieces:
        label[piece.box.window][piece.rgba[..., 3] >= OPAQUE] = taxonomy.PART_ID[piece.name]
    return label


def of_portrait(portrait: Portrait, name: str) -> CompletePicture:
    """A generated picture as truth.

    Layers that show through others faintly, as a brow through the fringe, are no parts and are left out.

    Args:
        portrait: drawn with ``alone``.
        name: what to call it.
    """
    pieces: list[Piece | None] = []
    for layer in portrait.layers[1:]:
        if layer.alone:
            pieces += [Piece.of(part, rgba) for part, rgba in layer.alone.items()]
        elif len(layer.parts) < 2 and not _is_copy(layer.rgba, layer.name, pieces):
            pieces.append(Piece.of(next(iter(layer.parts), layer.name), layer.rgba))
    found = tuple(piece for piece in pieces if piece is not None)
    return CompletePicture(name, portrait.group, portrait.clean, portrait.parts, found)


def _is_copy(rgba: np.ndarray, name: str, below: Sequence[Piece | None]) -> bool:
    """Whether a layer is a faded copy of one below it: of the same class, and opaque nowhere."""
    return rgba[..., 3].max(initial=0) < 250 and any(p is not None and p.name.startswith(name) for p in below)


class _Drawable(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    file: InsidePath
    fine: Annotated[str, Field(max_length=80)]
    xy: tuple[Annotated[int, Field(ge=0, le=MAX_SIDE)], Annotated[int, Field(ge=0, le=MAX_SIDE)]]


class _Meta(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    layers: Annotated[tuple[_Drawable, ...], Field(min_length=1, max_length=MOST_LAYERS)]


class DrawableNames(BaseModel):
    """What a folder of complete layers calls things.

    Attributes:
        layers: its name of a layer to the class or part that it is; names that are equal need no entry.
        groups: folder to character, where several folders show one.
        lids: whether drawables of an eye that have the colour of the face are the lid, and so of the face.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    layers: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    lids: bool = False


def read_names(path: Path) -> DrawableNames:
    """Read a mapping of names.

    Raises:
        CubisegError: it cannot be read, has another form, or names what is neither a class nor a part.
    """
    names = read_yaml(path, DrawableNames, "write layers and groups as benchmarks/live2d_layers.yaml does")
    for name in names.layers.values():
        if name not in taxonomy.PART_ID:
            raise CubisegError(f"{path}: {name!r} is neither a class nor a part; `cubiseg.taxonomy` lists them")
    return names


def pictures_in(folder: Path) -> list[Path]:
    """Pictures with complete layers in a folder, sorted: folders with a ``meta.json``, and OpenRaster files (``.ora``).

    Args:
        folder: ``<character>/<picture>/`` or ``<picture>.ora`` below it.

    Raises:
        CubisegError: no such folder, nothing in it, or too much.
    """
    if not folder.is_dir():
        raise CubisegError(f"{folder}: no such folder; check the path")
    found = sorted([*(path.parent for path in folder.glob(f"*/*/{META}")), *folder.glob("*.ora")])
    if not found:
        raise CubisegError(f"{folder}: no complete layers; it needs <character>/<picture>/{META} or <picture>.ora")
    if len(found) > MOST_PICTURES:
        raise CubisegError(f"{folder}: {len(found)} pictures are over {MOST_PICTURES}; split the folder")
    return found


def read_complete(folder: Path, names: DrawableNames) -> CompletePicture:
    """Read one picture with its complete layers.

    Args:
        folder: holds ``image.png``, ``meta.json`` with ``layers`` (``file``, ``fine``, ``xy``, bottom to top), and the
            files that it names; or an OpenRaster file of the generator's, with a layer a part.
        names: what ``fine`` means.

    Returns:
        The picture; its name is ``<character>/<picture>``, or the file's stem.

    Raises:
        CubisegError: something is missing, damaged, out of bounds, or of no known name.
    """
    if folder.suffix == ".ora":
        return of_portrait(read_layers(folder), folder.stem)
    rgb = read_picture(folder / PICTURE, min_side=1).rgb
    if max(rgb.shape) > MAX_SIDE:
        raise CubisegError(f"{folder / PICTURE}: is over {MAX_SIDE} pixels a side; scale it down")
    pieces: list[Piece] = []
    for drawable in _meta(folder / META).layers:
        pieces.append(_piece(folder, drawable, names.layers, rgb.shape[:2]))
        if sum(piece.rgba[..., 0].size for piece in pieces) > MOST_PIXELS:
            raise CubisegError(f"{folder}: its layers hold over {MOST_PIXELS >> 20} megapixels; scale them down")
    if names.lids:
        pieces = _with_lids(pieces)
    character = folder.parent.name
    label = seen_from_above(pieces, rgb.shape[:2])
    return CompletePicture(
        f"{character}/{folder.name}", names.groups.get(character, character), rgb, label, tuple(pieces)
    )


def _meta(path: Path) -> _Meta:
    try:
        if path.stat().st_size > MAX_META:
            raise CubisegError(f"{path}: is over {MAX_META >> 20} MB; it is no list of layers")
        return _Meta.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise CubisegError(f"{path}: is no list of layers ({fault(error, META)})") from error
    except (OSError, ValueError, RecursionError) as error:
        raise CubisegError(f"{path}: cannot be read as JSON; fetch it again") from error


def _piece(folder: Path, drawable: _Drawable, names: Mapping[str, str], size: tuple[int, ...]) -> Piece:
    name = names.get(drawable.fine, drawable.fine)
    if name not in taxonomy.PART_ID:
        raise CubisegError(f"{folder / META}: no class or part is called {drawable.fine!r}; add it to the mapping")
    rgba = read_picture(folder / drawable.file, min_side=1).rgba()
    x, y = drawable.xy
    if x + rgba.shape[1] > size[1] or y + rgba.shape[0] > size[0]:
        raise CubisegError(f"{folder / drawable.file}: reaches beyond the picture; its place is {x}, {y}")
    return Piece(name, Box(x, y, x + rgba.shape[1], y + rgba.shape[0]), rgba)


def _with_lids(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with those of an eye that have the colour of the face called face."""
    tones = [tone for piece in pieces if piece.name == "face" and (tone := _tone(piece.rgba)) is not None]
    if not tones:
        return list(pieces)
    skin = tones[0]  # the lowest is the face itself; what lies on it are lids, blushes, shadows
    out = []
    for piece in pieces:
        tone = _tone(piece.rgba) if taxonomy.class_name(piece.name).startswith("eye_") else None
        is_lid = tone is not None and float(np.linalg.norm(tone - skin)) < LID
        out.append(Piece("face", piece.box, piece.rgba) if is_lid else piece)
    return out


def _tone(rgba: np.ndarray) -> np.ndarray | None:
    """Median colour of what is opaque, in Lab (L 0..100); None where nothing is."""
    some = rgba[..., :3][rgba[..., 3] >= OPAQUE]
    if not len(some):
        return None
    lab = cv2.cvtColor((some[None] / np.float32(255)).astype(np.float32), cv2.COLOR_RGB2LAB)
    return np.asarray(np.median(lab[0], axis=0))
