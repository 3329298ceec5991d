import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import read_picture
from cubiseg.portraits import Portrait, draw, restack
from cubiseg.portraits.__main__ import main
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.compose import DrawnLayer, label_map
from cubiseg.portraits.openraster import read_layers, write_layers
from cubiseg.sources.synthetic import SyntheticParams
from tests.conftest import ROOT

SIZE = 256


def _bytes(index: int) -> bytes:
    p = draw(3, index, SIZE)
    return p.image.tobytes() + p.label.tobytes() + b"".join(layer.rgba.tobytes() for layer in p.layers)


@pytest.fixture(scope="module")
def portraits() -> list[Portrait]:
    return [draw(3, index, SIZE, 1) for index in range(48)]


def _share(portraits: list[Portrait], name: str) -> np.ndarray:
    return np.array([(p.label == taxonomy.ID[name]).mean() for p in portraits])


def test_any_picture_drawn_alone_or_in_a_pool_has_the_same_bytes() -> None:
    alone = [_bytes(index) for index in range(6)]
    assert _bytes(4) == alone[4]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_bytes, [5, 4, 3, 2, 1, 0])) == alone[::-1]


def test_different_seeds_and_indices_give_different_pictures() -> None:
    assert len({draw(seed, index, 64).image.tobytes() for seed in (0, 1) for index in range(4)}) == 8


def test_pictures_and_labels_have_the_promised_shapes(portraits: list[Portrait]) -> None:
    for p in portraits:
        assert p.image.shape == p.clean.shape == (SIZE, SIZE, 3)
        assert p.image.dtype == p.label.dtype == np.uint8
        assert p.label.shape == (SIZE, SIZE)
        assert p.label.max() < taxonomy.NUM_CLASSES
        assert {layer.name for layer in p.layers} <= set(taxonomy.NAMES)
        assert p.layers[0].name == "background"
        assert (p.layers[0].rgba[..., 3] == 255).all()


def test_every_class_occurs_with_a_sane_share(portraits: list[Portrait]) -> None:
    bounds = {
        "background": (0.2, 0.75), "hair": (0.1, 0.45), "face": (0.03, 0.2), "eye_left": (0.002, 0.04),
        "eye_right": (0.002, 0.04), "eyebrow_left": (0.0001, 0.01), "eyebrow_right": (0.0001, 0.01),
        "nose": (0.00002, 0.005), "mouth": (0.0003, 0.02), "skin": (0.005, 0.15), "clothes": (0.03, 0.35),
        "accessories": (0.002, 0.1),
    }  # fmt: skip
    assert set(bounds) == set(taxonomy.NAMES)
    for name, (low, high) in bounds.items():
        assert low < _share(portraits, name).mean() < high, name


def test_small_parts_are_seen_in_most_pictures(portraits: list[Portrait]) -> None:
    for name in ("face", "hair", "mouth", "eye_left", "eye_right"):
        assert (_share(portraits, name) > 0).mean() > 0.85, name


def test_the_characters_left_lies_on_the_right_of_a_frontal_picture(portraits: list[Portrait]) -> None:
    compared = 0
    for p in portraits:
        for part in ("eye", "eyebrow"):
            left, right = (np.nonzero(p.label == taxonomy.ID[f"{part}_{side}"])[1] for side in ("left", "right"))
            if len(left) > 8 and len(right) > 8:
                compared += 1
                assert left.mean() > right.mean()
    assert compared > 40


def test_layers_restack_to_the_clean_picture(portraits: list[Portrait]) -> None:
    for p in portraits[:8]:
        out = np.zeros((SIZE, SIZE, 3))
        for layer in p.layers:
            alpha = layer.rgba[..., 3:] / 255.0
            out = layer.rgba[..., :3] * alpha + out * (1 - alpha)
        assert np.abs(out - p.clean).max() <= 2
        assert np.array_equal(restack(p.layers), p.clean)


