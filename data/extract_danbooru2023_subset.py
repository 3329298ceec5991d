"""Take a share of Danbooru2023 as your own pictures: those whose rating and tags are wanted.

SHARDs are .tar files of the originals (original/data-0000.tar, recent/data-1000.tar) or of the WebP set
(images/data-0000.tar, with an index data-0000.json beside it: then one picture is one seek). They are no part of
cubiseg: their terms and the rights of the artists are yours to heed.

What is known of posts is in --metadata (posts.json, posts.tar.gz or post.parquet; of any size, it is streamed), or in
JSON files beside the pictures in the shards, as webdatasets have them. Posts that it tells were taken down are passed
over.

Run it at the top of the clone. A run that was stopped goes on where it was when the same line is run again.

\b
    python data/extract_danbooru2023_subset.py data-0000.tar --metadata posts.tar.gz --count 300
    python data/extract_danbooru2023_subset.py data-*.tar --metadata post.parquet --with solo,1boy --crop head
"""

from pathlib import Path
from typing import Any

import click

from cubiseg.archives import options
from cubiseg.archives.posts import Wish
from cubiseg.archives.shards import take_posts
from cubiseg.archives.taking import Share

SET = "danbooru2023"
HAVING = "solo"
LACKING = (
    "comic,4koma,multiple_views,monochrome,greyscale,sketch,lineart,no_humans,faceless,head_out_of_frame,from_behind,"
    "photo_(medium),3d,animated"
)


@click.command(help=__doc__)
@click.argument("shards", metavar="SHARD...", type=options.PATH, nargs=-1, required=True)
@options.of_choice(None, SET)
@click.option("--metadata", type=options.PATH, help="posts.json, posts.tar.gz, post.parquet, or a folder of such.")
@click.option("--index", "indexes", type=options.PATH, multiple=True, help="Of a shard; else the .json beside it.")
@options.of_rating("general")
@click.option(
    "--with",
    "having",
    default=HAVING,
    show_default=True,
    callback=options.words,
    help="Tags that each must have, with commas.",
)
@click.option(
    "--without",
    "lacking",
    default=LACKING,
    show_default=True,
    callback=options.words,
    help="Tags that none may have, with commas.",
)
@click.option("--min-side", type=click.IntRange(64), default=512, show_default=True, help="Pixels of the shorter side.")
@click.option(
    "--unfiltered",
    is_flag=True,
    help="Any rating, any tags, also posts that were taken down; --min-side still counts. Needs no metadata.",
)
@click.option("--year", default=2023, show_default=True, help="Of the metadata: until 2021 the rating s meant safe.")
@options.one_line_errors
def main(shards: tuple[Path, ...], unfiltered: bool, **said: Any) -> None:
    if unfiltered:
        options.refuse_with("--unfiltered", "rating", "having", "lacking")
        wish = Wish(min_side=said["min_side"], deleted=True)
    else:
        wish = options.wish(said["rating"], said["having"], said["lacking"], said["min_side"])
    share = Share(said["out"], SET, said["count"], said["crop"], wish)
    taken = take_posts(shards, share, said["seed"], said["metadata"], said["indexes"], said["year"])
    print(f"{len(taken.files)} pictures in {share.folder}; next: dvc repro prepare, then cubiseg annotate plan")


if __name__ == "__main__":
    main()
