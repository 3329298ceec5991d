"""Take a share of the Danbooru2019 Portraits (Branwen et al. 2019) as your own pictures.

ARCHIVE is the folder, .zip or .tar that you have: 302,652 portraits of 512x512 px, portraits/<post><digit>.jpg. It is
no part of cubiseg: its terms and the rights of the artists are yours to heed. Any other archive of pictures works.

Crops of one post become one group in samples.csv. Ratings and artists are in the metadata of Danbooru2018 to 2021 (a
folder, a .tar.xz or a file of JSON lines); without it ratings stay empty, and prepare takes
prepare.references.rating. Posts that were taken down, as it tells, are passed over.

Run it at the top of the clone. A run that was stopped goes on where it was when the same line is run again.

\b
    python data/prepare_danbooru2019.py portraits.tar --count 300
    python data/prepare_danbooru2019.py portraits.zip --metadata metadata.tar.xz --rating general
"""

from pathlib import Path
from typing import Any

import click

from cubiseg.archives import options
from cubiseg.archives.portraits import take_portraits
from cubiseg.archives.posts import Wish
from cubiseg.archives.taking import Share

SET = "danbooru2019"


@click.command(help=__doc__)
@click.argument("archive", type=options.PATH)
@options.of_choice(300, SET)
@click.option("--metadata", type=options.PATH, help="Danbooru's: folder, .tar.xz, or JSON lines.")
@click.option("--year", default=2019, show_default=True, help="Of the metadata: until 2021 the rating s meant safe.")
@options.of_rating("any")
@click.option("--min-side", type=click.IntRange(64), default=64, show_default=True, help="Pixels of the shorter side.")
@options.one_line_errors
def main(archive: Path, metadata: Path | None, year: int, rating: Any, min_side: int, **choice: Any) -> None:
    share = Share(choice["out"], SET, choice["count"], choice["crop"], Wish(rating, min_side=min_side))
    taken = take_portraits(archive, share, choice["seed"], metadata, year)
    print(f"{len(taken.files)} pictures in {share.folder}; next: dvc repro prepare, then cubiseg annotate plan")


if __name__ == "__main__":
    main()
