"""Everything that is written for one picture: PNG layers, PSD, manifest, previews."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, fresh_folder, write_text
from cubiseg.imaging import Picture, write_png
from cubiseg.inference import Segmentation
from cubiseg.layers.cut import Layer, cut
from cubiseg.layers.manifest import PNG_FOLDER, Manifest, describe
from cubiseg.layers.page import page
from cubiseg.layers.params import LayerParams
from cubiseg.layers.preview import preview
from cubiseg.layers.profiles import PROFILES
from cubiseg.layers.psd import import_layers, separation_layers, write_psd

PSD_FILE, MANIFEST_FILE = "layers.psd", "manifest.json"
PREVIEW_FILE, PAGE_FILE, SEPARATION_FILE = "preview.png", "preview.html", "material_separation.psd"
_OURS = {PNG_FOLDER, PSD_FILE, MANIFEST_FILE, PREVIEW_FILE, PAGE_FILE, SEPARATION_FILE}


def write_layers(
    folder: Path, picture: Picture, segmentation: Segmentation, params: LayerParams
) -> tuple[list[Layer], Manifest]:
    """Cut a picture and write ``png/*.png``, ``layers.psd``, ``manifest.json``, ``preview.png`` and ``preview.html``.

    A profile with a material separation variant gives ``material_separation.psd`` as well. The folder appears whole or
    not at all. A former result there is replaced; a folder that holds anything else is left alone.

    Args:
        folder: the picture's own output folder.
        picture: picture to cut.
        segmentation: label map of the picture; its warnings go into the manifest and the previews.
        params: params of the cut and of the files.

    Returns:
        The layers, bottom to top, and the manifest.

    Raises:
        CubisegError: the picture is wholly clear, or the folder holds something else or cannot be written.
    """
    _refuse_foreign(folder)
    profile, label, cell = PROFILES[params.profile], segmentation.label, segmentation.cell
    layers = cut(picture, label, params.extension, soft_edges=params.soft_edges, cell=cell, split=params.split)
    if not layers:
        raise CubisegError(f"{folder}: the picture is wholly clear, there is nothing to cut; choose another picture")
    manifest = describe(layers, picture, segmentation, params)
    backend, architecture = segmentation.backend, segmentation.architecture
    labeller = f"{backend} ({architecture})" if architecture != backend else backend
    size = f"{picture.size[1]} x {picture.size[0]} pixels"
    notes = [f"{size}, labelled by {labeller}", *segmentation.warnings]

    with fresh_folder(folder) as fresh:

        def write_page() -> None:
            write_text(fresh / PAGE_FILE, page(picture, layers, manifest.layers, segmentation.confidence, notes))

        (fresh / PNG_FOLDER).mkdir()
        # Compression leaves the interpreter lock, so the files are written side by side, the longest first.
        with ThreadPoolExecutor(max(1, cv2.getNumThreads())) as pool:
            jobs = [pool.submit(write_psd, fresh / PSD_FILE, picture, import_layers(layers, profile))]
            if profile.separation:
                apart = separation_layers(picture, layers, profile)
                jobs.append(pool.submit(write_psd, fresh / SEPARATION_FILE, picture, apart))
            for layer, entry in zip(layers, manifest.layers, strict=True):
                pixels = layer.on_canvas(picture.size) if params.full_canvas else layer.rgba
                jobs.append(pool.submit(_write_layer, fresh / entry.file, pixels))
            jobs.append(pool.submit(lambda: write_png(fresh / PREVIEW_FILE, preview(picture, layers, profile, notes))))
            jobs.append(pool.submit(write_page))
            for job in jobs:
                job.result()
        write_text(fresh / MANIFEST_FILE, json.dumps(manifest.as_json(), indent=2, ensure_ascii=False) + "\n")

    return layers, manifest


def _write_layer(path: Path, rgba: np.ndarray) -> None:
    """Write one layer; OpenCV's encoder takes a third of the time of Pillow's."""
    done, content = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise CubisegError(f"{path}: cannot be encoded as PNG; scale the picture down")
    with atomic_write(path) as file:
        file.write(content.tobytes())


def _refuse_foreign(folder: Path) -> None:
    """Keep a user's own folder of the same name from being swept away."""
    if not folder.is_dir():
        return
    inside = {path.name for path in folder.iterdir()}
    if inside and (MANIFEST_FILE not in inside or inside - _OURS):
        raise CubisegError(f"{folder}: holds files that cubiseg did not write; choose another output folder")