def test_packed_layers_come_back_as_they_were_and_have_the_same_bytes_every_time(
    portraits: list[Portrait], tmp_path: Path
) -> None:
    for number, p in enumerate(portraits[:3]):
        files = [tmp_path / f"{number}-{k}.ora" for k in (0, 1)]
        for file in files:
            write_layers(file, p)
        assert files[0].read_bytes() == files[1].read_bytes()
        back = read_layers(files[0])
        assert [layer.name for layer in back.layers] == [layer.name for layer in p.layers]
        for ours, theirs in zip(p.layers, back.layers, strict=True):
            painted = ours.rgba[..., 3] > 0
            assert np.array_equal(ours.rgba[..., 3], theirs.rgba[..., 3])
            assert np.array_equal(ours.rgba[painted], theirs.rgba[painted])
        assert np.array_equal(restack(back.layers), p.clean)
        assert all(np.array_equal(getattr(back, part), getattr(p, part)) for part in ("image", "clean", "label"))
        with zipfile.ZipFile(files[0]) as archive:
            first = archive.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_what_is_no_layered_sample_is_refused_in_one_line(portraits: list[Portrait], tmp_path: Path) -> None:
    write_layers(tmp_path / "whole.ora", portraits[0])
    data = (tmp_path / "whole.ora").read_bytes()
    for name, content in {"text": b"no zip", "empty": b"", "cut": data[: len(data) // 2]}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CubisegError, match=f"{name}: not a layered sample"):
            read_layers(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "declares", "w") as archive:
        archive.writestr("stack.xml", '<!DOCTYPE a [<!ENTITY b "c">]><image w="1" h="1"/>')
    with pytest.raises(CubisegError, match="declares: not a layered sample"):
        read_layers(tmp_path / "declares")
    with pytest.raises(CubisegError, match="no such file"):
        read_layers(tmp_path / "missing.ora")


def test_effects_move_nothing(portraits: list[Portrait]) -> None:
    for p in portraits[:12]:
        a, b = (x.mean(axis=2).ravel() - x.mean() for x in (p.clean.astype(float), p.image.astype(float)))
        assert (a @ b) / np.sqrt((a @ a) * (b @ b)) > 0.97


def test_the_face_is_complete_under_eyes_and_fringe(portraits: list[Portrait]) -> None:
    for p in portraits[:16]:
        face = next(layer.rgba[..., 3] for layer in p.layers if layer.name == "face")
        for name in ("eye_left", "eye_right", "nose", "mouth"):
            for layer in (x for x in p.layers if x.name == name):
                ball = layer.rgba[..., 3] > 250
                assert ball.sum() < 30 or (face[ball] == 255).mean() > 0.85, name
        rows = np.flatnonzero((face == 255).any(axis=1))
        visible = np.flatnonzero((p.label == taxonomy.ID["face"]).any(axis=1))
        assert rows[0] <= visible[0]


def test_the_body_is_complete_under_the_clothes(portraits: list[Portrait]) -> None:
    for p in portraits[:16]:
        skin = np.max([layer.rgba[..., 3] for layer in p.layers if layer.name == "skin"], axis=0)
        cloth = max((layer.rgba[..., 3] for layer in p.layers if layer.name == "clothes"), key=lambda a: int(a.sum()))
        if (cloth == 255).mean() > 0.05:
            assert ((skin == 255) & (cloth == 255)).sum() > 0.3 * (cloth == 255).sum()


def test_a_raised_hand_is_skin_before_hair_and_face() -> None:
    for kind in ("wave", "cheek", "hush", "both"):
        bare, raised = (draw(3, 4, SIZE, 1, Mix().only(AXES["hands"], k).factors) for k in ("none", kind))
        assert raised.layers[-1].name in ("skin", "clothes")
        assert (raised.label == taxonomy.ID["skin"]).sum() > (bare.label == taxonomy.ID["skin"]).sum(), kind


def test_what_a_hand_holds_is_an_accessory_between_palm_and_fingers() -> None:
    names = [layer.name for layer in draw(3, 4, SIZE, 1, Mix().only(AXES["hands"], "hold").factors).layers]
    assert names[-1 - (names[-1] == "clothes")] == "skin"
    assert [n for n in names[-4:] if n != "clothes"][-3:] == ["skin", "accessories", "skin"]


def test_a_label_is_the_class_that_shows_most() -> None:
    def flat(name: str, alpha: int) -> DrawnLayer:
        return DrawnLayer(name, np.full((2, 2, 4), (9, 9, 9, alpha), np.uint8))

    assert (label_map([flat("background", 255), flat("face", 120)]) == taxonomy.ID["background"]).all()
    assert (label_map([flat("background", 255), flat("face", 140)]) == taxonomy.ID["face"]).all()
    veils = [flat("eye_left", 255), flat("hair", 90), flat("accessories", 60), flat("hair", 90)]
    assert (label_map(veils) == taxonomy.ID["hair"]).all()  # two thin layers of hair add up


def test_pictures_of_one_character_share_a_group() -> None:
    groups = [draw(7, index, 64, 3).group for index in range(7)]
    assert groups == ["synthetic-7-00000"] * 3 + ["synthetic-7-00001"] * 3 + ["synthetic-7-00002"]


def test_a_picture_looks_the_same_at_any_size() -> None:
    small, large = draw(2, 5, 128), draw(2, 5, 256)
    assert (large.label[::2, ::2] == small.label).mean() > 0.93


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**40), st.integers(0, 2**31), st.integers(64, 150), st.integers(1, 5))
def test_any_seed_index_and_size_gives_a_whole_portrait(seed: int, index: int, size: int, per: int) -> None:
    p = draw(seed, index, size, per)
    assert p.image.shape == (size, size, 3)
    assert np.array_equal(restack(p.layers), p.clean)
    assert {taxonomy.ID["hair"], taxonomy.ID["face"]} <= set(np.unique(p.label).tolist())


