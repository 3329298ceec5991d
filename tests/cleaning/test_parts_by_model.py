"""Where a model of parts guides, its parts refine the classes that answers give; from annotate's folder to clean's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cubiseg import imaging, label_maps
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.stage import annotate
from cubiseg.answers.store import ResponseStore
from cubiseg.cleaning.corrections import RECORDS
from cubiseg.cleaning.figures import CleanMetrics
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.stage import clean
from cubiseg.errors import CubisegError
from cubiseg.label_maps import colourise, label_hash
from cubiseg.part_choices import read_choices
from cubiseg.samples import LabelMethod, PartsBy, read_manifest, write_manifest
from cubiseg.taxonomy import CLASS_OF, ID, IGNORE_INDEX, LEAF_IDS
from tests.conftest import ROOT
from tests.inference.palette import portrait_parts, write_model
from tests.tiny import bytes_of, params, sample

SIZES = {"p0": (160, 128), "p1": (150, 160), "p2": (160, 160)}


class Workplace:
    """Pictures in the colours of parts, which the tiny model tells rightly; their known label maps tell classes."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.told = {name: portrait_parts(*size) for name, size in SIZES.items()}
        rows = []
        for name, told in self.told.items():
            imaging.write_png(root / "prepared" / "images" / f"{name}.png", colourise(told))
            label_maps.write_label(root / "prepared" / "labels" / f"{name}.png", CLASS_OF[told])
            rows.append(sample(name, colourise(told), group=name))
        write_manifest(root / "prepared", rows)
        (root / "corrections").mkdir()
        self.patch = monkeypatch
        self.use(parts=True)

    def use(self, *, parts: bool) -> None:
        model = write_model(self.root / f"{'parts' if parts else 'classes'}.onnx", parts=parts)
        self.patch.setenv("CUBISEG_MODEL", str(model))

    def annotate(self, **changes: Any) -> None:
        block = {**params("annotate"), "guide": "model", "hide_labels": 1.0, "regions": 120, **changes}
        block["simulated"] |= {"refused": 0, "malformed": 0}
        annotate(
            AnnotateParams.model_validate(block),
            self.root / "prepared",
            ROOT / "cubiseg" / "codebook.yaml",
            self.root / "annotated",
            self.root / "responses",
            ResponseStore(self.root / "store"),
            self.root / "cache",
        )

    def clean(self, out: str = "clean", **changes: Any) -> CleanMetrics:
        parameters = CleanParams.model_validate({**params("clean"), **changes})
        return clean(parameters, *(self.root / name for name in ("prepared", "annotated", "corrections", out)))

    def forget_parts(self) -> None:
        """Records of annotate as they are without a model of parts."""
        path = self.root / "annotated" / "samples.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps({k: v for k, v in r.items() if k != "parts_by"}) + "\n" for r in rows))

    def correct(self, name: str, label: np.ndarray, base: str) -> None:
        label_maps.write_label(self.root / "corrections" / f"{name}.png", label)
        facts = {"sample": name, "base_sha256": base, "label": f"{name}.png", "reviewer": "ab", "revision": 1}
        with (self.root / "corrections" / RECORDS).open("a") as file:
            file.write(json.dumps(facts | {"time": "2026-05-04T12:00:00Z"}) + "\n")

    def label(self, name: str, out: str = "clean") -> np.ndarray:
        return label_maps.read_label(self.root / out / "labels" / f"{name}.png")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    return Workplace(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"simulated_names": {**params("annotate")["simulated_names"], "wrong": 0.3, "omit": 0.2}},
        {"provider": "model", "guide": "position"},
        {"protocol": "paint"},
        {"protocol": "paint", "provider": "model", "guide": "position"},
    ],
    ids=["names", "many wrong names", "the model answers", "painted", "the model paints"],
)
def test_each_pixel_takes_the_model_s_best_part_of_the_class_that_the_answer_gives(
    place: Workplace, asked: dict[str, Any]
) -> None:
    place.annotate(**asked)
    metrics = place.clean()
    assert metrics.parts_by == {"model": len(SIZES)}
    assert {s.parts_by for s in read_manifest(place.root / "clean")} == {PartsBy.MODEL}
    place.forget_parts()
    assert place.clean("classes").parts_by == {}
    for name, told in place.told.items():
        label, classes = place.label(name), place.label(name, "classes")
        assert np.array_equal(CLASS_OF[label], classes), "no pixel changes its class"
        assert np.isin(label, [*LEAF_IDS, IGNORE_INDEX]).all(), "no class is left that has parts"
        choices = read_choices(place.root / "annotated" / "parts" / f"{name}.npz")
        assert np.array_equal(label, choices.tell(classes))
        if told.shape == (160, 160):  # the network's own size: it sees what is there
            agrees = CLASS_OF[told] == classes
            assert agrees.mean() > 0.4 and np.array_equal(label[agrees], told[agrees])


