"""Label maps: (H, W) uint8 arrays of taxonomy ids with 255 for "not known", read, written and asked about.

A map may hold ids of classes and of parts side by side; a class id says "not told apart further". Who needs classes
reads with :func:`read_classes`, or takes ``taxonomy.CLASS_OF`` of the map.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write
from cubiseg.imaging import GREY_SCALES, opened, pixel_hash, raw_mode
from cubiseg.sample_files import SampleFile
from cubiseg.taxonomy import IGNORE_INDEX


def read_label(path: SampleFile) -> np.ndarray:
    """Read a label map that holds ids: indexed or greyscale PNG.

    Returns:
        (H, W) uint8, the stored values; they are not checked against the taxonomy.

    Raises:
        CubisegError: missing, unreadable, too large, or a colour picture.
    """
    with _opened(path) as image:
        if image.format != "PNG":
            raise CubisegError(f"{path}: a label map must be PNG, this is {image.format}; its ids would not survive")
        if image.mode == "1":
            raise CubisegError(f"{path}: is black and white, {_MASK}")
        if image.mode not in ("P", "L"):
            raise CubisegError(
                f"{path}: a label map must be indexed or 8-bit greyscale, this is {image.mode}; save ids"
            )
        return _stored(image)


@contextmanager
def _opened(path: SampleFile) -> Iterator[Image.Image]:
    """A label map's file; a damaged one is refused, since wrong ids look like any others."""
    with opened(path) as (image, contents):
        if contents.broken_pixels:
            raise CubisegError(f"{path}: is damaged (a checksum of its pixels is wrong); fetch it again")
        yield image


def _stored(image: Image.Image) -> np.ndarray:
    """The numbers in an indexed or greyscale PNG of up to 8 bits: Pillow scales greys of fewer bits to 0..255."""
    scale = GREY_SCALES.get(raw_mode(image), 1)
    return np.array(image if image.mode == "P" else image.convert("L")) // np.uint8(scale)


_MASK = (
    "a mask of the figure, and no label map; wanted are a class for every pixel: "
    f"ids 0 to {taxonomy.NUM_CLASSES - 1}, or the palette of docs/data.md"
)


def read_classes(path: SampleFile) -> np.ndarray:
    """Read a label map of either level as classes: (H, W) uint8 class ids; what is neither level is 255.

    Raises:
        CubisegError: as :func:`read_label`.
    """
    return taxonomy.CLASS_OF[read_label(path)]


def read_label_or_colours(path: SampleFile) -> np.ndarray:
    """Read a label map that somebody else wrote, whose pixels may be ids or palette colours.

    Greyscale holds ids, also when it was saved as colours. An indexed file holds ids too, unless its own palette is
    made of taxonomy colours in another order, as painting programs write it. Clear pixels of a colour picture count as
    background.

    Returns:
        (H, W) uint8 ids as stored, or (H, W, 3) uint8 colours for :func:`decolourise`; neither is checked.

    Raises:
        CubisegError: missing, unreadable or too large.
    """
    with _opened(path) as image:
        if image.mode == "1":
            raise CubisegError(f"{path}: is black and white, {_MASK}")
        if image.mode not in ("L", "LA", "P", "PA", "RGB", "RGBA"):
            raise CubisegError(f"{path}: a label map must have 8 bits a channel, this is {image.mode}; save it again")
        if image.mode == "L":
            return _stored(image)
        if image.mode == "LA":
            return np.array(image.getchannel("L"))
        if image.mode == "P":
            table = np.array(image.getpalette("RGB") or (), np.uint8).reshape(-1, 3)
            stored = np.array(image)
            used = np.unique(stored)
            used = used[used < len(table)]
            strange = decolourise(table[used][None], parts=True)[1].max(initial=0) > 0
            if strange or np.array_equal(table[used], taxonomy.COLOURS[used]):
                return stored
        image = image.convert("RGBA")
        rgb = np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "black"), image))[..., :3]
        grey = bool((rgb == rgb[..., :1]).all())
        ids = grey and not unknown_ids(rgb[..., 0])
        return rgb[..., 0].copy() if ids else rgb.copy()


