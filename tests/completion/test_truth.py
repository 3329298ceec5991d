"""Complete layers as truth: what is hidden, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.completion.truth import (
    META,
    DrawableNames,
    beneath,
    of_portrait,
    pictures_in,
    read_complete,
    read_names,
)
from cubiseg.errors import CubisegError
from cubiseg.imaging import write_png
from cubiseg.portraits import draw
from cubiseg.portraits.openraster import write_layers
from tests.completion.figures import behind_a_bar, disc
from tests.conftest import ROOT


def test_a_disc_behind_a_bar_is_seen_beside_it_and_hidden_behind_it() -> None:
    picture = behind_a_bar()
    face = picture.parts["face"]
    true = disc(32, 32, 20)
    bar = np.zeros_like(true)
    bar[26:38, 4:60] = True
    assert np.array_equal(face.hidden, (true & bar)[face.box.window])
    assert np.array_equal(face.visible, (true & ~bar)[face.box.window])
    assert not picture.parts["hair_front"].hidden.any() and picture.names == ("face", "hair_front")
    both = picture.part("hair_front", "face")
    assert both is not None and not both.hidden.any() and both.visible.sum() == (true | bar).sum()
    assert picture.part("nose") is None


def test_a_part_goes_on_beneath_what_is_stacked_above_it_and_an_iris_behind_the_lids() -> None:
    label = behind_a_bar().label
    assert np.array_equal(beneath("face", label), label == taxonomy.PART_ID["hair_front"])
    assert not beneath("hair_front", label).any()
    assert beneath("eye_left_iris", label)[label == taxonomy.ID["face"]].all()
    assert not beneath("face", np.full((2, 2), taxonomy.IGNORE_INDEX, np.uint8)).any()


def test_what_is_seen_of_generated_parts_is_what_their_layers_show() -> None:
    for index in range(2):
        portrait = draw(3, index, 96, 1, alone=True)
        picture = of_portrait(portrait, "p")
        assert set(picture.names) >= {"face", "hair_front", "topwear"} and "background" not in picture.names
        seen = {taxonomy.PART_NAME[i] for i in np.unique(portrait.parts).tolist()} - {"background"}
        assert seen <= set(picture.names)
        off, count = 0, 0
        for part in picture.parts.values():
            shown = part.visible & (part.rgba[..., 3] == 255)
            off += np.count_nonzero(
                np.abs(part.rgba[..., :3].astype(int) - portrait.clean[part.box.window]).max(2)[shown] > 24
            )
            count += np.count_nonzero(shown)
        assert off < 0.05 * count
        hidden = picture.parts["face"].hidden
        assert hidden.sum() > 0.05 * hidden.size  # beneath eyes and hair


def _folder(path: Path, layers: list[dict[str, object]], size: int = 32) -> Path:
    (path / "layers").mkdir(parents=True)
    write_png(path / "image.png", np.full((size, size, 3), 200, np.uint8))
    for number, (side, colour) in enumerate(((24, (240, 200, 170)), (8, (240, 201, 170)), (6, (20, 20, 200)))):
        rgba = np.full((side, side, 4), (*colour, 255), np.uint8)
        write_png(path / f"layers/{number}.png", rgba)
    (path / META).write_text(json.dumps({"layers": layers}))
    return path


def _layer(number: int, fine: str, x: int = 4, y: int = 4) -> dict[str, object]:
    return {"file": f"layers/{number}.png", "fine": fine, "xy": [x, y]}


def test_drawables_of_one_part_become_one_and_skin_on_an_eye_is_the_lid(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "who/00", [_layer(0, "face"), _layer(2, "iris_l", 8, 10), _layer(1, "white_l", 8, 8)])
    names = {"iris_l": "eye_left_iris", "white_l": "eye_left_white"}
    plain = read_complete(folder, DrawableNames(layers=names, groups={"who": "she"}))
    assert plain.group == "she" and plain.name == "who/00"
    assert set(plain.parts) == {"face", "eye_left_iris", "eye_left_white"}
    lids = read_complete(folder, DrawableNames(layers=names, lids=True))
    assert set(lids.parts) == {"face", "eye_left_iris"}
    assert lids.parts["eye_left_iris"].hidden.all()  # behind the lid
    assert lids.parts["face"].visible.all()


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([_layer(0, "beak")], "no class or part is called 'beak'"),
        ([_layer(0, "face", 20)], "reaches beyond the picture"),
        ([_layer(7, "face")], "no such file"),
        ([{**_layer(0, "face"), "file": "../image.png"}], "must be a relative path inside the folder"),
        ([{**_layer(0, "face"), "file": "/etc/passwd"}], "must be a relative path inside the folder"),
        ([{**_layer(0, "face"), "xy": [-1, 0]}], "greater than or equal to 0"),
        ([], "at least 1"),
        ([_layer(0, "face")] * 500, "at most 400"),
    ],
)
def test_damaged_and_hostile_lists_are_refused_in_one_line(
    tmp_path: Path, layers: list[dict[str, object]], told: str
) -> None:
    folder = _folder(tmp_path / "who/00", layers)
    with pytest.raises(CubisegError, match=told) as caught:
        read_complete(folder, DrawableNames())
    assert "\n" not in str(caught.value) and "who/00" in str(caught.value)


def test_what_holds_no_complete_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="no such folder"):
        pictures_in(tmp_path / "missing")
    with pytest.raises(CubisegError, match="no complete layers"):
        pictures_in(tmp_path)
    folder = _folder(tmp_path / "who/00", [_layer(0, "face")])
    assert pictures_in(tmp_path) == [folder]
    (folder / META).write_text("[" * 100_000)
    with pytest.raises(CubisegError, match="cannot be read as JSON"):
        read_complete(folder, DrawableNames())
    (tmp_path / "names.yaml").write_text("layers: {a: beak}")
    with pytest.raises(CubisegError, match="neither a class nor a part"):
        read_names(tmp_path / "names.yaml")


def test_an_openraster_file_of_parts_is_truth_too(tmp_path: Path) -> None:
    portrait = draw(3, 0, 96, 1, alone=True)
    write_layers(tmp_path / "one.ora", portrait, parts=True)
    picture = read_complete(pictures_in(tmp_path)[0], DrawableNames())
    assert picture.name == "one" and np.array_equal(picture.label, portrait.parts)
    direct = of_portrait(portrait, "one").parts["face"]
    assert np.array_equal(picture.parts["face"].hidden, direct.hidden)


def test_the_rendered_characters_have_whole_irises_and_faces(real_live2d: Path) -> None:
    names = read_names(ROOT / "benchmarks/live2d_layers.yaml")
    picture = read_complete(real_live2d / "haruto/00", names)
    iris, face = picture.parts["eye_left_iris"], picture.parts["face"]
    assert iris.hidden.sum() > 0.05 * iris.visible.sum()
    assert face.hidden.sum() > face.visible.sum()