def test_unknown_pixels_stay_unknown_and_scores_are_those_of_classes(place: Workplace) -> None:
    place.annotate()
    unsure = {"least_probability": 1.0, "unknown_reach": 0}
    told = place.clean(**unsure)
    place.forget_parts()
    plain = place.clean("classes", **unsure)
    assert told.model_copy(update={"parts_by": {}}) == plain
    for name in SIZES:
        unknown = place.label(name) == IGNORE_INDEX
        assert unknown.mean() > 0.05 and np.array_equal(unknown, place.label(name, "classes") == IGNORE_INDEX)


@pytest.mark.parametrize("asked", [{}, {"provider": "model"}])
def test_a_model_of_classes_leaves_classes_and_no_trace(place: Workplace, asked: dict[str, Any]) -> None:
    place.use(parts=False)
    place.annotate(**asked)
    assert not (place.root / "annotated" / "parts").exists()
    assert "parts_by" not in (place.root / "annotated" / "samples.jsonl").read_text()
    assert place.clean().parts_by == {}
    assert [s.parts_by for s in read_manifest(place.root / "clean")] == [None] * len(SIZES)


def test_known_labels_keep_what_they_tell(place: Workplace) -> None:
    rows = read_manifest(place.root / "prepared")
    label_maps.write_label(place.root / "prepared" / str(rows[0].label), place.told[rows[0].id][::-1])
    place.annotate(hide_labels=0.0)
    before = bytes_of(place.root / "prepared" / "labels")
    assert place.clean().parts_by == {"label": 1}
    assert bytes_of(place.root / "clean" / "labels") == before


def test_corrections_at_either_level_come_last(place: Workplace) -> None:
    place.annotate()
    place.clean()
    base = {name: place.label(name) for name in SIZES}
    classes = CLASS_OF[base["p0"]]
    classes[:50] = ID["clothes"]
    place.correct("p0", classes, label_hash(base["p0"]))
    place.correct("p1", place.told["p1"], label_hash(CLASS_OF[base["p1"]]))  # as it was before a model told parts
    metrics = place.clean()
    assert metrics.corrections.base_changed == []
    assert metrics.parts_by == {"label": 1, "model": 2}
    assert np.array_equal(place.label("p0"), label_maps.keep_parts(classes, base["p0"]))
    assert (place.label("p0")[:50] == ID["clothes"]).any(), "not told apart"
    assert np.array_equal(place.label("p1"), place.told["p1"])
    by = {s.id: (s.parts_by, s.label_method) for s in read_manifest(place.root / "clean")}
    assert by["p0"] == (PartsBy.MODEL, LabelMethod.HUMAN) and by["p1"] == (PartsBy.LABEL, LabelMethod.HUMAN)
    assert by["p2"] == (PartsBy.MODEL, LabelMethod.SIMULATED)


@pytest.mark.parametrize("content", [None, b"torn"])
def test_parts_that_are_lost_on_the_way_stop_the_stage_in_one_line(place: Workplace, content: bytes | None) -> None:
    place.annotate()
    path = place.root / "annotated" / "parts" / "p1.npz"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(CubisegError, match=r"p1\.npz: .*run the stage annotate again"):
        place.clean()


def test_two_runs_give_the_same_bytes(place: Workplace) -> None:
    place.annotate()
    first = bytes_of(place.root / "annotated")
    assert place.clean("a") == place.clean("b")
    assert bytes_of(place.root / "a") == bytes_of(place.root / "b")
    place.annotate()
    assert bytes_of(place.root / "annotated") == first
