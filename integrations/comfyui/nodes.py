"""The node, by ComfyUI's interface for custom nodes (docs.comfy.org, "Server overview", "Images, latents, and masks").

torch and ``folder_paths`` are ComfyUI's own.
"""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import folder_paths
import numpy as np
import torch

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import MAX_SIDE, MIN_SIDE, Picture
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model
from cubiseg.layers import PROFILES, LayerParams, write_layers
from cubiseg.layers.preview import owners

log = logging.getLogger(__name__)

NOT_SAID = "default"
"""Choice that leaves an option to cubiseg."""


class CubisegLayers:
    """Cuts each picture of a batch into named layers and writes them to a folder of its own below ComfyUI's output.

    The outputs are lists with one entry a picture, since pictures differ in their layers:

    psd: path of ``layers.psd``; PNGs, previews and the manifest lie beside it.
    label_map: (1, H, W, 3) float32, 0..1, each part in its colour.
    masks: (layers, H, W) float32, 0..1, one a layer, bottom to top.
    names: the layers' names in the same order, one a line.
    """

    CATEGORY = "image/cubiseg"
    FUNCTION = "cut"
    RETURN_TYPES = ("STRING", "IMAGE", "MASK", "STRING")
    RETURN_NAMES = ("psd", "label_map", "masks", "names")
    OUTPUT_IS_LIST = (True, True, True, True)
    OUTPUT_NODE = True
    DESCRIPTION = "Cuts an anime illustration into named layers that stack to exactly the same picture."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, tuple[Any, ...]]]:
        """What the node takes."""
        return {
            "required": {
                "image": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "cubiseg"}),
                "profile": (list(PROFILES), {"tooltip": "How layers are named and grouped."}),
                "level": (["part", "class"], {"tooltip": "Layers by part, where the model tells parts, or by class."}),
                "background": ([NOT_SAID, "keep", "hide", "drop"], {"tooltip": "The layer behind the figure."}),
                "fill": ([NOT_SAID, "learnt", "smooth", "none"], {"tooltip": "What paints hidden parts."}),
                "masks": (["seen", "whole"], {"tooltip": "Masks of what is seen of a layer, or of all that it holds."}),
            },
            "optional": {
                "mask": ("MASK", {"tooltip": "Where the picture is clear, as Load Image gives it."}),
                "model": ("STRING", {"default": "", "tooltip": "Model file; empty looks for one as cubiseg does."}),
            },
        }

    @classmethod
    def IS_CHANGED(cls, model: str = "", **_inputs: Any) -> str:
        """The node runs again when an input is another, which ComfyUI sees itself, or when the model file is."""
        try:
            return "|".join(map(str, _stamp(model)))
        except CubisegError:
            return "no model"  # running says what is wrong

    def cut(
        self,
        image: torch.Tensor,
        filename_prefix: str,
        profile: str,
        level: str,
        background: str,
        fill: str,
        masks: str,
        mask: torch.Tensor | None = None,
        model: str = "",
    ) -> dict[str, Any]:
        """Cut a batch.

        Args:
            image: (B, H, W, 3) float, 0..1.
            filename_prefix: name of the folders, below ComfyUI's output; a number is added.
            profile, level, background, fill: as ``cubiseg layers`` has them.
            masks: whether masks tell what is seen of a layer, or all that it holds.
            mask: (B, H, W) or (1, H, W) float, 1 where a picture is clear; None where it is nowhere.
            model: model file; "" looks for one.

        Raises:
            CubisegError: no model is there or it cannot be used, or a picture cannot be cut.
        """
        params = LayerParams(profile=profile, level=level, background=_said(background), fill=_said(fill))
        segmenter = _segmenter(*_stamp(model))
        results = []
        for picture in pictures_of(image, mask):
            folder = _new_folder(filename_prefix, picture)
            layers, manifest = write_layers(folder, picture, segmenter.segment(picture), params)
            for warning in manifest.warnings:
                log.warning("%s: %s", folder.name, warning)
            kept = layers[len(layers) - len(manifest.layers) :]  # a background that is dropped is the lowest
            cover = [layer.on_canvas(picture.size)[..., 3] for layer in kept]
            if masks == "seen":
                for alpha, layer in zip(cover, kept, strict=True):
                    alpha[layer.window][layer.painted] = 0
            colours = taxonomy.COLOURS[owners(layers, picture.size)]
            names = "\n".join(entry.name for entry in manifest.layers)
            results.append((str(folder / "layers.psd"), _tensor(colours)[None], _tensor(np.stack(cover)), names))
        outputs = tuple(map(list, zip(*results, strict=True)))
        return {"ui": {"text": outputs[0]}, "result": outputs}


def pictures_of(image: torch.Tensor, mask: torch.Tensor | None) -> list[Picture]:
    """A batch as pictures.

    Load Image gives a small mask of zeros with pictures that are nowhere clear.

    Raises:
        CubisegError: a side lies outside 64..8192 pixels, a mask is of another size, or there are neither one nor as
            many masks as pictures.
    """
    height, width = image.shape[1:3]
    if min(height, width) < MIN_SIDE or max(height, width) > MAX_SIDE:
        raise CubisegError(f"the picture is {width}x{height}; give one with sides of {MIN_SIDE} to {MAX_SIDE} pixels")
    rgb = np.rint(np.clip(image[..., :3].cpu().float().numpy(), 0, 1) * 255).astype(np.uint8)
    if mask is None or not mask.any():
        return [Picture(np.ascontiguousarray(one)) for one in rgb]
    if tuple(mask.shape[1:]) != rgb.shape[1:3] or len(mask) not in (1, len(rgb)):
        raise CubisegError(f"the mask is {tuple(mask.shape)}, the pictures {rgb.shape[:3]}; give masks of their size")
    alpha = 255 - np.rint(np.clip(mask.cpu().float().numpy(), 0, 1) * 255).astype(np.uint8)
    alpha = np.broadcast_to(alpha, rgb.shape[:3])
    return [Picture(np.ascontiguousarray(one), np.ascontiguousarray(a)) for one, a in zip(rgb, alpha, strict=True)]


def _said(choice: str) -> str | None:
    return None if choice == NOT_SAID else choice


def _tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def _new_folder(prefix: str, picture: Picture) -> Path:
    """A folder that is not there yet, where ComfyUI counts it as it counts pictures."""
    height, width = picture.size
    place, name, number, *_ = folder_paths.get_save_image_path(
        prefix, folder_paths.get_output_directory(), width, height
    )
    return Path(place, f"{name}_{number:05}_")


def _stamp(model: str) -> tuple[str, int, int]:
    """A model file, its size and when it was written: what tells that it is another."""
    path = find_model(Path(model) if model.strip() else None, "the node's model")
    told = path.stat()
    return str(path), told.st_size, told.st_mtime_ns


@lru_cache(maxsize=1)
def _segmenter(model: str, _size: int, _written: int) -> Segmenter:
    """The segmenter, kept for the next run; pictures without a face are cut into segments without names."""
    return open_segmenter("anime-advanced", Path(model), ("slic",), must_run=True)
