"""Pencil sketches with label maps, a style that the release has not seen, as a folder of one's own pictures would be.

    python -m benchmarks.fine_tuning data/references --count 300 --seed 4242      to learn from
    python -m benchmarks.fine_tuning sketches --count 100 --seed 4243             to measure on

They are generated portraits, drawn again by OpenCV's pencil. docs/models.md fine-tunes the release on them.
"""

from functools import partial
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg.imaging import write_png
from cubiseg.label_maps import write_label
from cubiseg.portraits import draw
from cubiseg.workers import run_all

BLUR, EDGE, SHADE = 12.0, 0.15, 0.06
"""``cv2.pencilSketch``'s spatial and colour sigma, and the brightness of its shading (Gastal and Oliveira 2011)."""


def sketched(rgb: np.ndarray) -> np.ndarray:
    """A picture, (H, W, 3) uint8 sRGB, as a grey pencil drawing: of the same form."""
    grey, _ = cv2.pencilSketch(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), None, None, BLUR, EDGE, SHADE)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def _write(folder: Path, seed: int, size: int, number: int) -> None:
    portrait = draw(seed, number, size, 1)
    write_png(folder / "images" / f"{portrait.group}.png", sketched(portrait.image))
    write_label(folder / "labels" / f"{portrait.group}.png", portrait.parts)


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), default=300, show_default=True, help="Pictures, each of a character.")
@click.option("--seed", type=click.IntRange(0), default=4242, show_default=True, help="Seed of the series.")
@click.option("--size", type=click.IntRange(64, 2048), default=512, show_default=True, help="Side, px.")
def main(folder: Path, count: int, seed: int, size: int) -> None:
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    run_all(partial(_write, folder, seed, size), range(count), "drawing sketches")


if __name__ == "__main__":
    main()
