"""``cubiseg lint --fix``: mending what can be mended without changing how the drawing looks.

Names, duplicates, nesting, masks that mask nothing, empty layers, a missing colour profile, Fill; on request, masks
are applied and dust is erased. What would change the picture otherwise (blend modes, effects, clipping, another colour
space) is left to its author and stays a finding. Each mend of a layer but the erasing is proven by composing the PSD
before and after it; what cannot be proven is not done.
"""

import io
import logging
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.layers.lint import MAX_NESTING, MOST_PIXELS, Finding, lint_bytes, stray_of
from cubiseg.layers.psd import srgb_profile
from cubiseg.layers.rendering import TOLERANCE, looks_equal
from cubiseg.psd_files.names import renamed
from cubiseg.psd_files.reading import NotAPsd, opened, psd_bytes, quiet
from cubiseg.psd_files.traits import alpha_of, holds_effects, is_clipped, is_clipping_base, is_empty, kind_of, name_of

if TYPE_CHECKING:
    from psd_tools import PSDImage

HALF_A_LEVEL = 0.5 / 255 + 1e-5
"""How far colours may be off, of full brightness, where a mask is applied: alpha is rounded to 8 bits then."""
MOST_PROOFS = 24
"""How often a PSD is composed in search of the mends that change it; those not reached are not done."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """One thing that is other in the mended copy.

    Attributes:
        layer: path of names from the top, as they were; "" for the document.
        what: what of it was changed, such as its name or mask.
        old: how it was.
        new: how it is.
    """

    layer: str
    what: str
    old: str
    new: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Repair:
    """What was mended.

    Attributes:
        before: findings in the file.
        after: those that are left in the copy; all of them where nothing was mended.
        changes: all that was changed; none where nothing was mended, and then no copy is written.
    """

    before: list[Finding]
    after: list[Finding]
    changes: list[Change]

    @property
    def mended(self) -> int:
        """How many findings the copy has no more."""
        return (Counter(f.code for f in self.before) - Counter(f.code for f in self.after)).total()


@dataclass(frozen=True)
class _Mend:
    """What may be done to the layer or group at a place in the file's order."""

    place: int
    kind: Literal["dust", "apply", "mask", "fill", "empty", "group"]


def repair(
    path: Path, target: Path, overwrite: bool = False, *, apply_masks: bool = False, remove_dust: bool = False
) -> Repair:
    """Write a mended copy of a PSD, if there is anything to mend.

    Args:
        path: PSD to mend, never changed.
        target: file for the copy; another file than ``path``.
        overwrite: whether a file that is already there is replaced.
        apply_masks: whether masks of pixel layers are applied to their alpha, where the drawing looks the same.
        remove_dust: whether specks and faint remains (:mod:`cubiseg.layers.stray`) are erased, visible or not.

    Raises:
        CubisegError: the file cannot be read or is damaged, or ``target`` is the file itself, is already there or
            cannot be written.
    """
    try:
        content = psd_bytes(path)
    except NotAPsd as error:
        raise CubisegError(f"{path}: {error.what}; {error.remedy}") from None
    _check_target(path, target, overwrite)
    before = lint_bytes(content)
    damage = next((f for f in before if f.code == "L000"), None)
    if damage is not None:
        where = f"{damage.layer}: " if damage.layer else ""
        raise CubisegError(f"{path}: is not mended, lest more is lost ({where}{damage.message}); {damage.remedy}")
    with quiet():
        try:
            mended, changes = _mended(content, apply_masks, remove_dust)
        except CubisegError as error:
            raise CubisegError(f"{path}: is not mended, as nothing proves that it looks the same: {error}") from error
        except Exception as error:  # a parser fed arbitrary bytes raises anything
            logger.debug("cannot be mended", exc_info=error)
            raise CubisegError(
                f"{path}: cannot be mended, a part of it cannot be read; save it again as PSD"
            ) from error
    after = lint_bytes(mended)
    done = Repair(before, after, changes)
    # A mask that is applied may leave specks, which are worth less than the mask was.
    if Counter(f.code for f in after if f.code != "L018") - Counter(f.code for f in before):
        raise CubisegError(f"{path}: is not mended, the copy would have new faults; save it again as PSD")
    if not done.mended:
        return Repair(before, before, [])
    with atomic_write(target) as out:
        out.write(mended)
    return done


