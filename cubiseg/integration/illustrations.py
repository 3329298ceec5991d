"""From illustrations to folders of layers: one or thousands, on all cores.

The command ``cubiseg layers`` and the stage ``integrate`` both end here. A picture that fails is reported, and the
others are done.
"""

import json
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from cubiseg.errors import CubisegError, DiskError, of_picture
from cubiseg.imaging import picture_memory, read_picture
from cubiseg.inference import SegmentationParams, Segmenter, given, open_segmenter
from cubiseg.inference.kept import give_up, kept, new_key
from cubiseg.label_maps import read_exact_label
from cubiseg.layers import LayerParams, Manifest, write_layers
from cubiseg.layers.check import IllustrationFigures, check_psd, summary
from cubiseg.layers.export import refuse_loss
from cubiseg.layers.fill_files import FillFiles, choose
from cubiseg.layers.manifest import PSD_FILE, SEPARATION_FILE
from cubiseg.layers.psd import BENEATH
from cubiseg.workers import each

_BYTES_A_PIXEL = 64
"""Bytes that cutting a picture takes at most for each of its pixels.

Measured as the peak of the resident set over that of the process before, a drawn portrait enlarged, release model, two
PSDs: 60 at 4096x4096, with or without alpha; half of that at 8192x8192.
"""

MOST_FACTS = 1 << 20
"""Bytes of the JSON beside a label map at most; ours have some kB."""


@dataclass(frozen=True)
class Job:
    """What is to be done with each picture.

    Attributes:
        out: folder to write to; each picture gets a folder of its own in it.
        params: params of the cut and of the files.
        segmentation: choice of the backend that labels the pixels.
        model: model file, or None to look for one.
        sam_hq: weights of SAM-HQ, or None to look at ``CUBISEG_SAM_HQ``.
        must_run: whether it is an error that the backend itself cannot run.
        overwrite: whether a former result is replaced although something in it was changed.
        files: what paints beneath; None looks for it, as the params say.
        label: label map of ids to cut by, for the one picture; None has the backend make it.
        check: whether each PSD is read back and checked, for the figures in :attr:`IllustrationResult.figures`.
        number: tells jobs apart in a worker process, which keeps the segmenter between pictures.
    """

    out: Path
    params: LayerParams
    segmentation: SegmentationParams
    model: Path | None = None
    sam_hq: str | None = None
    must_run: bool = False
    overwrite: bool = False
    files: FillFiles | None = None
    label: Path | None = None
    check: bool = False
    number: str = field(default_factory=new_key)


@dataclass(frozen=True)
class IllustrationResult:
    """What became of one picture: a manifest and, where asked for, figures; or an error with its traceback.

    Attributes:
        image: the picture's file.
        folder: folder of its layers.
        manifest: manifest of its layers; None where it failed.
        confidence: mean confidence over the foreground, 0..1; None where there is none.
        figures: figures for a metrics file, where they were asked for.
        error: one line that says why it failed; None where it did not.
        details: the traceback of the error.
    """

    image: Path
    folder: Path
    manifest: Manifest | None = None
    confidence: float | None = None
    figures: IllustrationFigures | None = None
    error: str | None = None
    details: str = ""


def _open(job: Job) -> Segmenter:
    choice = job.segmentation
    return open_segmenter(
        *(choice.backend, job.model, choice.fallback, choice.low_confidence),
        look=choice.look,
        all_characters=choice.all_characters,
        segments=choice.segments,
        sam_hq=job.sam_hq,
        must_run=job.must_run,
    )


def _segmenter(job: Job) -> Segmenter:
    return kept(job.number, partial(_open, job))


def cut_all(job: Job, names: Mapping[Path, str]) -> Iterator[IllustrationResult]:
    """Cut pictures into layers; results in the order of the pictures, as they come.

    Args:
        job: job to do with each picture.
        names: name of the output folder by picture.

    Raises:
        CubisegError: no backend can run, what is to paint beneath is missing or unusable, or the disk is full.
    """
    made_ready(job)
    try:
        lost = partial(_fatal, job)
        yield from each(partial(cut_one, job), list(names.items()), "pictures", memory=_memory, fatal=lost)
    finally:
        give_up()


def made_ready(job: Job) -> None:
    """Open what all pictures need, so that what is missing is an error of the call, not of each picture.

    Raises:
        CubisegError: no backend can run, or what is to paint beneath is missing or unusable.
    """
    (job.files or choose(job.params.fill)).open()
    if job.label is None:
        _segmenter(job)


def _memory(item: tuple[Path, str]) -> int:
    return picture_memory(item[0], _BYTES_A_PIXEL)


def _fatal(job: Job, item: tuple[Path, str], error: CubisegError) -> IllustrationResult:
    return IllustrationResult(item[0], job.out / item[1], error=str(error), details=str(error))


def cut_one(job: Job, item: tuple[Path, str]) -> IllustrationResult:
    """Cut one picture, in this process.

    Args:
        job: job to do with it.
        item: the picture, and the name of its output folder.

    Raises:
        DiskError: the disk is full.
    """
    path, name = item
    folder = job.out / name
    try:
        return _cut(job, path, folder)
    except DiskError:
        raise
    except Exception as error:  # a defect must not take the other pictures with it
        known = of_picture(path, error)
        reason = str(known) if known else f"{path}: {type(error).__name__}: {error}; run again with -v and report it"
        return IllustrationResult(path, folder, error=reason, details=traceback.format_exc())


def _refuse_segments(label: Path) -> None:
    """Segments without names look like ids of classes; the JSON beside them, by ``cubiseg predict``, tells."""
    facts = label.with_suffix(".json")
    if not facts.is_file() or facts.stat().st_size > MOST_FACTS:
        return
    try:
        told = json.loads(facts.read_text(encoding="utf-8"))
    except ValueError:
        return
    if isinstance(told, dict) and told.get("level") == "segment":
        raise CubisegError(f"{label}: holds segments without names; run without --label, or paint a map of classes")


def _cut(job: Job, path: Path, folder: Path) -> IllustrationResult:
    if folder.is_dir() and folder.resolve() in path.resolve().parents:
        raise CubisegError(f"{path}: lies in {folder}, which would be replaced; choose another -o folder")
    refuse_loss(folder, job.overwrite)
    picture = read_picture(path)
    if picture.alpha is not None and not picture.alpha.any():
        raise CubisegError(f"{path}: is wholly clear, there is nothing to cut; choose another picture")
    if job.label is None:
        result = _segmenter(job).segment(picture)
    else:
        _refuse_segments(job.label)
        result = given(read_exact_label(job.label, picture.size), picture)
    mean = result.mean_confidence()
    # Half the digits are enough for means and previews; in large pictures that is room for the layers.
    result = replace(result, confidence=result.confidence.astype(np.float16))
    layers, manifest = write_layers(
        folder, picture, result, job.params, job.overwrite, with_label=job.label is not None, files=job.files
    )
    figures = None
    if job.check:
        hidden = [name for entry in manifest.layers if not entry.visible for name in (entry.name, entry.name + BENEATH)]
        dropped = layers[: len(layers) - len(manifest.layers)]  # the background is the lowest
        written = [folder / file for file in (PSD_FILE, SEPARATION_FILE) if (folder / file).exists()]
        checks = [check_psd(file, picture, hidden, dropped) for file in written]
        figures = summary(manifest, checks, mean)
    return IllustrationResult(path, folder, manifest, mean, figures)
