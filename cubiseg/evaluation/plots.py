"""Plots of an evaluation: confusion matrix, scores per class, reliability, pictures. Same inputs, same bytes."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.calibration import BINS, Reliability
from cubiseg.evaluation import parts
from cubiseg.evaluation.checkpoint import Predict, ScoredPicture, read_pair
from cubiseg.files import atomic_write, write_csv

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TILE = 192
_GAP = 6
_SHEET_BYTES = 400_000


def write_confusion_png(path: Path, confusion: np.ndarray, names: Sequence[str] = taxonomy.NAMES) -> None:
    """Draw a confusion matrix as shares of the true class, or part.

    Args:
        path: PNG, replaced whole.
        confusion: (C, C) integer counts, rows are truth.
        names: of its rows and columns.
    """
    from matplotlib.figure import Figure

    rows = confusion.sum(axis=1, keepdims=True)
    share = confusion / np.maximum(rows, 1)
    grown = max(1, len(names) / 22)
    figure = Figure(figsize=(8 * grown, 7 * grown), dpi=90, layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(share, vmin=0, vmax=1, cmap="Blues")
    ticks = range(len(confusion))
    axes.set_xticks(ticks, names, rotation=60, ha="right")
    axes.set_yticks(ticks, names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    level = "class" if set(names) <= set(taxonomy.NAMES) else "part"
    axes.set_title(f"Share of each true {level}'s pixels, percent")
    for row in ticks:
        for column in ticks:
            if share[row, column] >= 0.005:
                colour = "white" if share[row, column] > 0.5 else "black"
                text = f"{100 * share[row, column]:.0f}"
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    figure.colorbar(image, shrink=0.8)
    _write_figure(path, figure)


def write_reliability_png(path: Path, before: Reliability, after: Reliability) -> None:
    """Draw a reliability diagram: the share that is right over the confidence, before and after calibration.

    Args:
        path: PNG, replaced whole.
        before: pixels by confidence as the network has it.
        after: pixels by calibrated confidence.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 6.8), dpi=90, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot((0, 1), (0, 1), color="grey", linewidth=1, linestyle="--", label="as sure as right")
    edges = np.linspace(0, 1, BINS + 1)
    for name, measured, colour in (("before", before.total, "tab:orange"), ("after", after.total, "tab:blue")):
        sure, right = measured.curve()
        label = f"{name} (ECE {100 * measured.ece()[0]:.2f} %)"
        upper.plot(sure[0], right[0], marker="o", markersize=4, color=colour, label=label)
        share = measured.pixels[0] / max(1, measured.pixels.sum())
        lower.stairs(share, edges, color=colour, linewidth=1.5)
    upper.set_ylabel("share of pixels that are right")
    upper.set_ylim(0, 1)
    upper.legend(loc="upper left")
    upper.set_title("Confidence and how often it is right, test split")
    lower.set_ylabel("share of pixels")
    lower.set_yscale("log")
    lower.set_xlim(0, 1)
    lower.set_xlabel("confidence")
    _write_figure(path, figure)


def _write_figure(path: Path, figure: "Figure") -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def write_confusion_csv(path: Path, confusion: np.ndarray, rows_per_class: int = 200) -> None:
    """Write a confusion matrix as ``actual,predicted`` rows, which DVC's ``confusion`` templates count.

    Those templates count rows, so each true class gets ``rows_per_class`` of them, shared out by its pixels.

    Args:
        path: CSV, replaced whole.
        confusion: (C, C) integer counts, rows are truth.
        rows_per_class: rows of a class that occurs.
    """
    rows: list[tuple[str, str]] = []
    for name, row in zip(taxonomy.NAMES, confusion, strict=True):
        if row.sum() == 0:
            continue
        # Differences of rounded cumulative shares: the rows of a class always add up.
        ends = np.floor(np.cumsum(row) / row.sum() * rows_per_class + 0.5).astype(int)
        for other, times in zip(taxonomy.NAMES, np.diff(ends, prepend=0), strict=True):
            rows += [(name, other)] * int(times)
    write_csv(path, ("actual", "predicted"), rows)


