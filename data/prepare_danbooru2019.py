"""Take a share of the Danbooru2019 Portraits (Branwen et al. 2019) as your own pictures.

The archive holds 302,652 portraits of 512x512 px, `portraits/NNNN/ID.jpg`, and is no part of cubiseg: its terms and the
rights of the artists are yours to heed. Any .tar or .zip of pictures works.

\b
    python data/prepare_danbooru2019.py portraits.tar --count 300
"""

import sys
from pathlib import Path

import click

from cubiseg import logs
from cubiseg.errors import CubisegError
from cubiseg.sources.archive import draw_pictures


@click.command(help=__doc__)
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), default=300, show_default=True, help="How many to take.")
@click.option("--seed", default=2026, show_default=True, help="Of the choice.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("data/references/images/danbooru2019"), show_default=True,
    help="Where to.",
)  # fmt: skip
def main(archive: Path, count: int, seed: int, out: Path) -> None:
    logs.to_stderr()
    try:
        taken = draw_pictures(archive, count, seed, out)
    except CubisegError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    print(f"{len(taken)} pictures in {out}; next: dvc repro prepare, then cubiseg annotate plan")


if __name__ == "__main__":
    main()
