"""Writing layers as a PSD that Live2D Cubism imports.

RGB, 8 bits a channel, sRGB profile, placed pixel layers in blend mode Normal without masks or effects, in at most
two levels of groups. The merged picture is set from the input: psd-tools would spend seconds on compositing it from the
layers. Equal layers give equal bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from cubiseg.boxes import Box
from cubiseg.files import atomic_write
from cubiseg.imaging import Picture
from cubiseg.layers.bleed import bleed, margined
from cubiseg.layers.layer import Layer, without_painting
from cubiseg.layers.profiles import Profile

if TYPE_CHECKING:
    from psd_tools import PSDImage
    from psd_tools.api.layers import Group, PixelLayer

REFERENCE, BENEATH = "Reference", "Beneath"


@cache
def srgb_profile() -> bytes:
    """The sRGB ICC profile that is embedded: shipped as a file, so that its bytes do not depend on LittleCMS."""
    return (resources.files("cubiseg.layers") / "srgb.icc").read_bytes()


@dataclass(frozen=True)
class PsdLayer:
    """One pixel layer of a PSD: its name, the groups around it (outermost first), place, and pixels."""

    name: str
    folders: tuple[str, ...]
    x: int
    y: int
    rgba: np.ndarray
    visible: bool = True


def import_layers(layers: Sequence[Layer], profile: Profile, hide: str = "") -> list[PsdLayer]:
    """What Live2D's guide calls the import PSD: one merged layer a part, bottom to top.

    Args:
        layers: layers from bottom to top.
        profile: profile that names them.
        hide: class or part that is hidden; "" for none.
    """
    return [
        PsdLayer(profile.layer_name(layer), folders, layer.x, layer.y, layer.rgba, layer.name != hide)
        for layer, folders in zip(layers, profile.groups(layers), strict=True)
    ]


def separation_layers(picture: Picture, layers: Sequence[Layer], profile: Profile, hide: str = "") -> list[PsdLayer]:
    """What Live2D's guide calls the material separation PSD, to paint on in: nothing is merged that need not be.

    What is painted on beneath other parts is a layer of its own, below what shows of its part, and the input lies
    hidden on top.
    """
    apart = []
    for layer, folders in zip(layers, profile.groups(layers), strict=True):
        name = profile.layer_name(layer)
        for part, suffix in zip(without_painting(layer), (BENEATH, ""), strict=True):
            if part is not None:
                shown = layer.name != hide
                apart.append(PsdLayer(name + suffix, folders, part.x, part.y, part.rgba, shown))
    rgba = picture.rgba()
    rgba[rgba[..., 3] == 0] = 0
    bleed(rgba)
    return [*apart, PsdLayer(REFERENCE, (), 0, 0, rgba, visible=False)]


def _pixel_layer(parent: "PSDImage | Group", layer: PsdLayer) -> "PixelLayer":
    """Add a layer; clear margins are left out but for the few pixels that hold colour for samplers."""
    from cubiseg.layers.channels import coded

    box = Box.around(layer.rgba[..., 3]) or Box(0, 0, 1, 1)  # a wholly clear layer is kept, as a pixel
    box = margined(box, layer.rgba.shape[:2])
    rgba = layer.rgba[box.window]
    # Made with a single pixel and filled here: psd-tools codes pixels over floating point, several times slower.
    top, left = layer.y + int(box.top), layer.x + int(box.left)
    made = parent.create_pixel_layer(Image.new("RGB", (1, 1)), layer.name, top, left)
    record = made._record
    record.bottom, record.right = top + rgba.shape[0], left + rgba.shape[1]
    for channel, info, data in zip((3, 0, 1, 2), record.channel_info, made._channels, strict=True):
        data.data = coded([cv2.extractChannel(rgba, channel)])
        info.length = len(data.data) + 2
    return made


def write_psd(path: Path, picture: Picture, layers: Sequence[PsdLayer]) -> None:
    """Write layers, placed where they belong, bottom to top.

    Args:
        path: file to write, replaced whole.
        picture: picture that becomes the merged picture: what the visible layers show.
        layers: layers from bottom to top; names are ASCII, each once, and layers of one group follow each other.

    Raises:
        CubisegError: the file cannot be written.
    """
    from psd_tools import PSDImage
    from psd_tools.constants import Compression, Resource, Tag
    from psd_tools.psd.image_data import ImageData
    from psd_tools.psd.image_resources import ImageResource, VersionInfo

    from cubiseg.layers.channels import coded

    height, width = picture.size
    clear = picture.alpha is not None and not (picture.alpha == 255).all()
    psd = PSDImage.new("RGBA" if clear else "RGB", (width, height))
    groups: dict[tuple[str, ...], PSDImage | Group] = {(): psd}
    vars(psd)["_update_record"] = lambda: None  # it would rebuild all records at each layer
    for number, layer in enumerate(layers, 1):
        for depth in range(1, len(layer.folders) + 1):
            folder = layer.folders[:depth]
            if folder not in groups:
                group = groups[folder[:-1]].create_group(name=folder[-1])
                group.tagged_blocks.set_data(Tag.LAYER_ID, len(layers) + len(groups))
                groups[folder] = group
        made = _pixel_layer(groups[layer.folders], layer)
        made.visible = layer.visible
        made.tagged_blocks.set_data(Tag.LAYER_ID, number)
    del psd._update_record
    psd._update_record()
    record = psd._record
    # Photoshop stores the merged picture over white, its transparency as a fourth channel, and says so by a negative
    # count of layers (Adobe Photoshop File Formats Specification, "Layer info").
    planes = [*cv2.split(picture.over()), *([picture.alpha] if picture.alpha is not None and clear else [])]
    record.image_data = ImageData(Compression.RLE, coded(planes))
    info = record.layer_and_mask_information.layer_info
    if clear and info is not None:
        info.layer_count = -abs(info.layer_count)
    version = VersionInfo(has_composite=True, writer="cubiseg", reader="cubiseg")
    psd.image_resources[Resource.VERSION_INFO] = ImageResource(
        key=Resource.VERSION_INFO,
        data=version,  # type: ignore[arg-type]
    )
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=srgb_profile())
    with atomic_write(path) as file:
        record.write(file)
