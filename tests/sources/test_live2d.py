"""The source ``live2d``: models in, pictures with exact labels out."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.truth import DrawableNames, read_complete
from cubiseg.errors import CubisegError
from cubiseg.portraits.rng import stream
from cubiseg.sources.__main__ import main
from cubiseg.sources.live2d.drawing import Window
from cubiseg.sources.live2d.files import read_settings
from cubiseg.sources.live2d.model import Live2dModel, read_model
from cubiseg.sources.live2d.poses import RigPose, drawn_pose, neutral
from cubiseg.sources.live2d.source import take_all
from cubiseg.sources.params import Live2dParams
from cubiseg.sources.part_table import PartTable, read_table
from cubiseg.sources.result import SourceResult
from tests.sources.live2d_models import MODELS, copy_model, need_live2d
from tests.sources.moc3 import SHIFT, write_model
from tests.sources.psds import SIZE, truth
from tests.tiny import bytes_of

need_live2d()
BODY = {"ArtMesh1": "neck", "ArtMesh2": "topwear"}
WHOLE = Window(Box(0, 0, SIZE, SIZE), (SIZE, SIZE))


def model(folder: Path, **parts: str) -> Live2dModel:
    """The face of rectangles, as a model of Cubism 3."""
    return read_model(write_model(folder), folder, PartTable(parts={**BODY, **parts}))


def add_model(folder: Path, name: str, names: dict[str, str] | None = None, *, table: bool = True) -> None:
    """Put the face of rectangles into a source's folder, with the table that names its body."""
    write_model(folder / name, names)
    if table:
        (folder / name / "parts.yaml").write_text(json.dumps({"parts": BODY}))


def take(folder: Path, out: Path, count: int | None = None, **params: object) -> SourceResult:
    for name in ("images", "labels"):
        (out / name).mkdir(parents=True, exist_ok=True)
    return take_all(Live2dParams.model_validate({"size": 96, **params}), 5, folder, out, count)


def known(label: np.ndarray) -> np.ndarray:
    """The truth as far as the model's names tell it: eyes and mouth whole, the nose drawn with the face."""
    coarse = {"nose": "face", "lips": "mouth", "mouth_inside": "mouth"}
    coarse |= {
        f"eye_{side}_{part}": f"eye_{side}" for side in ("left", "right") for part in ("white", "iris", "lashes")
    }
    out = label.copy()
    for fine, name in coarse.items():
        out[label == taxonomy.PART_ID[fine]] = taxonomy.PART_ID[name]
    return out


def test_a_model_of_cubism_3_is_drawn_as_it_is_and_its_japanese_names_tell_its_parts(tmp_path: Path) -> None:
    view = model(tmp_path).view(neutral([]), WHOLE)
    assert (view.label == known(truth())).mean() > 0.999
    assert view.rgba[40, 40].tolist() == [40 + 30, 200 - 24, 90, 255], "the fourth cell of the texture is the face"
    assert (view.rgba[..., 3] == 255).sum() == np.count_nonzero(truth())


def test_a_parameter_moves_the_model_and_its_labels_with_it(tmp_path: Path) -> None:
    turned = model(tmp_path).view(RigPose({"ParamAngleX": 30.0}), WHOLE)
    expected = np.roll(known(truth()), SHIFT, axis=1)
    assert (turned.label == expected).mean() > 0.99
    beyond = model(tmp_path).view(RigPose({"ParamAngleX": 900.0}), WHOLE)
    assert (beyond.label == turned.label).all(), "values stay within their range"


def test_brows_without_a_side_are_told_by_place_also_where_the_head_is_turned(tmp_path: Path) -> None:
    turned = model(tmp_path).view(RigPose({"ParamAngleX": -30.0}), Window(Box(0, 0, SIZE, SIZE), (SIZE, SIZE)))
    for side, middle in (("right", 50), ("left", 78)):
        columns = np.flatnonzero((turned.label == taxonomy.ID[f"eyebrow_{side}"]).any(axis=0))
        assert abs(columns.mean() + SHIFT - middle) < 1.5


