"""The pictures of docs/gallery.md: what the release makes of pictures that nobody chose, good and bad alike.

    python -m benchmarks.gallery docs/img/gallery [--free FILE.png]... [--generated 17]

Generated ones are the first of a series that nothing else draws from, at the full mix of the generator; `--free` adds
drawings by other hands. Printed: for each picture its layers and figures. In a sheet a picture has a row: as it is
given, the parts that the release found, and its layers from bottom to top.
"""

from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cubiseg import scores, taxonomy
from cubiseg.imaging import Picture, read_picture, write_webp
from cubiseg.inference import Segmentation, open_segmenter
from cubiseg.layers import Layer, cut
from cubiseg.layers.fill_files import choose
from cubiseg.layers.preview import checkered, label_panel, layer_tile, owners, resize
from cubiseg.portraits import draw
from stages.common import one_line_errors

SEED, SIZE = 2500, 1024
PANEL, TILE, GAP, LINE, COLUMNS, ROWS, QUALITY = 210, 62, 8, 22, 10, 5, 70
PAPER, INK = (250, 250, 252), (40, 42, 54)


@click.command(help=__doc__)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--free", "others", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True)
@click.option("--generated", default=17, show_default=True)
@one_line_errors
def main(out: Path, others: tuple[Path, ...], generated: int) -> None:
    segmenter = open_segmenter("anime-advanced", look="flipped")
    filler = choose("learnt").open()
    cards = []
    for index in range(generated + len(others)):
        if index < generated:
            portrait = draw(SEED, index, SIZE, 1)
            picture, name = Picture(portrait.image), f"generated {index}"
        else:
            path = others[index - generated]
            picture, name = read_picture(path), path.stem
        result = segmenter.segment(picture)
        layers = cut(
            picture, result.parts if result.parts is not None else result.label, soft_edges=True, filler=filler
        )
        told = f"{name}: {len(layers)} layers; predicted mean IoU {result.predicted_iou:.2f}"
        if index < generated:
            told += f", true {_iou(portrait.label, result):.2f}"
        click.echo(told)
        cards.append(card(picture, layers, told))
    for number in range(0, len(cards), ROWS):
        write_webp(out / f"{number // ROWS + 1}.webp", np.vstack(cards[number : number + ROWS]), QUALITY)


def _iou(truth: np.ndarray, result: Segmentation) -> float:
    found = scores.iou(scores.count(truth, result.label, boundaries=False))
    return scores.mean(found, range(1, len(taxonomy.NAMES)))


def card(picture: Picture, layers: list[Layer], told: str) -> np.ndarray:
    """One row of a sheet: (h, w, 3) uint8."""
    image = Image.new("RGB", (2 * (PANEL + GAP) + COLUMNS * (TILE + GAP) + GAP, LINE + PANEL + 2 * GAP), PAPER)
    height, width = picture.size
    scale = min(PANEL / height, PANEL / width)
    small = resize(picture.rgba(), (max(1, round(width * scale)), max(1, round(height * scale))))
    label = owners(layers, picture.size)
    rows, columns = (np.arange(n) * m // n for n, m in zip(small.shape[:2], picture.size, strict=True))
    for number, panel in enumerate((checkered(small), label_panel(label[rows][:, columns], small))):
        image.paste(Image.fromarray(panel), (GAP + number * (PANEL + GAP), LINE + GAP))
    for number, layer in enumerate(layers[: 3 * COLUMNS]):
        row, column = divmod(number, COLUMNS)
        at = GAP + 2 * (PANEL + GAP) + column * (TILE + GAP), LINE + GAP + row * (TILE + GAP + 4)
        image.paste(Image.fromarray(layer_tile(layer, TILE)), at)
    ImageDraw.Draw(image).text((GAP, 5), told, INK, ImageFont.load_default(14))
    return np.asarray(image)


if __name__ == "__main__":
    main()
