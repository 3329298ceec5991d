"""The project's own model can label pictures, in whatever form a protocol asks for."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from cubiseg import imaging, label_maps
from cubiseg.annotation import conversation
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.stage import annotate
from cubiseg.answers.store import ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.inference.model_file import PIPELINE
from cubiseg.samples import LabelMethod, read_manifest, write_manifest
from tests.conftest import ROOT
from tests.inference.palette import portrait, write_model
from tests.tiny import params, sample


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures in palette colours, which the tiny model labels rightly, with their label maps."""
    rows = []
    for i, size in enumerate(((160, 128), (200, 160))):
        picture, label = portrait(*size)
        imaging.write_png(tmp_path / "prepared" / "images" / f"p{i}.png", picture.rgb)
        label_maps.write_label(tmp_path / "prepared" / "labels" / f"p{i}.png", label)
        rows.append(sample(f"p{i}", picture.rgb, group=str(i)))
    write_manifest(tmp_path / "prepared", rows)
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(tmp_path / "model.onnx")))
    monkeypatch.setenv("CUBISEG_SHEETS", str(tmp_path / "sheets"))
    return tmp_path


def label(root: Path, **changes: Any) -> dict[str, Any]:
    block = {**params("annotate"), "provider": "model", "hide_labels": 1.0, **changes}
    folders = root / "prepared", ROOT / "cubiseg" / "codebook.yaml", root / "annotated", root / "responses"
    parameters = AnnotateParams.model_validate(block)
    return annotate(parameters, *folders, ResponseStore(root / "store"), root / "cache").as_json()


@pytest.mark.parametrize(("protocol", "least"), [("paint", 0.9), ("contact-sheet", 0.8), ("polygon", 0.6)])
def test_its_label_map_becomes_the_answer(root: Path, protocol: str, least: float) -> None:
    metrics = label(root, protocol=protocol)
    assert metrics["answered"] == 2
    assert metrics["cost_usd"] == 0
    assert metrics["raw_accuracy"]["mean_iou"] > least
    rows = read_manifest(root / "annotated")
    assert all(r.label_method is LabelMethod.MODEL and str(r.label_version).startswith("model/") for r in rows)


def test_what_was_labelled_is_remembered_and_anew_where_it_is_cut_short(root: Path) -> None:
    first = label(root)
    seen = sorted((root / "sheets").rglob("*.labels.png"))
    before = [path.read_bytes() for path in seen]
    seen[0].write_bytes(before[0][:40])
    shutil.rmtree(root / "store")
    shutil.rmtree(root / "responses")
    assert label(root) == first
    assert [path.read_bytes() for path in seen] == before and len(seen) == 2


def test_it_labels_no_more_pictures_at_once_than_fit_into_memory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_all, needs = conversation.run_all, []

    def watched(function: Any, items: Any, what: str, **options: Any) -> Any:
        if what == "drawing what is sent":
            needs.extend(map(options["memory"], items))
        return run_all(function, items, what, **options)

    monkeypatch.setattr(conversation, "run_all", watched)
    label(root)
    sizes = [rows.width * rows.height for rows in read_manifest(root / "prepared")]
    assert len(needs) == 2 and all(30 * size < need for size, need in zip(sizes, needs, strict=True))


def test_another_model_is_asked_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    label(root)
    first = {r.label_version for r in read_manifest(root / "annotated")}
    monkeypatch.setenv("CUBISEG_MODEL", str(write_model(root / "other.onnx", architecture="anime-transformer")))
    label(root)
    assert first.isdisjoint({r.label_version for r in read_manifest(root / "annotated")})


def test_the_model_that_these_labels_train_does_not_make_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = root / PIPELINE.name
    shutil.copy(root / "model.onnx", own)
    monkeypatch.setenv("CUBISEG_MODEL", str(own))
    with pytest.raises(CubisegError, match="trained on the labels that it would make"):
        label(root)
