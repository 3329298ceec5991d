"""The stage prepare: pictures of all sources with one manifest, and what was left out with the reasons."""

import dataclasses
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from cubiseg import files
from cubiseg.errors import CubisegError
from cubiseg.metrics import Metrics
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import Flag, write_manifest
from cubiseg.sources import layered_psd, references, synthetic
from cubiseg.sources.live2d import source as live2d
from cubiseg.sources.params import PrepareParams
from cubiseg.sources.result import PassedOver, Rejected, SourceResult

log = logging.getLogger(__name__)

REJECTED = "rejected.jsonl"

Folders = Mapping[str, Path | None]
"""By source, the user's folder that it reads; None where nobody named it."""

SOURCES: dict[str, Callable[[PrepareParams, Folders, Path, int | None], SourceResult]] = {
    synthetic.NAME: lambda params, _, out, count: synthetic.draw_all(params.synthetic, params.seed, out),
    references.NAME: lambda params, folders, out, count: references.copy_all(
        _named(folders, references.NAME), out, params.references, params.hygiene
    ),
    layered_psd.NAME: lambda params, folders, out, count: layered_psd.take_all(
        params.layered_psd, params.seed, _named(folders, layered_psd.NAME), out, count
    ),
    live2d.NAME: lambda params, folders, out, count: live2d.take_all(
        params.live2d, params.seed, _named(folders, live2d.NAME), out, count
    ),
}
"""By name, what brings the pictures of a source: ``(params, folders, prepared folder, number of pictures or None)``."""


def _named(folders: Folders, source: str) -> Path:
    """The folder of a source.

    Raises:
        CubisegError: nobody named it.
    """
    folder = folders.get(source)
    if folder is None:
        raise CubisegError(f"prepare: no folder for {source}; name it with --{source.replace('_', '-')}")
    return folder


class PrepareMetrics(Metrics):
    """Figures of the stage prepare.

    Attributes:
        pictures, labelled: numbers of samples, and of those with a label map.
        groups: number of characters, artists or clusters of near-duplicates.
        duplicates: samples whose pixels another one has too.
        rejected: files that could not be taken or that ``hygiene.leave_out`` leaves out; ``rejected.jsonl`` says why.
        flags: numbers of samples by flag, where there are any.
        left_out: numbers of pictures that are left out for a flag, where there are any.
        by_source: numbers of samples by source.
    """

    pictures: int
    labelled: int
    groups: int
    duplicates: int
    rejected: int
    flags: dict[str, int]
    left_out: dict[str, int]
    by_source: dict[str, int]


def prepare(
    params: PrepareParams,
    references_folder: Path,
    out: Path,
    others: Folders = MappingProxyType({}),
    pack: Pack = Pack.AUTO,
) -> PrepareMetrics:
    """Fill ``out`` with ``images/``, ``labels/``, ``samples.jsonl``, ``rejected.jsonl`` and some ``layers/``.

    Args:
        params: which sources to take, and how much of each.
        references_folder: the user's own pictures; may be missing or empty.
        out: folder to replace.
        others: by source, the folder of what it reads besides; each may be missing or empty.
        pack: how pictures and label maps lie in ``out``; layers are always files, which tools of layers open.

    Raises:
        CubisegError: no picture at all, or a table of the user is malformed.
    """
    with files.fresh_folder(out) as folder:
        for name in ("images", "labels"):
            (folder / name).mkdir()
        results = _taken(params, {references.NAME: references_folder, **others}, folder)
        samples = [s for result in results for s in result.samples]
        rejected = [r for result in results for r in result.rejected]
        if not samples:
            why = f"; {rejected[0].file}: {rejected[0].reason}" if rejected else ""
            raise CubisegError(f"prepare: no picture from {', '.join(params.sources)}{why}; add pictures or a source")
        write_manifest(folder, samples)
        pack_samples(folder, ("images", "labels"), pack, len(samples))
        rows = (json.dumps(_row(r), ensure_ascii=False) + "\n" for r in rejected)
        files.write_text(folder / REJECTED, "".join(rows))
    if rejected:
        log.warning("prepare: %d files were rejected; %s says why of each", len(rejected), out / REJECTED)
        passed = PassedOver()
        for r in rejected:
            passed.add(r.file, r.reason)
        for line in passed.lines("prepare")[1:]:
            log.warning("%s", line)
    doubtful = PassedOver()
    for file, warning in (doubt for result in results for doubt in result.doubtful):
        doubtful.add(file, warning)
    for line in doubtful.lines("prepare", "taken with a warning"):
        log.warning("%s", line)
    return PrepareMetrics(
        pictures=len(samples),
        labelled=sum(s.label is not None for s in samples),
        groups=len({s.group for s in samples}),
        duplicates=sum(Flag.DUPLICATE in s.flags for s in samples),
        rejected=len(rejected),
        flags=_by_flag(flag for s in samples for flag in s.flags),
        left_out=_by_flag(flag for r in rejected for flag in r.flags if flag in params.hygiene.leave_out),
        by_source=dict(Counter(s.source for s in samples)),
    )


def _taken(params: PrepareParams, folders: Folders, out: Path) -> list[SourceResult]:
    """What each source brought, in the order of the params; those with a share come last, and fill it."""
    results: dict[str, SourceResult] = {}
    for source in params.sources:
        if source not in params.shares:
            results[source] = SOURCES[source](params, folders, out, None)
    rest = sum(len(result.samples) for result in results.values()) / (1 - sum(params.shares.values()))
    for source, share in params.shares.items():
        results[source] = SOURCES[source](params, folders, out, max(1, round(share * rest)))
    return [results[source] for source in params.sources]


def _row(rejected: Rejected) -> dict[str, object]:
    """A line of ``rejected.jsonl``; flags are told where a picture has some."""
    return {name: value for name, value in dataclasses.asdict(rejected).items() if name != "flags" or value}


def _by_flag(flags: Iterable[Flag]) -> dict[str, int]:
    """Numbers by flag, in the order of the closed list."""
    counts = Counter(flags)
    return {flag.value: counts[flag] for flag in Flag if counts[flag]}
