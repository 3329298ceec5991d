"""Plots of an evaluation: confusion matrix, scores per class, and a sheet of pictures. Same inputs, same bytes."""

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from cubiseg import scores, taxonomy
from cubiseg.evaluation.checkpoint import Predict, ScoredPicture, read_pair
from cubiseg.files import atomic_write, write_csv
from cubiseg.label_maps import colourise

_TILE = 192
_GAP = 6
_SHEET_BYTES = 400_000


def write_confusion_png(path: Path, confusion: np.ndarray) -> None:
    """Draw a confusion matrix as shares of the true class.

    Args:
        path: PNG, replaced whole.
        confusion: (C, C) integer counts, rows are truth.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = confusion.sum(axis=1, keepdims=True)
    share = confusion / np.maximum(rows, 1)
    figure = Figure(figsize=(8, 7), dpi=90, layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(share, vmin=0, vmax=1, cmap="Blues")
    ticks = range(len(confusion))
    axes.set_xticks(ticks, taxonomy.NAMES, rotation=60, ha="right")
    axes.set_yticks(ticks, taxonomy.NAMES)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title("Share of each true class's pixels, percent")
    for row in ticks:
        for column in ticks:
            if share[row, column] >= 0.005:
                colour = "white" if share[row, column] > 0.5 else "black"
                text = f"{100 * share[row, column]:.0f}"
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    figure.colorbar(image, shrink=0.8)
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


def choose(scored: Sequence[ScoredPicture], number: int) -> list[ScoredPicture]:
    """The worst picture, the best, and evenly between by mean F1; worst first."""
    ordered = sorted(scored, key=lambda s: (s.mean_f1, s.sample.id))
    places = np.unique(np.linspace(0, len(ordered) - 1, min(number, len(ordered))).round().astype(int))
    return [ordered[i] for i in places]


def write_sheet(path: Path, scored: Sequence[ScoredPicture], predict: Predict, data: Path) -> None:
    """Draw one row a picture: input, truth, prediction, errors (red) over the dimmed input.

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
    label = taxonomy.CLASS_OF[predict(rgb)[0]]
    wrong = (label != truth) & (truth != taxonomy.IGNORE_INDEX)
    errors = (rgb // 3 + 170).astype(np.uint8)
    errors[wrong] = (220, 0, 0)
    tiles = [_tile(view) for view in (rgb, colourise(truth), colourise(label), errors)]
    caption = np.full((18, 4 * _TILE + 3 * _GAP, 3), 255, np.uint8)
    text = f"{item.sample.id}  mean F1 {item.mean_f1:.3f}   input, truth, prediction, errors"
    cv2.putText(caption, text, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    gap = np.full((_TILE, _GAP, 3), 255, np.uint8)
    joined = np.hstack([part for tile in tiles for part in (tile, gap)][:-1])
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
