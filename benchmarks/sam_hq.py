"""Regions of SAM-HQ, for a reference line: what its masks would reach if each had the right name.

SAM-HQ (Ke et al., "Segment Anything in High Quality", NeurIPS 2023) cuts masks and names none. Here it cuts whatever it
finds, as "segment everything" of SAM does (Kirillov et al., "Segment Anything", ICCV 2023, with its thresholds): three
masks for each point of a grid, as transformers has it (the authors' own code keeps the best of the three); those that
the network rates low, that are unsteady or that repeat a better one are left out. A pixel belongs to the smallest mask
that covers it. With perfect names this is the most that naming these regions could give, not what a
method without the truth reaches.

Weights come in a folder as transformers saves them (``config.json``, ``model.safetensors``). No part of this loads
anything from elsewhere, unpickles, or runs code that lies beside the weights.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg.errors import CubisegError

CONFIG, WEIGHTS = "config.json", "model.safetensors"
GRID = 32
"""Points along each side."""
LEAST_IOU = 0.88
"""Masks whose IoU with the object the network itself puts no higher are left out."""
LEAST_STABILITY = 0.95
MARGIN = 1.0
"""Logits by which the threshold moves for the stability score."""
MOST_OVERLAP = 0.7
"""Of two boxes with a higher IoU the better one stays."""
POINTS_AT_ONCE = 8
"""More are no faster on a processor, and take about 80 MB each in the decoder."""
MASKS_AT_ONCE = 8
"""Masks that are held as float32 of the picture's size."""


@dataclass(frozen=True)
class Masks:
    """Masks of one picture, a bit a pixel: 18 kB each at 384x384.

    Attributes:
        packed: (N, ceil(H * W / 8)) uint8, rows of pixels one after another, packed by ``np.packbits``.
        boxes: (N, 4) int64, x0, y0, x1, y1 in pixels, ends excluded.
        ratings: (N,) float32, IoU that the network predicts, about 0..1.
    """

    packed: np.ndarray
    boxes: np.ndarray
    ratings: np.ndarray


