"""Any labelled folder can be scored, under its own names."""

import logging
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from cubiseg import imaging, label_maps, scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation.labelled_folder import FolderMapping, find_labelled, read_mapping, score_folder
from cubiseg.imaging import Picture
from cubiseg.samples import LabelMethod, write_manifest
from tests.conftest import ROOT
from tests.tiny import face, sample

LIVE2D = ROOT / "benchmarks" / "live2d.yaml"
NAMES = ("background", "hair", "face", "eye_left", "eye_right", "brow", "nose", "mouth", "skin", "clothes", "accessory")


def encode(label: np.ndarray) -> np.ndarray:
    """A label map as a picture that :func:`decode` can read, so that a segmenter may be right or wrong at will."""
    return np.dstack([label * 20] * 3)


def decode(picture: Picture) -> np.ndarray:
    return picture.rgb[..., 0] // 20


def theirs(label: np.ndarray) -> np.ndarray:
    """Taxonomy ids to the ids of ``NAMES``."""
    table = np.zeros(256, np.uint8)
    for c in taxonomy.CLASSES:
        name = {"eyebrow_left": "brow", "eyebrow_right": "brow", "accessories": "accessory"}.get(c.name, c.name)
        table[c.id] = NAMES.index(name)
    return table[label]


def write_tree(folder: Path, label: np.ndarray, *names: str) -> None:
    for name in names:
        imaging.write_png(folder / "images" / f"{name}.png", encode(label))
        label_maps.write_label(folder / "labels" / f"{name}.png", label)


def write_pairs(folder: Path, label: np.ndarray, *names: str) -> None:
    for name in names:
        imaging.write_png(folder / name / "image.png", encode(label))
        imaging.write_png(folder / name / "label.png", theirs(label))