def write_classes_csv(path: Path, counts: scores.Counts) -> None:
    """Write IoU, F1 and boundary F-score of each class that occurs, for a bar plot."""
    columns = scores.iou(counts), scores.f1(counts), scores.boundary_f(counts)
    rows = []
    for name, *values in zip(taxonomy.NAMES, *columns, strict=True):
        if np.isfinite(values[0]):
            rows.append((name, *(f"{v:.5f}" if np.isfinite(v) else None for v in values)))
    write_csv(path, ("class", "iou", "f1", "boundary_f"), rows)


def write_parts_csv(path: Path, counts: scores.Counts) -> None:
    """Write IoU and F1 of each part that the truth names, for a bar plot.

    Args:
        path: CSV, replaced whole.
        counts: of :func:`cubiseg.evaluation.parts.count`.
    """
    values = zip(taxonomy.PARTS, parts.iou(counts), parts.f1(counts), strict=True)
    rows = [(p.name, f"{iou:.5f}", f"{f1:.5f}") for p, iou, f1 in values if np.isfinite(f1)]
    write_csv(path, ("part", "iou", "f1"), rows)


def choose(scored: Sequence[ScoredPicture], number: int) -> list[ScoredPicture]:
    """The worst picture, the best, and evenly between by mean F1; worst first."""
    ordered = sorted(scored, key=lambda s: (s.mean_f1, s.sample.id))
    places = np.unique(np.linspace(0, len(ordered) - 1, min(number, len(ordered))).round().astype(int))
    return [ordered[i] for i in places]


def write_sheet(path: Path, scored: Sequence[ScoredPicture], predict: Predict, data: Path) -> None:
    """Draw one row a picture: input, truth, prediction, errors over the dimmed input.

    A wrong class is red, a wrong part of the right class orange. Truth is shown at the prediction's level.

    Args:
        path: JPEG under 400 kB, replaced whole.
        scored: the pictures, see :func:`choose`.
        predict: function that labels a picture, the one that gave the scores.
        data: data set folder.
    """
    from PIL import Image

    rows = [_row(item, predict, data) for item in scored]
    half = (len(rows) + 1) // 2
    blank = np.full_like(rows[0], 255)
    columns = [rows[:half], rows[half:] + [blank] * (2 * half - len(rows))]
    gap = np.full((half * rows[0].shape[0], 2 * _GAP, 3), 255, np.uint8)
    sheet = np.hstack([np.vstack(columns[0]), gap, np.vstack(columns[1])]) if len(rows) > 1 else rows[0]
    for quality in (85, 75, 60, 40):
        buffer = io.BytesIO()
        Image.fromarray(sheet).save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= _SHEET_BYTES:
            break
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def _row(item: ScoredPicture, predict: Predict, data: Path) -> np.ndarray:
    rgb, truth = read_pair(data, item.sample)
    label, _ = predict(rgb)
    if np.array_equal(label, taxonomy.CLASS_OF[label]):
        truth = taxonomy.CLASS_OF[truth]
    known = truth != taxonomy.IGNORE_INDEX
    same_class = taxonomy.CLASS_OF[label] == taxonomy.CLASS_OF[truth]
    told = truth != taxonomy.CLASS_OF[truth]
    errors = (rgb // 3 + 170).astype(np.uint8)
    errors[known & same_class & told & (label != truth)] = (240, 150, 0)
    errors[known & ~same_class] = (220, 0, 0)
    tiles = [_tile(view) for view in (rgb, taxonomy.COLOURS[truth], taxonomy.COLOURS[label], errors)]
    caption = np.full((18, 4 * _TILE + 3 * _GAP, 3), 255, np.uint8)
    text = f"{item.sample.id}  mean F1 {item.mean_f1:.3f}   input, truth, prediction, errors"
    cv2.putText(caption, text, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    gap = np.full((_TILE, _GAP, 3), 255, np.uint8)
    joined = np.hstack([view for tile in tiles for view in (tile, gap)][:-1])
    return np.vstack([caption, joined])


def _tile(picture: np.ndarray) -> np.ndarray:
    """Scale into a white square tile, centred."""
    height, width = picture.shape[:2]
    scale = _TILE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    out = np.full((_TILE, _TILE, 3), 255, np.uint8)
    top, left = (_TILE - size[1]) // 2, (_TILE - size[0]) // 2
    out[top : top + size[1], left : left + size[0]] = small
    return out
