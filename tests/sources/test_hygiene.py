"""Faults of pictures are flagged with a reason, and params say which leave a picture out."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from cubiseg import imaging, label_maps
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference.bars import content_box
from cubiseg.samples import Flag, read_manifest
from cubiseg.sources import references
from cubiseg.sources.faults import blur, is_grey, text_lines
from cubiseg.sources.hygiene import find_faults, why_left_out
from cubiseg.sources.looking import Seen
from cubiseg.sources.params import HygieneParams
from cubiseg.sources.stage import PrepareMetrics, prepare
from tests.sources.test_stage import small
from tests.tiny import portraits, sample

HERE = "cubiseg.sources.hygiene.look_at"


def large(index: int = 0, side: int = 300) -> np.ndarray:
    return cv2.resize(portraits()[index].image, (side, side), interpolation=cv2.INTER_CUBIC)


def flags(rgb: np.ndarray, **params) -> set[Flag]:
    return set(find_faults(Picture(rgb), content_box(rgb), HygieneParams(**params), None))


def barred(rgb: np.ndarray, width: int = 40) -> np.ndarray:
    out = rgb.copy()
    out[:width], out[:, -width:] = 0, 0
    return out


def test_a_sharp_coloured_picture_without_text_has_no_fault() -> None:
    rgb = large()
    assert flags(rgb) - {Flag.BLURRED} == set(), "it was enlarged"


def test_each_fault_is_told() -> None:
    rgb = large()
    assert Flag.BARS in flags(barred(rgb))
    assert Flag.GREYSCALE in flags(np.dstack([cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)] * 3))
    assert Flag.SMALL in flags(portraits()[0].image) and Flag.SMALL in flags(barred(rgb, 80))
    assert Flag.BLURRED in flags(cv2.GaussianBlur(rgb, (0, 0), 3))
    written = cv2.rectangle(rgb.copy(), (10, 250), (290, 295), (255, 255, 255), -1)
    written = cv2.putText(written, "do not repost", (20, 280), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    assert Flag.TEXT in flags(written)


def test_measures_stay_within_their_range_on_any_picture() -> None:
    rng = np.random.default_rng(0)
    for rgb in (
        np.zeros((64, 64, 3), np.uint8),
        np.full((64, 900, 3), 255, np.uint8),
        rng.integers(0, 256, (700, 64, 3), np.uint8),
        np.kron(np.indices((90, 90)).sum(0) % 2, np.ones((8, 8)))[..., None].repeat(3, -1).astype(np.uint8) * 255,
    ):
        assert 0 <= blur(rgb) <= 1 and text_lines(rgb) >= 0 and is_grey(rgb) in (True, False)
    assert blur(large()) < blur(cv2.GaussianBlur(large(), (0, 0), 4))
    assert is_grey(np.zeros((64, 64, 3), np.uint8)) and not is_grey(large())


@pytest.mark.parametrize(
    ("seen", "flag"),
    [
        (Seen(0.2, (Box(0, 0, 99, 99), Box(100, 0, 199, 99))), Flag.NO_FACE),
        (Seen(0.9, (Box(0, 0, 99, 99), Box(100, 0, 150, 50))), Flag.SEVERAL_PEOPLE),
        (Seen(0.9, (Box(0, 0, 99, 99), Box(100, 0, 120, 20))), None),
        (Seen(0.9, (Box(0, 0, 99, 99),)), None),
    ],
)
def test_faces_and_heads_are_judged_by_what_the_model_sees(
    seen: Seen, flag: Flag | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HERE, lambda *_: seen)
    rgb = large()
    found = find_faults(Picture(rgb), content_box(rgb), HygieneParams(faces="model"), Path("m.onnx"))
    assert set(found) & {Flag.NO_FACE, Flag.SEVERAL_PEOPLE} == ({flag} if flag else set())


def test_only_flags_of_prepare_leave_pictures_out() -> None:
    assert HygieneParams(leave_out=["bars"]).leave_out == (Flag.BARS,)
    for wrong in ("refused", "ugly"):
        with pytest.raises(ValidationError):
            HygieneParams(leave_out=[wrong])
    one = sample(
        "a", large(), flags=(Flag.BARS, Flag.TEXT), reasons={Flag.BARS: "left", Flag.TEXT: "2 lines of letters"}
    )
    assert why_left_out(one, HygieneParams(leave_out=["greyscale"])) == ""
    assert why_left_out(one, HygieneParams(leave_out=["text"])) == (
        "is flagged text (2 lines of letters); take the flag out of prepare.hygiene.leave_out to keep it"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean picture, one with bars and a label map, a grey one, and a smaller copy of the first."""
    images, labels = tmp_path / "in" / "images", tmp_path / "in" / "labels"
    images.mkdir(parents=True)
    labels.mkdir()
    Image.fromarray(large()).save(images / "clean.png")
    Image.fromarray(large(side=200)).save(images / "copy.png")
    Image.fromarray(barred(large(2))).save(images / "bars.png")
    label = np.zeros((300, 300), np.uint8)
    label[40:60] = 1
    label_maps.write_label(labels / "bars.png", label)
    Image.fromarray(large(4)).convert("L").save(images / "grey.png")
    return tmp_path / "in"


