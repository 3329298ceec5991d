"""The annotated folder: known labels stay, answers come as received, nothing is asked twice."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cubiseg import label_maps
from cubiseg.annotation.__main__ import main
from cubiseg.annotation.conversation import hidden_groups
from cubiseg.annotation.metrics import AnnotateMetrics
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.annotation.stage import annotate, check_gold
from cubiseg.answers.store import SHARED, ResponseStore
from cubiseg.errors import CubisegError
from cubiseg.regions.files import read_proposals
from cubiseg.regions.naming import read_naming
from cubiseg.samples import Flag, LabelMethod, read_manifest, write_manifest
from tests.conftest import ROOT
from tests.tiny import bytes_of, params, write_prepared


class Workplace:
    """A prepared folder and what annotate makes of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.samples = write_prepared(root / "prepared")

    def annotate(
        self, out: str = "annotated", store: str = "store", responses: str = "responses", **changes: Any
    ) -> dict:
        block = params("annotate")
        block["simulated"] |= changes.pop("simulated", {})
        return annotate(
            AnnotateParams.model_validate({**block, "protocol": "paint", "hide_labels": 0.5, **changes}),
            self.root / "prepared",
            ROOT / "cubiseg" / "codebook.yaml",
            self.root / out,
            self.root / responses,
            ResponseStore(self.root / store),
            self.root / "cache",
        ).as_json()

    def manifest(self, out: str = "annotated") -> dict:
        return {s.id: s for s in read_manifest(self.root / out)}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


CALM = {"refused": 0, "malformed": 0}


def test_known_labels_stay_and_hidden_ones_are_answered(place: Workplace) -> None:
    metrics = place.annotate(simulated=CALM)
    rows = place.manifest()
    hidden = hidden_groups({s.group for s in place.samples}, 0.5, params("annotate")["seed"])
    assert 0 < len(hidden) < 6
    for s in place.samples:
        row = rows[s.id]
        if s.group in hidden:
            assert row.label == f"answers/{s.id}.png"
            assert row.label_method is LabelMethod.SIMULATED
            assert str(row.label_version).startswith("simulated/paint-1/")
        else:
            assert (row.label, row.label_method, row.label_version) == (s.label, LabelMethod.GIVEN, "test")
            given = place.root / "annotated" / str(row.label)
            assert given.read_bytes() == (place.root / "prepared" / str(s.label)).read_bytes()
    assert metrics["given"] + metrics["hidden"] == metrics["pictures"] == 12
    assert metrics["answered"] == metrics["hidden"]
    assert 0.2 < metrics["raw_accuracy"]["mean_iou"] < 1


def test_answers_lie_there_as_received(place: Workplace) -> None:
    place.annotate(simulated=CALM)
    received = set()
    for line in (place.root / "responses" / SHARED).read_text().splitlines():
        received.add(base64.b64decode(json.loads(json.loads(line)["response"]["text"])["label_map"]))
    assert {p.read_bytes() for p in (place.root / "annotated" / "answers").iterdir()} == received


def test_refused_and_broken_answers_leave_a_flag_and_no_label(place: Workplace) -> None:
    metrics = place.annotate(hide_labels=1, simulated={"refused": 0.4, "malformed": 0.3})
    rows = place.manifest().values()
    assert metrics["refused"] == sum(Flag.REFUSED in r.flags for r in rows) > 0
    assert metrics["malformed"] == sum(Flag.NEEDS_REVIEW in r.flags for r in rows) > 0
    assert metrics["answered"] == sum(r.label is not None for r in rows)
    assert all((r.label is None) == bool(r.flags) == (r.label_method is None) for r in rows)


def test_perfect_answers_measure_as_perfect_and_nothing_hidden_measures_nothing(place: Workplace) -> None:
    faultless = dict.fromkeys(params("annotate")["simulated"], 0)
    assert place.annotate(simulated=faultless)["raw_accuracy"]["mean_iou"] == 1
    metrics = place.annotate(hide_labels=0)
    assert metrics["raw_accuracy"] is None
    assert metrics["hidden"] == 0
    assert (place.root / "responses" / SHARED).read_bytes() == b""


