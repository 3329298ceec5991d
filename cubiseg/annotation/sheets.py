"""The pictures of the region protocols: outlined and numbered, and grids of every region close up and in context."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from cubiseg.answers.requests import Sheet
from cubiseg.boxes import Box
from cubiseg.label_maps import edges

LINE = (255, 0, 160)
"""Colour of outlines, rare in drawings."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_PAPER, _INK = (245, 245, 245), (20, 20, 20)
_OVERVIEW_SIDE = 1280
_CLEAN_SIDE = 1024


@dataclass(frozen=True)
class Grid:
    """Form of a contact sheet.

    Attributes:
        columns, rows: cells of a sheet.
        tile: side of one crop in px; a cell has a tight and a wide one.
    """

    columns: int
    rows: int
    tile: int


FIRST = Grid(columns=8, rows=10, tile=104)
SECOND = Grid(columns=4, rows=8, tile=180)
"""Larger crops for the regions that are asked about again. Both forms fit four tiles of 512 px, by which
some servers scale pictures and charge for them; wider ones would cost six."""


VERSION = 1
"""Raised when sheets of the same regions look different."""


def clean_picture(rgb: np.ndarray, detail: Literal["high", "low"] = "high") -> Sheet:
    """The picture as it is, at most 1024 px a side."""
    return Sheet("picture", _fit(rgb, _CLEAN_SIDE, larger=False), detail)


def numbered_picture(rgb: np.ndarray, numbers: np.ndarray) -> Sheet:
    """The picture, enlarged, with thin outlines and the number of each region that has room for one.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        numbers: (H, W) int32, 1.. on regions, 0 elsewhere.
    """
    canvas = _fit(rgb, _OVERVIEW_SIDE, larger=True).copy()
    large = cv2.resize(numbers, canvas.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    edge = edges(large, "first")
    canvas[edge] = (canvas[edge] * 0.35 + np.array(LINE) * 0.65).astype(np.uint8)
    scale = canvas.shape[1] / numbers.shape[1]
    depth = cv2.distanceTransform((~edges(numbers)).astype(np.uint8), cv2.DIST_L2, 3)
    for number, (column, row, deep) in _deepest(numbers, depth).items():
        x, y, radius = int((column + 0.5) * scale), int((row + 0.5) * scale), deep * scale
        text = str(number)
        (w, h), _ = cv2.getTextSize(text, _FONT, 0.42, 1)
        if radius >= 0.45 * np.hypot(w, h):
            _write(canvas, text, (x - w // 2, y + h // 2), 0.42)
    return Sheet("numbered", canvas)


def contact_sheets(rgb: np.ndarray, numbers: np.ndarray, grid: Grid) -> tuple[Sheet, ...]:
    """Grids of all numbered regions, in the order of their numbers, each as a tight crop beside a wider one.

    The tight crop is paler outside the region; the wide one shows where it lies.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        numbers: (H, W) int32, 1.. on regions, 0 elsewhere.
        grid: form of the sheets.
    """
    boxes = _boxes(numbers)
    order = sorted(boxes)
    size = grid.columns * grid.rows
    return tuple(
        Sheet(f"regions {part[0]} to {part[-1]}", _one_sheet(rgb, numbers, part, boxes, grid))
        for part in (order[i : i + size] for i in range(0, len(order), size))
    )


def _one_sheet(
    rgb: np.ndarray,
    numbers: np.ndarray,
    part: Sequence[int],
    boxes: dict[int, Box],
    grid: Grid,
) -> np.ndarray:
    title, gap = 18, 10
    cell = 2 * grid.tile + 2 + gap, grid.tile + title + gap
    rows = -(-len(part) // grid.columns)
    canvas = np.full((rows * cell[1] + gap, min(len(part), grid.columns) * cell[0] + gap, 3), _PAPER, np.uint8)
    shortest = min(rgb.shape[:2])
    for i, number in enumerate(part):
        left, top = gap + i % grid.columns * cell[0], gap + i // grid.columns * cell[1]
        box = boxes[number]
        longest = box.longest
        tight = max(1.3 * longest, 0.06 * shortest)
        wide = min(max(3.2 * longest, 0.3 * shortest), 1.2 * shortest)
        centre = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        for place, side, pale in ((left, tight, True), (left + grid.tile + 2, max(wide, tight), False)):
            canvas[top + title : top + title + grid.tile, place : place + grid.tile] = _crop(
                rgb, numbers, number, centre, side, grid.tile, pale
            )
        cv2.putText(canvas, str(number), (left, top + title - 4), _FONT, 0.5, _INK, 1, cv2.LINE_AA)
    return canvas


def _crop(
    rgb: np.ndarray,
    numbers: np.ndarray,
    number: int,
    centre: tuple[float, float],
    side: float,
    tile: int,
    pale: bool,
) -> np.ndarray:
    """A square of the picture around a region, with its outline."""
    scale = tile / side
    move = np.array([[scale, 0, tile / 2 - scale * centre[0]], [0, scale, tile / 2 - scale * centre[1]]])
    # Shrinking by more than half would alias; the source is halved first.
    x0, y0 = (int(max(0, c - side / 2 - 2)) for c in centre)
    x1, y1 = (int(c + side / 2 + 3) for c in centre)
    picture, mask = rgb[y0:y1, x0:x1], (numbers[y0:y1, x0:x1] == number).astype(np.uint8)
    move[:, 2] += move[:, :2] @ (x0, y0)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC if scale < 3 else cv2.INTER_LINEAR
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)
        move = np.array([[1, 0, move[0, 2]], [0, 1, move[1, 2]]])
        mask = cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        how = cv2.INTER_LINEAR
    out = cv2.warpAffine(picture, move, (tile, tile), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=_PAPER)
    inside = cv2.warpAffine(mask, move, (tile, tile), flags=cv2.INTER_NEAREST)
    if pale:
        outside = inside == 0
        out[outside] = (out[outside] * 0.6 + np.array(_PAPER) * 0.4).astype(np.uint8)
    around = cv2.dilate(inside, np.ones((3, 3), np.uint8)) != inside
    out[around] = LINE
    return out


def _deepest(numbers: np.ndarray, depth: np.ndarray) -> dict[int, tuple[int, int, float]]:
    """For each number the pixel farthest from its border, x, y and that distance."""
    flat = numbers.ravel()
    order = np.lexsort((depth.ravel(), flat))
    last = order[np.flatnonzero(np.diff(flat[order], append=-1))]
    y, x = np.unravel_index(last, numbers.shape)
    return {
        int(flat[i]): (int(a), int(b), float(depth[b, a])) for i, a, b in zip(last, x, y, strict=True) if flat[i] > 0
    }


def _boxes(numbers: np.ndarray) -> dict[int, Box]:
    """Box of each number above 0 that occurs."""
    from scipy.ndimage import find_objects

    found = ((number, window) for number, window in enumerate(find_objects(numbers), 1) if window is not None)
    return {number: Box(columns.start, rows.start, columns.stop, rows.stop) for number, (rows, columns) in found}


def _fit(rgb: np.ndarray, side: int, larger: bool) -> np.ndarray:
    scale = side / max(rgb.shape[:2])
    if scale >= 1 and not larger:
        return rgb
    size = round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))


def _write(canvas: np.ndarray, text: str, place: tuple[int, int], scale: float) -> None:
    """Dark digits with a light rim, so that they are legible on any colour."""
    cv2.putText(canvas, text, place, _FONT, scale, (255, 255, 255), 3, cv2.LINE_AA)
    cv2.putText(canvas, text, place, _FONT, scale, (0, 0, 0), 1, cv2.LINE_AA)
