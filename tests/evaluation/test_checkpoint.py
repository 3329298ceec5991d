"""Scores of a split are those of its pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation import checkpoint
from cubiseg.evaluation.parts import tells_parts
from cubiseg.evaluation.stage import WorstPicture, measure
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import PartsBy, Split, read_manifest, write_manifest
from tests import tiny
from tests.training.tiny_set import write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_dataset(folder)
    return folder


def knowing(data: Path, spoil: str = "") -> checkpoint.Predict:
    """A predictor that knows the truth, except of the picture ``spoil``, which it calls background."""
    answers = {}
    for sample in read_manifest(data):
        rgb, truth = checkpoint.read_pair(data, sample)
        answers[imaging.pixel_hash(rgb)] = np.zeros_like(truth) if sample.id == spoil else truth

    def predict(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        label = answers[imaging.pixel_hash(rgb)]
        return label, np.full(label.shape, 0.5, np.float32)

    return predict


def test_the_truth_scores_one(data: Path) -> None:
    scored = checkpoint.score_split(knowing(data), data)
    assert [s.sample.id for s in scored] == ["p10", "p11"]
    metrics = measure("anime-unet", scored, seed=0)
    assert metrics.summary.mean_f1 == metrics.summary.mean_iou == metrics.summary.boundary_f == 1
    assert metrics.summary.left_right_confusion == 0
    assert metrics.confidence == 0.5


def test_the_worst_picture_is_named(data: Path) -> None:
    metrics = measure("anime-unet", checkpoint.score_split(knowing(data, spoil="p11"), data), seed=0)
    assert metrics.worst_picture == WorstPicture(id="p11", mean_f1=0)
    assert 0 < metrics.summary.mean_f1 < 1


def with_parts(folder: Path) -> Path:
    """The same data set, whose label maps of the test split tell parts."""
    for index, sample in enumerate(write_dataset(folder)):
        if sample.split == Split.TEST:
            label_maps.write_label(folder / str(sample.label), tiny.portraits()[index].parts)
    return folder


def test_parts_are_measured_besides_and_change_no_figure_of_classes(data: Path, tmp_path: Path) -> None:
    told = with_parts(tmp_path)
    plain = measure("anime-unet", checkpoint.score_split(knowing(data), data), seed=0)
    parts = measure("anime-unet", checkpoint.score_split(knowing(told), told), seed=0)
    assert parts.parts is not None and parts.parts.mean_f1 == parts.parts.kinds["hair_front"] == 1
    plain_json, parts_json = plain.as_json(), parts.as_json()
    assert plain.parts is None and "parts" not in plain_json
    assert list(parts_json) == [*plain_json, "parts"]
    assert {key: parts_json[key] for key in plain_json} == plain_json
    assert json.loads(json.dumps(parts_json, allow_nan=False)) == json.loads(json.dumps(parts_json))


def test_a_model_of_classes_has_the_same_figures_whether_the_truth_tells_parts_or_not(
    data: Path, tmp_path: Path
) -> None:
    told = with_parts(tmp_path)

    def shifted(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        label, confidence = knowing(data)(rgb)
        return np.roll(label, 2, 1), confidence

    one, other = (measure("m", checkpoint.score_split(shifted, folder), seed=0) for folder in (data, told))
    assert one.as_json() == other.as_json()


def test_an_id_of_neither_level_is_one_line(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    label_maps.write_label(tmp_path / "labels" / "test" / "p10.png", np.full((tiny.SIZE, tiny.SIZE), 15, np.uint8))
    with pytest.raises(CubisegError, match=r"p10.png: id 15 is no class and no part"):
        checkpoint.score_split(knowing(tmp_path), tmp_path)


def test_a_split_without_pictures_and_a_label_of_another_size_are_one_line(data: Path, tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text("")
    with pytest.raises(CubisegError, match="no labelled samples in the split 'test'"):
        checkpoint.score_split(knowing(data), tmp_path)
    write_dataset(tmp_path)
    label_maps.write_label(tmp_path / "labels" / "test" / "p10.png", np.zeros((64, 64), np.uint8))
    with pytest.raises(CubisegError, match=r"p10.png: is not of its picture's size"):
        checkpoint.score_split(knowing(data), tmp_path, Split.TEST)


def test_classes_are_those_of_the_taxonomy(data: Path) -> None:
    metrics = measure("anime-unet", checkpoint.score_split(knowing(data), data), seed=0)
    assert tuple(metrics.summary.iou) == taxonomy.NAMES


def test_parts_that_a_model_told_measure_no_parts(tmp_path: Path) -> None:
    data = with_parts(tmp_path)
    by_label = checkpoint.score_split(knowing(data), data)
    write_manifest(data, [s.model_copy(update={"parts_by": PartsBy.MODEL}) for s in read_manifest(data)])
    by_model = checkpoint.score_split(knowing(data), data)
    assert tells_parts(by_label[0].parts) and not tells_parts(by_model[0].parts)
    assert np.array_equal(by_model[0].counts.confusion, by_label[0].counts.confusion)


def test_a_split_in_shards_has_the_same_scores(data: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path)
    pack_samples(tmp_path, ("images", "labels"), Pack.SHARDS, 12)
    plain, packed = (checkpoint.score_split(knowing(data), folder) for folder in (data, tmp_path))
    assert [(p.sample, p.mean_f1) for p in plain] == [(p.sample, p.mean_f1) for p in packed] != []
