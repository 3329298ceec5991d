"""How much of the figure the layers hold, against exact labels.

    python -m benchmarks.coverage DIR --model FILE

DIR holds, at any depth, folders with image.png and label.png (0 is background). A pixel of the figure is covered where
a layer other than the background owns it; `touched` counts pixels that such a layer has any share in. `backdrop` is the
background that figure layers own, as a share of the figure.
"""

import argparse
from pathlib import Path

import numpy as np

from cubiseg.imaging import read_picture
from cubiseg.inference import open_segmenter
from cubiseg.label_maps import read_label
from cubiseg.layers import Layer, cut

LEAST = 0.99


def coverage(layers: list[Layer], figure: np.ndarray) -> dict[str, float]:
    """Shares of the exact figure, (H, W) bool: owned by the figure's layers, touched by them, and backdrop in them."""
    owned, touched = np.zeros(figure.shape, bool), np.zeros(figure.shape, bool)
    for layer in layers:
        if layer.class_name != "background":
            owned[layer.window] |= layer.own
            touched[layer.window] |= layer.rgba[..., 3] > 0
    total = np.count_nonzero(figure)
    return {
        "covered": np.count_nonzero(owned & figure) / total,
        "touched": np.count_nonzero(touched & figure) / total,
        "backdrop": np.count_nonzero(owned & ~figure) / total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()
    segmenter = open_segmenter("anime-advanced", args.model)
    rows = []
    for path in sorted(args.data.rglob("image.png")):
        picture = read_picture(path)
        result = segmenter.segment(picture)
        layers = cut(
            picture,
            result.label,
            soft_edges=True,
            cell=result.cell,
            finer=result.finer,
            at_edges=result.at_edges,
        )
        row = coverage(layers, read_label(path.with_name("label.png")) > 0)
        rows.append(row)
        print(path.parent.relative_to(args.data), *(f"{name} {value:.4f}" for name, value in row.items()))
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        enough = np.count_nonzero(values >= LEAST)
        print(
            f"{name}: mean {values.mean():.4f}, median {np.median(values):.4f}, least {values.min():.4f},"
            f" most {values.max():.4f}, {enough} of {len(rows)} at least {LEAST}"
        )


if __name__ == "__main__":
    main()
