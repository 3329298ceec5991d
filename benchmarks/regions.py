"""How good region proposals are, with perfect names, beside other ways to cut up a drawing.

    python -m benchmarks.regions [--generated 24] [--real DIR --mapping benchmarks/live2d.yaml] [--every 5]

Prints mean IoU (9 classes, by character), IoU per class, achievable segmentation accuracy (ASA), undersegmentation
error (UE) and boundary recall (BR) at 60, 128 and 240 regions, and seconds a picture. `ours` guesses the face's box,
`ours (model)` goes by what the released model sees, `ours (box)` by the true box. `unmerged` is the finest cut.
"""

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import imaging, label_maps, regions, scores, taxonomy
from cubiseg.boxes import Box
from cubiseg.evaluation.labelled_folder import find_labelled, read_mapping
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.model_file import find_model
from cubiseg.portraits import draw
from cubiseg.regions.quality import Quality, measure, oracle_label
from cubiseg.regions.tree import build_tree

CUTS = (60, 128, 240)
NAMES = taxonomy.COARSE9_NAMES
SEED = 4117
"""Of generated pictures, apart from those that thresholds were tuned on."""


@dataclass(frozen=True)
class Example:
    """A picture with its true label map in nine classes, and its character."""

    rgb: np.ndarray
    truth: np.ndarray
    group: str


Partitions = dict[int, np.ndarray]


def true_box(truth: np.ndarray) -> Box | None:
    """Box of the face and its parts, of a label map in nine classes."""
    parts = [NAMES.index(n) for n in ("face", "eye_left", "eye_right", "brow", "mouth")]
    y, x = np.nonzero(np.isin(truth, parts))
    return Box(float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)) if len(x) else None


def ours(example: Example) -> Partitions:
    proposals = regions.propose(example.rgb)
    return {k: proposals.label(proposals.cut(k)) for k in (*CUTS, 2000)}


def ours_with_model(example: Example) -> Partitions:
    label = released().segment(imaging.Picture(example.rgb)).label
    proposals = regions.propose(example.rgb, seen=label)
    return {k: proposals.label(proposals.cut(k)) for k in (*CUTS, 2000)}


@functools.cache
def released() -> Segmenter:
    """The released model, or the one that ``CUBISEG_MODEL`` names."""
    return open_segmenter("anime-advanced", find_model())


def ours_with_box(example: Example) -> Partitions:
    proposals = regions.propose(example.rgb, true_box(example.truth))
    return {k: proposals.label(proposals.cut(k)) for k in (*CUTS, 2000)}


def slic(example: Example) -> Partitions:
    from skimage.segmentation import slic as superpixels

    return {k: superpixels(example.rgb, n_segments=k, compactness=10, start_label=0) for k in CUTS}


def slic_then_merge(example: Example) -> Partitions:
    from skimage.segmentation import slic as superpixels

    fine = superpixels(example.rgb, n_segments=2000, compactness=10, start_label=0).astype(np.int32)
    return _merged(example.rgb, fine)


def felzenszwalb(example: Example) -> Partitions:
    """The scale that comes nearest to the number, by bisection."""
    from skimage.segmentation import felzenszwalb as graph_based

    out = {}
    for count in CUTS:
        low, high = 0.0, 4.0
        for _ in range(6):
            middle = (low + high) / 2
            out[count] = graph_based(example.rgb, scale=10**middle, sigma=0.5, min_size=20)
            low, high = (middle, high) if out[count].max() + 1 > count else (low, middle)
    return out


def felzenszwalb_then_merge(example: Example) -> Partitions:
    from skimage.segmentation import felzenszwalb as graph_based

    fine = graph_based(example.rgb, scale=10, sigma=0.5, min_size=10).astype(np.int32)
    return _merged(example.rgb, fine)


def _merged(rgb: np.ndarray, fine: np.ndarray) -> Partitions:
    """Ward's merging by colour and area alone."""
    flat = fine.ravel()
    area = np.bincount(flat).astype(float)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    colour = np.stack([np.bincount(flat, c) for c in lab.T], 1) / area[:, None]
    tree = build_tree(area, np.hstack([colour, np.zeros((len(area), 2))]), *regions.region_edges(fine))
    return {k: tree.assign(tree.cut(k))[fine] for k in CUTS}