def test_pictures_match_their_records_and_keep_complete_layers(tmp_path: Path) -> None:
    write_model(tmp_path / "in" / "顔")
    (tmp_path / "in" / "parts.yaml").write_text(json.dumps({"parts": BODY}))
    (tmp_path / "in" / "samples.csv").write_text("file,licence,rating,group\n顔/face.model3.json,mine,general,alice\n")
    result = take(tmp_path / "in", tmp_path / "out", views=8, layers=1)
    assert len(result.samples) == 8 and not result.rejected and not result.doubtful
    sizes = set()
    for sample in result.samples:
        rgb = imaging.read_picture(tmp_path / "out" / sample.image).rgb
        label = label_maps.read_label(tmp_path / "out" / str(sample.label))
        assert rgb.shape == (96, 96, 3) and label.shape == (96, 96)
        assert imaging.pixel_hash(rgb) == sample.sha256
        assert (sample.licence, sample.rating, sample.group) == ("mine", "general", "live2d:alice")
        assert {"hair", "face"} <= {taxonomy.NAMES[c] for c in np.unique(taxonomy.CLASS_OF[label]) if c != 255}
        sizes.add(int(np.count_nonzero(taxonomy.CLASS_OF[label] == taxonomy.ID["face"])) // 400)
    assert len(sizes) > 2, "framings differ"
    kept = read_complete(tmp_path / "out" / "layers" / f"{result.samples[0].id}.ora", DrawableNames())
    assert kept.parts["hair_back"].hidden.any()


def test_equal_seeds_give_equal_bytes_and_counts_are_shared_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        add_model(tmp_path / "in", name)
    for out in ("one", "two"):
        result = take(tmp_path / "in", tmp_path / out, count=5)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert [sum(f"-{name}-" in s.id for s in result.samples) for name in ("a", "b")] == [3, 2]


def test_drawables_of_no_known_part_are_named_and_a_model_with_too_many_is_left_out(tmp_path: Path) -> None:
    add_model(tmp_path / "in", "a", table=False)
    some = take(tmp_path / "in", tmp_path / "out", views=2, most_unknown=0.3)
    ((_, doubt),) = some.doubtful
    assert len(some.samples) == 2
    assert doubt.startswith("2 drawables of no known part: '体/ArtMesh1', '体/ArtMesh2'")
    (bad,) = take(tmp_path / "in", tmp_path / "out", views=2, most_unknown=0.1).rejected
    assert bad.file == "a/face.model3.json" and bad.reason.startswith(
        "23% of its head is of no known part, over 20%: 2"
    )


@pytest.mark.slow
def test_of_a_model_whose_body_nobody_named_the_head_alone_is_shown(tmp_path: Path) -> None:
    copy_model("epsilon2_1", tmp_path / "in" / "epsilon", table=False)
    result = take(tmp_path / "in", tmp_path / "out", views=3)
    ((_, doubt),) = result.doubtful
    assert doubt.startswith("only its head is shown, 12 drawables of no known part")
    for sample in result.samples:
        label = label_maps.read_label(tmp_path / "out" / str(sample.label))
        assert (label == 255).sum() < 0.5 * np.count_nonzero(label)


def test_poses_stay_within_ranges_and_open_shut_turn_and_express(tmp_path: Path) -> None:
    posed = model(tmp_path)
    parameters, expressions = posed.rig.parameters, posed.files.expressions
    groups = [[("a", ["a2"]), ("b", [])]]
    poses = [drawn_pose(stream(1, index), parameters, expressions, groups) for index in range(60)]
    for pose in poses:
        assert all(parameters[name].least <= value <= parameters[name].most for name, value in pose.values.items())
        assert pose.opacities["a"] == pose.opacities["a2"] == 1 - pose.opacities["b"]
    angles = [pose.values["ParamAngleX"] for pose in poses]
    assert min(angles) < -10 and max(angles) > 10
    lids = [pose.values.get("ParamEyeLOpen", 1.0) for pose in poses]
    assert min(lids) == 0.0 and max(lids) == 1.0
    assert {pose.opacities["a"] for pose in poses} == {0.0, 1.0}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("face.model3.json", "{", "cannot be read as JSON"),
        ("face.model3.json", "[" * 100_000, "cannot be read as JSON"),
        ("face.model3.json", "{}", "no model's settings"),
        ("face.model3.json", '{"FileReferences": {"Moc": "../../x", "Textures": []}}', "lies outside the folder"),
        ("face.model3.json", '{"FileReferences": {"Moc": "/etc/hostname", "Textures": []}}', "lies outside the folder"),
        ("face.model3.json", '{"FileReferences": {"Moc": "no.moc3", "Textures": []}}', "is not there"),
        ("face.model3.json", '{"FileReferences": {"Moc": "face.moc3", "Textures": []}}', "names 0 textures"),
        ("face.moc3", "MOC3" + "x" * 5000, "no model of Cubism 3"),
        ("face.moc3", "", "no model of Cubism 3"),
        ("texture.png", "nothing", "texture.png"),
        ("blink.exp3.json", "", "blink.exp3.json: cannot be read as JSON"),
    ],
)
def test_what_is_hostile_or_damaged_is_left_out_in_one_line(
    tmp_path: Path, file: str, content: str, message: str
) -> None:
    add_model(tmp_path / "in", "bad")
    add_model(tmp_path / "in", "good")
    (tmp_path / "in" / "bad" / file).write_text(content)
    result = take(tmp_path / "in", tmp_path / "out", views=1)
    assert len(result.samples) == 1 and "good" in result.samples[0].id
    (bad,) = result.rejected
    assert bad.file == "bad/face.model3.json" and message in bad.reason and "\n" not in bad.reason


def test_a_model_that_is_cut_off_anywhere_ends_in_one_line(tmp_path: Path) -> None:
    settings = write_model(tmp_path)
    whole = (tmp_path / "face.moc3").read_bytes()
    for length in range(0, len(whole) - 64, 500):
        (tmp_path / "face.moc3").write_bytes(whole[:length])
        with pytest.raises(CubisegError, match=r"face\.moc3: is no model of Cubism 3 to 5"):
            read_model(settings, tmp_path, PartTable())