def test_params_and_arguments_are_bounded() -> None:
    assert SyntheticParams().count == 360
    for bad in ({"count": 0}, {"size": 63}, {"size": 2049}, {"pictures_per_character": 0}, {"colour": 1}):
        with pytest.raises(ValidationError):
            SyntheticParams(**bad)
    for args in ((-1, 0), (0, -1), (0, 0, 32), (0, 0, 64, 0)):
        with pytest.raises(CubisegError, match="synthetic"):
            draw(*args)


def test_shares_make_kinds_rarer_and_leave_everything_else_as_it_was() -> None:
    usual = [draw(4, index, 64, 1) for index in range(24)]
    fewer = {kind: 0 for kind in AXES["background"].kinds if kind not in ("gradient", "plain", "park", "hall")}
    plain = [draw(4, index, 64, 1, {"background": fewer}) for index in range(24)]
    same = [np.array_equal(a.clean, b.clean) for a, b in zip(usual, plain, strict=True)]
    assert 1 < sum(same) < 24
    assert all(np.array_equal(a.label, b.label) for a, b in zip(usual, plain, strict=True))
    assert not any((p.clean[0, 0] > 250).all() for p in plain[:24] if not p.clean[0].std())


def test_every_kind_of_a_face_part_has_its_painter() -> None:
    from cubiseg.portraits.brows import _PROFILES
    from cubiseg.portraits.eyes.iris import _LIGHTS
    from cubiseg.portraits.mouths import MOUTHS
    from cubiseg.portraits.noses import NOSES
    from cubiseg.portraits.traits.eye_kinds import KINDS

    for axis, table in (("mouth", MOUTHS), ("eye style", KINDS), ("brows", _PROFILES), ("highlights", _LIGHTS)):
        assert set(AXES[axis].kinds) == set(table), axis
    assert set(AXES["nose"].kinds) == {*NOSES, "none"}


@pytest.mark.parametrize("kind", AXES["turn"].kinds)
@pytest.mark.parametrize("lids", AXES["lids"].kinds)
def test_eyes_brows_and_mouth_lie_on_the_face(kind: str, lids: str) -> None:
    for index in range(3):
        p = draw(8, index, 160, 1, Mix().only(AXES["turn"], kind).only(AXES["lids"], lids).factors)
        face = next(layer.rgba[..., 3] for layer in p.layers if layer.name == "face")
        for layer in p.layers:
            if layer.name.startswith("eye") or layer.name == "mouth":
                ink = layer.rgba[..., 3] > 128
                assert ink.sum() < 12 or (face[ink] > 0).mean() > 0.75, (layer.name, index)