def test_a_perfect_segmenter_scores_one_on_both_layouts(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", face(), "a", "b")
    write_pairs(tmp_path / "pairs", face(), "haru/00", "koharu/00")
    for result in (
        score_folder(tmp_path / "tree", decode),
        score_folder(tmp_path / "pairs", decode, read_mapping(LIVE2D)),
    ):
        assert result.summary.mean_f1 == result.summary.mean_iou == result.by_group["mean_f1"] == 1
        assert (result.summary.pictures, result.summary.groups) == (2, 2)


def test_groups_come_from_manifest_folder_or_mapping(tmp_path: Path) -> None:
    write_tree(tmp_path / "nested", face(), "alice/1", "alice/2", "bob/1")
    assert [p.group for p in find_labelled(tmp_path / "nested")] == ["alice", "alice", "bob"]
    write_tree(tmp_path / "data", face(), "train/a", "test/b")
    rows = [
        sample(n, encode(face()), group="one", image=f"images/{p}/{n}.png", label_method=LabelMethod.GIVEN)
        for p, n in (("train", "a"), ("test", "b"))
    ]
    write_manifest(tmp_path / "data", rows)
    assert [p.group for p in find_labelled(tmp_path / "data")] == ["one", "one"]
    write_pairs(tmp_path / "pairs", face(), "haru/00", "haru_maid/00", "haru_sailor/03", "kei/00")
    groups = [p.group for p in find_labelled(tmp_path / "pairs", read_mapping(LIVE2D).groups)]
    assert groups == ["haru", "haru", "haru", "kei"]


def test_characters_count_alike_however_many_pictures_they_have(tmp_path: Path) -> None:
    write_pairs(tmp_path, face(), "a/00", "a/01", "a/02", "b/00")

    def right_on_a(picture: Picture) -> np.ndarray:
        calls.append(1)
        return decode(picture) if len(calls) <= 3 else np.full(picture.size, 255, np.uint8)

    calls: list[int] = []
    result = score_folder(tmp_path, right_on_a, read_mapping(LIVE2D))
    assert result.per_group["a"]["mean_f1"] == 1
    assert result.per_group["b"]["mean_f1"] == 0
    assert result.by_group["mean_f1"] == 0.5
    assert result.summary.mean_f1 > 0.8


def test_coarse_names_merge_brows_and_count_the_nose_as_face(tmp_path: Path) -> None:
    write_pairs(tmp_path, face(), "a/00", "b/00")

    def mirrored_brows_no_nose(picture: Picture) -> np.ndarray:
        label = decode(picture).copy()
        left, right = (label == taxonomy.ID[n] for n in ("eyebrow_left", "eyebrow_right"))
        label[left], label[right] = taxonomy.ID["eyebrow_right"], taxonomy.ID["eyebrow_left"]
        label[label == taxonomy.ID["nose"]] = taxonomy.ID["face"]
        return label

    assert score_folder(tmp_path, mirrored_brows_no_nose, read_mapping(LIVE2D)).summary.mean_f1 == 1


def test_accessories_may_be_left_out_of_the_mean(tmp_path: Path) -> None:
    write_pairs(tmp_path, face(), "a/00", "b/00")

    def invents_accessories(picture: Picture) -> np.ndarray:
        label = decode(picture).copy()
        label[:3, :3] = taxonomy.ID["accessories"]
        return label

    means = score_folder(tmp_path, invents_accessories, read_mapping(LIVE2D)).by_group
    assert means["mean_f1_without_accessories"] == 1
    assert means["mean_f1"] == pytest.approx(8 / 9, abs=1e-4)


def test_the_figures_are_those_of_the_counts(tmp_path: Path) -> None:
    write_tree(tmp_path, face(), "a", "b")
    prediction = np.roll(face(), 3, 1)
    result = score_folder(tmp_path, lambda _: prediction)
    expected = scores.mean(scores.f1(scores.count(face(), prediction)), range(1, 12))
    assert result.summary.mean_f1 == pytest.approx(expected, abs=1e-5)
    assert result.by_group["mean_f1"] == pytest.approx(expected, abs=1e-5)


def test_ignored_classes_are_not_scored(tmp_path: Path) -> None:
    write_pairs(tmp_path, face(), "a/00")
    mapping = FolderMapping(classes=NAMES, map={"hair": "ignore", "nose": "face", "accessory": "accessories"})

    def wrong_on_hair(picture: Picture) -> np.ndarray:
        label = decode(picture).copy()
        label[label == taxonomy.ID["hair"]] = taxonomy.ID["skin"]
        return label

    result = score_folder(tmp_path, wrong_on_hair, mapping, "coarse9")
    assert result.summary.f1["hair"] is None
    assert result.summary.f1["skin"] == 1


@pytest.mark.parametrize("vocabulary", ["taxonomy", "coarse9", "legacy7"])
def test_every_vocabulary_scores(tmp_path: Path, vocabulary: str) -> None:
    write_tree(tmp_path, face(), "a")
    result = score_folder(tmp_path, decode, vocabulary=vocabulary)
    assert result.summary.mean_f1 == 1
    assert result.vocabulary == vocabulary


def test_pictures_of_any_size_and_alpha_are_read(tmp_path: Path) -> None:
    imaging.write_png(tmp_path / "images" / "a.png", np.zeros((9, 7, 4), np.uint8))
    label_maps.write_label(tmp_path / "labels" / "a.png", np.ones((9, 7), np.uint8))
    seen = []

    def segment(picture: Picture) -> np.ndarray:
        seen.append((picture.size, picture.alpha is not None))
        return np.ones(picture.size, np.uint8)

    assert score_folder(tmp_path, segment).summary.f1["hair"] == 1
    assert seen == [((9, 7), True)]


def test_progress_sees_every_pair(tmp_path: Path) -> None:
    write_tree(tmp_path, face(), "a", "b")
    seen = []

    def progress(pairs, number):
        for pair in pairs:
            seen.append((pair.image.name, number))
            yield pair

    score_folder(tmp_path, decode, progress=progress)
    assert seen == [("a.png", 2), ("b.png", 2)]


def test_bad_folders_are_one_line_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_tree(tmp_path / "bare", face(), "a")
    (tmp_path / "bare" / "labels" / "a.png").unlink()
    write_tree(tmp_path / "small", face(), "a")
    label_maps.write_label(tmp_path / "small" / "labels" / "a.png", face()[:5])
    write_tree(tmp_path / "ids", face(), "a")
    label_maps.write_label(tmp_path / "ids" / "labels" / "a.png", face() + 90)
    write_pairs(tmp_path / "lone", face(), "a/00")
    (tmp_path / "lone" / "a" / "00" / "image.png").unlink()
    for folder, part in {
        "none": "no such folder",
        "empty": "no labelled pictures",
        "bare": "has no label map",
        "small": "its picture 128x128",
        "ids": "have no name",
        "lone": "no image.png",
    }.items():
        with pytest.raises(CubisegError, match=part) as caught:
            score_folder(tmp_path / folder, decode)
        assert folder in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("classes: [", "cannot be read"),
        ("map: {}", "classes"),
        ("classes: [a]\ncolour: 1", "colour"),
        ("classes: [a]\nvocabulary: mine", "vocabulary"),
    ],
)
def test_a_malformed_mapping_is_one_line(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(CubisegError, match=part) as caught:
        read_mapping(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "part"),
    [
        (FolderMapping(classes=("horn",)), "'horn' means 'horn'"),
        (FolderMapping(classes=("hair",), map={"tail": "hair"}), "'tail' is not under classes"),
    ],
)
def test_a_name_without_a_meaning_is_one_line(tmp_path: Path, mapping: FolderMapping, part: str) -> None:
    write_tree(tmp_path, face(), "a")
    with pytest.raises(CubisegError, match=part):
        score_folder(tmp_path, decode, mapping)


