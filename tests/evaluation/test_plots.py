"""Plots show what was counted, in the same bytes each time."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import scores, taxonomy
from cubiseg.evaluation import checkpoint, parts, plots
from tests import tiny
from tests.evaluation.test_checkpoint import knowing, with_parts
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


def test_parts_have_a_table_and_a_matrix_of_what_occurs_in_the_same_bytes_each_time(tmp_path: Path) -> None:
    told = tiny.portraits()[0].parts
    counts = parts.count(told, np.roll(told, 2, 1))
    plots.write_parts_csv(tmp_path / "p.csv", counts)
    rows = {row["part"]: row for row in csv.DictReader((tmp_path / "p.csv").open())}
    assert list(rows) == [p.name for p in taxonomy.PARTS if (told == p.id).any()]
    index = [p.name for p in taxonomy.PARTS].index("hair_front")
    assert float(rows["hair_front"]["f1"]) == pytest.approx(parts.f1(counts)[index], abs=1e-4)
    matrix, names = parts.occurring(counts)
    assert matrix.sum() == told.size and set(names) == {taxonomy.PART_NAME[i] for i in np.unique(told).tolist()}
    for name in ("a.png", "b.png"):
        plots.write_confusion_png(tmp_path / name, matrix, names)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_sheet_shows_parts_and_tells_a_wrong_part_from_a_wrong_class(tmp_path: Path) -> None:
    data = with_parts(tmp_path)

    def sheet(predict: checkpoint.Predict) -> np.ndarray:
        scored = plots.choose(checkpoint.score_split(predict, data), 1)
        plots.write_sheet(tmp_path / "s.jpg", scored, predict, data)
        return np.asarray(Image.open(tmp_path / "s.jpg").convert("RGB")).astype(int)

    def wrong_hair(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        label, confidence = knowing(data)(rgb)
        hair = taxonomy.CLASS_OF[label] == taxonomy.ID["hair"]
        return np.where(hair, taxonomy.PART_ID["hair_back"], label).astype(np.uint8), confidence

    def classes(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        label, confidence = knowing(data)(rgb)
        return taxonomy.CLASS_OF[label], confidence

    def share(picture: np.ndarray, colour: tuple[int, int, int]) -> float:
        errors = picture[:, -picture.shape[1] // 4 :]
        return float((np.abs(errors - np.array(colour)).max(2) < 40).mean())

    assert share(sheet(wrong_hair), (240, 150, 0)) > 0.05 and share(sheet(wrong_hair), (220, 0, 0)) < 0.001
    assert share(sheet(classes), (240, 150, 0)) < 0.001, "who was asked for classes is not blamed for parts"
    assert share(sheet(knowing(data)), (220, 0, 0)) < 0.001