def refuse_mask(path: SampleFile, stored: np.ndarray, ours: bool = True) -> None:
    """Refuse a file that tells figure from ground and no more: its 255 would read as "nobody can tell".

    An indexed one with the taxonomy's own palette says on purpose that nobody can.

    Args:
        path: PNG.
        stored: what it holds: (H, W) uint8 ids, or (H, W, 3) uint8 colours.
        ours: whether its ids are the taxonomy's. Of others, which may have any value and palette, only greys of 0 and
            255 and nothing else are a mask.

    Raises:
        CubisegError: it is one.
    """
    grey = stored if stored.ndim == 2 else stored[..., 0] if (stored == stored[..., :1]).all() else None
    if grey is None:
        return
    values = np.unique(grey)
    with opened(path) as (image, _):
        if not ours and image.mode == "P":
            return
        table = np.array((image.mode == "P" and image.getpalette("RGB")) or (), np.uint8).reshape(-1, 3)
    colours = [tuple(table[v].tolist()) for v in values if v < len(table)]
    if stored.ndim == 2 and colours == [tuple(c) for c in taxonomy.COLOURS[values].tolist()]:
        return
    if IGNORE_INDEX in values and np.isin(values, (0, IGNORE_INDEX)).all():
        raise CubisegError(f"{path}: holds only {' and '.join(map(str, values))}, {_MASK}")
    if not ours:
        return
    if values[0] == 0 and values[-1] == 255 and unknown_ids(values):
        extreme = np.isin(grey, (0, 255)).mean()
        if extreme > 0.5:  # a mask with soft edges
            raise CubisegError(f"{path}: is {extreme:.0%} 0 and 255 with greys between, {_MASK}")
    black_and_white = {(0, 0, 0), (255, 255, 255)}
    if stored.ndim == 2 and len(values) <= 2 and (255, 255, 255) in colours and black_and_white.issuperset(colours):
        raise CubisegError(f"{path}: is black and white, {_MASK}")


def write_label(path: Path, label: np.ndarray) -> None:
    """Write a label map as indexed PNG with the taxonomy palette.

    Args:
        path: target, replaced whole.
        label: (H, W) uint8, ids of classes and parts, or 255.
    """
    with atomic_write(path) as file:
        file.write(encode_label(label))


def encode_label(label: np.ndarray, palette: bytes | None = None) -> bytes:
    """The file that :func:`write_label` writes of a (H, W) uint8 label map.

    Args:
        label: (H, W) uint8.
        palette: 768 bytes; None takes the taxonomy's.
    """
    image, file = Image.fromarray(label), io.BytesIO()
    # A map of classes alone keeps the bytes that it always had.
    image.putpalette(palette or taxonomy.palette_bytes(parts=has_parts(label)))
    image.save(file, "PNG", optimize=False, compress_level=9)
    return file.getvalue()


def colourise(label: np.ndarray) -> np.ndarray:
    """Label map of either level to palette colours: (H, W) uint8 ids -> (H, W, 3) uint8."""
    return taxonomy.COLOURS[label]