def _check_target(path: Path, target: Path, overwrite: bool) -> None:
    try:
        if target.exists() and target.samefile(path):
            raise CubisegError(f"{path}: is not overwritten; name another file with -o")
        if os.path.lexists(target) and not overwrite:  # a link that leads nowhere is there too
            raise CubisegError(f"{target}: is already there; --overwrite replaces it, -o names another file")
        if target.is_dir():
            raise CubisegError(f"{target}: is a folder; name a file with -o")
    except OSError as error:
        raise CubisegError(f"{target}: cannot be written ({error.strerror}); name another file with -o") from None


def _mended(content: bytes, apply_masks: bool, remove_dust: bool) -> tuple[bytes, list[Change]]:
    """The mended copy, with as many mends of layers as leave it looking the same."""
    changes: list[Change] = []
    if apply_masks:
        masked = _proven(content, _masked(opened(content)), HALF_A_LEVEL)
        content, changes = _applied(content, masked)
    if remove_dust:  # of what masks have left, too
        content, erased = _applied(content, _dusty(opened(content)))
        changes += erased
    content, others = _applied(content, _proven(content, _planned(opened(content)), TOLERANCE), whole=True)
    return content, [*changes, *others]


def _proven(content: bytes, mends: list[_Mend], tolerance: float) -> list[_Mend]:
    """Those mends that leave a PSD looking the same together."""
    done: list[_Mend] = []
    proofs = 0
    todo = [mends] if mends else []
    while todo and proofs < MOST_PROOFS:
        some = todo.pop()
        copy, _ = _applied(content, [*done, *some], whole=True)
        proofs += 1
        if looks_equal(content, copy, tolerance):
            done += some
        elif len(some) > 1:
            middle = len(some) // 2
            todo += [some[middle:], some[:middle]]
    return done


def _dusty(psd: "PSDImage") -> list[_Mend]:
    """Layers with dust."""
    places = enumerate(psd.descendants())
    return [_Mend(place, "dust") for place, layer in places if _has_alpha(layer) and stray_of(layer)[0].any()]


def _masked(psd: "PSDImage") -> list[_Mend]:
    """Layers whose mask their alpha can say, as far as the file's structure tells."""
    places = enumerate(psd.descendants())
    return [_Mend(place, "apply") for place, layer in places if _has_alpha(layer) and _is_plain_mask(layer)]


def _has_alpha(layer: Any) -> bool:
    """Whether a layer is one of pixels, with alpha of its own that is not too large to look at."""
    if layer.is_group() or kind_of(layer) != "pixel" or layer._psd.depth != 8:
        return False
    return 0 < max(0, layer.width) * max(0, layer.height) <= MOST_PIXELS and _alpha_place(layer) is not None


def _is_plain_mask(layer: Any) -> bool:
    """Whether a layer has a mask of pixels that is switched on, sharp, and joined with nothing."""
    mask = layer.mask
    if not layer.has_mask() or mask is None or layer.has_vector_mask() or mask.disabled or holds_effects(layer):
        return False
    parameters = mask.parameters
    feathered = parameters is not None and (parameters.user_mask_feather or parameters.vector_mask_feather)
    return mask.real_flags is None and not mask.flags.invert_mask and not feathered and not _masks_nothing(layer)


def _alpha_place(layer: Any) -> int | None:
    """Number of a layer's channel of alpha; None where it has none."""
    from psd_tools.constants import ChannelID

    ids = [info.id for info in layer._record.channel_info]
    return ids.index(ChannelID.TRANSPARENCY_MASK) if ChannelID.TRANSPARENCY_MASK in ids else None


def _put_alpha(layer: Any, alpha: np.ndarray) -> None:
    """Give a pixel layer another alpha, (h, w) uint8."""
    place, header = _alpha_place(layer), layer._psd._record.header
    assert place is not None  # noqa: S101 - it was planned for layers that have one
    channel = layer._channels[place]
    channel.set_data(alpha.tobytes(), layer.width, layer.height, header.depth, header.version)
    layer._record.channel_info[place].length = len(channel.data) + 2


def _under_mask(layer: Any) -> np.ndarray:
    """Alpha of a layer times its mask: (h, w) uint8."""
    mask, cover = layer.mask, np.full((layer.height, layer.width), layer.mask.background_color, np.uint8)
    image = None if mask.width <= 0 or mask.height <= 0 else mask.topil()
    if image is not None:
        top, left = mask.top - layer.top, mask.left - layer.left
        window = np.s_[max(0, top) : max(0, top + mask.height), max(0, left) : max(0, left + mask.width)]
        seen = np.asarray(image)[max(0, -top) :, max(0, -left) :]
        height, width = cover[window].shape
        cover[window] = seen[:height, :width]
    return np.rint(alpha_of(layer).astype(np.float32) * cover / 255).astype(np.uint8)


