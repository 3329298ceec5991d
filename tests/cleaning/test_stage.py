"""The clean folder: given labels pass, answers get better, corrections come last."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cubiseg import imaging, label_maps
from cubiseg.annotation.params import AnnotateParams, SimulatedParams
from cubiseg.annotation.providers.simulated import spoil
from cubiseg.annotation.stage import annotate
from cubiseg.answers.store import ResponseStore
from cubiseg.cleaning.answers import confidence_after_rules
from cubiseg.cleaning.corrections import RECORDS, Review, write_corrected_label, write_review
from cubiseg.cleaning.figures import CleanMetrics, CorrectionFigures, RuleFigures, rank_correlation
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.sample import quality_flags
from cubiseg.cleaning.stage import CHANGES, clean
from cubiseg.errors import CubisegError
from cubiseg.label_maps import label_hash
from cubiseg.review.reviewed import Folders, made_label
from cubiseg.samples import Flag, LabelMethod, PartsBy, read_manifest, write_manifest
from cubiseg.taxonomy import CLASS_OF, ID
from tests.conftest import ROOT
from tests.tiny import bytes_of, face, params, portraits, write_prepared

HIDDEN = ("p02", "p03", "p04")
REFUSED = "p05"


class Workplace:
    """Prepared and annotated folders; three samples are answered, one is refused, the others given."""

    def __init__(self, root: Path, count: int = 8, *, parts: bool = False) -> None:
        self.root = root
        self.corrections = root / "corrections"
        self.corrections.mkdir(parents=True)
        errors = SimulatedParams.model_validate(params("annotate")["simulated"])
        rows = []
        for index, s in enumerate(write_prepared(root / "prepared", count, parts=parts)):
            truth = portraits(count)[index].label
            if s.id in HIDDEN:
                painted = spoil(truth, errors, np.random.default_rng(index))
                imaging.write_png(root / "annotated" / "answers" / f"{s.id}.png", painted)
                s = s.model_copy(
                    update={"label": f"answers/{s.id}.png", "label_method": LabelMethod.SIMULATED, "label_version": "v"}
                )
            elif s.id == REFUSED:
                s = s.flagged(Flag.REFUSED).model_copy(
                    update={"label": None, "label_method": None, "label_version": None}
                )
            else:
                known = portraits(count)[index].parts if parts else truth
                label_maps.write_label(root / "annotated" / str(s.label), known)
            rows.append(s)
        write_manifest(root / "annotated", rows)

    def clean(self, out: str = "clean", **changes: Any) -> CleanMetrics:
        return clean(
            CleanParams.model_validate({**params("clean"), **changes}),
            self.root / "prepared",
            self.root / "annotated",
            self.corrections,
            self.root / out,
        )

    def correct(self, sample: str, label: np.ndarray, base: str | None, revision: int = 1) -> None:
        name = f"labels/{sample}-{revision}.png"
        label_maps.write_label(self.corrections / name, label)
        record = {
            "sample": sample,
            "base_sha256": base,
            "label": name,
            "reviewer": "ab",
            "time": "2026-05-04T12:00:00+02:00",
            "revision": revision,
        }
        with (self.corrections / RECORDS).open("a") as file:
            file.write(json.dumps(record) + "\n")

    def say(self, sample: str, *, base: str | None = None, revision: int = 1, **said: Any) -> None:
        base = base or label_hash(portraits(8)[int(sample[1:])].label)
        said = {"reviewer": "ab", "time": "2026-05-04T12:00:00Z", **said}
        write_review(self.corrections, Review(sample=sample, base_sha256=base, revision=revision, **said))

    def row(self, sample: str, out: str = "clean") -> Any:
        return next(s for s in read_manifest(self.root / out) if s.id == sample)

    def label(self, sample: str, out: str = "clean") -> np.ndarray:
        return label_maps.read_label(self.root / out / "labels" / f"{sample}.png")


def figures_of(**told: Any) -> CorrectionFigures:
    nothing = {"applied": 0, "accepted": 0, "rejected": {}, "unsure": [], "disagree": [], "base_changed": []}
    return CorrectionFigures(**{**nothing, "without_sample": [], **told})


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_maps_of_parts_pass_with_their_parts_and_give_the_figures_of_their_classes(tmp_path: Path) -> None:
    plain, told = (Workplace(tmp_path / name, parts=name == "told") for name in ("plain", "told"))
    for changes in ({}, {"keep_given": False}):
        figures = told.clean(**changes)
        assert figures.parts_by == {"label": 4}
        assert plain.clean(**changes) == figures.model_copy(update={"parts_by": {}})
        rows = read_manifest(told.root / "clean")
        assert [s.parts_by for s in rows] == [PartsBy.LABEL if s.label_method == "given" else None for s in rows]
        assert read_manifest(plain.root / "clean") == [s.model_copy(update={"parts_by": None}) for s in rows]
        for s in read_manifest(told.root / "clean"):
            if s.label is not None:
                label = told.label(s.id)
                assert np.array_equal(CLASS_OF[label], plain.label(s.id))
                if s.label_method is LabelMethod.GIVEN:
                    parts = portraits(8)[int(s.id[1:])].parts
                    assert np.array_equal(label == parts, CLASS_OF[parts] == plain.label(s.id))


@pytest.mark.parametrize("keep_given", [True, False])
def test_reviews_are_held_against_the_label_map_that_was_written(tmp_path: Path, keep_given: bool) -> None:
    place = Workplace(tmp_path, parts=True)
    place.clean(keep_given=keep_given)
    block = CleanParams.model_validate({**params("clean"), "keep_given": keep_given})
    folders = Folders(tmp_path / "prepared", tmp_path / "annotated", place.corrections)
    for sample in read_manifest(tmp_path / "annotated"):
        made = made_label(block, folders, sample)
        assert (made is None) == (sample.id == REFUSED)
        assert made is None or np.array_equal(made, place.label(sample.id))


def test_a_correction_over_the_classes_of_a_map_of_parts_is_not_out_of_date(tmp_path: Path) -> None:
    place = Workplace(tmp_path, parts=True)
    known = portraits(8)[0]
    corrected = known.parts.copy()
    corrected[:9] = 0
    for revision, base in enumerate((known.label, known.parts, face()), 1):
        place.correct("p00", corrected, label_hash(base), revision)
        assert place.clean().corrections.base_changed == (["p00"] if revision == 3 else [])
        assert np.array_equal(place.label("p00"), corrected)


def test_a_correction_of_classes_keeps_the_parts_of_classes_that_were_right_and_tells_no_others(tmp_path: Path) -> None:
    place = Workplace(tmp_path, parts=True)
    known = portraits(8)[0]
    corrected = known.label.copy()
    corrected[:40], corrected[40:50] = ID["hair"], 255
    place.correct("p00", corrected, label_hash(known.parts))
    metrics = place.clean()
    label, right = place.label("p00"), corrected == known.label
    assert np.array_equal(label[right], known.parts[right])
    assert np.array_equal(label[~right], corrected[~right]) and (label == ID["hair"]).any()
    assert (label[40:50] == 255).all()
    assert (place.row("p00").parts_by, place.row("p00").label_method) == (PartsBy.LABEL, LabelMethod.HUMAN)
    assert metrics.corrections.base_changed == []


def test_a_correction_that_leaves_no_part_tells_that_there_is_none(tmp_path: Path) -> None:
    place = Workplace(tmp_path, parts=True)
    place.correct("p00", face() * 0, None)
    place.correct(REFUSED, face(), None)
    assert place.clean().parts_by == {"label": 3}
    assert place.row("p00").parts_by is place.row(REFUSED).parts_by is None


def test_given_labels_pass_byte_for_byte(place: Workplace) -> None:
    place.clean()
    for s in read_manifest(place.root / "clean"):
        if s.label_method is LabelMethod.GIVEN:
            out = place.root / "clean" / str(s.label)
            assert out.read_bytes() == (place.root / "annotated" / "labels" / f"{s.id}.png").read_bytes()
            assert s.label_version == "test"


def test_the_rules_may_run_on_given_labels_too(place: Workplace) -> None:
    metrics = place.clean(keep_given=False)
    assert metrics.cleaned == 7


def test_answers_become_label_maps_that_are_better_than_they_were(place: Workplace) -> None:
    metrics = place.clean()
    assert metrics.before.pictures == metrics.after.pictures == 3
    for figure in ("mean_iou", "boundary_f"):
        assert getattr(metrics.after, figure) > getattr(metrics.before, figure) + 0.02
    for sample in HIDDEN:
        label = place.label(sample)
        assert label.shape == (128, 128)
        assert np.isin(label, [*range(12), 255]).all()
        assert place.row(sample).label_method is LabelMethod.SIMULATED
        assert place.row(sample).label_version.startswith("v/rules-")


def test_the_counts_say_what_each_rule_did(place: Workplace) -> None:
    metrics = place.clean()
    assert list(metrics.rules) == list(params("clean")["rules"])
    assert all(r.pictures <= 3 and (r.pixels > 0) == (r.pictures > 0) for r in metrics.rules.values())
    assert metrics.rules["islands"].pixels > 0
    off = {**params("clean")["rules"], "islands": False}
    assert "islands" not in place.clean(rules=off).rules


def test_a_sample_without_an_answer_stays_without_a_label(place: Workplace) -> None:
    metrics = place.clean()
    assert place.row(REFUSED).label is None
    assert place.row(REFUSED).flags == (Flag.REFUSED,)
    assert metrics.labelled == metrics.pictures - 1
    assert metrics.flags["refused"] == 1


def test_a_correction_comes_last_and_is_a_person_s_work(place: Workplace) -> None:
    before = place.clean()
    place.correct("p02", face(), label_hash(place.label("p02")))
    metrics = place.clean()
    assert np.array_equal(place.label("p02"), face())
    row = place.row("p02")
    assert (row.label_method, row.label_version, row.flags) == (LabelMethod.HUMAN, "correction-1", (Flag.CORRECTED,))
    assert metrics.corrections == figures_of(applied=1)
    assert metrics.after == before.after


def test_a_correction_whose_base_has_changed_is_applied_and_reported(place: Workplace) -> None:
    place.correct("p00", face(), "0" * 64)
    metrics = place.clean()
    assert metrics.corrections.base_changed == ["p00"]
    assert np.array_equal(place.label("p00"), face())
    assert place.row("p00").flags == (Flag.NEEDS_REVIEW, Flag.CORRECTED)


def test_accepting_what_a_correction_whose_base_has_changed_came_to_settles_it(place: Workplace) -> None:
    place.correct("p00", face(), "0" * 64)
    place.say("p00", verdict="accepted", base="1" * 64, revision=2)
    assert place.clean().corrections.base_changed == ["p00"]
    place.say("p00", verdict="accepted", base=label_hash(place.label("p00")), revision=3)
    assert place.clean().corrections.base_changed == []
    assert np.array_equal(place.label("p00"), face())
    assert place.row("p00").flags == (Flag.CORRECTED,)


def test_reviews_of_samples_that_are_gone_are_not_in_the_spot_check(place: Workplace) -> None:
    place.say("p00", verdict="accepted")
    place.correct("gone", face(), "0" * 64)
    place.correct(REFUSED, face(), None)
    checked = place.clean().spot_check
    assert checked is not None
    assert (checked.accepted, checked.reviewed, checked.stale) == (1, 1, 0)


def test_a_correction_can_give_a_refused_picture_its_label(place: Workplace) -> None:
    place.correct(REFUSED, face(), None)
    metrics = place.clean()
    assert metrics.corrections.base_changed == []
    assert np.array_equal(place.label(REFUSED), face())
    assert place.row(REFUSED).label_method is LabelMethod.HUMAN


def test_the_last_revision_wins_and_one_without_a_sample_is_reported(place: Workplace) -> None:
    place.correct("p00", face() * 0, None, revision=1)
    place.correct("p00", face(), None, revision=2)
    place.correct("gone", face(), None)
    metrics = place.clean()
    assert np.array_equal(place.label("p00"), face())
    assert metrics.corrections.without_sample == ["gone"]


def test_a_correction_of_a_correction_knows_its_base(place: Workplace) -> None:
    first, second = face(), face()
    first[:8], second[:16] = ID["hair"], ID["hair"]
    place.correct("p00", first, label_hash(portraits(8)[0].label))
    place.correct("p00", second, label_hash(first), revision=2)
    assert place.clean().corrections == figures_of(applied=1)
    assert np.array_equal(place.label("p00"), second)


def test_a_rejected_picture_is_left_out_and_counted_by_reason(place: Workplace) -> None:
    before = place.clean()
    place.say("p00", verdict="rejected", reason="not_drawn")
    place.say("p01", verdict="rejected", reason="not_drawn")
    metrics = place.clean()
    assert metrics.corrections == figures_of(rejected={"not_drawn": 2})
    assert metrics.pictures == before.pictures - 2
    assert not {"p00", "p01"} & {s.id for s in read_manifest(place.root / "clean")}
    assert not (place.root / "clean/labels/p00.png").exists()
    place.say("p00", verdict="accepted", revision=2)
    assert place.clean().corrections == figures_of(rejected={"not_drawn": 1}, accepted=1)
    assert np.array_equal(place.label("p00"), portraits(8)[0].label)


def test_an_accepted_or_doubted_sample_keeps_its_label(place: Workplace) -> None:
    place.clean()
    rows = {name: place.row(name) for name in ("p02", "p03", "p04")}
    place.say("p02", verdict="accepted", base=label_hash(place.label("p02")))
    place.say("p03", verdict="unsure")
    place.say("p04", verdict="accepted", base="0" * 64)
    metrics = place.clean()
    assert metrics.corrections == figures_of(accepted=2, unsure=["p03"], base_changed=["p04"])
    assert place.row("p02") == rows["p02"]
    assert place.row("p03") == rows["p03"].flagged(Flag.NEEDS_REVIEW)
    assert place.row("p04") == rows["p04"].flagged(Flag.NEEDS_REVIEW)


def test_reviewers_who_disagree_are_reported_and_the_latest_counts(
    place: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    base = label_hash(portraits(8)[0].label)
    for by, rows in (("b", 8), ("a", 16)):
        drawn = face()
        drawn[:rows] = ID["hair"]
        name = write_corrected_label(place.corrections, "p00", drawn)
        place.say("p00", verdict="corrected", base=base, label=name, reviewer=by, time=f"2026-05-04T{rows + 1:02}:00Z")
    metrics = place.clean()
    assert metrics.corrections == figures_of(applied=1, disagree=["p00"])
    assert "reviewers disagree on 1 samples" in caplog.text
    assert (place.label("p00")[:16] == ID["hair"]).all()
    assert place.row("p00").flags[0] is Flag.NEEDS_REVIEW


def test_a_bad_correction_stops_the_stage_and_leaves_the_old_folder(place: Workplace) -> None:
    place.clean()
    before = bytes_of(place.root / "clean")
    place.correct("p00", face()[:10], None)
    with pytest.raises(CubisegError, match="its picture 128x128"):
        place.clean()
    assert bytes_of(place.root / "clean") == before


@pytest.mark.parametrize(("label", "part"), [(face()[:9], "its picture"), (face() + 60, "no class or part")])
def test_a_given_label_that_is_wrong_is_one_line(place: Workplace, label: np.ndarray, part: str) -> None:
    label_maps.write_label(place.root / "annotated" / "labels" / "p00.png", label)
    with pytest.raises(CubisegError, match=rf"p00\.png: .*{part}"):
        place.clean()


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_with_one_worker_or_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Workplace(tmp_path, count=18)
    results = []
    for workers in ("1", "2"):
        monkeypatch.setenv("CUBISEG_WORKERS", workers)
        results.append(place.clean(out=workers))
    assert results[0] == results[1]
    assert bytes_of(place.root / "1") == bytes_of(place.root / "2")


def test_label_maps_without_a_face_or_with_much_unknown_are_flagged() -> None:
    assert quality_flags(face()) == []
    assert quality_flags(np.full((8, 8), ID["hair"], np.uint8)) == [Flag.NO_FACE]
    part = face()
    part[:20] = 255
    assert quality_flags(part) == [Flag.PARTIAL]


@pytest.mark.slow
def test_named_regions_are_cleaned_and_measured_beside_the_oracle(tmp_path: Path) -> None:
    """From annotate's folder, as the stages hand it on."""
    write_prepared(tmp_path / "prepared")
    block = {**params("annotate"), "hide_labels": 1, "regions": 120}
    block["simulated"] |= {"refused": 0, "malformed": 0}
    block["simulated_names"] |= {"wrong": 0.15}
    annotate(
        AnnotateParams.model_validate(block),
        tmp_path / "prepared",
        ROOT / "cubiseg" / "codebook.yaml",
        tmp_path / "annotated",
        tmp_path / "responses",
        ResponseStore(tmp_path / "store"),
        tmp_path / "cache",
    )
    (tmp_path / "corrections").mkdir()

    def run(out: str) -> CleanMetrics:
        parameters = CleanParams.model_validate(params("clean"))
        folders = (tmp_path / name for name in ("prepared", "annotated", "corrections", out))
        return clean(parameters, *folders)

    metrics = run("clean")
    assert metrics.before.mean_iou < metrics.after.mean_iou < metrics.oracle.mean_iou
    assert metrics.rules["potts"].pictures > 0
    assert metrics.rules["outlines"] == metrics.rules["snap"] == RuleFigures(pixels=0, pictures=0)
    assert -1 <= metrics.confidence.rank_correlation <= 1
    rows = read_manifest(tmp_path / "clean")
    assert all(0 < s.confidence < 1 for s in rows if s.confidence is not None)
    assert all(s.confidence is not None and "/rules-" in str(s.label_version) for s in rows)
    changes = [json.loads(line) for line in (tmp_path / "clean" / CHANGES).read_text().splitlines()]
    assert sum(c["pixels"]["potts"] for c in changes) == metrics.rules["potts"].pixels
    assert run("again") == metrics
    assert bytes_of(tmp_path / "again") == bytes_of(tmp_path / "clean")


@pytest.mark.parametrize(
    ("moved", "size", "expected"), [(0, 512 * 512, 0.9), (1000, 512 * 512, 0.45), (250, 256 * 256, 0.45)]
)
def test_work_for_the_rules_lowers_the_confidence(moved: int, size: int, expected: float) -> None:
    assert confidence_after_rules(0.9, {"sides": moved, "holes": 5000}, size) == pytest.approx(expected)
    assert confidence_after_rules(None, {"sides": moved}, size) is None


def test_rank_correlation_is_of_ranks() -> None:
    assert rank_correlation(np.array([1, 2, 30]), np.array([0.1, 0.2, 0.21])) == 1
    assert rank_correlation(np.array([1, 2, 30]), np.array([3, 2, 1])) == -1
    assert rank_correlation(np.array([1, 1, 1]), np.array([3, 2, 1])) is None
