"""Everything that is written for one picture: PNG layers, PSD, manifest, preview."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture, replace_folder, write_png, write_text
from cubiseg.layers.cut import Layer, cut
from cubiseg.layers.params import PROFILES, IntegrateParams
from cubiseg.layers.preview import preview
from cubiseg.layers.psd import write_psd

PNG_FOLDER, PSD_FILE, MANIFEST_FILE, PREVIEW_FILE = "png", "layers.psd", "manifest.json", "preview.png"
_OURS = {PNG_FOLDER, PSD_FILE, MANIFEST_FILE, PREVIEW_FILE}


def write_layers(
    folder: Path,
    picture: Picture,
    label: np.ndarray,
    confidence: np.ndarray,
    params: IntegrateParams,
    *,
    backend: str,
    architecture: str,
    warnings: Sequence[str] = (),
) -> tuple[list[Layer], dict[str, Any]]:
    """Cut a picture and write ``png/*.png``, ``layers.psd``, ``manifest.json`` and ``preview.png``.

    The folder appears whole or not at all. A former result there is replaced; a folder that holds anything else is
    left alone.

    Args:
        folder: the picture's own output folder.
        picture: the picture.
        label: (H, W) uint8, taxonomy ids.
        confidence: (H, W) float32, 0..1.
        params: how to cut and write.
        backend: what made the label map; goes into the manifest, as do ``architecture`` and ``warnings``.

    Returns:
        The layers, bottom to top, and the manifest.

    Raises:
        CubisegError: the folder holds something else, or cannot be written.
    """
    _refuse_foreign(folder)
    names = PROFILES[params.profile]
    layers = cut(picture, label, params.extension)
    manifest = _manifest(layers, picture, confidence, params, backend, architecture, warnings)
    mean = f"{backend} ({architecture})" if architecture != backend else backend
    notes = [f"{picture.size[1]} x {picture.size[0]} pixels, labelled by {mean}", *warnings]

    def fill(fresh: Path) -> None:
        (fresh / PNG_FOLDER).mkdir()
        # Compression leaves the interpreter lock, so the files are written side by side.
        with ThreadPoolExecutor() as pool:
            jobs = [
                pool.submit(write_psd, fresh / PSD_FILE, picture, layers, names),
                pool.submit(_write_preview, fresh / PREVIEW_FILE, picture, label, layers, names, notes),
            ]
            for layer, entry in zip(layers, manifest["layers"], strict=True):
                pixels = layer.on_canvas(picture.size) if params.full_canvas else layer.rgba
                jobs.append(pool.submit(write_png, fresh / entry["file"], pixels, compress_level=4))
            for job in jobs:
                job.result()
        write_text(fresh / MANIFEST_FILE, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    replace_folder(folder, fill)
    return layers, manifest


def _write_preview(
    path: Path,
    picture: Picture,
    label: np.ndarray,
    layers: Sequence[Layer],
    names: Mapping[str, str],
    notes: Sequence[str],
) -> None:
    write_png(path, preview(picture, label, layers, names, notes), compress_level=4)


def coverage(layers: Sequence[Layer]) -> float:
    """Share of the picture's visible pixels that belong to a layer other than the background, 0..1."""
    owned = {layer.class_name: int(np.count_nonzero(layer.own)) for layer in layers}
    total = sum(owned.values())
    return 0.0 if total == 0 else 1 - owned.get("background", 0) / total


def _refuse_foreign(folder: Path) -> None:
    """Keep a user's own folder of the same name from being swept away."""
    if not folder.is_dir():
        return
    inside = {path.name for path in folder.iterdir()}
    if inside and (MANIFEST_FILE not in inside or inside - _OURS):
        raise CubisegError(f"{folder}: holds files that cubiseg did not write; choose another output folder")


def _manifest(
    layers: Sequence[Layer],
    picture: Picture,
    confidence: np.ndarray,
    params: IntegrateParams,
    backend: str,
    architecture: str,
    warnings: Sequence[str],
) -> dict[str, Any]:
    names = PROFILES[params.profile]
    height, width = picture.size
    entries = []
    for layer in layers:
        h, w = picture.size if params.full_canvas else layer.size
        entries.append(
            {
                "name": names[layer.class_name],
                "class": layer.class_name,
                "file": f"{PNG_FOLDER}/{names[layer.class_name]}_001.png",
                "x": 0 if params.full_canvas else layer.x,
                "y": 0 if params.full_canvas else layer.y,
                "width": w,
                "height": h,
                "confidence": round(float(confidence[layer.window][layer.own].mean(dtype=np.float64)), 4),
            }
        )
    return {
        "format": 1,
        "width": width,
        "height": height,
        "backend": backend,
        "architecture": architecture,
        "profile": params.profile,
        "classes": list(taxonomy.NAMES),
        "coverage": round(coverage(layers), 4),
        "layers": entries,
        "warnings": list(warnings),
    }
