"""The source ``synthetic``: has portraits drawn on all cores and stores them with their labels and layers."""

import functools
from pathlib import Path

from cubiseg import imaging, label_maps
from cubiseg.portraits import VERSION, draw
from cubiseg.portraits.openraster import write_layers
from cubiseg.samples import LabelMethod, Sample
from cubiseg.sources.params import SyntheticParams
from cubiseg.sources.result import SourceResult
from cubiseg.workers import run_all

NAME = "synthetic"
WEBP_QUALITY = 92


def draw_all(params: SyntheticParams, seed: int, out: Path) -> SourceResult:
    """Draw portraits into the prepared folder ``out``; the bytes do not depend on how many cores there are."""
    draw_one = functools.partial(_draw_one, params, seed, out)
    return SourceResult(run_all(draw_one, range(params.count), "drawing portraits"))


def _draw_one(params: SyntheticParams, seed: int, out: Path, index: int) -> Sample:
    apart = params.parts and index < params.layers
    portrait = draw(seed, index, params.size, params.pictures_per_character, params.shares, alone=apart)
    name = f"synthetic-{index:06d}"
    image, label = f"images/{name}.webp", f"labels/{name}.png"
    imaging.write_webp(out / image, portrait.image, WEBP_QUALITY)
    label_maps.write_label(out / label, portrait.parts if params.parts else portrait.label)
    if index < params.layers:
        write_layers(out / "layers" / f"{name}.ora", portrait, parts=params.parts)
    decoded = imaging.read_picture(out / image).rgb  # WebP is lossy: the hash is of what a reader gets
    return Sample(
        id=name,
        image=image,
        width=decoded.shape[1],
        height=decoded.shape[0],
        sha256=imaging.pixel_hash(decoded),
        source=NAME,
        licence="MIT",
        group=f"synthetic:{portrait.group}",
        label=label,
        label_method=LabelMethod.GIVEN,
        label_version=f"synthetic-{VERSION}",
    )
