"""Source ``live2d``: a folder of Live2D models that the user has the right to use.

::

    **/*.model3.json   Cubism 3 to 5, with the files that they name
    **/*.model.json    Cubism 2
    **/parts.yaml      optional: what drawables hold whose names do not tell, for this folder and those below
    samples.csv        optional: file,licence,rating,group (file: the settings, relative to the folder)

Each picture shows a pose by chance, framed from the head to the whole figure, before a painted background; the first
shows the model as it was drawn. Label maps and layers come from the same drawing. Drawables of no known part are
named, never guessed: where they are seen, the label map is 255. Of a model with too much of that only heads are shown,
or it is left out.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, DiskError
from cubiseg.portraits.rng import Rng, stream
from cubiseg.samples import Sample
from cubiseg.sources.live2d.drawing import Window
from cubiseg.sources.live2d.files import SETTINGS, model_stem
from cubiseg.sources.live2d.model import Live2dModel, around, read_model
from cubiseg.sources.live2d.poses import RigPose, drawn_pose, neutral
from cubiseg.sources.params import Live2dParams
from cubiseg.sources.part_table import PartTable, of_open, read_table
from cubiseg.sources.references import TABLE, Row, one_a_stem, read_rows, slug, walk
from cubiseg.sources.result import Rejected, SourceResult
from cubiseg.sources.views import Facts, View, frame, shared_out, store, unknown_share
from cubiseg.workers import run_all

NAME = "live2d"
VERSION = 1
"""Raised when the bytes of any picture or label map of this source change."""
CHUNK = 6
"""Pictures that are drawn each time that a model is read."""
COARSE = 256
"""Pixels a side of the picture by which a pose is framed."""
HEAD = 2
"""A head may be unknown so many times as much as a whole figure: that is the shoulders beside it."""
_MEMORY = 1 << 30
"""Bytes that a model takes at most but for extreme ones: textures, and layers of a picture."""


@dataclass(frozen=True)
class _Job:
    """Some pictures of a model.

    Attributes:
        file: its settings, relative to the folder.
        row: what ``samples.csv`` says.
        table: what the user says of its drawables.
        views: numbers of its pictures.
        kept: how many of its first pictures keep their layers.
    """

    file: str
    row: Row
    table: PartTable
    views: range
    kept: int


def take_all(params: Live2dParams, seed: int, folder: Path, out: Path, count: int | None = None) -> SourceResult:
    """Bring pictures of all models of a folder into the prepared folder; one that cannot be taken is left out.

    Args:
        params: how many pictures, and how large.
        seed: seed of poses, framings and backgrounds.
        folder: the user's models; missing or empty is fine.
        out: prepared folder.
        count: number of all pictures, shared out evenly; None: ``params.views`` of each model.

    Raises:
        CubisegError: ``samples.csv`` or a ``parts.yaml`` is malformed, or live2d-py is not there.
    """
    found, rejected = walk(folder, "", NAME)
    files, same = one_a_stem([file for file in found if file.lower().endswith(SETTINGS)], model_stem, NAME)
    rejected += same
    rows = read_rows(folder / TABLE, set(files), {r.file for r in rejected})
    shares = shared_out(count, len(files)) if count is not None else [params.views] * len(files)
    jobs, left = [], params.layers
    for file, views in zip(files, shares, strict=True):
        table = read_table((folder / file).parent, folder)
        row = rows.get(file, Row(file=file))
        jobs += [
            _Job(file, row, table, range(first, min(first + CHUNK, views)), left) for first in range(0, views, CHUNK)
        ]
        left = max(0, left - views)
    take = functools.partial(_take_some, params, seed, folder, out)
    results = run_all(take, jobs, "Live2D models", memory=lambda _: _MEMORY)
    rejected += list({(r.file, r.reason): r for result in results for r in result.rejected}.values())
    doubtful = list(dict.fromkeys(doubt for result in results for doubt in result.doubtful))
    samples = [sample for result in results for sample in result.samples]
    return SourceResult(samples, sorted(rejected, key=lambda r: r.file), doubtful)


def _take_some(params: Live2dParams, seed: int, folder: Path, out: Path, job: _Job) -> SourceResult:
    path = folder / job.file
    try:
        model = read_model(path, folder, job.table)
        framing = _framing(params, model)
        samples = [_sample(params, seed, out, model, job, number, framing) for number in job.views]
    except DiskError:
        raise
    except CubisegError as error:
        if str(error).startswith("live2d: "):
            raise  # of the installation, not of the model
        reason = str(error).removeprefix(f"{path}: ").replace(f"{folder}/", "")
        return SourceResult(rejected=[Rejected(NAME, job.file, reason)])
    return SourceResult(samples, [], [(job.file, doubt) for doubt in _doubts(model, framing)])


def _doubts(model: Live2dModel, framing: str) -> list[str]:
    doubts = ["its names' left is the viewer's; sides were exchanged"] if model.roles.swapped else []
    if model.roles.open:
        only = "only its head is shown, " if framing else ""
        doubts.append(only + of_open(["/".join(path) for path in model.roles.open], "drawables"))
    return doubts


def _framing(params: Live2dParams, model: Live2dModel) -> str:
    """How a model may be framed: "" in any way, or ``head`` where too little of the rest is known.

    Raises:
        CubisegError: too little of its head is known too.
    """
    whole = _coarse(model, neutral(model.files.poses))[0]
    if unknown_share(whole.label) <= params.most_unknown:
        return ""
    head = _view(model, neutral(model.files.poses), stream(0), COARSE, "head")
    share = unknown_share(head.label)
    most = HEAD * params.most_unknown
    if share > most or not np.any((head.label != 0) & (head.label != 255)):
        told = of_open(["/".join(path) for path in model.roles.open], "drawables")
        raise CubisegError(f"{share:.0%} of its head is of no known part, over {most:.0%}: {told}")
    return "head"


def _sample(
    params: Live2dParams, seed: int, out: Path, model: Live2dModel, job: _Job, number: int, framing: str
) -> Sample:
    key = slug(model_stem(job.file)).removeprefix("ref-")
    rng = stream(seed, NAME, key, number)
    pose = neutral(model.files.poses)
    if number:
        pose = drawn_pose(rng, model.rig.parameters, model.files.expressions, model.files.poses)
    view = _view(model, pose, rng, params.size, framing or ("whole" if number == 0 else ""))
    facts = Facts(
        id=f"live2d-{key}-{number:05d}",
        source=NAME,
        licence=job.row.licence or params.licence,
        rating=job.row.rating or params.rating,
        group=job.row.group or key,
        version=f"{NAME}-{VERSION}",
    )
    return store(out, view, rng, facts, layers=number < job.kept)


def _coarse(model: Live2dModel, pose: RigPose) -> tuple[View, Box]:
    """All of a pose, small, and what of the canvas it shows."""
    box = around(model.extent(pose))
    return model.view(pose, Window(box, (COARSE, COARSE))), box


def _view(model: Live2dModel, pose: RigPose, rng: Rng, size: int, framing: str) -> View:
    whole, box = _coarse(model, pose)
    window = frame(whole.label, rng, framing).scaled(box.width / COARSE).moved(box.left, box.top)
    return model.view(pose, Window(window, (size, size)))
