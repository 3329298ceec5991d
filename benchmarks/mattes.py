"""How soft edges compare with hard masks, on generated pictures whose layers are known exactly.

    python -m benchmarks.mattes [--count 8] [--size 768] [--model FILE]

Within two pixels of a true border: `alpha_error`, mean difference between the share of each part in a pixel and its
true share, 0..1. At pixels that truly are mixed: `mixed_alpha_error`, the same, and `colour_error`, mean difference
between a part's colour and its true colour, in levels, weighted by the part's share. Borders come from the true label
map; with a model, `boundary_f` compares its borders (tolerance 2 px) before and after they are moved to the drawn ones.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter
from cubiseg.layers import matte
from cubiseg.layers.matte import Matte
from cubiseg.layers.sharpen import sharpen
from cubiseg.portraits import DrawnLayer, draw

PLACES = taxonomy.NUM_CLASSES + 1
PLACE = np.zeros(len(taxonomy.STACK), np.uint8)
"""Place among the classes alone, by place in the stack of classes and parts."""
PLACE[taxonomy.STACK_RANK[list(taxonomy.ids(*taxonomy.LAYER_ORDER))]] = np.arange(1, PLACES)


def truth(layers: Sequence[DrawnLayer]) -> tuple[np.ndarray, np.ndarray]:
    """Visible share (P, H, W) and colour (P, H, W, 3) of each place in the stack."""
    size = layers[0].rgba.shape[:2]
    share, through = np.zeros((PLACES, *size), np.float32), np.ones(size, np.float32)
    colour = np.zeros((PLACES, *size, 3), np.float32)
    for layer in reversed(layers):
        place = taxonomy.LAYER_ORDER.index(layer.name) + 1
        alpha = layer.rgba[..., 3] / np.float32(255)
        share[place] += alpha * through
        colour[place] += (alpha * through)[..., None] * layer.rgba[..., :3]
        through *= 1 - alpha
    return share, colour / np.maximum(share, 1e-6)[..., None]


def errors(rgb: np.ndarray, label: np.ndarray, found: Matte, true: tuple[np.ndarray, np.ndarray]) -> list[float]:
    """The three errors of one picture."""
    true_share, true_colour = true
    rows, columns = np.indices(label.shape)
    share = np.zeros_like(true_share)
    upper, lower = PLACE[found.upper], PLACE[found.lower]
    share[PLACE[found.rank], rows, columns] = 1
    share[:, found.rows, found.columns] = 0
    share[upper, found.rows, found.columns] = found.alpha / 255
    share[lower, found.rows, found.columns] = 1 - found.alpha / 255
    colour = np.repeat(rgb[None].astype(np.float32), PLACES, 0)
    colour[upper, found.rows, found.columns] = found.upper_colour
    colour[lower, found.rows, found.columns] = found.lower_colour
    rank, window = taxonomy.STACK_RANK[label], np.ones((5, 5), np.uint8)
    band = cv2.dilate(rank, window) != cv2.erode(rank, window)
    mixed = band & (true_share.max(axis=0) < 0.97)
    off = np.abs(share - true_share).sum(axis=0) / 2
    weight = np.sqrt(share * true_share) * mixed
    wrong = float((np.abs(colour - true_colour).mean(axis=3) * weight).sum() / weight.sum())
    return [float(off[band].mean()), float(off[mixed].mean()), wrong]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--seed", type=int, default=991)
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()
    rows: dict[str, list[list[float]]] = {"hard": [], "soft": []}
    segmenter = open_segmenter("anime-advanced", args.model) if args.model else None
    counts: dict[str, list[scores.Counts]] = {"network": [], "sharpened": []}
    for index in range(args.count):
        drawn = draw(args.seed, 2 * index, args.size)
        rgb, label, true = drawn.clean, drawn.label, truth(drawn.layers)
        rows["hard"].append(errors(rgb, label, matte.hard(label), true))
        rows["soft"].append(errors(rgb, label, matte.soft(rgb, label, np.ones(label.shape, bool)), true))
        if segmenter is not None:
            result = segmenter.segment(Picture(rgb))
            for name, guess in (
                ("network", result.label),
                ("sharpened", sharpen(rgb, result.label, result.cell, result.finer, result.at_edges)),
            ):
                counts[name].append(scores.count(label, guess))
    names = ("alpha_error", "mixed_alpha_error", "colour_error")
    report: dict[str, dict[str, float]] = {
        name: dict(zip(names, np.round(np.mean(row, axis=0), 4).tolist(), strict=True)) for name, row in rows.items()
    }
    if segmenter is not None:
        for name, each in counts.items():
            total = scores.total(each)
            report[name] = {
                "boundary_f": round(float(np.nanmean(scores.boundary_f(total)[1:])), 4),
                "mean_iou": round(float(np.nanmean(scores.iou(total)[1:])), 4),
            }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