def _planned(psd: "PSDImage") -> list[_Mend]:
    """What may be mended as far as the file's structure tells."""
    layers: list[Any] = list(psd.descendants())
    mends = []
    for place, layer in enumerate(layers):
        if layer.has_mask() and _masks_nothing(layer):
            mends.append(_Mend(place, "mask"))
        if _fill_is_opacity(layer):
            mends.append(_Mend(place, "fill"))
        if layer.is_group() and _depth(layer) >= MAX_NESTING and _shows_through(layer):
            mends.append(_Mend(place, "group"))
    empty = [place for place, layer in enumerate(layers) if not layer.is_group() and _is_needless(layer)]
    if len(empty) < sum(not layer.is_group() for layer in layers):  # a PSD without layers is worse than an empty one
        mends += [_Mend(place, "empty") for place in empty]
    return mends


def _applied(content: bytes, mends: Sequence[_Mend], *, whole: bool = False) -> tuple[bytes, list[Change]]:
    """A copy with these mends; ``whole``: with plain names and a profile, too."""
    psd = opened(content)
    layers: list[Any] = list(psd.descendants())
    paths = {id(layer): _path(layer) for layer in layers}
    changes = []
    for mend in sorted(mends, key=lambda m: (m.place, m.kind)):
        layer = layers[mend.place]
        where = "/".join(paths[id(layer)])
        if mend.kind == "dust":
            where_it_is, found = stray_of(layer)
            _put_alpha(layer, np.where(where_it_is, np.uint8(0), alpha_of(layer)))
            changes.append(Change(where, "dust", str(found), "erased"))
        elif mend.kind == "apply":
            _put_alpha(layer, _under_mask(layer))
            layer.remove_mask()
            changes.append(Change(where, "mask", "hides a part", "applied"))
        elif mend.kind == "mask":
            old = "switched off" if layer.mask.disabled else "hides nothing"
            layer.remove_mask()
            changes.append(Change(where, "mask", old, "removed"))
        elif mend.kind == "fill":
            old = f"{layer.fill_opacity / 2.55:.0f} %, Opacity {layer.opacity / 2.55:.0f} %"
            layer.opacity = _folded(layer)
            layer.fill_opacity = 255
            changes.append(Change(where, "Fill", old, f"100 %, Opacity {layer.opacity / 2.55:.0f} %"))
        elif mend.kind == "group":
            _dissolve(layer)
            changes.append(Change(where, "group", f"more than {MAX_NESTING} deep", "its layers take its place"))
        else:
            group = layer.parent
            group.remove(layer)
            changes.append(Change(where, "layer", "holds no pixels", "removed"))
            while group is not psd and not len(group) and _is_needless(group):
                group, emptied = group.parent, group
                group.remove(emptied)
                changes.append(Change("/".join(paths[id(emptied)]), "group", "holds no layers any more", "removed"))
    if whole:
        changes += _rename(psd, paths)
        changes += _embed_profile(psd)
    psd._update_record()
    file = io.BytesIO()
    psd._record.write(file)
    return file.getvalue(), changes


def _path(layer: Any) -> tuple[str, ...]:
    """Names of the groups around a layer, outermost first, and its own."""
    names = []
    while layer is not None and layer.parent is not None:
        names.append(name_of(layer))
        layer = layer.parent
    return tuple(reversed(names))


def _depth(layer: Any) -> int:
    """How many groups lie around a layer."""
    return len(_path(layer)) - 1


def _shows_through(group: Any) -> bool:
    """Whether a group shows its layers as if it were not there.

    One in Normal mode blends what it holds with itself only, so that must be in Normal mode as well.
    """
    from psd_tools.constants import BlendMode

    modes = (BlendMode.PASS_THROUGH, BlendMode.NORMAL)
    if group.kind != "group" or not group.visible or group.opacity < 255 or group.blend_mode not in modes:
        return False
    if group.fill_opacity < 255 or _is_bound(group) or group.has_mask() or group.has_vector_mask():
        return False
    if len(group) and is_clipped(group[0]):
        return False
    everything: list[Any] = list(group.descendants())
    alone = group.blend_mode == BlendMode.PASS_THROUGH or all(
        layer.blend_mode in modes and (layer.is_group() or kind_of(layer) == "pixel") for layer in everything
    )
    return alone and not any(_knocks_out(layer) for layer in everything)


def _is_bound(layer: Any) -> bool:
    """Whether a layer or group has to do with what lies below, above or around it."""
    return is_clipped(layer) or is_clipping_base(layer) or holds_effects(layer) or _knocks_out(layer)


