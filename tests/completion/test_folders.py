"""Folders of complete layers, scored from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from cubiseg import taxonomy
from cubiseg.cli import main
from cubiseg.completion.folders import score_layers, units
from cubiseg.completion.truth import CompletePicture, Piece
from cubiseg.imaging import Picture, write_png
from cubiseg.inference import Segmentation
from cubiseg.layers.export import write_layers
from cubiseg.layers.params import LayerParams
from tests.completion.figures import FACE, behind_a_bar, disc, piece


def _truth(folder: Path, picture: CompletePicture) -> None:
    (folder / "layers").mkdir(parents=True)
    write_png(folder / "image.png", picture.rgb)
    listed = []
    for number, one in enumerate(picture.pieces):
        write_png(folder / f"layers/{number}.png", one.rgba)
        at = [int(one.box.left), int(one.box.top)]
        listed.append({"file": f"layers/{number}.png", "fine": one.name, "xy": at})
    (folder / "meta.json").write_text(json.dumps({"layers": listed}))


def _cut(folder: Path, picture: CompletePicture, extension: float) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    confidence = np.ones(picture.label.shape, np.float32)
    given = Segmentation(taxonomy.CLASS_OF[picture.label], confidence, "given", "given", parts=picture.label)
    write_layers(
        folder, Picture(picture.rgb), given, LayerParams(extension=extension, soft_edges=False, profile="flat")
    )


def _evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    picture = behind_a_bar()
    for who in ("one", "two"):
        _truth(tmp_path / f"truth/{who}/00", picture)
        _cut(tmp_path / f"none/{who}/00", picture, 0)
        _cut(tmp_path / f"smooth/{who}/00/image", picture, 0.5)
    return tmp_path


def test_layers_are_scored_by_name_and_compared_by_character(folders: Path) -> None:
    data = folders / "truth"
    none = json.loads(_evaluate("--data", data, "--layers", folders / "none", "--json").stdout)
    assert none["characters"] == 2 and none["figures"]["hidden_iou"] == 0
    (folders / "none.json").write_text(json.dumps(none))
    told = _evaluate("--data", data, "--layers", folders / "smooth", "--json", "--against", folders / "none.json")
    smooth = json.loads(told.stdout)
    assert smooth["figures"]["hidden_iou"] > 0.5 and smooth["parts"]["face"]["ciede2000"] < 2
    assert smooth["over"]["hidden_iou"]["mean"] == pytest.approx(smooth["figures"]["hidden_iou"], abs=1e-4)
    assert smooth["holes"]["0.04"] < none["holes"]["0.04"]
    itself = json.loads(_evaluate("--data", data, "--layers", data, "--json").stdout)
    assert itself["figures"]["hidden_iou"] == 1 and itself["figures"]["ciede2000"] == 0
    shown = _evaluate("--data", data, "--layers", folders / "smooth")
    assert shown.exit_code == 0 and "hidden iou: " in shown.stdout and "holes at 4%: " in shown.stdout


def test_what_cannot_be_scored_is_told_in_one_line(folders: Path) -> None:
    data = folders / "truth"
    (folders / "empty").mkdir()
    (folders / "bad.json").write_text("{}")
    write_png(folders / "truth/one/00/image.png", np.zeros((80, 80, 3), np.uint8))
    for arguments, words in (
        (("--layers", folders / "missing"), "no such folder; check --layers"),
        (("--layers", folders / "empty"), "no layers of any of the 2 pictures"),
        (("--layers", folders / "none"), "is 64x64, the picture is not"),
        (("--layers", data, "--against", folders / "bad.json"), "--against: no scores of layers"),
    ):
        result = _evaluate("--data", data, *arguments)
        assert result.exit_code == 2 and words in result.stderr and result.stderr.count("\n") == 1


def test_a_layer_of_several_parts_is_compared_with_all_of_them() -> None:
    picture = behind_a_bar()
    whole = disc(32, 32, 20) | (picture.label == 20)
    counts = score_layers(picture, [(("face", "hair_front"), piece("face", whole, FACE))])
    assert list(counts.parts) == ["face"] and counts.parts["face"].hidden == 0
    hair = Piece("hair", picture.pieces[1].box, picture.pieces[1].rgba)
    by_class = score_layers(picture, [(("hair",), hair), (("face",), picture.pieces[0])])
    assert by_class.parts["face"].figures()["hidden_iou"] == 1
    assert by_class.parts["hair_front"].figures()["amodal_iou"] == 1
    assert len(units(["hair_front"], ["hair"], ["face"])) == 2
