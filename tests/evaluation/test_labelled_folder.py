"""Any labelled folder can be scored, under its own names."""

import json
import logging
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from cubiseg import imaging, label_maps, scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation.labelled_folder import FolderMapping, compare, find_labelled, read_mapping, score_folder
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import LabelMethod, PartsBy, write_manifest
from tests.conftest import ROOT
from tests.tiny import face, portraits, sample
from tests.training.tiny_set import write_dataset

LIVE2D = ROOT / "benchmarks" / "live2d.yaml"
LIVE2D_PARTS = ROOT / "benchmarks" / "live2d_parts.yaml"
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


def test_parts_that_a_model_told_measure_none_while_their_classes_do(tmp_path: Path) -> None:
    told = portraits()[0].parts
    write_tree(tmp_path, told, "a")
    for parts_by, scored in ((PartsBy.LABEL, True), (PartsBy.MODEL, False)):
        row = sample("a", encode(told), image="images/a.png", parts_by=parts_by)
        write_manifest(tmp_path, [row])
        found = score_folder(tmp_path, lambda _: told)
        assert found.summary.mean_f1 == 1 and (found.parts is not None) is scored


def test_segments_without_names_are_wrong_everywhere(tmp_path: Path) -> None:
    """Their label map is all background, which nobody said of a pixel."""
    write_tree(tmp_path, face(), "a")

    def cut(picture: Picture) -> Segmentation:
        label, sure = np.zeros(picture.size, np.uint8), np.ones(picture.size, np.float32)
        return Segmentation(label, sure, "slic", "slic", segments=np.ones(picture.size, np.uint16))

    found = score_folder(tmp_path, cut)
    assert found == score_folder(tmp_path, lambda picture: np.full(picture.size, taxonomy.IGNORE_INDEX, np.uint8))
    assert found != score_folder(tmp_path, lambda picture: np.zeros(picture.size, np.uint8))
    assert found.summary.mean_f1 == 0 and found.calibration is None


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


def write_parts(folder: Path, name: str = "labels", label: np.ndarray | None = None) -> np.ndarray:
    """Two pictures of two characters that tell their parts to :func:`decode_parts`; returns the map of parts."""
    told = portraits()[0].parts if label is None else label
    for group in ("a", "b"):
        imaging.write_png(folder / "images" / group / "0.png", np.dstack([told] * 3))
        label_maps.write_label(folder / name / group / "0.png", told)
    return told


def decode_parts(picture: Picture) -> np.ndarray:
    return picture.rgb[..., 0]


def test_a_folder_of_parts_is_scored_at_both_levels(tmp_path: Path) -> None:
    write_parts(tmp_path)
    found = score_folder(tmp_path, decode_parts)
    assert found.summary.mean_f1 == found.by_group["mean_f1"] == 1
    assert found.parts is not None and found.parts_by_character is not None
    assert found.parts.mean_f1 == found.parts_by_character.by_group["hair_front"] == 1
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert (
        plain["parts"]["hair"]["hair_back"]["hair_back"] == plain["parts_by_character"]["per_group"]["b"]["lips"] == 1
    )


def test_a_model_of_classes_scores_the_same_on_a_folder_of_parts_as_on_one_of_classes(tmp_path: Path) -> None:
    told = write_parts(tmp_path / "parts")
    write_parts(tmp_path / "classes", label=taxonomy.CLASS_OF[told])

    def segment(picture: Picture) -> np.ndarray:
        return np.roll(taxonomy.CLASS_OF[picture.rgb[..., 0]], 3, 1)

    for vocabulary in ("taxonomy", "coarse9", "legacy7"):
        one, other = (score_folder(tmp_path / n, segment, vocabulary=vocabulary) for n in ("parts", "classes"))
        assert one == other and one.parts is None
        assert "parts" not in one.as_json()


def test_a_model_of_parts_scores_classes_as_the_classes_of_its_parts(tmp_path: Path) -> None:
    write_parts(tmp_path)
    for vocabulary in ("taxonomy", "coarse9", "legacy7"):
        by_part = score_folder(tmp_path, decode_parts, vocabulary=vocabulary)
        by_class = score_folder(tmp_path, lambda p: taxonomy.CLASS_OF[decode_parts(p)], vocabulary=vocabulary)
        assert by_part.summary == by_class.summary and by_part.per_group == by_class.per_group


