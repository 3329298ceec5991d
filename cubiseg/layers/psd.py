"""Writing layers as a PSD that Live2D Cubism imports.

RGB, 8 bits a channel, sRGB profile, placed pixel layers in blend mode Normal without masks, groups or effects. The
merged picture is set from the input: psd-tools would spend seconds on compositing it from the layers. Equal layers give
equal bytes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from cubiseg.imaging import Picture, atomic_write
from cubiseg.layers.cut import Layer


@cache
def srgb_profile() -> bytes:
    """The sRGB ICC profile that is embedded: shipped as a file, so that its bytes do not depend on LittleCMS."""
    return (resources.files("cubiseg.layers") / "srgb.icc").read_bytes()


def write_psd(path: Path, picture: Picture, layers: Sequence[Layer], names: Mapping[str, str]) -> None:
    """Write layers, placed where they belong, bottom to top.

    Args:
        path: target, replaced whole.
        picture: the input, which becomes the merged picture.
        layers: bottom to top.
        names: layer name by class name; ASCII, each once.

    Raises:
        CubisegError: the file cannot be written.
    """
    from psd_tools import PSDImage
    from psd_tools.constants import Compression, Resource, Tag
    from psd_tools.psd.image_data import ImageData
    from psd_tools.psd.image_resources import ImageResource, VersionInfo

    height, width = picture.size
    clear = picture.alpha is not None and not (picture.alpha == 255).all()
    psd = PSDImage.new("RGBA" if clear else "RGB", (width, height))
    for number, layer in enumerate(layers, 1):
        made = psd.create_pixel_layer_from_array(layer.rgba, names[layer.class_name], top=layer.y, left=layer.x)
        made.tagged_blocks.set_data(Tag.LAYER_ID, number)
    record = psd._record
    # Photoshop stores the merged picture over white, its transparency as a fourth channel, and says so by a negative
    # count of layers (Adobe Photoshop File Formats Specification, "Layer info").
    planes = [*np.moveaxis(picture.over(), 2, 0), *([picture.alpha] if clear else [])]
    record.image_data = ImageData(Compression.RLE)
    record.image_data.set_data([np.ascontiguousarray(plane).tobytes() for plane in planes], record.header)
    info = record.layer_and_mask_information.layer_info
    if clear and info is not None:
        info.layer_count = -len(layers)
    version = VersionInfo(has_composite=True, writer="cubiseg", reader="cubiseg")
    psd.image_resources[Resource.VERSION_INFO] = ImageResource(
        key=Resource.VERSION_INFO,
        data=version,  # type: ignore[arg-type]
    )
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=srgb_profile())
    with atomic_write(path) as file:
        record.write(file)