def test_what_is_part_of_no_pair_is_counted_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_tree(tmp_path / "tree", face(), "a")
    (tmp_path / "tree" / "images" / "b.gif").write_bytes(b"GIF89a")
    (tmp_path / "tree" / "images" / "._a.png").write_bytes(b"x")
    for number in range(12):
        label_maps.write_label(tmp_path / "tree" / "labels" / f"lone{number:02}.png", face())
    write_pairs(tmp_path / "pairs", face(), "haru/00", "haru/01")
    (tmp_path / "pairs" / "haru" / "01" / "label.png").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(find_labelled(tmp_path / "tree")) == len(find_labelled(tmp_path / "pairs")) == 1
    gif, lone, single = caplog.messages
    assert "1 passed over" in gif and "images/b.gif" in gif
    assert "12 passed over" in lone and "labels/lone00.png" in lone and "and 2 more" in lone
    assert "1 passed over" in single and "haru/01/image.png" in single


def test_a_label_map_of_another_kind_or_a_mask_is_refused_with_what_is_wanted(tmp_path: Path) -> None:
    write_tree(tmp_path / "jpg", face(), "a")
    (tmp_path / "jpg" / "labels" / "a.png").rename(tmp_path / "jpg" / "labels" / "a.jpg")
    write_tree(tmp_path / "mask", face(), "a")
    imaging.write_png(tmp_path / "mask" / "labels" / "a.png", np.where(face() > 0, 255, 0).astype(np.uint8))
    for folder, part in {"jpg": r"must be PNG: save .*a\.jpg", "mask": "only 0 and 255, a mask"}.items():
        with pytest.raises(CubisegError, match=part):
            score_folder(tmp_path / folder, decode)
    unknown = np.where(face() > 0, 255, 0).astype(np.uint8)
    label_maps.write_label(tmp_path / "mask" / "labels" / "a.png", unknown)
    assert score_folder(tmp_path / "mask", decode).summary.pictures == 1, "ours says on purpose that nobody can tell"


def test_names_of_pairs_are_compared_in_one_unicode_form(tmp_path: Path) -> None:
    write_tree(tmp_path, face(), unicodedata.normalize("NFD", "café"))
    (label,) = (tmp_path / "labels").iterdir()
    label.rename(label.with_name(unicodedata.normalize("NFC", "café.png")))
    assert len(find_labelled(tmp_path)) == 1