def run(folder: Path, **hygiene) -> tuple[PrepareMetrics, dict, list[dict]]:
    out = folder.parent / "out"
    metrics = prepare(small(2, sources=["references"], hygiene={"min_side": 128, **hygiene}), folder, out)
    rejected = [json.loads(line) for line in (out / "rejected.jsonl").read_text().splitlines()]
    return metrics, {s.id: s for s in read_manifest(out)}, rejected


def test_flags_and_reasons_are_in_the_manifest_and_counted(folder: Path) -> None:
    metrics, samples, rejected = run(folder)
    assert rejected == [] and metrics.left_out == {}
    assert metrics.flags["bars"] == metrics.flags["greyscale"] == metrics.flags["near_duplicate"] == 1
    assert samples["ref-copy"].reasons[Flag.NEAR_DUPLICATE] == "a copy of ref-clean"
    assert samples["ref-bars"].reasons[Flag.BARS] == "the drawing is x 0 to 260, y 40 to 300 of 300x300"
    assert all(set(s.flags) == set(s.reasons) for s in samples.values())


def test_params_leave_pictures_out_and_nothing_of_them_stays(folder: Path) -> None:
    metrics, samples, rejected = run(folder, leave_out=["bars", "greyscale", "near_duplicate"])
    assert set(samples) == {"ref-clean"}
    assert metrics.left_out == {"near_duplicate": 1, "bars": 1, "greyscale": 1} and metrics.rejected == 3
    assert [row["file"] for row in rejected] == ["images/bars.png", "images/copy.png", "images/grey.png"]
    assert "bars" in rejected[0]["flags"]
    assert "leave_out" in rejected[0]["reason"]
    out = folder.parent / "out"
    assert [p.name for p in (out / "images").iterdir()] == ["ref-clean.png"] and not list((out / "labels").iterdir())


def test_bars_are_cut_off_with_what_the_label_map_has_there(folder: Path) -> None:
    _, samples, _ = run(folder, bars="crop")
    one = samples["ref-bars"]
    out = folder.parent / "out"
    rgb, label = imaging.read_picture(out / one.image).rgb, label_maps.read_label(out / str(one.label))
    assert np.array_equal(rgb, large(2)[40:, :260]) and label.shape == rgb.shape[:2] == (one.height, one.width)
    assert (label[:20] == 1).all() and not label[20:].any() and one.sha256 == imaging.pixel_hash(rgb)
    assert Flag.BARS not in one.flags and one.reasons[Flag.BARS].startswith("cut off; the drawing is x 0 to 260")
    assert (out / samples["ref-clean"].image).read_bytes() == (folder / "images/clean.png").read_bytes()


def test_a_missing_model_is_one_line_before_any_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_MODEL", "none.onnx")
    with pytest.raises(CubisegError, match=r"none\.onnx: no such model file"):
        run(folder, faces="model")


def test_nothing_is_judged_where_nobody_brings_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "find_faults", None)
    metrics = prepare(small(2, hygiene={"faces": "model"}), tmp_path / "none", tmp_path / "out")
    assert metrics.flags == metrics.left_out == {}
    assert "reasons" not in (tmp_path / "out" / "samples.jsonl").read_text()


def test_the_copy_that_stays_is_clean_then_labelled_then_large(folder: Path) -> None:
    label_maps.write_label(folder / "labels" / "copy.png", np.zeros((200, 200), np.uint8))
    _, samples, _ = run(folder, leave_out=["near_duplicate"])
    assert "ref-copy" in samples and "ref-clean" not in samples, "a smaller one, but with a label map"
    _, samples, _ = run(folder, leave_out=["near_duplicate", "small"], min_side=250)
    assert "ref-clean" in samples and "ref-copy" not in samples, "one that is left out anyway keeps no other away"


def test_flags_that_a_model_finds_are_not_waited_for_without_one() -> None:
    assert HygieneParams(leave_out=["no_face"], faces="model").leave_out == (Flag.NO_FACE,)
    with pytest.raises(ValidationError, match="faces: model"):
        HygieneParams(leave_out=["no_face"])