def test_nothing_is_asked_twice(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = place.annotate()
    first = bytes_of(place.root / "annotated")
    monkeypatch.setattr(Simulated, "annotate", lambda *_: pytest.fail("asked again"))
    assert place.annotate() == metrics
    assert bytes_of(place.root / "annotated") == first


def test_labels_are_a_function_of_the_shared_responses(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    place.annotate()
    shared = bytes_of(place.root / "responses")
    monkeypatch.setattr(Simulated, "annotate", lambda *_: pytest.fail("asked again"))
    place.annotate(out="elsewhere", store="another machine")
    assert bytes_of(place.root / "elsewhere") == bytes_of(place.root / "annotated")
    assert bytes_of(place.root / "responses") == shared


def test_two_runs_give_the_same_bytes(place: Workplace) -> None:
    place.annotate(out="a", store="sa", responses="ra")
    place.annotate(out="b", store="sb", responses="rb")
    assert bytes_of(place.root / "a") == bytes_of(place.root / "b")
    assert bytes_of(place.root / "ra") == bytes_of(place.root / "rb")


def test_answers_before_a_fault_are_kept(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = Simulated.annotate, []

    def faulty(self: Simulated, request: Any) -> Any:
        calls.append(request)
        if len(calls) == 3:
            raise CubisegError("server: gone; try later")
        return real(self, request)

    monkeypatch.setenv("CUBISEG_WORKERS", "1")
    monkeypatch.setattr(Simulated, "annotate", faulty)
    with pytest.raises(CubisegError, match="try later"):
        place.annotate()
    assert not (place.root / "annotated").exists()
    place.annotate()
    assert len({c.sample for c in calls}) == len(calls) - 1


def test_unlabelled_pictures_stop_the_simulated_provider_with_one_line(place: Workplace) -> None:
    bare = [s.model_copy(update={"label": None, "label_method": None}) for s in place.samples[:3]]
    write_manifest(place.root / "prepared", [*bare, *place.samples[3:]])
    with pytest.raises(CubisegError) as caught:
        place.annotate()
    message = str(caught.value)
    assert "\n" not in message
    for part in ("3 pictures", "annotate.provider", "data/references/labels", "prepare.sources"):
        assert part in message


def test_an_unknown_provider_is_one_line_that_names_the_known_ones(place: Workplace) -> None:
    with pytest.raises(CubisegError, match=r"'oracle'.*choose one of: simulated"):
        place.annotate(provider="oracle")


NAMES = st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=40)


@given(NAMES, NAMES, st.floats(0.1, 1), st.integers(0, 99))
def test_more_groups_do_not_change_who_is_hidden(groups: set[str], more: set[str], share: float, seed: int) -> None:
    before, after = hidden_groups(groups, share, seed), hidden_groups(groups | more, share, seed)
    assert before <= groups
    assert before
    if len(before) > 1:  # a lone one may have been hidden only because none else was
        assert after & groups == before


@given(NAMES)
def test_no_share_hides_nothing_and_the_whole_hides_all(groups: set[str]) -> None:
    assert hidden_groups(groups, 0, 1) == set()
    assert hidden_groups(groups, 1, 1) == groups


def test_the_share_is_about_the_share() -> None:
    groups = {f"character {i}" for i in range(2000)}
    assert 0.08 < len(hidden_groups(groups, 0.1, 3)) / 2000 < 0.12


def test_the_raw_answer_keeps_the_size_it_was_painted_at(place: Workplace) -> None:
    place.annotate(hide_labels=1, simulated={**CALM, "smaller": 1})
    for answer in (place.root / "annotated" / "answers").iterdir():
        assert label_maps.read_label_or_colours(answer).shape[0] < 128


NAMELESS = {"wrong": 0, "omit": 0, "twice": 0, "doubt_wrong": 0, "doubt_right": 0}


def named(place: Workplace, out: str = "annotated", **changes: Any) -> dict:
    block = {**params("annotate")["simulated_names"], **changes.pop("simulated_names", {})}
    return place.annotate(out, protocol="contact-sheet", regions=60, simulated=CALM, simulated_names=block, **changes)


def test_named_regions_travel_as_votes_with_the_regions_that_they_are_about(place: Workplace) -> None:
    metrics = named(place)
    rows = [r for r in place.manifest().values() if r.label_method is LabelMethod.SIMULATED]
    assert len(rows) == metrics["answered"] > 0
    for row in rows:
        assert row.label == f"answers/{row.id}.json"
        naming = read_naming(place.root / "annotated" / str(row.label))
        proposals = read_proposals(place.root / "annotated" / "regions" / f"{row.id}.npz")
        assert len(naming.asked) == 60
        assert max(naming.asked) < proposals.tree.leaves + len(proposals.tree.children)
        assert str(row.label_version).startswith("simulated/contact-sheet-2/")
    assert metrics["regions"] == 60 * metrics["answered"]
    assert metrics["raw_accuracy"]["mean_iou"] <= metrics["oracle_accuracy"]["mean_iou"] < 1


def test_perfect_names_reach_the_oracle_nearly(place: Workplace) -> None:
    metrics = named(place, simulated_names=NAMELESS)
    assert metrics["raw_accuracy"]["mean_iou"] == pytest.approx(metrics["oracle_accuracy"]["mean_iou"], abs=0.01)
    assert metrics["unsure_share"] == metrics["unnamed_share"] == 0


def test_named_regions_are_asked_about_once_and_give_the_same_bytes(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = named(place)
    assert metrics["questions"] > metrics["answered"]
    monkeypatch.setattr(Simulated, "annotate", lambda *_: pytest.fail("asked again"))
    assert named(place, "again") == metrics
    assert bytes_of(place.root / "again") == bytes_of(place.root / "annotated")


def test_another_number_of_regions_is_another_question_and_another_version(place: Workplace) -> None:
    named(place)
    versions = {r.label_version for r in place.manifest().values()}
    place.annotate("other", protocol="contact-sheet", regions=40, simulated=CALM)
    assert {r.label_version for r in place.manifest("other").values()} & versions == {"test"}


def test_bad_answers_stop_the_pipeline_and_name_the_classes(place: Workplace) -> None:
    metrics = AnnotateMetrics.model_validate(named(place, simulated_names={"wrong": 0.9}))
    check_gold(at_least(0), metrics)
    with pytest.raises(CubisegError, match=r"min_gold_miou = 0\.5.*hair 0\.") as caught:
        check_gold(at_least(0.5), metrics)
    assert "\n" not in str(caught.value)
    check_gold(at_least(1), metrics.model_copy(update={"raw_accuracy": None}))


def at_least(miou: float) -> AnnotateParams:
    return AnnotateParams.model_validate({**params("annotate"), "min_gold_miou": miou})


def test_sheets_are_drawn_on_request_and_not_twice(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBISEG_REGIONS", str(place.root / "cache"))
    arguments = ["--prepared", str(place.root / "prepared"), "--out", str(place.root / "sheets"), "--regions", "60"]
    assert CliRunner().invoke(main, [*arguments, "--limit", "1"]).exit_code == 0
    before = {p: p.stat().st_mtime_ns for p in (place.root / "sheets").rglob("*.jpg")}
    assert [p.name for p in sorted(before)] == ["0-picture.jpg", "1-numbered.jpg", "2-regions-1-to-60.jpg"]
    assert CliRunner().invoke(main, [*arguments, "--limit", "2"]).exit_code == 0
    after = {p: p.stat().st_mtime_ns for p in (place.root / "sheets").rglob("*.jpg")}
    assert len(after) == 6
    assert before.items() <= after.items()