def open_sam_hq(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Read SAM-HQ.

    Args:
        folder: what ``SamHQModel.save_pretrained`` wrote, or a copy of a hub's folder, such as
            ``syscv-community/sam-hq-vit-base``.

    Returns:
        Cuts a picture: (H, W, 3) uint8 sRGB -> (H, W) int32, region ids from 0, none left out. The same picture gives
        the same regions. On a processor it takes minutes.

    Raises:
        CubisegError: transformers is not installed, or the folder holds no such weights.
    """
    network, processor = _load(Path(folder))
    return lambda rgb: _cut(network, processor, rgb)


def grid_points(side: int) -> np.ndarray:
    """Middles of the cells of a square grid: (side * side, 2) float64, x and y in 0..1, row after row."""
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(middles, middles)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def stability(logits: np.ndarray) -> np.ndarray:
    """How little masks change with the threshold: IoU of a strict and a lax cut (Kirillov et al. 2023).

    Args:
        logits: (N, H, W) float32.

    Returns:
        (N,) float64 in 0..1; 0 where even the lax cut is empty.
    """
    strict = np.count_nonzero(logits > MARGIN, axis=(1, 2))
    lax = np.count_nonzero(logits > -MARGIN, axis=(1, 2))
    return strict / np.maximum(lax, 1)


def stable_masks(logits: np.ndarray, ratings: np.ndarray) -> Masks:
    """Keep the masks that are stable.

    Args:
        logits: (N, H, W) float32, above 0 inside.
        ratings: (N,) float32.
    """
    stable = stability(logits) >= LEAST_STABILITY
    masks = logits[stable] > 0
    return Masks(pack(masks), boxes_of(masks), ratings[stable])


def pack(masks: np.ndarray) -> np.ndarray:
    """A bit a pixel: (N, H, W) bool -> (N, ceil(H * W / 8)) uint8, as in :class:`Masks`."""
    return np.packbits(masks.reshape(len(masks), masks.shape[1] * masks.shape[2]), axis=1)


def boxes_of(masks: np.ndarray) -> np.ndarray:
    """Boxes of masks: (N, H, W) bool, none empty -> (N, 4) int64, x0, y0, x1, y1, ends excluded."""
    height, width = masks.shape[1:]
    rows, columns = np.any(masks, axis=2), np.any(masks, axis=1)
    x1, y1 = width - columns[:, ::-1].argmax(1), height - rows[:, ::-1].argmax(1)
    return np.stack([columns.argmax(1), rows.argmax(1), x1, y1], axis=1)


def without_repeats(boxes: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Non-maximum suppression: leave out boxes that overlap a better one that stays.

    Args:
        boxes: (N, 4) int64, x0, y0, x1, y1, ends excluded.
        ratings: (N,) float32, above 0.

    Returns:
        (K,) int64, indices of those that stay, best first; of equals the first.
    """
    corner, end = boxes[:, :2], boxes[:, 2:]
    kept = cv2.dnn.NMSBoxes(np.hstack([corner, end - corner]).tolist(), ratings.tolist(), 0.0, MOST_OVERLAP)
    return np.array(kept, np.int64).reshape(-1)


def to_partition(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Give every pixel to the smallest mask that covers it; what none covers is one more region.

    Args:
        packed: (N, ceil(H * W / 8)) uint8, as in :class:`Masks`. Of masks of the same area the first counts as smaller.
        shape: H, W.

    Returns:
        (H, W) int32, ids from 0, each of which occurs. Masks that smaller ones hide have none.
    """
    area = np.bitwise_count(packed).sum(1, dtype=np.int64)
    region = np.zeros(shape[0] * shape[1], np.int32)
    # Painted from the largest down, so that the smallest comes out on top.
    for number, index in enumerate(np.argsort(area, kind="stable")[::-1], start=1):
        region[np.unpackbits(packed[index], count=region.size).view(bool)] = number
    return np.unique(region, return_inverse=True)[1].reshape(shape).astype(np.int32)


def _cut(network: Any, processor: Any, rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 sRGB -> (H, W) int32, region ids."""
    import torch

    picture = processor(rgb, return_tensors="pt", input_data_format="channels_last")
    shape, (seen,) = rgb.shape[:2], picture["reshaped_input_sizes"].tolist()
    # One empty set, so that a picture in which nothing is found is no special case.
    found = [stable_masks(np.empty((0, *shape), np.float32), np.empty(0, np.float32))]
    with torch.inference_mode():
        for coarse, ratings in _rated_high(network, picture["pixel_values"], seen):
            for at in range(0, len(coarse), MASKS_AT_ONCE):
                some = slice(at, at + MASKS_AT_ONCE)
                (logits,) = processor.post_process_masks([coarse[None, some]], [shape], [seen], binarize=False)
                found.append(stable_masks(logits[0].numpy(), ratings[some].numpy()))
    boxes, ratings = np.concatenate([m.boxes for m in found]), np.concatenate([m.ratings for m in found])
    return to_partition(np.concatenate([m.packed for m in found])[without_repeats(boxes, ratings)], shape)


def _rated_high(network: Any, pixels: Any, seen: Sequence[int]) -> Iterator[tuple[Any, Any]]:
    """Masks at each point of the grid that the network rates high, before any of them is enlarged.

    Args:
        network: SamHQModel.
        pixels: (1, 3, S, S) float32 tensor, the picture in its upper left corner.
        seen: height and width of the picture there.

    Yields:
        (N, S / 4, S / 4) and (N,) float32 tensors, logits and ratings.
    """
    import torch

    points = torch.from_numpy(grid_points(GRID) * (seen[1], seen[0]))
    embedding, early = network.get_image_embeddings(pixels)
    for some in points.split(POINTS_AT_ONCE):
        out = network(image_embeddings=embedding, intermediate_embeddings=early, input_points=some[None, :, None])
        ratings = out.iou_scores.flatten()
        high = ratings > LEAST_IOU
        yield out.pred_masks.flatten(0, 2)[high], ratings[high]


def _load(folder: Path) -> tuple[Any, Any]:
    """The network in evaluation mode, and what prepares its pictures."""
    _check(folder)
    try:
        from transformers import SamHQModel, SamImageProcessorPil
    except ImportError as error:
        raise CubisegError(
            f"SAM-HQ needs transformers 5.24 or newer ({_short(error)}): pip install transformers"
        ) from error
    import torch

    try:
        with _quiet():
            network, report = SamHQModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                # What config.json names instead could be fetched, or be another precision.
                attn_implementation="sdpa",
                dtype=torch.float32,
                # Such weights are refused below, with one line instead of a table.
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except Exception as error:  # of whatever class the library chooses for a config or weights that it cannot use
        reason = _short(error)
        raise CubisegError(f"{folder}: not usable weights of SAM-HQ ({reason}); copy the folder again") from error
    mismatched = {name for name, *_ in report["mismatched_keys"]}
    if wrong := sorted({*report["missing_keys"], *report["unexpected_keys"], *mismatched}):
        raise CubisegError(
            f"{folder}: {len(wrong)} tensors, first {wrong[0]}, do not fit {CONFIG}; copy the folder again"
        )
    side = network.config.vision_config.image_size
    return network.eval(), SamImageProcessorPil(size={"longest_edge": side}, pad_size={"height": side, "width": side})


def _check(folder: Path) -> None:
    """Raise CubisegError unless a folder holds a config of SAM-HQ and weights that need no unpickling."""
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise CubisegError(
                f"{folder}: holds no {name}; name a folder that SamHQModel.save_pretrained wrote (safetensors only, "
                "pickled weights are not read)"
            )
    try:
        kind = json.loads((folder / CONFIG).read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise CubisegError(f"{folder / CONFIG}: not a usable config ({_short(error)}); copy it again") from error
    if kind != "sam_hq":
        raise CubisegError(f"{folder / CONFIG}: describes {kind!r}, not 'sam_hq'; name a folder of SAM-HQ")


def _short(error: Exception) -> str:
    """Start of an error's message, on one line."""
    return " ".join(str(error).split())[:100]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from printing a progress bar and a table; as it was afterwards."""
    from transformers.utils import logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
