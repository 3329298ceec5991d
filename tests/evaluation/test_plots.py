"""Plots show what was counted, in the same bytes each time."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import scores, taxonomy
from cubiseg.evaluation import checkpoint, plots
from tests.evaluation.test_checkpoint import knowing
from tests.training.tiny_set import write_dataset

N = taxonomy.NUM_CLASSES


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder)
    return folder


def some_confusion() -> np.ndarray:
    confusion = np.random.default_rng(0).integers(0, 50, (N, N))
    confusion[np.diag_indices(N)] += 1000
    confusion[5] = 0
    return confusion


def test_confusion_rows_are_shares_of_the_true_class(tmp_path: Path) -> None:
    confusion = some_confusion()
    plots.write_confusion_csv(tmp_path / "c.csv", confusion, rows_per_class=100)
    rows = list(csv.DictReader((tmp_path / "c.csv").open()))
    actual = Counter(row["actual"] for row in rows)
    assert set(actual) == set(taxonomy.NAMES) - {taxonomy.NAMES[5]}
    assert set(actual.values()) == {100}
    hair = Counter(row["predicted"] for row in rows if row["actual"] == "hair")
    assert abs(hair["hair"] - 100 * confusion[1, 1] / confusion[1].sum()) <= 1


def test_scores_of_each_class_that_occurs(tmp_path: Path) -> None:
    confusion = some_confusion()
    confusion[:, 5] = 0
    counts = scores.Counts(confusion, np.ones((N, 4), np.int64))
    plots.write_classes_csv(tmp_path / "c.csv", counts)
    rows = {row["class"]: row for row in csv.DictReader((tmp_path / "c.csv").open())}
    assert list(rows) == [name for name in taxonomy.NAMES if name != taxonomy.NAMES[5]]
    assert float(rows["hair"]["iou"]) == pytest.approx(scores.iou(counts)[1], abs=1e-4)


def test_pictures_have_the_same_bytes_each_time_and_stay_small(data: Path, tmp_path: Path) -> None:
    predict = knowing(data, spoil="p11")
    scored = checkpoint.score_split(predict, data)
    for name in ("a", "b"):
        plots.write_confusion_png(tmp_path / name / "c.png", some_confusion())
        plots.write_sheet(tmp_path / name / "s.jpg", plots.choose(scored, 8), predict, data)
    for file in ("c.png", "s.jpg"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert b"atplotlib" not in (tmp_path / "a" / "c.png").read_bytes()
    assert (tmp_path / "a" / "s.jpg").stat().st_size < 400_000
    # The worst comes first: its errors, the fourth tile, are red where the character is.
    sheet = np.asarray(Image.open(tmp_path / "a" / "s.jpg").convert("RGB")).astype(int)
    left, right = (np.asarray(part) for part in np.array_split(sheet, 2, axis=1))
    red = [((p[..., 0] > 200) & (p[..., 1] < 40) & (p[..., 2] < 40)).sum() for p in (left, right)]
    assert red[0] > 2000 and red[1] < red[0] / 2


def test_the_sheet_runs_from_the_worst_to_the_best(data: Path) -> None:
    scored = checkpoint.score_split(knowing(data, spoil="p11"), data)
    assert [s.sample.id for s in plots.choose(scored, 8)] == ["p11", "p10"]
    assert [s.sample.id for s in plots.choose(scored, 1)] == ["p11"]
