"""One picture that shows what was cut: the input, the label map with its legend, and the layers pulled apart."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cubiseg import taxonomy
from cubiseg.files import atomic_write
from cubiseg.imaging import Picture
from cubiseg.label_maps import colourise
from cubiseg.layers.layer import Layer
from cubiseg.layers.order import BACKGROUND, shown_id
from cubiseg.layers.profiles import Profile

PANEL = 540
"""Height of the panels, pixels; a panel is at most as wide."""
CAPTION, MARGIN, HEADING = 38, 28, 40
TILE, GAP, LEAST_WIDTH = 150, 12, 1300
"""Side of the tiles of parts, pixels between tiles, and the least width of a sheet of parts."""
LEGEND = 22
"""Lines of the legend in a column."""
PAPER, INK, FAINT, WARN = (250, 250, 252), (40, 42, 54), (120, 124, 138), (176, 72, 20)
_CHECKER = (255, 255, 255), (232, 233, 238)


def preview(picture: Picture, layers: Sequence[Layer], profile: Profile, notes: Sequence[str]) -> np.ndarray:
    """Draw the preview.

    Args:
        picture: picture that was cut.
        layers: layers from bottom to top.
        profile: profile that names them.
        notes: lines to print below; the first one in grey, the others, warnings, in orange.

    Returns:
        (h, w, 3) uint8, sRGB.
    """
    height, width = picture.size
    scale = min(PANEL / height, PANEL / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    step = _step(picture.size, size)
    alpha = None if picture.alpha is None else picture.alpha[::step, ::step]
    small = resize(Picture(picture.rgb[::step, ::step], alpha).rgba(), size)
    left = checkered(small)
    label = owners(layers, picture.size)
    middle = label_panel(cv2.resize(label, size, interpolation=cv2.INTER_NEAREST), small)
    below = any(layer.name not in taxonomy.NAMES for layer in layers)  # so many that they would not fit beside
    owning = {layer.name for layer in layers if layer.own.any() and layer.name != BACKGROUND}
    named = sorted(owning, key=shown_id)
    legend = 150 * max(1, -(-len(named) // LEGEND))
    total = 4 * MARGIN + 2 * size[0] + legend
    if below:
        tile, total = TILE, max(total, LEAST_WIDTH)
        columns = (total - 2 * MARGIN) // (tile + GAP)
        tiles = HEADING + -(-len(layers) // columns) * (tile + CAPTION)
    else:
        rows = 2 if len(layers) <= 8 else 3
        columns = max(1, -(-len(layers) // rows))
        tile, tiles = PANEL // rows - CAPTION, 0
        total += columns * (tile + GAP)
    end = HEADING + 8 + PANEL + tiles
    sheet = Image.new("RGB", (total, end - 8 + 2 * MARGIN + 22 * len(notes)), PAPER)
    draw = ImageDraw.Draw(sheet)
    x = MARGIN
    for title, panel in (("input", left), ("labels", middle)):
        draw.text((x, MARGIN - 8), title, INK, _font(20))
        sheet.paste(Image.fromarray(panel), (x, HEADING + 8))
        draw.rectangle((x - 1, HEADING + 7, x + size[0], HEADING + 8 + size[1]), outline=(214, 216, 224))
        x += size[0] + MARGIN
    _legend(draw, x - MARGIN + 14, HEADING + 8, named, profile)
    x, y = (MARGIN, HEADING + 8 + PANEL + MARGIN) if below else (x + legend, MARGIN)
    draw.text((x, y - 8), f"{len(layers)} layers, bottom to top", INK, _font(20))
    y += HEADING + 8 - MARGIN
    for number, layer in enumerate(layers):
        row, column = divmod(number, columns)
        at = x + column * (tile + GAP), y + row * (tile + CAPTION)
        sheet.paste(Image.fromarray(layer_tile(layer, tile)), at)
        draw.rectangle((at[0] - 1, at[1] - 1, at[0] + tile, at[1] + tile), outline=(214, 216, 224))
        name, (h, w) = f"{number + 1}  {profile.layer_name(layer)}", layer.size
        draw.text((at[0], at[1] + tile + 4), name, INK, _font(15))
        if draw.textlength(name, _font(15)) + draw.textlength(f" {w}x{h}", _font(12)) < tile:
            draw.text((at[0] + tile, at[1] + tile + 6), f"{w}x{h}", FAINT, _font(12), anchor="ra")
    for number, note in enumerate(notes):
        draw.text(
            (MARGIN, end + 12 + 22 * number), _fit(draw, note, total - 2 * MARGIN), WARN if number else FAINT, _font(14)
        )
    return np.asarray(sheet)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)  # Pillow's own, so that the preview needs no fonts of the system


_EXACT = np.unique([*taxonomy.COLOURS[list(taxonomy.PART_NAME)], PAPER, INK, FAINT, WARN, *_CHECKER], axis=0)
"""(K, 3): colours that a legend is read by."""


def write_preview(path: Path, rgb: np.ndarray) -> None:
    """Write a sheet, (H, W, 3) uint8, as PNG of 256 colours: a third of the size, and in half the time.

    The legend's colours are kept exactly.
    """
    first = 256 - len(_EXACT)
    image = Image.fromarray(rgb).quantize(first, method=Image.Quantize.FASTOCTREE)
    table = np.zeros(1 << 24, np.uint8)
    table[_number(_EXACT)] = np.arange(first, 256)
    exact = table[_number(rgb)]
    indexed = Image.fromarray(np.where(exact > 0, exact, np.asarray(image)))
    found = (image.getpalette() or [])[: 3 * first]
    indexed.putpalette([*found, *[0] * (3 * first - len(found)), *_EXACT.ravel().tolist()])
    with atomic_write(path) as file:
        indexed.save(file, "PNG", compress_level=3)


def _number(rgb: np.ndarray) -> np.ndarray:
    """A colour's three bytes as one number: (...) int32."""
    number = rgb[..., 0].astype(np.int32)
    for channel in (1, 2):
        number <<= 8
        number |= rgb[..., channel]
    return number