@pytest.mark.parametrize(
    "name",
    ["background", "background colours", "focus", "distractor", "halo", "caption", "light", "texture",
     "colouring", "grade", "camera effect", "storage", "watermark"],
)  # fmt: skip
def test_scenery_light_and_surfaces_change_colours_and_never_a_label(name: str) -> None:
    index = 6  # before a place: nothing else goes out of focus
    axis, first = AXES[name], draw(5, index, 96, 1, Mix().only(AXES[name], next(iter(AXES[name].kinds))).factors)
    changed = 0
    for kind in list(axis.kinds)[-4:]:
        p = draw(5, index, 96, 1, Mix().only(axis, kind).factors)
        assert np.array_equal(p.label, first.label), kind
        changed += not np.array_equal(p.image, first.image)
    assert changed >= 2


@pytest.mark.parametrize("name", AXES)
def test_only_one_kind_of_an_axis_can_be_asked_for(name: str) -> None:
    for kind in AXES[name].kinds:
        p = draw(6, 1, 64, 1, Mix().only(AXES[name], kind).factors)
        assert taxonomy.ID["hair"] in p.label, kind


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"fringe": {"none": 1}}, "no axis 'fringe'; there are .*hair front"),
        ({"turn": {"up": 1}}, "'turn' has no kind 'up'; it has front"),
        ({"turn": {"front": -1}}, "turn, front: -1 must be from 0"),
        ({"turn": {"front": float("nan")}}, "must be from 0"),
        ({"background": dict.fromkeys(AXES["background"].kinds, 0)}, "every kind of 'background' is 0"),
    ],
)
def test_shares_that_make_no_sense_are_refused_in_one_line(shares: dict, says: str) -> None:
    with pytest.raises(CubisegError, match=says):
        draw(0, 0, 64, 1, shares)


def test_importing_the_params_does_not_load_the_painter() -> None:
    code = "import sys, cubiseg.sources.synthetic; sys.exit('skia' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sheets_are_written_and_never_over_a_file(tmp_path: Path) -> None:
    def call(*args: object) -> int:
        return CliRunner().invoke(main, [str(a) for a in args]).exit_code

    out, lids = tmp_path / "sheet.png", tmp_path / "lids.png"
    args = ("sheet", out, "--count", 3, "--columns", 2, "--tile", 64, "--labels")
    assert call(*args) == 0
    assert read_picture(out).rgb.shape == (3 * 64, 2 * 64, 3)
    assert call(*args) == 2
    assert call("sheet", tmp_path / "sheet.txt", "--count", 1, "--tile", 32) == 2
    assert call("axis", "hats", lids) == 2
    assert call("axis", "lids", lids, "--columns", 2, "--tile", 64) == 0
    assert read_picture(lids).rgb.shape == (len(AXES["lids"].kinds) * (64 + 20), 2 * 64, 3)
    assert "hair front (the fringe): zigzag" in CliRunner().invoke(main, ["axes"]).output


def test_the_layers_of_a_picture_are_written_on_request(tmp_path: Path) -> None:
    args = ["layers", str(tmp_path / "one.ora"), "--index", "2", "--size", "96"]
    assert CliRunner().invoke(main, args).exit_code == 0
    assert np.array_equal(read_layers(tmp_path / "one.ora").image, draw(0, 2, 96, 1).image)
    assert CliRunner().invoke(main, args).exit_code == 2


def test_the_documents_show_every_axis() -> None:
    page = (ROOT / "docs/generator.md").read_text(encoding="utf-8")
    for name in AXES:
        picture = f"img/generator/{name.replace(' ', '-')}.webp"
        assert f"### {name}\n" in page and picture in page, name
        assert (ROOT / "docs" / picture).is_file(), picture
