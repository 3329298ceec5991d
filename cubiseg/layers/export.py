"""Everything that is written for one picture: PNG layers, PSD, manifest, previews."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, fresh_folder, write_text
from cubiseg.imaging import Picture, write_png
from cubiseg.layers.cut import Layer, cut
from cubiseg.layers.page import page
from cubiseg.layers.params import LayerParams
from cubiseg.layers.preview import preview
from cubiseg.layers.profiles import PROFILES
from cubiseg.layers.psd import import_layers, separation_layers, write_psd

PNG_FOLDER, PSD_FILE, MANIFEST_FILE = "png", "layers.psd", "manifest.json"
PREVIEW_FILE, PAGE_FILE, SEPARATION_FILE = "preview.png", "preview.html", "material_separation.psd"
_OURS = {PNG_FOLDER, PSD_FILE, MANIFEST_FILE, PREVIEW_FILE, PAGE_FILE, SEPARATION_FILE}


def write_layers(
    folder: Path,
    picture: Picture,
    label: np.ndarray,
    confidence: np.ndarray,
    params: LayerParams,
    *,
    backend: str,
    architecture: str,
    warnings: Sequence[str] = (),
    cell: float = 1.0,
) -> tuple[list[Layer], dict[str, Any]]:
    """Cut a picture and write ``png/*.png``, ``layers.psd``, ``manifest.json``, ``preview.png`` and ``preview.html``.

    A profile with a material separation variant gives ``material_separation.psd`` as well. The folder appears whole or
    not at all. A former result there is replaced; a folder that holds anything else is left alone.

    Args:
        folder: the picture's own output folder.
        picture: the picture.
        label: (H, W) uint8, taxonomy ids.
        confidence: (H, W) float32, 0..1.
        params: how to cut and write.
        backend: what made the label map; goes into the manifest, as do ``architecture`` and ``warnings``.
        cell: pixels of the picture that one pixel of the network covered; see :func:`cubiseg.layers.cut.cut`.

    Returns:
        The layers, bottom to top, and the manifest.

    Raises:
        CubisegError: the picture is wholly clear, or the folder holds something else or cannot be written.
    """
    _refuse_foreign(folder)
    profile = PROFILES[params.profile]
    layers = cut(
        picture, label, params.extension, soft_edges=params.soft_edges, cell=cell, split=params.split
    )  # fmt: skip
    if not layers:
        raise CubisegError(f"{folder}: the picture is wholly clear, there is nothing to cut; choose another picture")
    manifest = _manifest(layers, picture, confidence, params, backend, architecture, warnings)
    mean = f"{backend} ({architecture})" if architecture != backend else backend
    notes = [f"{picture.size[1]} x {picture.size[0]} pixels, labelled by {mean}", *warnings]

    with fresh_folder(folder) as fresh:
        (fresh / PNG_FOLDER).mkdir()
        # Compression leaves the interpreter lock, so the files are written side by side, the longest first.
        with ThreadPoolExecutor(max(1, cv2.getNumThreads())) as pool:
            jobs = [pool.submit(write_psd, fresh / PSD_FILE, picture, import_layers(layers, profile))]
            if profile.separation:
                apart = separation_layers(picture, layers, profile)
                jobs.append(pool.submit(write_psd, fresh / SEPARATION_FILE, picture, apart))
            for layer, entry in zip(layers, manifest["layers"], strict=True):
                pixels = layer.on_canvas(picture.size) if params.full_canvas else layer.rgba
                jobs.append(pool.submit(_write_layer, fresh / entry["file"], pixels))
            jobs.append(pool.submit(lambda: write_png(fresh / PREVIEW_FILE, preview(picture, layers, profile, notes))))
            jobs.append(
                pool.submit(
                    lambda: write_text(fresh / PAGE_FILE, page(picture, layers, manifest["layers"], confidence, notes))
                )
            )
            for job in jobs:
                job.result()
        write_text(fresh / MANIFEST_FILE, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    return layers, manifest


def _write_layer(path: Path, rgba: np.ndarray) -> None:
    """Write one layer; OpenCV's encoder takes a third of the time of Pillow's."""
    done, content = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise CubisegError(f"{path}: cannot be encoded as PNG; scale the picture down")
    with atomic_write(path) as file:
        file.write(content.tobytes())


def coverage(layers: Sequence[Layer]) -> float:
    """Share of the picture's visible pixels that belong to a layer other than the background, 0..1."""
    total = sum(np.count_nonzero(layer.own) for layer in layers)
    background = sum(np.count_nonzero(layer.own) for layer in layers if layer.class_name == "background")
    return 0.0 if total == 0 else 1 - background / total


def _shown(layer: Layer) -> np.ndarray:
    """Pixels of a layer that show in the picture; a tiny part may share all of its pixels and own none."""
    return layer.own if layer.own.any() else (layer.rgba[..., 3] > 0) & ~layer.painted


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
    params: LayerParams,
    backend: str,
    architecture: str,
    warnings: Sequence[str],
) -> dict[str, Any]:
    profile = PROFILES[params.profile]
    height, width = picture.size
    entries = []
    for layer in layers:
        h, w = picture.size if params.full_canvas else layer.size
        entries.append(
            {
                "name": profile.layer_name(layer),
                "class": layer.class_name,
                "piece": layer.piece,
                "folders": list(profile.folders.get(layer.class_name, ())),
                "file": f"{PNG_FOLDER}/{profile.file_name(layer)}",
                "x": 0 if params.full_canvas else layer.x,
                "y": 0 if params.full_canvas else layer.y,
                "width": w,
                "height": h,
                "confidence": round(float(confidence[layer.window][_shown(layer)].mean(dtype=np.float64)), 4),
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
