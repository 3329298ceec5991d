"""Learn from generated portraits where in and around the face each class lies: `python -m benchmarks.places`.

Writes `cubiseg/regions/places.npz`, which `cubiseg.regions.mean_field` reads. Only generated portraits are looked at.
"""

from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.files import atomic_write
from cubiseg.portraits import draw
from cubiseg.regions import mean_field

SEED = 777
SIZE = 160
"""Side of the portraits, px; places are coarse."""

_BLUR = 1.0
_FLOOR = 1e-3


def count_places(label: np.ndarray) -> np.ndarray | None:
    """Pixels of each class by place, in faces' areas; None where there is no face to go by.

    Args:
        label: (H, W) uint8, taxonomy ids.

    Returns:
        (R, C, 12) float.
    """
    known = label < taxonomy.NUM_CLASSES
    box = mean_field.box_of((mean_field.FACE_PARTS[np.where(known, label, 0)] & known).astype(float))
    if box is None:
        return None
    y, x = np.indices(label.shape)
    row, column = mean_field.place_of(box, x[known], y[known])
    shape = (*mean_field.PLACES, taxonomy.NUM_CLASSES)
    counts = np.bincount(np.ravel_multi_index((row, column, label[known]), shape), minlength=int(np.prod(shape)))
    left, top, right, bottom = box
    return counts.reshape(shape) / max(1.0, (right - left) * (bottom - top))


@click.command(help=__doc__)
@click.option("--portraits", default=300, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=mean_field.PLACES_FILE, show_default=True)
def main(portraits: int, out: Path) -> None:
    found = [count_places(draw(SEED, i, SIZE, 1).label) for i in range(portraits)]
    total = np.sum([f for f in found if f is not None], axis=0)
    smooth = np.stack([cv2.GaussianBlur(total[..., c], (0, 0), _BLUR) for c in range(taxonomy.NUM_CLASSES)], -1)
    smooth += _FLOOR * smooth.sum(-1, keepdims=True) + 1e-6
    share = smooth / smooth.sum(-1, keepdims=True)
    with atomic_write(out) as file:
        np.savez_compressed(file, logit=np.log(share).astype(np.float16))


if __name__ == "__main__":
    main()
