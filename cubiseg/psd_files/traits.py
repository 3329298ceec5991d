"""What a layer of a PSD is: its name, its kind, its effects, whether it is clipped, whether it is empty.

psd-tools answers most of that for files of recent Photoshop; here older and other programs' files get the same answers.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from cubiseg.psd_files.names import decoded

if TYPE_CHECKING:
    from psd_tools.api.layers import Layer


def name_of(layer: "Layer") -> str:
    """A layer's name, without the zero that some programs end it with."""
    from psd_tools.constants import Tag

    record = layer._record
    name = record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME, None)
    return (decoded(record.name) if not isinstance(name, str) else name).rstrip("\0")


def kind_of(layer: "Layer") -> str:
    """A layer's kind as psd-tools calls it, with those that it takes for pixels told apart from them."""
    from psd_tools.constants import Tag

    others = {Tag.BRIGHTNESS_AND_CONTRAST: "brightnesscontrast", Tag.HUE_SATURATION_V4: "huesaturation"}
    if layer.kind == "pixel":
        return next((kind for tag, kind in others.items() if tag in layer.tagged_blocks), "pixel")
    return layer.kind


def is_clipped(layer: "Layer") -> bool:
    """Whether a layer or group is clipped to what lies below; psd-tools denies it of groups."""
    from psd_tools.constants import Clipping

    return layer._record.clipping == Clipping.NON_BASE


def is_clipping_base(layer: Any) -> bool:
    """Whether what lies above is clipped, so that it may need this layer or group."""
    siblings = list(layer.parent)
    place = next(number for number, sibling in enumerate(siblings) if sibling is layer)
    return place + 1 < len(siblings) and is_clipped(siblings[place + 1])


def draws_effects(layer: "Layer") -> bool:
    """Whether a layer style is switched on; older blocks count where there is no newer one that can be read."""
    blocks = _effect_blocks(layer)
    if blocks:
        switched_on = [block for block in blocks if bool(_value(block, b"masterFXSwitch", True))]
        return any(_value(effect, b"enab", True) for block in switched_on for effect in _listed(block))
    return _has_old_effects(layer)


def holds_effects(layer: "Layer") -> bool:
    """Whether a layer has any style at all, switched on or off, or one that cannot be read."""
    from psd_tools.constants import Tag

    blocks = _effect_blocks(layer)
    old = layer.tagged_blocks.get_data(Tag.EFFECTS_LAYER, None)
    unread = len(blocks) < sum(tag in layer.tagged_blocks for tag in _effect_tags()) or isinstance(old, bytes)
    return unread or any(_listed(block) for block in blocks) or _has_old_effects(layer)


def _effect_tags() -> tuple[Any, ...]:
    from psd_tools.constants import Tag

    return (
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
        Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
    )


def _effect_blocks(layer: "Layer") -> list[Any]:
    """Descriptors that list effects, as Photoshop writes them since version 6."""
    from psd_tools.psd.descriptor import Descriptor

    found = [layer.tagged_blocks.get_data(tag, None) for tag in _effect_tags()]
    return [block for block in found if isinstance(block, Descriptor)]


def _listed(block: Any) -> list[Any]:
    """The effects of a block; "present" is written by recent programs only, and its absence says nothing."""
    from psd_tools.psd.descriptor import Descriptor, List

    values = [block[key] for key in block]
    items = [item for value in values for item in (value if isinstance(value, List) else [value])]
    return [item for item in items if isinstance(item, Descriptor) and bool(_value(item, b"present", True))]


def _value(descriptor: Any, key: bytes, default: bool) -> Any:
    found = descriptor.get(key, default)
    return getattr(found, "value", found)


def _has_old_effects(layer: "Layer") -> bool:
    """Whether an effects block of Photoshop 5 switches an effect on; later versions write it, empty, as well."""
    from psd_tools.constants import Tag

    block = layer.tagged_blocks.get_data(Tag.EFFECTS_LAYER, None)
    effects = block.values() if hasattr(block, "values") else ()
    return any(bool(getattr(effect, "enabled", False)) for effect in effects)


def is_empty(layer: "Layer") -> bool:
    """Whether a pixel layer whose pixels are all there holds none that is not clear.

    Raises:
        Exception: the parser raises anything on a damaged layer.
    """
    if kind_of(layer) != "pixel":
        return False
    if layer.width <= 0 or layer.height <= 0:
        return True
    pixels = _alpha_bytes(layer)
    return pixels is not None and pixels.count(0) == len(pixels)


def alpha_of(layer: "Layer") -> np.ndarray:
    """Alpha of a pixel layer with 8 bits a channel, at least one pixel large: (h, w) uint8; 255 where it has none.

    Raises:
        Exception: the parser raises anything on a damaged layer.
    """
    pixels = _alpha_bytes(layer)
    if pixels is None:
        return np.full((layer.height, layer.width), 255, np.uint8)
    return np.frombuffer(pixels, np.uint8).reshape(layer.height, layer.width)


def _alpha_bytes(layer: "Layer") -> bytes | None:
    """What a layer's channel of alpha holds; None where it has none."""
    from psd_tools.constants import ChannelID

    record, header = layer._record, layer._psd._record.header
    for info, data in zip(record.channel_info, layer._channels, strict=True):
        if info.id == ChannelID.TRANSPARENCY_MASK and data.data:
            return bytes(data.get_data(layer.width, layer.height, header.depth, header.version))
    return None