def test_a_sheet_numbers_what_nobody_told_and_its_draft_becomes_the_table(tmp_path: Path) -> None:
    write_model(tmp_path / "in" / "a")
    done = CliRunner().invoke(main, ["sheet", str(tmp_path / "in"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0 and "2 drawables, 2 of no known part" in done.output
    with Image.open(tmp_path / "out" / "a" / "face.png") as sheet:
        assert min(sheet.size) > 600
    draft = (tmp_path / "out" / "a" / "face.parts.yaml").read_text(encoding="utf-8")
    told = draft.replace('  # "', '  "').replace(": clothes", ": topwear").replace(": skin", ": neck")
    (tmp_path / "in" / "a" / "parts.yaml").write_text(told, encoding="utf-8")
    assert set(read_table(tmp_path / "in" / "a", tmp_path).parts) == {"ArtMesh1", "ArtMesh2"}
    done = CliRunner().invoke(
        main, ["sheet", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--all", "--overwrite"]
    )
    assert "16 drawables, 0 of no known part" in done.output


def test_each_model_has_a_sheet_of_its_own(tmp_path: Path) -> None:
    for name in ("a/b", "a_b"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        write_model(tmp_path / "in" / name)
    done = CliRunner().invoke(main, ["sheet", str(tmp_path / "in"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0
    drawn = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert drawn == [f"{name}/face.{end}" for name in ("a/b", "a_b") for end in ("parts.yaml", "png")]


def test_of_two_models_of_one_name_the_first_is_taken(tmp_path: Path) -> None:
    add_model(tmp_path / "in", "a")
    settings = tmp_path / "in/a/face.model3.json"
    (tmp_path / "in/a/face.model.json").write_bytes(settings.read_bytes())
    result = take(tmp_path / "in", tmp_path / "out", 2)
    assert {r.file for r in result.rejected} == {"a/face.model.json", "a/face.model3.json"}
    assert any("only in its suffix; rename one" in r.reason for r in result.rejected)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_names_and_a_short_table_tell_every_drawable_of_models_of_cubism_2(tmp_path: Path, name: str) -> None:
    settings = copy_model(name, tmp_path / name)
    by_names = read_model(settings, tmp_path, PartTable())
    window = Window(by_names.extent(neutral(by_names.files.poses)), (640, 640))
    view = by_names.view(neutral(by_names.files.poses), window)
    told = {taxonomy.NAMES[c] for c in np.unique(taxonomy.CLASS_OF[view.label]) if c != 255}
    assert {"hair", "face", "eye_left", "eye_right", "eyebrow_left", "eyebrow_right", "mouth", "skin"} <= told
    assert by_names.roles.open, "bodies hold skin and cloth"
    whole = read_model(settings, tmp_path, read_table(settings.parent, tmp_path))
    assert whole.roles.open == () and not whole.roles.swapped


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("haru01", "haru_maid"),
        ("haru02", "haru_sailor"),
        ("koharu", "koharu"),
        ("haruto", "haruto"),
        ("epsilon2_1", "epsilon_bob"),
    ],
)
def test_labels_are_those_that_others_made_of_the_same_characters_in_the_same_poses(
    tmp_path: Path, real_live2d: Path, name: str, other: str
) -> None:
    settings = copy_model(name, tmp_path / name)
    posed = read_model(settings, tmp_path, read_table(settings.parent, tmp_path))
    means = []
    for folder in sorted((real_live2d / other).iterdir()):
        meta = json.loads((folder / "meta.json").read_text())
        left, top, width, height = meta["crop"]
        pose = RigPose(meta["parameters"], neutral(posed.files.poses).opacities)
        view = posed.view(pose, Window(Box(left, top, left + width, top + height), (meta["size"], meta["size"])))
        theirs = label_maps.read_label(folder / "label.png")
        names = [{"nose": "face", "accessory": "accessories"}.get(n, n) for n in meta["classes"]]
        numbers = np.array([taxonomy.COARSE9_NAMES.index(n) for n in names], np.uint8)[theirs]
        ours = taxonomy.COARSE9_TABLE[view.label]
        both = [(ours == n, numbers == n) for n in range(1, 10) if (numbers == n).any()]
        means.append(np.mean([(a & b).sum() / (a | b).sum() for a, b in both]))
    assert len(means) == 5 and np.mean(means) >= 0.95, means


@pytest.mark.slow
def test_a_damaged_model_of_cubism_2_ends_in_one_line(tmp_path: Path) -> None:
    settings = copy_model("epsilon2_1", tmp_path / "m")
    moc = read_settings(settings, tmp_path).model
    whole = moc.read_bytes()
    rng = np.random.default_rng(0)
    for trial in range(12):
        broken = bytearray(whole[: int(rng.integers(len(whole)))] if trial % 2 else whole)
        for place in rng.integers(0, len(broken), 3):
            broken[place] = rng.integers(256)
        moc.write_bytes(bytes(broken))
        try:
            read_model(settings, tmp_path, PartTable())
        except CubisegError as error:
            assert "\n" not in str(error)
