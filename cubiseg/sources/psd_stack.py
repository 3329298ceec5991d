"""A PSD with named layers, read as what it is made of: the picture, and complete layers of known parts.

PSDs are untrusted: their size is bounded before a pixel is decoded, damage is told from emptiness, and every fault is
one line (:mod:`cubiseg.psd_files.reading`). psd-tools composes the picture, whatever its blend modes; what is seen is
told from what each layer covers: its pixels times masks, opacity, what it is clipped to, and those of its groups.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.psd_files.meaning import Meaning, NameKind, dialect_of
from cubiseg.psd_files.reading import NotAPsd, check_layer, opened, psd_bytes, quiet
from cubiseg.psd_files.traits import draws_effects, is_clipped, name_of
from cubiseg.sources.part_table import PartTable
from cubiseg.sources.sides import PlacedLayer, are_swapped, middle_of, numbers_of, told
from cubiseg.sources.stack import UNKNOWN, Blend, SeenAs, Stack, resized

if TYPE_CHECKING:
    from psd_tools import PSDImage

WORK_SIDE = 2560
"""Longer side in px that layers are kept at; larger documents are read at a whole fraction of their size."""
MAX_SIDE, MAX_PIXELS, MAX_LAYERS, MAX_WORK = 16384, 1 << 27, 1500, 6e9
"""Bounds of a document: a side in px, its pixels, its layers and groups, and pixels of all layers together."""
MIN_SIDE = 64
_STRIP = 1 << 22
"""Pixels that are composed at once."""
_EFFECTS = 64
"""Pixels around a layer within which its effects are looked for."""
_DARKER = ("MULTIPLY", "DARKEN", "COLOR_BURN", "LINEAR_BURN", "DARKER_COLOR")
_LIGHTER = ("SCREEN", "LIGHTEN", "COLOR_DODGE", "LINEAR_DODGE", "LIGHTER_COLOR")


@dataclass(frozen=True)
class LayeredPicture:
    """What a PSD holds.

    Attributes:
        rgba: (H, W, 4) uint8, straight alpha: the picture.
        stack: its layers at the same size.
        open: paths of layers that no name tells, bottom to top, which are seen or may be: the user should name them.
        warnings: what may be wrong, one line each.
    """

    rgba: np.ndarray
    stack: Stack
    open: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Leaf:
    """A layer that is shown, with the groups around it.

    Attributes:
        chain: groups from the outermost, then the layer itself.
        path: their names.
    """

    chain: tuple[Any, ...]
    path: tuple[str, ...]

    @property
    def layer(self) -> Any:
        return self.chain[-1]


def read_layered(path: Path, table: PartTable) -> LayeredPicture:
    """Read a PSD.

    Args:
        path: the file.
        table: what the user says of its layers.

    Raises:
        CubisegError: it is no PSD, damaged, out of bounds, or of another colour mode than RGB.
    """
    try:
        content = psd_bytes(path)
    except NotAPsd as error:
        raise CubisegError(f"{path}: {error.what}; {error.remedy}") from None
    with quiet():
        try:
            psd = opened(content)
            leaves = _checked(psd)
        except _Unfit as error:
            raise CubisegError(f"{path}: {error}") from None
        except Exception as error:  # a parser fed arbitrary bytes raises anything
            raise CubisegError(f"{path}: is damaged, its parts do not fit together; save it again as PSD") from error
        try:
            return _read(psd, leaves, table)
        except ImportError:  # what draws them needs packages that are needed for nothing else
            raise CubisegError(f"{path}: holds vector shapes or gradients without pixels; rasterise them") from None
        except MemoryError:
            raise CubisegError(f"{path}: not enough memory; scale it down or close other programs") from None
        except Exception as error:  # as above, of parts that are decoded late
            raise CubisegError(f"{path}: cannot be composed, a part of it cannot be read; merge its layers") from error


class _Unfit(Exception):
    """Why a document is not taken, and what to do."""


def _checked(psd: "PSDImage") -> list[_Leaf]:
    """Layers that are shown, bottom to top, once all bounds hold.

    Raises:
        _Unfit: one does not.
    """
    from psd_tools.constants import ColorMode

    width, height = psd.size
    if psd.color_mode != ColorMode.RGB:
        raise _Unfit(f"its colour mode is {ColorMode(psd.color_mode).name}, not RGB; convert it")
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        most = f"a side must be {MIN_SIDE}..{MAX_SIDE} pixels, all {MAX_PIXELS >> 20} megapixels at most"
        raise _Unfit(f"is {width}x{height}; {most}")
    leaves = list(_shown(psd))
    if not leaves:
        raise _Unfit("shows no layer; save it with its layers, and show those that make up the picture")
    work = sum(int(box.width * box.height) for leaf in leaves if (box := _box(psd, leaf.layer)) is not None)
    if work > MAX_WORK:
        raise _Unfit(f"its layers hold {work / 1e9:.0f} gigapixels, over {MAX_WORK / 1e9:.0f}; scale it down")
    for leaf in leaves:
        try:
            check_layer(leaf.layer)
        except Exception:
            raise _Unfit(f"the pixels of its layer {'/'.join(leaf.path)!r} are damaged; save it again") from None
    return leaves


def _shown(psd: "PSDImage") -> Iterator[_Leaf]:
    """Layers that are shown, bottom to top; no recursion, groups may lie deep."""
    todo: list[_Leaf] = [_Leaf((layer,), (name_of(layer),)) for layer in reversed(list(psd))]
    count = 0
    while todo:
        leaf = todo.pop()
        count += 1
        if count > MAX_LAYERS:
            raise _Unfit(f"holds more than {MAX_LAYERS} layers and groups; merge some")
        if not leaf.layer.visible:
            continue
        if leaf.layer.is_group():
            inside = reversed(list(leaf.layer))
            todo += [_Leaf((*leaf.chain, child), (*leaf.path, name_of(child))) for child in inside]
        else:
            yield leaf


def _box(psd: "PSDImage", layer: Any) -> Box | None:
    """Where a layer may show anything; None where it lies outside."""
    left, top, right, bottom = layer.bbox
    margin = _EFFECTS if draws_effects(layer) else 0
    if left >= right or top >= bottom:
        return None
    box = Box(left, top, right, bottom).grown(margin, (psd.height, psd.width))
    return box if box.width > 0 and box.height > 0 else None


@dataclass(frozen=True)
class _Found:
    """A layer as it shows, at the size that is worked at."""

    leaf: _Leaf
    meaning: Meaning
    box: Box
    rgba: np.ndarray


def _read(psd: "PSDImage", leaves: Sequence[_Leaf], table: PartTable) -> LayeredPicture:
    from psd_tools.api.layers import AdjustmentLayer
    from psd_tools.constants import CompatibilityMode

    if any(is_clipped(group) for leaf in leaves for group in leaf.chain[:-1]):
        psd.compatibility_mode = CompatibilityMode.CLIP_STUDIO_PAINT  # Photoshop clips no groups
    dialect = dialect_of(name for leaf in leaves for name in leaf.path)
    meanings = [(leaf, table.meaning(leaf.path, dialect)) for leaf in leaves]
    drawn = [(leaf, meaning) for leaf, meaning in meanings if meaning.kind is not NameKind.NOT_DRAWN]
    only = {id(layer) for leaf, _ in drawn for layer in leaf.chain}
    factor = -(-max(psd.size) // WORK_SIDE)
    adjusting = [leaf for leaf, _ in drawn if isinstance(leaf.layer, AdjustmentLayer)]
    there = {id(leaf.layer) for leaf in adjusting}
    found = [f for leaf, meaning in drawn if id(leaf.layer) not in there and (f := _found(psd, leaf, meaning, factor))]
    found = _inherited(found)
    stack, open_, swapped = _stacked(found, table, (-(-psd.height // factor), -(-psd.width // factor)))
    warnings = ["its layers' left is the viewer's; they were exchanged"] if swapped else []
    warnings += [f"{len(adjusting)} adjustment layers change colours and tell no part"] if adjusting else []
    return LayeredPicture(_composed(psd, only, factor), stack, open_, tuple(warnings))


def _found(psd: "PSDImage", leaf: _Leaf, meaning: Meaning, factor: int) -> _Found | None:
    box = _box(psd, leaf.layer)
    if box is None:
        return None
    grid = Box(
        int(box.left) // factor * factor,
        int(box.top) // factor * factor,
        -(-int(box.right) // factor) * factor,
        -(-int(box.bottom) // factor) * factor,
    )
    colour, alpha = _cover(psd, leaf.chain, grid)
    rgba = np.rint(np.clip(np.dstack([colour, alpha]), 0, 1) * 255).astype(np.uint8)
    if factor > 1:
        rgba = resized(rgba, (rgba.shape[0] // factor, rgba.shape[1] // factor))
    if not rgba[..., 3].any():
        return None
    return _Found(leaf, meaning, Box(*(int(side) // factor for side in grid)), rgba)


def _cover(psd: Any, chain: Sequence[Any], box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Colour (h, w, 3) and alpha (h, w) of a layer where its groups, masks and what it is clipped to leave it.

    Args:
        psd: the document, or the group that is the root.
        chain: groups below the root, then the layer.
        box: the piece of the document.
    """
    bases = ((depth, _base(layer)) for depth, layer in enumerate(chain) if is_clipped(layer))
    clipped, base = next(((depth, base) for depth, base in bases if base is not None), (0, None))
    if base is None:
        return _seen_alone(psd, chain, box)
    inside = [base, *(base.descendants() if base.is_group() else ())]
    _, hold = _seen_alone(psd, [*chain[:clipped], *inside], box)
    own = chain[clipped:]
    with _unclipped(own[0]):
        colour, alpha = _seen_alone(own[0], own, box) if len(own) == 1 else _cover(own[0], own[1:], box)
    return colour, alpha * hold