def test_parts_are_read_by_name_from_a_file_of_another_name(tmp_path: Path) -> None:
    mapping = read_mapping(LIVE2D_PARTS)
    told = portraits()[0].parts
    table = np.zeros(256, np.uint8)
    for number, name in taxonomy.PART_NAME.items():
        whole = taxonomy.NAMES[taxonomy.CLASS_OF[number]]
        coarse = {"eyebrow_left": "brow", "eyebrow_right": "brow", "accessories": "accessory"}.get(whole, whole)
        table[number] = mapping.classes.index(name if name in mapping.classes else coarse)
    write_pairs(tmp_path, face(), "haru/00", "kei/00")
    for folder in ("haru", "kei"):
        imaging.write_png(tmp_path / folder / "00" / "image.png", np.dstack([told] * 3))
        imaging.write_png(tmp_path / folder / "00" / "parts.png", table[told])
    found = score_folder(tmp_path, decode_parts, mapping)
    assert found.vocabulary == "coarse9" and found.summary.mean_f1 == 1
    assert found.parts is not None and found.parts.mean_f1 == 1
    assert found.parts.left_right["eyebrow"] is None and found.parts.left_right["eye_iris"] == 0
    assert found.parts.f1["neck"] == 1 and found.parts.f1["sleeve_left"] is None, "clothes are not told apart there"


def test_label_maps_beside_the_pictures_may_have_a_folder_of_another_name(tmp_path: Path) -> None:
    write_parts(tmp_path, "labels", face())
    write_parts(tmp_path, "parts")
    found = score_folder(tmp_path, decode_parts, FolderMapping(classes="taxonomy", labels="parts"))
    assert found.parts is not None and found.summary.mean_f1 == found.parts.mean_f1 == 1
    with pytest.raises(CubisegError, match="images/ and leaves/"):
        score_folder(tmp_path, decode_parts, FolderMapping(classes="taxonomy", labels="leaves"))


def test_a_folder_that_names_its_ids_in_classes_json_needs_no_mapping(tmp_path: Path) -> None:
    names = ["background", "face", "hair_back", "hair_front", "hair"]
    label = np.repeat(np.arange(5, dtype=np.uint8)[:, None], 5, 1)
    write_parts(tmp_path, label=label)
    (tmp_path / "classes.json").write_text(json.dumps({"classes": names, "author": "somebody"}))
    ours = np.array([taxonomy.PART_ID[name] for name in names], np.uint8)
    found = score_folder(tmp_path, lambda p: ours[decode_parts(p)])
    assert found.parts is not None and found.summary.mean_f1 == found.parts.mean_f1 == 1
    (tmp_path / "classes.json").write_text(json.dumps({"classes": [*names[:4], "bangs"]}))
    with pytest.raises(CubisegError, match=r"classes.json: 'bangs' means 'bangs', .* a mapping file") as caught:
        score_folder(tmp_path, decode_parts)
    assert "\n" not in str(caught.value)
    (tmp_path / "classes.json").write_text("{")
    with pytest.raises(CubisegError, match=r"classes.json: cannot be read"):
        score_folder(tmp_path, decode_parts)


def test_our_own_data_sets_keep_our_ids_whatever_their_classes_json_lists(tmp_path: Path) -> None:
    write_parts(tmp_path)
    (tmp_path / "classes.json").write_text(json.dumps({"taxonomy": 2, "classes": list(taxonomy.NAMES)}))
    assert score_folder(tmp_path, decode_parts).summary.mean_f1 == 1


def test_a_coarse_name_of_classes_that_have_parts_says_nothing_of_them() -> None:
    mapping = FolderMapping(classes=("background", "eye", "brow_ridge", "hair_back"), map={"brow_ridge": "face"})
    assert mapping.part_table("legacy7")[:4].tolist() == [0, 255, 2, 23]
    brow = FolderMapping(classes=("brow",)).part_table("coarse9")[0]
    assert brow == taxonomy.ID["face"], "a brow of no side is on neither side"
    assert mapping.table("legacy7")[3] == taxonomy.LEGACY7.index("hair")


