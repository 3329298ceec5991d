"""SAM-HQ (Ke et al., "Segment Anything in High Quality", NeurIPS 2023) as transformers has it.

Weights come in a folder as transformers saves them (``config.json``, ``model.safetensors``). No part of this loads
anything from elsewhere, unpickles, or runs code that lies beside the weights.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.inference.sam_hq.sizes import SIDE, checked_side

CONFIG, WEIGHTS = "config.json", "model.safetensors"


class FolderOfWeights:
    """A folder of SAM-HQ's weights, in evaluation mode.

    Args:
        folder: what ``SamHQModel.save_pretrained`` wrote.

    Raises:
        CubisegError: transformers or torch is not installed, or the folder holds no such weights.
    """

    name = "sam-hq"
    at_once = 8
    """More points are no faster on a processor, and take about 80 MB each in the decoder."""

    def __init__(self, folder: Path) -> None:
        self._network, self._processor = _load(folder)
        self.side = int(self._network.config.vision_config.image_size)

    def embed(self, rgb: np.ndarray) -> Any:
        """Embedding of a picture, and those of the encoder's early layers, as tensors."""
        import torch

        picture = self._processor(rgb, return_tensors="pt", input_data_format="channels_last")
        with torch.inference_mode():
            return self._network.get_image_embeddings(picture["pixel_values"])

    def masks(self, embedding: Any, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Three masks a point; see :class:`cubiseg.inference.sam_hq.network.MaskNetwork`."""
        import torch

        whole, early = embedding
        with torch.inference_mode():
            out = self._network(
                image_embeddings=whole,
                intermediate_embeddings=early,
                input_points=torch.from_numpy(np.ascontiguousarray(points))[None, :, None],
            )
        return out.pred_masks.flatten(0, 2).numpy(), out.iou_scores.flatten().numpy()


def _load(folder: Path) -> tuple[Any, Any]:
    """The network in evaluation mode, and what prepares its pictures."""
    _check(folder)
    try:
        import torch
        from transformers import SamHQModel, SamImageProcessorPil
    except ImportError as error:
        raise CubisegError(
            f"sam-hq: needs transformers 5.24 or newer and torch ({_short(error)}): pip install 'cubiseg[sam]'"
        ) from error

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
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        kind, side = config.get("model_type"), int(config.get("vision_config", {}).get("image_size", SIDE))
    except (OSError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise CubisegError(f"{folder / CONFIG}: not a usable config ({_short(error)}); copy it again") from error
    if kind != "sam_hq":
        raise CubisegError(f"{folder / CONFIG}: describes {kind!r}, not 'sam_hq'; name a folder of SAM-HQ")
    checked_side(side, folder / CONFIG)


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
