"""Source ``layered_psd``: a folder of PSDs whose layers have names, which are exact truth with hidden parts.

::

    **/*.psd        as cubiseg, See-through, Clip Studio or a person made them
    **/parts.yaml   optional: what layers hold whose names do not tell, for this folder and those below
    samples.csv     optional: file,licence,rating,group (file relative to the folder)

The first picture of each shows all of it, the others frame it from the head to the whole figure. Layers of no known
part are named, never guessed: where they are seen, the label map is 255, and a PSD with too much of that is left out.
"""

import functools
from pathlib import Path

import numpy as np

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, DiskError
from cubiseg.portraits.rng import stream
from cubiseg.samples import Sample
from cubiseg.sources.params import LayeredPsdParams
from cubiseg.sources.part_table import of_open, read_table
from cubiseg.sources.psd_stack import LayeredPicture, read_layered
from cubiseg.sources.references import TABLE, Row, one_a_stem, read_rows, slug, walk, without_suffix
from cubiseg.sources.result import Rejected, SourceResult
from cubiseg.sources.stack import framed
from cubiseg.sources.views import Facts, View, frame, shared_out, store, unknown_share, within
from cubiseg.workers import run_all

NAME = "layered_psd"
VERSION = 1
"""Raised when the bytes of any picture or label map of this source change."""
_SUFFIXES = (".psd", ".psb")
_MEMORY = 5 << 29
"""Bytes that reading a PSD takes at most but for extreme ones."""
LEAST_SIDE = 256
"""Pixels of a PSD that a picture shows at least along its side, where there are as many."""


def take_all(params: LayeredPsdParams, seed: int, folder: Path, out: Path, count: int | None = None) -> SourceResult:
    """Bring pictures of all PSDs of a folder into the prepared folder; one that cannot be taken is left out.

    Args:
        params: how many pictures, and how large.
        seed: seed of framings and backgrounds.
        folder: the user's PSDs; missing or empty is fine.
        out: prepared folder.
        count: number of all pictures, shared out evenly; None: ``params.views`` of each PSD.

    Raises:
        CubisegError: ``samples.csv`` or a ``parts.yaml`` is malformed.
    """
    found, rejected = walk(folder, "", NAME)
    files = [file for file in found if Path(file).suffix.lower() in _SUFFIXES]
    files, same = one_a_stem(files, without_suffix, NAME)
    rejected += same
    rows = read_rows(folder / TABLE, set(files), {r.file for r in rejected})
    tables = {parent: read_table(folder / parent, folder) for parent in sorted({Path(file).parent for file in files})}
    shares = shared_out(count, len(files)) if count is not None else [params.views] * len(files)
    starts = np.cumsum([0, *shares]).tolist()
    jobs = [
        (file, rows.get(file, Row(file=file)), views, start)
        for file, views, start in zip(files, shares, starts, strict=False)
    ]
    take = functools.partial(_take_one, params, seed, folder, out, tables)
    results = run_all(take, [job for job in jobs if job[2]], "layered PSDs", memory=lambda _: _MEMORY)
    samples = [sample for result in results for sample in result.samples]
    rejected += [r for result in results for r in result.rejected]
    return SourceResult(samples, sorted(rejected, key=lambda r: r.file), [d for r in results for d in r.doubtful])


def _take_one(params: LayeredPsdParams, seed: int, folder: Path, out: Path, tables: dict, job: tuple) -> SourceResult:
    file, row, views, start = job
    path = folder / file
    try:
        picture = read_layered(path, tables[Path(file).parent])
        samples = _views(params, seed, out, picture, file, row, views, start)
    except DiskError:
        raise
    except CubisegError as error:
        return SourceResult(rejected=[Rejected(NAME, file, str(error).removeprefix(f"{path}: "))])
    doubts = [*picture.warnings, *([of_open(picture.open, "layers")] if picture.open else [])]
    return SourceResult(samples, [], [(file, doubt) for doubt in doubts])


def _views(
    params: LayeredPsdParams, seed: int, out: Path, picture: LayeredPicture, file: str, row: Row, views: int, start: int
) -> list[Sample]:
    key = slug(without_suffix(file)).removeprefix("ref-")
    whole = _view(picture, _all_of(picture), params.size)
    share = unknown_share(whole.label)
    if share > params.most_unknown or not np.any((whole.label != 0) & (whole.label != 255)):
        told = f": {of_open(picture.open, 'layers')}" if picture.open else "; name its layers, or write parts.yaml"
        raise CubisegError(f"{share:.0%} of the figure is of no known part, over {params.most_unknown:.0%}{told}")
    samples = []
    for number in range(views):
        rng = stream(seed, NAME, key, number)
        view = whole if number == 0 else _view(picture, _piece(picture, whole.label, rng), params.size)
        facts = Facts(
            id=f"psd-{key}-{number:03d}",
            source=NAME,
            licence=row.licence or params.licence,
            rating=row.rating or params.rating,
            group=row.group or key,
            version=f"{NAME}-{VERSION}",
        )
        samples.append(store(out, view, rng, facts, layers=start + number < params.layers))
    return samples


def _all_of(picture: LayeredPicture) -> Box:
    height, width = picture.stack.size
    return Box(0, 0, width, height)


def _piece(picture: LayeredPicture, label: np.ndarray, rng: np.random.Generator) -> Box:
    """A piece that frames the figure; within the picture, where that has its own background."""
    scale = picture.stack.size[0] / label.shape[0]
    window = frame(label, rng, least=LEAST_SIDE / scale).scaled(scale)
    window = Box(*(round(side) for side in window))
    window = Box(window.left, window.top, window.left + window.width, window.top + window.width)
    opaque = bool((picture.rgba[..., 3] == 255).all())
    return within(window, picture.stack.size) if opaque else window


def _view(picture: LayeredPicture, window: Box, size: int) -> View:
    shrink = min(1.0, size / window.longest)
    target = max(1, round(window.height * shrink)), max(1, round(window.width * shrink))
    height, width = picture.stack.size
    rgba = framed(picture.rgba, Box(0, 0, width, height), window, target)
    stack = picture.stack.framed(window, target)
    return View(rgba, stack, stack.label())
