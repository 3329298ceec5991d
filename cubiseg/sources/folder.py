"""The prepared folder: pictures of all sources with one manifest, and what was left out with the reasons."""

import dataclasses
import functools
import json
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from cubiseg import files, imaging, label_maps
from cubiseg.errors import CubisegError
from cubiseg.params import Params
from cubiseg.samples import Flag, LabelMethod, Sample, write_manifest
from cubiseg.sources import references
from cubiseg.sources.references import ReferencesParams
from cubiseg.sources.synthetic import SyntheticParams
from cubiseg.sources.taken import Taken
from cubiseg.workers import run_all

WEBP_QUALITY = 92
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


def draw_synthetic(params: SyntheticParams, seed: int, out: Path) -> Taken:
    """Draw portraits on all cores; the bytes do not depend on how many there are."""
    return Taken(run_all(functools.partial(_draw_one, params, seed, out), range(params.count), "drawing portraits"))


def _draw_one(params: SyntheticParams, seed: int, out: Path, index: int) -> Sample:
    from cubiseg.sources.synthetic import VERSION, draw
    from cubiseg.sources.synthetic.openraster import write_layers

    portrait = draw(seed, index, params.size, params.pictures_per_character, params.shares)
    name = f"synthetic-{index:06d}"
    image, label = f"images/{name}.webp", f"labels/{name}.png"
    imaging.write_webp(out / image, portrait.image, WEBP_QUALITY)
    label_maps.write_label(out / label, portrait.label)
    if index < params.layers:
        write_layers(out / "layers" / f"{name}.ora", portrait)
    decoded = imaging.read_picture(out / image).rgb  # WebP is lossy: the hash is of what a reader gets
    return Sample(
        id=name,
        image=image,
        width=decoded.shape[1],
        height=decoded.shape[0],
        sha256=imaging.pixel_hash(decoded),
        source="synthetic",
        licence="MIT",
        group=f"synthetic:{portrait.group}",
        label=label,
        label_method=LabelMethod.GIVEN,
        label_version=f"synthetic-{VERSION}",
    )