def decolourise(rgb: np.ndarray, *, parts: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest palette colour of each pixel, the inverse of :func:`colourise`; the ignore colour counts as one.

    Args:
        rgb: (H, W, 3) uint8.
        parts: whether the parts' colours count too. They lie closer together than those of the classes alone, so
            blurred colours of a map of classes are read better without them.

    Returns:
        label: (H, W) uint8, ids of classes (and of parts where they count), and 255.
        nearest: (H, W) float32, Euclidean distance in RGB (0 to 442) to the colour of ``label``.
        second: (H, W) float32, distance to the next best colour; close to ``nearest`` where the pixel lies between two.
    """
    pixels = rgb.astype(np.int32)
    label = np.zeros(rgb.shape[:2], np.uint8)
    nearest = np.full(rgb.shape[:2], np.iinfo(np.int32).max, np.int32)
    second = nearest.copy()
    known = taxonomy.PART_ID if parts else taxonomy.ID
    for index in (*known.values(), taxonomy.IGNORE_INDEX):
        offset = pixels - taxonomy.COLOURS[index].astype(np.int32)
        distance = np.einsum("hwc,hwc->hw", offset, offset)
        np.minimum(second, np.maximum(nearest, distance), out=second)
        label[distance < nearest] = index
        np.minimum(nearest, distance, out=nearest)
    return label, np.sqrt(nearest, dtype=np.float32), np.sqrt(second, dtype=np.float32)


def label_hash(label: np.ndarray) -> str:
    """SHA-256 of a label map's size and ids, so that it survives another encoding."""
    return pixel_hash(label)


def read_exact_label(path: SampleFile, size: tuple[int, int]) -> np.ndarray:
    """A label map of ids that must be right: its size (height, width), and nothing but classes, parts and 255.

    Raises:
        CubisegError: it is not, or cannot be read.
    """
    label = read_label(path)
    if label.shape != size:
        raise CubisegError(
            f"{path}: is {label.shape[1]}x{label.shape[0]}, its picture {size[1]}x{size[0]}; save it at that size"
        )
    bad = unknown_ids(label)
    if bad:
        raise CubisegError(f"{path}: ids {', '.join(map(str, bad[:5]))} are no class or part; correct the label map")
    return label


def unknown_ids(label: np.ndarray) -> list[int]:
    """Values of a label map that are no class, no part and not 255, ascending."""
    values = np.unique(label)
    return values[(taxonomy.CLASS_OF[values] == IGNORE_INDEX) & (values != IGNORE_INDEX)].tolist()


def has_parts(label: np.ndarray) -> bool:
    """Whether a label map, (H, W) uint8 ids of either level, tells any part."""
    return bool(((label >= taxonomy.NUM_CLASSES) & (label != IGNORE_INDEX)).any())


def keep_parts(classes: np.ndarray, told: np.ndarray) -> np.ndarray:
    """A map of classes with the parts that an older map tells, wherever both agree on the class.

    Args:
        classes: (H, W) uint8, ids of classes and 255.
        told: (H, W) uint8, ids of either level.
    """
    return np.where(taxonomy.CLASS_OF[told] == classes, told, classes)


def resized(label: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A label map at another size (height, width), by the nearest pixel."""
    if label.shape == size:
        return label
    return np.asarray(cv2.resize(label, (size[1], size[0]), interpolation=cv2.INTER_NEAREST_EXACT))


def nearest_class(label: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The class of each pixel's nearest known pixel.

    Args:
        label: (H, W) uint8.
        known: (H, W) bool, pixels whose class counts; at least one.

    Returns:
        (H, W) uint8; known pixels keep their class. Of pixels equally near, OpenCV's distance transform chooses one.
    """
    # DIST_LABEL_PIXEL numbers the known pixels; the table turns numbers into classes.
    _, index = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(index.max()) + 1, np.uint8)
    table[index[known]] = label[known]
    return table[index]


def edges(ids: np.ndarray, side: Literal["both", "first", "second"] = "both") -> np.ndarray:
    """Pixels that differ from one of their 4-neighbours.

    Args:
        ids: (H, W), classes or regions.
        side: mark both pixels of an unequal pair, its first one (left or upper) or its second one (right or lower).

    Returns:
        (H, W) bool.
    """
    across, down = ids[:, :-1] != ids[:, 1:], ids[:-1] != ids[1:]
    edge = np.zeros(ids.shape, bool)
    if side != "second":
        edge[:, :-1] |= across
        edge[:-1] |= down
    if side != "first":
        edge[:, 1:] |= across
        edge[1:] |= down
    return edge