def _fit(draw: ImageDraw.ImageDraw, text: str, width: int) -> str:
    while text and draw.textlength(text, _font(14)) > width:
        text = text[:-5].rstrip() + " …"
    return text


def owners(layers: Sequence[Layer], size: tuple[int, int]) -> np.ndarray:
    """The label map that the layers were cut by: (H, W) uint8, ids of classes and parts, or that show segments."""
    label = np.full(size, taxonomy.ID["background"], np.uint8)
    for layer in layers:
        label[layer.window][layer.own] = shown_id(layer.name)
    return label


def _step(size: tuple[int, int], wanted: tuple[int, int]) -> int:
    """Stride at which three pixels a pixel are left: enough to average."""
    return max(1, min(size[1] // wanted[0], size[0] // wanted[1]) // 3)


def resize(rgba: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize straight-alpha pixels without dark or bright fringes; those of that size already are given back.

    Args:
        rgba: (H, W, 4) uint8.
        size: width and height of the result.

    Returns:
        (h, w, 4) uint8.
    """
    if size == rgba.shape[1::-1]:
        return rgba
    step = _step(rgba.shape[:2], size)
    rgba = np.ascontiguousarray(rgba[::step, ::step])
    how = cv2.INTER_AREA if size[0] < rgba.shape[1] else cv2.INTER_CUBIC
    alpha = cv2.extractChannel(rgba, 3)
    if alpha.min() == 255:
        rgb = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
        return cv2.cvtColor(cv2.resize(rgb, size, interpolation=how), cv2.COLOR_RGB2RGBA)
    # Three equal planes multiply faster than one that is broadcast.
    solid: np.ndarray = cv2.merge([alpha * np.float32(1 / 255)] * 3)
    solid *= cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    alpha = cv2.resize(alpha, size, interpolation=how)
    weight = np.maximum(alpha / np.float32(255), 1e-3)
    colour = cv2.divide(cv2.resize(solid, size, interpolation=how), cv2.merge([weight] * 3), dtype=cv2.CV_8U)
    return cv2.merge([*cv2.split(colour), alpha])


def checkered(rgba: np.ndarray, cell: int = 10) -> np.ndarray:
    """(H, W, 4) uint8, straight alpha, over a checkerboard of cells of so many pixels: (H, W, 3) uint8."""
    board = _board(rgba.shape[0], rgba.shape[1], cell)
    alpha = cv2.merge([rgba[..., 3].astype(np.uint16)] * 3)
    return ((cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB) * alpha + board * (255 - alpha) + 127) // 255).astype(np.uint8)


@lru_cache(2)
def _board(height: int, width: int, cell: int) -> np.ndarray:
    rows, columns = (np.arange(n) // cell for n in (height, width))
    return np.array(_CHECKER, np.uint8)[(rows[:, None] + columns[None]) % 2]


def label_panel(label: np.ndarray, rgba: np.ndarray) -> np.ndarray:
    """Palette colours with the drawing showing through; background as checkerboard.

    Args:
        label: (H, W) uint8, as :func:`owners` gives it.
        rgba: (H, W, 4) uint8, the picture in the same size.

    Returns:
        (H, W, 3) uint8.
    """
    grey = cv2.cvtColor(checkered(rgba), cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    mixed = colourise(label) * np.float32(0.78) + grey * np.float32(0.22)
    alpha = np.where(label == taxonomy.ID["background"], 0, 255).astype(np.uint8)
    return checkered(np.dstack([mixed.astype(np.uint8), alpha]))


def _legend(draw: ImageDraw.ImageDraw, x: int, y: int, names: Sequence[str], profile: Profile) -> None:
    for number, name in enumerate(names):
        column, row = divmod(number, LEGEND)
        at = x + 150 * column, y + 26 * row
        colour = tuple(taxonomy.COLOURS[shown_id(name)].tolist())
        draw.rectangle((at[0], at[1] + 2, at[0] + 16, at[1] + 18), fill=colour, outline=FAINT)
        draw.text((at[0] + 24, at[1] + 1), profile.title(name), INK, _font(15))


def layer_tile(layer: Layer, side: int) -> np.ndarray:
    """The layer's crop in a square tile of a checkerboard, enlarged at most fourfold: (side, side, 3) uint8."""
    height, width = layer.size
    scale = min((side - 16) / height, (side - 16) / width, 4.0)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    tile = np.zeros((side, side, 4), np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = resize(layer.rgba, size)
    return checkered(tile, 8)
