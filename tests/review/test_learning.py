"""From reviews to figures, and from corrections to better params: a known pattern of errors is found and undone."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner, Result

from cubiseg import scores
from cubiseg.annotation.codebook import load_codebook
from cubiseg.cleaning.corrections import read_reviews
from cubiseg.cleaning.params import CleanParams
from cubiseg.cli import main
from cubiseg.cli.review.tune import _PIECES
from cubiseg.review import tuning
from cubiseg.review.confusions import codebook_line, frequent, rows_of, tally_of
from cubiseg.review.examples import choose_examples
from cubiseg.review.proposal import PIECES
from cubiseg.review.report import report
from cubiseg.review.reviewed import Corrected, Folders, read_corrected
from cubiseg.review.tuning import Bench, fit, held_out, mean_iou
from cubiseg.review.yaml_edits import set_values
from cubiseg.samples import read_manifest
from stages import clean as clean_stage
from tests.conftest import ROOT
from tests.review.projects import SAID, SHARE, TRUE, Project
from tests.tiny import params

pytestmark = pytest.mark.slow

COUNT = 24
START = CleanParams.model_validate(params("clean"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("project"), COUNT)
    made.clean()
    made.review([s.id for s in made.samples[:22]], accept=("p20", "p21"))
    made.review(["p00", "p01", "p20"], "cd", accept=("p01", "p20"))
    return made


@pytest.fixture(scope="module")
def corrected(project: Project) -> list[Corrected]:
    folders = Folders(project.prepared, project.annotated, project.corrections)
    return read_corrected(folders, read_manifest(project.annotated), read_reviews(project.corrections))


def run(project: Project, *arguments: str) -> Result:
    codebook = ["--codebook", str(project.codebook)] if arguments[0] == "tune" else []
    out = ["-o", str(project.root / "tuning"), "--examples", str(project.root / "examples")] if codebook else []
    return CliRunner().invoke(main, ["review", *arguments, *project.options(), *codebook, *out])


def test_the_report_counts_compares_and_says_how_far_reviewers_agree(project: Project) -> None:
    folders = Folders(project.prepared, project.annotated, project.corrections)
    figures = report(START, folders)
    check = figures.spot_check
    # p01: one accepts what the other corrects, and that is no accepted label map.
    assert (check.drawn, check.reviewed, check.accepted, check.stale) == (0, 22, 2, 0)
    assert figures.labels is not None
    assert figures.corrected is not None
    assert (figures.labels.pictures, figures.corrected.pictures) == (22, 20)
    assert figures.corrected.mean_iou < figures.labels.mean_iou < 1
    assert figures.corrected.iou[TRUE] < 0.9
    (pair,) = figures.agreement
    assert (pair.reviewers, pair.shared, pair.same) == (("ab", "cd"), 3, pytest.approx(2 / 3, abs=1e-4))
    assert pair.kappa == pytest.approx(0.4)
    assert pair.mean_iou is not None
    assert 0 < pair.mean_iou < 1
    assert figures.effort.seconds.median == 30
    assert figures.effort.by_tool == {"area": 126, "brush": 21}


def test_label_maps_that_have_changed_since_count_no_more(project: Project) -> None:
    folders = Folders(project.prepared, project.annotated, project.corrections)
    other = START.model_copy(update={"name_error": 0.6, "smoothness": 0.0})
    figures = report(other, folders)
    assert figures.spot_check.stale >= 8
    assert figures.corrected is not None  # what people drew is right whatever the rules make
    assert figures.corrected.pictures == 20


def test_the_pattern_is_found_and_put_into_words(corrected: list[Corrected], project: Project) -> None:
    tallies = {c.sample.id: t for c in corrected if (t := tally_of(c)) is not None}
    found = frequent(list(tallies.values()), START.name_error / 11)
    top = found[0]
    assert (top.true, top.said) == (TRUE, SAID)
    assert top.share == pytest.approx(SHARE, abs=0.12)
    assert top.interval[0] < top.share < top.interval[1]
    assert rows_of(found[:1], 0.5) == {TRUE: {SAID: pytest.approx(0.15, abs=0.06)}}
    line = codebook_line(top, load_codebook(project.codebook))
    assert line.endswith(f"{TRUE}, not {SAID}.")
    shown = choose_examples(tallies, [c.sample for c in corrected], found, 2)
    assert 1 <= len(shown) <= 2
    groups = {c.sample.id: c.sample.group for c in corrected}
    assert len({groups[i] for i in shown}) == len(shown)
    assert choose_examples(tallies, [c.sample for c in corrected], [], 2) == []


def test_tuning_gains_half_of_what_an_oracle_says_can_be_gained(corrected: list[Corrected], project: Project) -> None:
    found = fit(corrected, START, seed=1)
    assert found.held_out is not None
    assert found.held_out.is_certain
    bench, everyone = Bench(corrected), list(range(len(corrected)))

    def measured(params: CleanParams) -> float:
        return float(np.mean([bench_iou(bench, params, i) for i in everyone]))

    # The oracle knows the pattern, and looks for the best of the other values on the very samples that are measured.
    knowing = START.model_copy(update={"confusion": {TRUE: {SAID: SHARE}}})
    oracle = max(
        measured(knowing.model_copy(update={"name_error": e, "smoothness": s})) for e in (0.1, 0.2, 0.3) for s in (2, 4)
    )
    can = oracle - measured(START)
    assert can > 0.01
    assert found.held_out.gain.mean >= 0.5 * can


def bench_iou(bench: Bench, params: CleanParams, i: int) -> float:
    return mean_iou(bench.counts(params, [i])[0])


def test_the_same_seed_fits_the_same_params(corrected: list[Corrected], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "NAMED", {"name_error": (0.3,)})
    one, two = (fit(corrected, START, seed=3, most=7) for _ in range(2))
    assert one.held_out is not None
    assert one.held_out.pictures == 7
    assert (one.params, one.held_out, one.confusions) == (two.params, two.held_out, two.confusions)


def test_too_few_groups_are_not_fitted_to(corrected: list[Corrected]) -> None:
    found = fit(corrected[:4], START, seed=1)
    assert found.held_out is None
    assert found.params == START


def test_a_proposal_is_read_applied_and_then_cleans_better(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "NAMED", {"name_error": (0.3,)})
    before = (project.params_file.read_text(), project.codebook.read_text())
    result = run(project, "tune", "--shown", "1", "--lines", "1")
    assert result.exit_code == 0, result.output
    assert "clean.confusion" in result.output
    assert (project.params_file.read_text(), project.codebook.read_text()) == before
    proposal = json.loads((project.root / "tuning" / "proposal.json").read_text())
    assert "+  confusion: {" in (project.root / "tuning" / "params.yaml.diff").read_text()
    (name,) = proposal["examples"]
    project.clean()
    score = project.metrics.after.mean_iou
    assert run(project, "tune", "--apply").exit_code == 0
    changed = yaml.safe_load(project.params_file.read_text())
    assert changed["clean"]["confusion"][TRUE][SAID] > 0
    assert changed["annotate"]["examples"] == [name]
    assert (project.root / "examples" / f"{name}.png").is_file()
    assert load_codebook(project.codebook).general[-1] == proposal["lines"][0]
    assert "# Seed of everything drawn." in project.params_file.read_text()
    again = run(project, "tune", "--apply")
    assert again.exit_code == 2
    assert "has changed since" in again.stderr
    project.clean()
    assert project.metrics.after.mean_iou > score


def counts_of(right: int) -> scores.Counts:
    """100 pixels of hair, of which so many are called hair and the others background."""
    confusion = np.zeros((12, 12), np.int64)
    confusion[1, 1], confusion[1, 0] = right, 100 - right
    return scores.Counts(confusion, np.zeros((12, 4), np.int64), np.zeros(12, np.int64))


@pytest.mark.parametrize(
    ("gains", "is_certain"),
    [([3, 5, 4, 6], True), ([0, 0, 0, 0], False), ([9, -8, 7, -7], False), ([-3, -5, -4, -6], False)],
)
def test_a_gain_is_claimed_only_where_its_interval_lies_above_0(gains: list[int], is_certain: bool) -> None:
    pairs = [(counts_of(80), counts_of(80 + gain)) for gain in gains]
    held = held_out(pairs, ["a", "b", "c", "d"], seed=1)
    assert held.is_certain is is_certain
    assert held.gain.mean == pytest.approx(np.mean(gains) / 100, abs=1e-5)
    low, high = held.gain.interval
    assert low <= held.gain.mean <= high


def test_the_report_is_printed_and_written(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(project, "report", "--write", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == json.loads((tmp_path / "metrics" / "review.json").read_text())
    assert json.loads(result.stdout)["without_sample"] == []


def test_too_few_accepted_label_maps_stop_the_pipeline_after_clean(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (ROOT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(set_values(text, {("clean", "required_accuracy"): 0.9}))
    monkeypatch.chdir(tmp_path)
    folders = project.options()[:-2]
    result = CliRunner().invoke(clean_stage.main, [*folders, "--out", "clean", "--metrics", "clean.json"])
    assert result.exit_code == 1
    (line,) = (one for one in result.stderr.splitlines() if one.startswith("error: "))
    assert "2 of 22 label maps accepted" in line
    assert "clean.required_accuracy = 0.9" in line
    figures = json.loads((tmp_path / "clean.json").read_text())["spot_check"]
    assert (figures["accepted"], figures["reviewed"]) == (2, 22)
    assert len(read_manifest(tmp_path / "clean")) == COUNT


def test_the_command_knows_all_pieces() -> None:
    assert _PIECES == PIECES