def test_two_models_are_compared_by_character_at_both_levels(tmp_path: Path) -> None:
    write_parts(tmp_path)
    truth = score_folder(tmp_path, decode_parts)
    shifted = score_folder(tmp_path, lambda p: np.roll(decode_parts(p), 2, 1))
    found = compare(truth, json.loads(json.dumps(shifted.as_json())))
    for figures, key in ((found.classes, "mean_f1"), (found.parts, "hair_front")):
        low, high = figures[key].interval
        assert figures[key].mean is not None and figures[key].mean > 0.02 and figures[key].better_in == 1
        assert low is not None and high is not None and 0 < low <= high
    assert found.parts["wings"].mean is None, "no wings are in the truth"
    classes = score_folder(tmp_path, lambda p: taxonomy.CLASS_OF[decode_parts(p)])
    beside = compare(classes, truth.as_json())
    assert beside.parts == {} and beside.classes["mean_f1"].mean == 0


def test_scores_of_other_pictures_are_not_compared(tmp_path: Path) -> None:
    write_parts(tmp_path)
    known = score_folder(tmp_path, decode_parts)
    one_group = known.as_json() | {"per_group": {"a": known.per_group["a"]}}
    for theirs, words in {
        "characters": (one_group, "other characters"),
        "vocabulary": (known.as_json() | {"vocabulary": "coarse9"}, "in 'coarse9', these in 'taxonomy'"),
        "form": ({"vocabulary": "taxonomy", "per_group": [1]}, "no scores of a folder"),
    }.values():
        with pytest.raises(CubisegError, match=words):
            compare(known, theirs)


def test_confidence_is_measured_where_the_segmenter_tells_any(tmp_path: Path) -> None:
    write_tree(tmp_path, face(), "a", "b")

    def sure_of_a_swap(picture: Picture) -> Segmentation:
        label = decode(picture)
        label = np.where(label == taxonomy.ID["hair"], taxonomy.ID["clothes"], label).astype(np.uint8)
        return Segmentation(label, np.full(label.shape, 0.8, np.float32), "test", "test")

    assert score_folder(tmp_path, decode).calibration is None
    found = score_folder(tmp_path, sure_of_a_swap).calibration
    wrong = float((face() == taxonomy.ID["hair"]).mean())
    assert (
        found is not None
        and found.confidence == pytest.approx(0.8)
        and found.accuracy == pytest.approx(1 - wrong, abs=1e-5)
    )
    assert found.ece == pytest.approx(abs(0.8 - (1 - wrong)), abs=1e-4)
    assert found.classes["face"] == pytest.approx(0.2, abs=1e-4) and found.classes["hair"] is None
    assert json.loads(json.dumps(score_folder(tmp_path, sure_of_a_swap).as_json()))["calibration"]["ece"] == found.ece


def test_a_data_set_in_shards_is_a_labelled_folder(tmp_path: Path) -> None:
    for folder in ("files", "shards"):
        write_dataset(tmp_path / folder)
    pack_samples(tmp_path / "shards", ("images", "labels"), Pack.SHARDS, 12)
    plain, packed = (find_labelled(tmp_path / folder) for folder in ("files", "shards"))
    assert len(plain) == 12
    assert [(p.image.read_bytes(), p.label.read_bytes(), p.group, p.parts_by) for p in plain] == [
        (p.image.read_bytes(), p.label.read_bytes(), p.group, p.parts_by) for p in packed
    ]


@pytest.mark.parametrize("packed", [("images", "labels", "mine"), ("images", "labels")], ids=["packed", "beside"])
def test_label_maps_of_another_name_are_those_of_that_name_in_shards_too(
    tmp_path: Path, packed: tuple[str, ...]
) -> None:
    for folder in ("files", "shards"):
        for example in write_dataset(tmp_path / folder):
            mine = tmp_path / folder / example.image.replace("images/", "mine/")
            label_maps.write_label(mine, np.full((example.height, example.width), int(example.id[1:]), np.uint8))
    pack_samples(tmp_path / "shards", packed, Pack.SHARDS, 12)
    for name in ("mine", "labels"):
        pairs = {
            folder: [
                (p.image.read_bytes(), p.label.read_bytes(), p.group, p.parts_by)
                for p in find_labelled(tmp_path / folder, labels=name)
            ]
            for folder in ("files", "shards")
        }
        assert len(pairs["files"]) == 12 and pairs["files"] == pairs["shards"]
    with pytest.raises(
        CubisegError, match=r"p\d\d.png: has no label map theirs/.*p\d\d.png, in shards or beside them; "
    ):
        find_labelled(tmp_path / "shards", labels="theirs")