def seeds(example: Example) -> Partitions:
    out = {}
    height, width = example.truth.shape
    for count in CUTS:
        found = cv2.ximgproc.createSuperpixelSEEDS(width, height, 3, count, 4)
        found.iterate(cv2.cvtColor(example.rgb, cv2.COLOR_RGB2HSV), 10)
        out[count] = found.getLabels()
    return out


METHODS: dict[str, Callable[[Example], Partitions]] = {
    "slic": slic,
    "slic, merged": slic_then_merge,
    "felzenszwalb": felzenszwalb,
    "felzenszwalb, merged": felzenszwalb_then_merge,
    "SEEDS": seeds,
    "ours": ours,
    "ours (model)": ours_with_model,
    "ours (box)": ours_with_box,
}


def generated(count: int) -> Iterator[Example]:
    for index in range(count):
        portrait = draw(SEED, index, 512, 1)
        yield Example(portrait.image, taxonomy.COARSE9_TABLE[portrait.label], portrait.group)


def real(folder: Path, mapping_file: Path, every: int) -> Iterator[Example]:
    mapping = read_mapping(mapping_file)
    table = mapping.table("coarse9")
    for item in find_labelled(folder, mapping.groups)[::every]:
        yield Example(imaging.read_picture(item.image).over(), table[label_maps.read_label(item.label)], item.group)


def report(name: str, examples: list[Example]) -> None:
    found: dict[int, list[tuple[scores.Counts, Quality]]] = {}
    start = time.process_time()
    seconds = 0.0
    for example in examples:
        start = time.process_time()
        partitions = METHODS[name](example)
        seconds += time.process_time() - start
        for count, partition in partitions.items():
            label = oracle_label(partition, example.truth, len(NAMES))
            confusion = scores.confusion_matrix(example.truth, label, len(NAMES))
            counts = scores.Counts(confusion, np.zeros((len(NAMES), 4), np.int64))
            found.setdefault(count, []).append((counts, measure(partition, example.truth, len(NAMES))))
    groups = [e.group for e in examples]
    for count, results in found.items():
        per_group = scores.by_group([c for c, _ in results], groups)
        table = np.array([scores.iou(c)[1:] for c in per_group.values()])
        mean = np.nanmean(np.nanmean(table, axis=1))
        quality = np.mean([(q.achievable_accuracy, q.undersegmentation, q.boundary_recall) for _, q in results], axis=0)
        print(
            f"| {name} | {count if count < 2000 else 'unmerged'} | {mean:.3f} | "
            + " | ".join(f"{v:.2f}" for v in np.nanmean(table, axis=0))
            + f" | {quality[0]:.3f} | {quality[1]:.3f} | {quality[2]:.3f} | {seconds / len(examples):.2f} |",
            flush=True,
        )


@click.command(help=__doc__)
@click.option("--generated", "count", default=24, show_default=True, help="Portraits to draw.")
@click.option("--real", "folder", type=click.Path(path_type=Path, exists=True), help="Labelled folder to measure on.")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True), default=Path("benchmarks/live2d.yaml"))
@click.option("--every", default=1, show_default=True, help="Take every n-th picture of the labelled folder.")
@click.option("--method", "methods", multiple=True, type=click.Choice(list(METHODS)), help="Only these.")
def main(count: int, folder: Path | None, mapping: Path, every: int, methods: tuple[str, ...]) -> None:
    cv2.setNumThreads(1)
    sets = {"generated": list(generated(count))} if count else {}
    if folder is not None:
        sets["real"] = list(real(folder, mapping, every))
    for name, examples in sets.items():
        people = len({e.group for e in examples})
        print(f"\n{name}: {len(examples)} pictures, {people} characters\n")
        head = ["method", "regions", "mean IoU", *NAMES[1:], "ASA", "UE", "BR", "s"]
        print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
        for method in methods or METHODS:
            report(method, examples)


if __name__ == "__main__":
    main()
