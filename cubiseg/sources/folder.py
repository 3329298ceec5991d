"""The prepared folder: pictures of all sources with one manifest, and what was left out with the reasons."""

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from cubiseg import files
from cubiseg.errors import CubisegError
from cubiseg.params import Params
from cubiseg.samples import Flag, write_manifest
from cubiseg.sources import references
from cubiseg.sources.references import ReferencesParams
from cubiseg.sources.synthetic import SyntheticParams, draw_synthetic
from cubiseg.sources.taken import Taken

REJECTED = "rejected.jsonl"


class PrepareParams(Params):
    """Params of the prepare stage."""

    sources: tuple[Literal["synthetic", "references"], ...] = Field(min_length=1)
    seed: int = Field(ge=0, lt=2**63)
    synthetic: SyntheticParams
    references: ReferencesParams

    @field_validator("sources")
    @classmethod
    def _once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(sources)) != len(sources):
            raise ValueError("a source is listed twice")
        return sources


def prepare(params: PrepareParams, references_folder: Path, out: Path) -> dict[str, Any]:
    """Fill ``out`` with ``images/``, ``labels/``, ``samples.jsonl``, ``rejected.jsonl`` and some ``layers/``.

    Args:
        params: what to take.
        references_folder: the user's own pictures; may be missing or empty.
        out: folder to replace.

    Returns:
        Metrics: pictures, labelled, rejected, by source; groups; duplicates.

    Raises:
        CubisegError: no picture at all, or a table of the user is malformed.
    """
    metrics: dict[str, Any] = {}

    with files.fresh_folder(out) as folder:
        for name in ("images", "labels"):
            (folder / name).mkdir()
        taken: dict[str, Taken] = {}
        for source in params.sources:
            if source == "synthetic":
                taken[source] = draw_synthetic(params.synthetic, params.seed, folder)
            else:
                taken[source] = references.take(references_folder, folder, params.references)
        samples = [s for t in taken.values() for s in t.samples]
        rejected = [r for t in taken.values() for r in t.rejected]
        if not samples:
            why = f"; {rejected[0].file}: {rejected[0].reason}" if rejected else ""
            raise CubisegError(f"prepare: no picture from {', '.join(params.sources)}{why}; add pictures or a source")
        write_manifest(folder, samples)
        rows = (json.dumps(dataclasses.asdict(r), ensure_ascii=False) + "\n" for r in rejected)
        files.write_text(folder / REJECTED, "".join(rows))
        metrics.update(
            pictures=len(samples),
            labelled=sum(s.label is not None for s in samples),
            groups=len({s.group for s in samples}),
            duplicates=sum(Flag.DUPLICATE in s.flags for s in samples),
            rejected=len(rejected),
            by_source=dict(Counter(s.source for s in samples)),
        )

    return metrics
