"""A portrait with all its layers in one OpenRaster file, for evaluation and to be opened in a painting program.

OpenRaster (freedesktop.org, specification 0.0.6) is a zip of PNGs with a list in XML. Besides what it asks for, the
file holds ``label.png`` (the map of classes) and ``image.png`` (the picture after the camera's effects), and if asked
``parts.png`` (the map of parts) with a layer a part.
"""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.portraits import MAX_SIZE, Portrait
from cubiseg.portraits.compose import DrawnLayer, painted_box, told_apart

_WHEN = (1980, 1, 1, 0, 0, 0)  # a zip entry needs a time; the bytes must not depend on it
_THUMBNAIL = 256
_MAX_LAYERS = 200


def write_layers(path: Path, portrait: Portrait, *, parts: bool = False) -> None:
    """Write ``portrait`` to an ``.ora`` file, replaced whole; equal portraits give equal bytes.

    Args:
        path: target.
        portrait: what to write; for parts, drawn with ``alone``.
        parts: whether its layers are parts rather than classes.
    """
    height, width = portrait.label.shape
    image = ElementTree.Element("image", version="0.0.6", w=str(width), h=str(height))
    stack = ElementTree.SubElement(image, "stack")
    members: dict[str, np.ndarray] = {}
    for number, layer in enumerate(told_apart(portrait.layers) if parts else portrait.layers):
        rows, columns = painted_box(layer.rgba[..., 3]) or (slice(0, 1), slice(0, 1))
        name = next(iter(layer.parts)) if parts and len(layer.parts) == 1 else layer.name
        source = f"data/{number:02d}_{name}.png"
        members[source] = layer.rgba[rows, columns]
        place = {"x": str(columns.start), "y": str(rows.start)}
        # The list runs from the top down.
        stack.insert(0, ElementTree.Element("layer", {"name": name, "src": source, **place}))
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    small = cv2.resize(portrait.clean, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    members |= {"mergedimage.png": portrait.clean, "Thumbnails/thumbnail.png": small}
    members |= {"label.png": portrait.label, "image.png": portrait.image}
    if parts:
        members["parts.png"] = portrait.parts

    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        # First and uncompressed, as specified; the PNGs need no second compression.
        archive.writestr(zipfile.ZipInfo("mimetype", _WHEN), "image/openraster")
        archive.writestr(zipfile.ZipInfo("stack.xml", _WHEN), ElementTree.tostring(image, "utf-8"))
        for name, pixels in members.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), _png(pixels))


def read_layers(path: Path) -> Portrait:
    """Read what ``write_layers`` wrote.

    Returns:
        The portrait, every layer at the picture's size; its group is the file's stem. Where the file tells no parts,
        they are the classes.

    Raises:
        CubisegError: no such file, or not one of ours.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = _member(archive, "stack.xml")
            if b"<!" in listed:  # entities and the like, which such a list does not need
                raise ValueError("stack.xml declares things")
            image = ElementTree.fromstring(listed)  # noqa: S314 (no declarations, checked above)
            size = int(image.attrib["h"]), int(image.attrib["w"])
            entries = image.findall("./stack/layer")
            if not 0 < max(size) <= MAX_SIZE or len(entries) > _MAX_LAYERS:
                raise ValueError(f"{size[1]}x{size[0]} pixels and {len(entries)} layers are too many")
            layers = []
            for entry in reversed(entries):
                rgba = np.zeros((*size, 4), np.uint8)
                crop = _pixels(archive, entry.attrib["src"])
                x, y = int(entry.attrib["x"]), int(entry.attrib["y"])
                rgba[y : y + crop.shape[0], x : x + crop.shape[1]] = crop
                layers.append(_layer(entry.attrib["name"], rgba))
            told = "parts.png" if "parts.png" in archive.namelist() else "label.png"
            parts = _pixels(archive, told)
            clean, label, picture = (_pixels(archive, n) for n in ("mergedimage.png", "label.png", "image.png"))
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file") from None
    except (OSError, KeyError, ValueError, ElementTree.ParseError, zipfile.BadZipFile, cv2.error) as error:
        raise CubisegError(f"{path}: not a layered sample of cubiseg ({error}); draw it again") from error
    return Portrait(picture, clean, label, parts, tuple(layers), path.stem)


def _layer(name: str, rgba: np.ndarray) -> DrawnLayer:
    number = int(taxonomy.CLASS_OF[taxonomy.PART_ID.get(name, taxonomy.IGNORE_INDEX)])
    if number == taxonomy.IGNORE_INDEX:
        raise ValueError(f"layer {name!r} is neither a class nor a part")
    of = taxonomy.NAMES[number]
    return DrawnLayer(of, rgba, {} if of == name else {name: rgba[..., 3]})


def _png(pixels: np.ndarray) -> bytes:
    order = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}[pixels.shape[-1] if pixels.ndim == 3 else 2]
    data = pixels if order is None else cv2.cvtColor(pixels, order)
    return cv2.imencode(".png", data, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > 4 * MAX_SIZE * MAX_SIZE:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _pixels(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    data = cv2.imdecode(np.frombuffer(_member(archive, name), np.uint8), cv2.IMREAD_UNCHANGED)
    if data is None:
        raise ValueError(f"{name} is not a PNG")
    if data.ndim == 2:
        return data
    return cv2.cvtColor(data, cv2.COLOR_BGRA2RGBA if data.shape[2] == 4 else cv2.COLOR_BGR2RGB)