def _knocks_out(layer: Any) -> bool:
    from psd_tools.constants import Tag

    found = layer.tagged_blocks.get_data(Tag.KNOCKOUT_SETTING, 0)
    return bool(getattr(found, "value", found))


def _dissolve(group: Any) -> None:
    around = group.parent
    place = around.index(group)
    for child in reversed(list(group)):
        group.remove(child)
        around.insert(place, child)
    around.remove(group)


def _masks_nothing(layer: Any) -> bool:
    """Whether a pixel layer's mask, or a group's, is switched off, or white wherever the layer has pixels.

    Adjustments and fills have pixels nowhere and work everywhere: their masks stay, and so do those that are blurred,
    joined with a path, or that cut effects off.
    """
    mask = layer.mask
    if mask is None or layer.has_vector_mask() or mask.real_flags is not None or mask.flags.invert_mask:
        return False
    if not (layer.kind == "group" or kind_of(layer) == "pixel"):
        return False
    if mask.disabled:
        return True
    if layer.is_group() or holds_effects(layer):
        return False
    parameters = mask.parameters
    if parameters is not None and (parameters.user_mask_feather or parameters.vector_mask_feather):
        return False
    empty = mask.width <= 0 or mask.height <= 0
    covers = not empty and (
        mask.left <= layer.left and mask.top <= layer.top and mask.right >= layer.right and mask.bottom >= layer.bottom
    )
    if mask.background_color != 255 and not covers:
        return False
    image = None if empty else mask.topil()
    return empty or (image is not None and image.getextrema() == (255, 255))


def _folded(layer: Any) -> int:
    return round(layer.opacity * layer.fill_opacity / 255)


def _fill_is_opacity(layer: Any) -> bool:
    """Whether Fill does to a layer what Opacity does, so that one number can say both.

    With a style, beneath clipped layers, and in many blend modes they differ.
    """
    from psd_tools.constants import BlendMode

    if layer.fill_opacity == 255 or layer.is_group() or kind_of(layer) != "pixel" or _is_bound(layer):
        return False
    exact = _folded(layer) * 255 == layer.opacity * layer.fill_opacity
    return exact and layer.blend_mode in (BlendMode.NORMAL, BlendMode.MULTIPLY)


def _is_needless(layer: Any) -> bool:
    """Whether a layer without pixels, or a group without layers, is nothing to anything else in the file.

    A block that we know nothing of may be what the layer is there for.
    """
    from psd_tools.constants import Tag

    if _is_bound(layer) or layer.has_vector_mask():
        return False
    about_it = {
        Tag.BLEND_CLIPPING_ELEMENTS,
        Tag.BLEND_FILL_OPACITY,
        Tag.BLEND_INTERIOR_ELEMENTS,
        Tag.CHANNEL_BLENDING_RESTRICTIONS_SETTING,
        Tag.EFFECTS_LAYER,
        Tag.FOREIGN_EFFECT_ID,
        Tag.KNOCKOUT_SETTING,
        Tag.LAYER_ID,
        Tag.LAYER_MASK_AS_GLOBAL_MASK,
        Tag.LAYER_NAME_SOURCE_SETTING,
        Tag.LAYER_VERSION,
        Tag.METADATA_SETTING,
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
        Tag.PROTECTED_SETTING,
        Tag.REFERENCE_POINT,
        Tag.SECTION_DIVIDER_SETTING,
        Tag.SHEET_COLOR_SETTING,
        Tag.TRANSPARENCY_SHAPES_LAYER,
        Tag.UNICODE_LAYER_NAME,
        Tag.USING_ALIGNED_RENDERING,
        Tag.VECTOR_MASK_AS_GLOBAL_MASK,
    }
    if set(layer.tagged_blocks) - about_it:
        return False
    return layer.kind == "group" if layer.is_group() else is_empty(layer)


def _rename(psd: "PSDImage", paths: dict[int, tuple[str, ...]]) -> list[Change]:
    """Give plain names, each once."""
    layers: list[Any] = list(psd.descendants())
    names = renamed([paths[id(layer)] for layer in layers], [layer.is_group() for layer in layers])
    changes = []
    for layer, name in zip(layers, names, strict=True):
        path = paths[id(layer)]
        if name != path[-1]:
            layer.name = name
            changes.append(Change("/".join(path), "name", path[-1], name))
    return changes


def _embed_profile(psd: "PSDImage") -> list[Change]:
    from psd_tools.constants import ColorMode, Resource
    from psd_tools.psd.image_resources import ImageResource

    if psd.color_mode != ColorMode.RGB or psd.image_resources.get_data(Resource.ICC_PROFILE):
        return []
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=srgb_profile())
    return [Change("", "colour profile", "none", "sRGB")]
