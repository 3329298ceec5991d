"""Draw the pictures that a region protocol would send, without asking anybody.

    python -m cubiseg.annotation --prepared data/prepared --out sheets

Uses all cores; a picture whose sheets are there already is left alone, so that a run that was stopped goes on.
"""

import functools
from pathlib import Path

import click

from cubiseg import files, imaging, lifetime, sample_files, settings
from cubiseg.annotation.conversation import proposals_of
from cubiseg.annotation.guide import Guide
from cubiseg.annotation.protocols import REGION_PROTOCOLS
from cubiseg.annotation.protocols.regions import reading_order
from cubiseg.annotation.sheets import FIRST
from cubiseg.answers.images import encode
from cubiseg.errors import CubisegError
from cubiseg.samples import Sample, read_manifest
from cubiseg.workers import run_all


def write_sheets(find: functools.partial, prepared: Path, out: Path, protocol: str, count: int, sample: Sample) -> None:
    """Write one picture's sheets to ``out/<id>/``, all or none; nothing where they are there already.

    Args:
        find: finds the regions of a sample's picture.
        prepared: prepared folder.
        out: folder to write to.
        protocol: name of a region protocol.
        count: number of regions to ask about.
        sample: sample whose picture is drawn.
    """
    folder = out / sample.id
    if folder.is_dir():
        return
    proposals = find(sample)
    numbers = proposals.label(reading_order(proposals, proposals.cut(count))) + 1
    picture = imaging.read_picture(sample_files.find(prepared, sample.image)).over()
    sheets = REGION_PROTOCOLS[protocol].sheets(picture, numbers, FIRST)

    with files.fresh_folder(folder) as fresh:
        for i, sheet in enumerate(sheets):
            name = sheet.name.replace(" ", "-")
            with files.atomic_write(fresh / f"{i}-{name}.jpg") as file:
                file.write(encode(sheet))


@click.command(help=__doc__)
@click.option("--prepared", type=click.Path(path_type=Path), required=True, help="Prepared folder.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the pictures go, a folder a sample.")
@click.option("--protocol", type=click.Choice([*REGION_PROTOCOLS]), default="contact-sheet", show_default=True)
@click.option("--regions", default=240, show_default=True, help="Regions to ask about, 16..2000.")
@click.option(
    "--guide",
    type=click.Choice(["position", "model"]),
    default="position",
    show_default=True,
    help="Where regions are spent: as position and skin colour suggest, or where the released model sees parts.",
)
@click.option("--limit", type=int, help="Only the first so many samples.")
def main(prepared: Path, out: Path, protocol: str, regions: int, guide: str, limit: int | None) -> None:
    try:
        with lifetime.stoppable(functools.partial(click.echo, err=True)):
            samples = read_manifest(prepared)[:limit]
            cache = settings.REGIONS.read()
            find = functools.partial(proposals_of, prepared, cache, Guide.of(cache) if guide == "model" else None)
            work = functools.partial(write_sheets, find, prepared, out, protocol, regions)
            run_all(work, samples, "drawing sheets")
    except CubisegError as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    main()
