"""Everything that is written for one picture: PNG layers, PSD, manifest, previews."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, fresh_folder, write_text
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.label_maps import write_label
from cubiseg.layers.cut import cut
from cubiseg.layers.fill_files import FillFiles, choose
from cubiseg.layers.former import fault, file_hash, keep_others
from cubiseg.layers.layer import MOST_LAYERS, Layer, recompose
from cubiseg.layers.manifest import (
    LABEL_FILE,
    MANIFEST_FILE,
    PAGE_FILE,
    PNG_FOLDER,
    PREVIEW_FILE,
    PSD_FILE,
    SEPARATION_FILE,
    Manifest,
    describe,
    kept_layers,
    sealed,
)
from cubiseg.layers.merge import merged
from cubiseg.layers.order import TAXONOMY, Order, of_segments
from cubiseg.layers.page import page
from cubiseg.layers.params import LayerParams
from cubiseg.layers.preview import preview, write_preview
from cubiseg.layers.profiles import PROFILES
from cubiseg.layers.psd import import_layers, separation_layers, write_psd
from cubiseg.workers import side_by_side


def cut_by(
    picture: Picture, segmentation: Segmentation, params: LayerParams, files: FillFiles | None = None
) -> tuple[list[Layer], dict[str, tuple[str, ...]]]:
    """Cut a picture into the layers that a profile names, as the params say.

    Args:
        picture: picture to cut.
        segmentation: label map of the picture.
        params: params of the cut.
        files: what paints beneath; None looks for it, as the params say.

    Returns:
        The layers, bottom to top, the background too where it is dropped later; none where the picture is wholly clear.
        And by name of a class or part that was cut, the names of all that were made one with it.

    Raises:
        CubisegError: what is to paint beneath is not there, or cannot be used.
    """
    profile = PROFILES[params.profile]
    label, holds, order = _wanted(segmentation, params)
    split = [top for top, names in holds.items() if {*names, *map(taxonomy.class_name, names)} & {*params.split}]
    # In the material separation PSD, a layer may be two, and the input is one more.
    most = (MOST_LAYERS - 1) // 2 if profile.separation else MOST_LAYERS
    layers = cut(
        *(picture, label, 0 if params.fill == "none" else params.extension),
        soft_edges=params.soft_edges,
        cell=segmentation.cell,
        finer=segmentation.finer,
        at_edges=segmentation.at_edges,
        split=split,
        most=most,
        order=order,
        filler=(files or choose(params.fill)).open(),
    )
    return layers, holds


def write_layers(
    folder: Path,
    picture: Picture,
    segmentation: Segmentation,
    params: LayerParams,
    overwrite: bool = False,
    with_label: bool = False,
    files: FillFiles | None = None,
) -> tuple[list[Layer], Manifest]:
    """Cut a picture and write ``png/*.png``, ``layers.psd``, ``manifest.json``, ``preview.png`` and ``preview.html``.

    A profile with a material separation variant gives ``material_separation.psd`` as well. The folder appears whole or
    not at all. A former result there is replaced where nothing in it was changed or added.

    Args:
        folder: the picture's own output folder.
        picture: picture to cut.
        segmentation: label map of the picture, and of its parts where the backend tells them; its warnings go into the
            manifest and the previews.
        params: params of the cut and of the files.
        overwrite: whether a former result that was changed is replaced too; what was added to it stays.
        with_label: whether the label map is written beside the layers, as ``label.png``.
        files: what paints beneath; None looks for it, as the params say.

    Returns:
        The layers, bottom to top, those too that were not written, and the manifest.

    Raises:
        CubisegError: the picture is wholly clear, or all of it would be dropped; something in the folder would be lost,
            or it cannot be written; what is to paint beneath is not there, or cannot be used.
    """
    refuse_loss(folder, overwrite)
    profile = PROFILES[params.profile]
    everything, manifest = cut_and_describe(folder, picture, segmentation, params, files)
    layers = kept_layers(everything, params.backdrop)
    notes = notes_on(picture, segmentation, manifest.warnings)

    hide = "background" if params.backdrop == "hide" else ""
    shown = picture if params.backdrop == "keep" else _figure(everything, picture.size)
    with fresh_folder(_real(folder)) as fresh:

        def write_page() -> None:
            told = page(picture, layers, manifest.layers, segmentation.confidence, notes, segmentation.doubts)
            write_text(fresh / PAGE_FILE, told)

        def write_separation() -> None:
            write_psd(fresh / SEPARATION_FILE, shown, separation_layers(picture, layers, profile, hide))

        def write_layer(layer: Layer, file: str) -> None:
            _write_layer(fresh / file, layer.on_canvas(picture.size) if params.full_canvas else layer.rgba)

        def write_invented(layer: Layer, file: str) -> None:
            invented = layer.painted if not params.full_canvas else _on_canvas(layer, picture.size)
            _write_png(fresh / file, invented.view(np.uint8) * np.uint8(255), [cv2.IMWRITE_PNG_BILEVEL, 1])

        (fresh / PNG_FOLDER).mkdir()
        jobs: list[Callable[[], None]] = [
            write_page,
            lambda: write_psd(fresh / PSD_FILE, shown, import_layers(layers, profile, hide)),
            *([write_separation] if profile.separation else []),
            *(
                partial(write_invented, layer, entry.invented_file)
                for layer, entry in zip(layers, manifest.layers, strict=True)
                if entry.invented_file
            ),
            lambda: write_preview(fresh / PREVIEW_FILE, preview(picture, layers, profile, notes)),
            *(partial(write_layer, layer, entry.file) for layer, entry in zip(layers, manifest.layers, strict=True)),
            *([lambda: write_label(fresh / LABEL_FILE, segmentation.finest)] if with_label else []),
        ]
        side_by_side(jobs, picture.size)  # the longest first
        written = sorted(path for path in fresh.rglob("*") if path.is_file())
        hashes = {path.relative_to(fresh).as_posix(): file_hash(path) for path in written}
        manifest = manifest.model_copy(update={"files": hashes})
        write_text(fresh / MANIFEST_FILE, sealed(manifest.as_json()))
        refuse_loss(folder, overwrite)  # again: the cut takes seconds, in which somebody may have saved a file
        if overwrite:
            keep_others(folder, fresh)

    return everything, manifest


def _wanted(segmentation: Segmentation, params: LayerParams) -> tuple[np.ndarray, dict[str, tuple[str, ...]], Order]:
    """What is cut by: a map, what each name in it holds, and what lies above what."""
    if segmentation.segments is None:
        return *merged(segmentation.at_level(params.level), PROFILES[params.profile]), TAXONOMY
    # There are at most cubiseg.inference.segments.MOST of them.
    return segmentation.segments.astype(np.uint8), {}, of_segments(int(segmentation.segments.max()))


def cut_and_describe(
    where: object,
    picture: Picture,
    segmentation: Segmentation,
    params: LayerParams,
    files: FillFiles | None = None,
) -> tuple[list[Layer], Manifest]:
    """Cut a picture as :func:`cut_by` does, and describe the layers; nothing is written.

    Args:
        where: what an error names.
        picture: picture to cut.
        segmentation: its label map.
        params: params of the cut.
        files: what paints beneath; None looks for it, as the params say.

    Returns:
        The layers, bottom to top, those too that are not to be written; and the manifest, without files and seal.

    Raises:
        CubisegError: the picture is wholly clear, or all of it would be dropped; or as for :func:`cut_by`.
    """
    everything, holds = cut_by(picture, segmentation, params, files)
    if not everything:
        raise CubisegError(f"{where}: the picture is wholly clear, there is nothing to cut; choose another picture")
    if not kept_layers(everything, params.backdrop):
        raise CubisegError(f"{where}: the picture is all background; keep it, or choose another picture")
    return everything, describe(everything, picture, segmentation, params, holds)


def notes_on(picture: Picture, segmentation: Segmentation, warnings: Sequence[str]) -> list[str]:
    """A line on what was cut by what, then the warnings, for previews."""
    backend, architecture = segmentation.backend, segmentation.architecture
    labeller = f"{backend} ({architecture})" if architecture != backend else backend
    size = f"{picture.size[1]} x {picture.size[0]} pixels"
    return [f"{size}, labelled by {labeller}", *warnings]


def _figure(layers: Sequence[Layer], size: tuple[int, int]) -> Picture:
    """What is seen without the background."""
    stacked = recompose(kept_layers(layers, "drop"), size)
    return Picture(np.ascontiguousarray(stacked[..., :3]), np.ascontiguousarray(stacked[..., 3]))


def _write_layer(path: Path, rgba: np.ndarray) -> None:
    _write_png(path, cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE])


def _on_canvas(layer: Layer, size: tuple[int, int]) -> np.ndarray:
    """What is painted of a layer, on a canvas of the picture's size: (H, W) bool."""
    canvas = np.zeros(size, bool)
    canvas[layer.window] = layer.painted
    return canvas


def _write_png(path: Path, pixels: np.ndarray, options: Sequence[int]) -> None:
    """Write (H, W) or (H, W, 4) uint8, BGRA; OpenCV's encoder takes a third of the time of Pillow's.

    Of drawings, its run-length strategy makes smaller files than its others do, in less time.
    """
    done, content = cv2.imencode(".png", pixels, options)
    if not done:
        raise CubisegError(f"{path}: cannot be encoded as PNG; scale the picture down")
    with atomic_write(path) as file:
        file.write(content.tobytes())


def refuse_loss(folder: Path, overwrite: bool = False) -> None:
    """Keep a user's work from being swept away: a folder of their own, a file added to a result, or one changed in it.

    Args:
        folder: folder that is to be written.
        overwrite: whether a former result may be replaced whatever was done to it.

    Raises:
        CubisegError: something would be lost, or the folder cannot be read.
    """
    found = fault(_real(folder))
    if found is None or (overwrite and found.is_ours):
        return
    remedy = "--overwrite replaces what cubiseg wrote, -o names another folder"
    raise CubisegError(f"{found.what}; {remedy if found.is_ours else 'choose another -o folder'}")


def _real(folder: Path) -> Path:
    """Where a link leads: what it leads to is replaced, not the link."""
    if not folder.is_symlink():
        return folder
    if not folder.exists():
        raise CubisegError(f"{folder}: is a link that leads nowhere; mend it or choose another -o folder")
    return folder.resolve()