@contextmanager
def _unclipped(layer: Any) -> Iterator[None]:
    """A layer as if it were clipped to nothing; psd-tools draws no clipped one by itself."""
    from psd_tools.constants import Clipping

    before, layer._record.clipping = layer._record.clipping, Clipping.BASE
    try:
        yield
    finally:
        layer._record.clipping = before


def _base(layer: Any) -> Any | None:
    """What a clipped layer or group is clipped to: the nearest below it that is not; None where there is none."""
    below = None
    for sibling in layer.parent:
        if sibling is layer:
            return below
        if not is_clipped(sibling):
            below = sibling
    return None


def _seen_alone(root: Any, layers: Sequence[Any], box: Box) -> tuple[np.ndarray, np.ndarray]:
    from psd_tools.api.layers import Group
    from psd_tools.composite import composite

    wanted = {id(layer) for layer in layers}

    def shown(layer: Any) -> bool:
        return id(layer) in wanted and layer.visible

    left, top, right, bottom = (int(side) for side in box)
    viewport = (left, top, right, bottom)
    colour, _, alpha = composite(root, viewport=viewport, layer_filter=shown, as_layer=isinstance(root, Group))
    return colour[..., :3], alpha[..., 0]


def _composed(psd: "PSDImage", only: set[int], factor: int) -> np.ndarray:
    """The picture without what is not of the drawing, composed a strip at a time."""
    from psd_tools.composite import composite

    width = -(-psd.width // factor) * factor
    rows = max(factor, _STRIP // width // factor * factor)
    strips = []
    for top in range(0, psd.height, rows):
        bottom = min(top + rows, -(-psd.height // factor) * factor)
        box = (0, top, width, bottom)
        colour, _, alpha = composite(psd, viewport=box, layer_filter=lambda layer: layer.visible and id(layer) in only)
        strip = np.rint(np.clip(np.dstack([colour[..., :3], alpha]), 0, 1) * 255).astype(np.uint8)
        strips.append(resized(strip, (strip.shape[0] // factor, strip.shape[1] // factor)) if factor > 1 else strip)
    return np.concatenate(strips)


def _inherited(found: Sequence[_Found]) -> list[_Found]:
    """Layers, of which those that are clipped and tell no part hold what they are clipped to."""
    by_layer = {id(f.leaf.layer): f for f in found}
    out = []
    for f in found:
        base = by_layer.get(id(_base(f.leaf.layer))) if is_clipped(f.leaf.layer) else None
        vague = f.meaning.kind in (NameKind.UNKNOWN, NameKind.BENEATH)
        out.append(_Found(f.leaf, base.meaning, f.box, f.rgba) if base is not None and vague else f)
        by_layer[id(f.leaf.layer)] = out[-1]
    return out


def _stacked(found: Sequence[_Found], table: PartTable, size: tuple[int, int]) -> tuple[Stack, tuple[str, ...], bool]:
    named = [PlacedLayer(f.meaning, f.box, f.rgba[..., 3]) for f in found]
    swapped = are_swapped(named)
    middle = middle_of(named)
    stack, open_ = Stack(size), []
    for f, layer in zip(found, named, strict=True):
        numbers: list[tuple[int, np.ndarray | None]] = [(UNKNOWN, None)]
        if f.meaning.kind is NameKind.PART:
            numbers = numbers_of(PlacedLayer(told(f.meaning, swapped), layer.box, layer.alpha), middle)
        of_its_own = f.meaning.kind is not NameKind.BENEATH
        if of_its_own and numbers[0][0] == UNKNOWN and not table.says(f.leaf.path):
            open_.append("/".join(f.leaf.path))
        for number, where in numbers:
            rgba = f.rgba if where is None else f.rgba * where[..., None]
            stack.lay(number if of_its_own else None, f.box, rgba, *_light(_mode(f.leaf)))
    return stack, tuple(open_), swapped


def _mode(leaf: _Leaf) -> Any | None:
    """The blend mode of a layer, or of the outermost group that has one; None for Normal."""
    from psd_tools.constants import BlendMode

    plain = (BlendMode.NORMAL, BlendMode.PASS_THROUGH, BlendMode.DISSOLVE)
    return next((BlendMode(layer.blend_mode) for layer in leaf.chain if layer.blend_mode not in plain), None)


def _light(mode: Any | None) -> tuple[SeenAs, Blend | None]:
    from psd_tools.composite.blend import get_blend_func

    if mode is None:
        return SeenAs.PLAIN, None
    light = SeenAs.DARKER if mode.name in _DARKER else SeenAs.LIGHTER if mode.name in _LIGHTER else SeenAs.OTHER
    return light, get_blend_func(mode)
