"""``python -m cubiseg.sources.synthetic --sheet out.png``: a contact sheet of the generator."""

from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.imaging import atomic_write
from cubiseg.sources.synthetic import draw

_OPTIONS = {".png": [], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 80], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 85]}


def sheet(
    seed: int, first: int, count: int, columns: int, tile: int, *, labels: bool = False, per: int = 2
) -> np.ndarray:
    """(H, W, 3) uint8: ``count`` pictures from ``first`` in rows, each followed by its label map if asked."""
    palette = np.array(taxonomy.PALETTE, np.uint8)
    tiles = []
    for index in range(first, first + count):
        portrait = draw(seed, index, max(2 * tile, 64), per)
        tiles.append(cv2.resize(portrait.image, (tile, tile), interpolation=cv2.INTER_AREA))
        if labels:
            tiles.append(cv2.resize(palette[portrait.label], (tile, tile), interpolation=cv2.INTER_NEAREST))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


@click.command()
@click.option(
    "--sheet", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Picture to write."
)
@click.option("--seed", default=0, show_default=True)
@click.option("--first", default=0, show_default=True, help="Index of the first picture.")
@click.option("--count", default=40, show_default=True)
@click.option("--columns", default=8, show_default=True)
@click.option("--tile", default=192, show_default=True, help="Side of a tile in px.")
@click.option("--labels", is_flag=True, help="Show each label map beside its picture.")
@click.option("--per-character", "per", default=1, show_default=True, help="Pictures of each character.")
def main(out: Path, seed: int, first: int, count: int, columns: int, tile: int, labels: bool, per: int) -> None:
    """Write a contact sheet of generated portraits."""
    if out.suffix not in _OPTIONS:
        raise click.UsageError(f"{out}: name a file that ends in one of {', '.join(_OPTIONS)}")
    if out.exists():
        raise click.UsageError(f"{out} exists; name a new file")
    picture = sheet(seed, first, count, columns, tile, labels=labels, per=per)
    data = cv2.imencode(out.suffix, picture[..., ::-1], _OPTIONS[out.suffix])[1]
    with atomic_write(out) as file:
        file.write(data.tobytes())


if __name__ == "__main__":
    main()
