"""Two branches that both built, or both added corrections, merge by the repository's own attributes and `resolve`."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from cubiseg.cleaning.corrections import read_reviews
from stages.resolve import made
from tests.conftest import ROOT
from tests.remote.conftest import Run

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")

pytestmark = pytest.mark.slow

# The shape of the real pipeline: cached data, git-tracked metrics and plots, a param a stage.
PIPELINE = """\
stages:
  split:
    cmd: python make.py split data metrics/split.json
    params: [split]
    deps: [make.py]
    outs: [data]
    metrics: [metrics/split.json: {cache: false}]
  train:
    cmd: python make.py train models metrics/train.json
    params: [train]
    deps: [make.py, data]
    outs: [models, metrics/plots/train: {cache: false}]
    metrics: [metrics/train.json: {cache: false}]
"""
MAKE = """\
import json, sys
from pathlib import Path
import yaml

stage, out, metrics = sys.argv[1:]
params = yaml.safe_load(Path("params.yaml").read_text())[stage]
Path(out).mkdir(parents=True)
Path(out, "result.txt").write_text(str(params))
Path(metrics).write_text(json.dumps(params, indent=2))
if stage == "train":
    Path("metrics/plots/train").mkdir(parents=True)
    Path("metrics/plots/train", f"{params['architecture']}.csv").write_text("iteration,loss\\n1,0.5\\n")
"""
PARAMS = """\
split:
  seed: 0
  test: 0.15

train:
  architecture: unet
  max_iters: 100
"""


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    repo = tmp_path_factory.mktemp("merge") / "repo"
    (repo / "metrics").mkdir(parents=True)
    run("git", "init", "--quiet", "--initial-branch", "main", cwd=repo)
    run("dvc", "init", "--quiet", cwd=repo)
    shutil.copy(ROOT / ".gitattributes", repo)
    for name, text in {"dvc.yaml": PIPELINE, "make.py": MAKE, "params.yaml": PARAMS}.items():
        (repo / name).write_text(text)
    (repo / "metrics/benchmark.json").write_text('{"unet": 0.5}')
    run("dvc", "repro", "--quiet", cwd=repo)
    commit(run, repo, "base")
    return repo


@pytest.fixture
def repo(_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that was built and committed on main."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "site"))
    return Path(shutil.copytree(_built, tmp_path / "repo"))


def commit(run: Run, repo: Path, message: str) -> None:
    run("git", "add", "--all", cwd=repo)
    run(*GIT, "commit", "--quiet", "--message", message, cwd=repo)


def build(run: Run, repo: Path, branch: str, old: str, new: str) -> None:
    """On a branch off main, change a param, build and commit."""
    run("git", "checkout", "--quiet", "-b", branch, "main", cwd=repo)
    text = (repo / "params.yaml").read_text()
    assert old in text
    (repo / "params.yaml").write_text(text.replace(old, new))
    run("dvc", "repro", "--quiet", cwd=repo)
    commit(run, repo, branch)


def merge(run: Run, repo: Path, branch: str) -> str:
    done = run(*GIT, "merge", "--quiet", "--no-edit", branch, cwd=repo, check=False)
    return done.stdout + done.stderr


def resolve(run: Run, repo: Path, *options: str, check: bool = True) -> tuple[str, str]:
    done = run(sys.executable, "-m", "stages.resolve", *options, cwd=repo, check=check, PYTHONPATH=str(ROOT))
    return done.stdout, done.stderr


def test_all_that_stages_make_and_git_keeps_is_never_merged_line_by_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    paths = [f"{path}/any.csv" if (ROOT / path).is_dir() else path for path in made()]
    assert {"dvc.lock", "metrics/train.json", "models/anime_advanced_seg.md"} < set(paths)
    told = run("git", "check-attr", "merge", "--", *paths, cwd=ROOT).stdout.splitlines()
    assert [line for line in told if not line.endswith("merge: unset")] == []


def test_two_builds_are_resolved_to_one_side_and_the_stages_to_rebuild_are_named(repo: Path, run: Run) -> None:
    build(run, repo, "theirs", "seed: 0", "seed: 1")
    build(run, repo, "ours", "architecture: unet", "architecture: swin")
    ours = (repo / "dvc.lock").read_bytes()
    assert "dvc.lock" in merge(run, repo, "theirs")
    assert (repo / "dvc.lock").read_bytes() == ours  # no markers: DVC can read it

    told, _ = resolve(run, repo)
    assert "taken whole from ours: dvc.lock, metrics/plots/train/swin.csv" in told
    assert "`dvc repro` will run: split, and what depends on them" in told
    assert "left for you" not in told
    params = yaml.safe_load((repo / "params.yaml").read_text())
    assert (params["split"]["seed"], params["train"]["architecture"]) == (1, "swin")  # both sides' choices
    assert json.loads((repo / "metrics/split.json").read_text())["seed"] == 0  # one build's figures
    status = json.loads(run("dvc", "status", "--json", cwd=repo).stdout)
    assert "split" in status

    run("dvc", "repro", "--quiet", cwd=repo)
    run("git", "add", "--update", cwd=repo)
    run(*GIT, "commit", "--quiet", "--no-edit", cwd=repo)
    assert json.loads((repo / "metrics/split.json").read_text())["seed"] == 1
    assert json.loads(run("dvc", "status", "--json", cwd=repo).stdout) == {}
    assert run("git", "status", "--porcelain", cwd=repo).stdout == ""


def test_the_other_side_can_be_taken_until_the_commit(repo: Path, run: Run) -> None:
    build(run, repo, "theirs", "max_iters: 100", "max_iters: 200")
    build(run, repo, "ours", "seed: 0", "seed: 1")
    theirs = run("git", "show", "theirs:dvc.lock", cwd=repo).stdout
    merge(run, repo, "theirs")
    resolve(run, repo)
    told, _ = resolve(run, repo, "--side", "theirs")
    assert (repo / "dvc.lock").read_text() == theirs
    assert "taken whole from theirs" in told
    assert "then: dvc pull && dvc repro" in told


def test_params_with_conflict_markers_are_refused_and_nothing_is_touched(repo: Path, run: Run) -> None:
    build(run, repo, "theirs", "architecture: unet", "architecture: swin")
    build(run, repo, "ours", "architecture: unet", "architecture: segformer")
    merge(run, repo, "theirs")
    before = run("git", "status", "--porcelain", cwd=repo).stdout
    _, error = resolve(run, repo, check=False)
    assert re.fullmatch(r"error: params\.yaml: conflict markers in lines 6, 10; merge them by hand first, .*\n", error)
    assert run("git", "status", "--porcelain", cwd=repo).stdout == before

    text = (repo / "params.yaml").read_text()
    (repo / "params.yaml").write_text(re.sub(r"<{7}.*?={7}\n(.*?)>{7}[^\n]*\n", r"\1", text, flags=re.DOTALL))
    told, _ = resolve(run, repo)
    assert "left for you to merge and `git add`: params.yaml" in told
    assert "`dvc repro` will run: train, and" in told
    # What only their build had is gone with the rest of it.
    assert [p.name for p in (repo / "metrics/plots/train").iterdir()] == ["segformer.csv"]


def test_figures_that_no_stage_makes_are_taken_file_by_file(repo: Path, run: Run) -> None:
    for branch, text in (("theirs", '{"unet": 0.6}'), ("ours", '{"unet": 0.7}')):
        run("git", "checkout", "--quiet", "-b", branch, "main", cwd=repo)
        (repo / "metrics/benchmark.json").write_text(text)
        commit(run, repo, branch)
    merge(run, repo, "theirs")
    told, _ = resolve(run, repo, "--side", "theirs")
    assert "taken from theirs: metrics/benchmark.json" in told
    assert "`dvc repro` has nothing to do" in told
    assert (repo / "metrics/benchmark.json").read_text() == '{"unet": 0.6}'


NO_MERGE = (
    "error: no merge is under way; run it after `git merge`, before `git commit` "
    "(a rebase or cherry-pick: abort it, and merge)\n"
)


def test_without_a_merge_nothing_is_touched(repo: Path, run: Run) -> None:
    _, error = resolve(run, repo, check=False)
    assert error == NO_MERGE


def test_a_rebase_is_refused_and_what_was_built_after_it_stays(repo: Path, run: Run) -> None:
    build(run, repo, "theirs", "seed: 0", "seed: 1")
    build(run, repo, "ours", "architecture: unet", "architecture: swin")
    assert run(*GIT, "rebase", "--quiet", "theirs", cwd=repo, check=False).returncode
    before = run("git", "status", "--porcelain", cwd=repo).stdout
    assert resolve(run, repo, check=False) == ("", NO_MERGE)
    assert run("git", "status", "--porcelain", cwd=repo).stdout == before

    run("git", "checkout", "--theirs", "--", ".", cwd=repo)
    run("git", "add", "--all", cwd=repo)
    run(*GIT, "-c", "core.editor=true", "rebase", "--continue", cwd=repo)
    run("git", "update-ref", "REBASE_HEAD", "ours", cwd=repo)  # git may leave it behind
    (repo / "dvc.lock").write_text("a new build")
    assert resolve(run, repo, check=False) == ("", NO_MERGE)
    assert (repo / "dvc.lock").read_text() == "a new build"


def test_a_build_that_is_committed_nowhere_is_not_overwritten(repo: Path, run: Run) -> None:
    build(run, repo, "theirs", "architecture: unet", "architecture: swin")
    build(run, repo, "ours", "seed: 0", "seed: 1")
    merge(run, repo, "theirs")
    resolve(run, repo)
    new = [repo / "metrics/split.json", repo / "metrics/plots/train/swin.csv"]  # the second is theirs: git has it not
    for path in new:
        path.write_text("new")
    _, error = resolve(run, repo, "--side", "theirs", check=False)
    assert re.fullmatch(
        r"error: metrics/plots/train/swin\.csv, metrics/split\.json: built or edited since and committed nowhere; .*\n",
        error,
    )
    assert [path.read_text() for path in new] == ["new", "new"]
    for path in new:
        path.unlink()
    told, _ = resolve(run, repo, "--side", "theirs")
    assert "taken whole from theirs" in told


def test_lines_of_corrections_of_two_people_merge_without_a_conflict(repo: Path, run: Run) -> None:
    base = {"base_sha256": None, "verdict": "accepted", "time": "2026-05-04T12:00:00Z", "revision": 1}
    for branch, samples in (("ab", ("p1", "p2")), ("cd", ("p2", "p3"))):
        run("git", "checkout", "--quiet", "-b", branch, "main", cwd=repo)
        file = repo / "data/corrections/corrections.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps({**base, "sample": s, "reviewer": branch}) + "\n" for s in samples))
        run("git", "add", "--force", str(file), cwd=repo)
        run(*GIT, "commit", "--quiet", "--message", branch, cwd=repo)
    assert "CONFLICT" not in merge(run, repo, "ab")
    merged = read_reviews(repo / "data/corrections")
    assert {sample: [r.reviewer for r in reviews] for sample, reviews in merged.items()} == {
        "p1": ["ab"],
        "p2": ["ab", "cd"],
        "p3": ["cd"],
    }


def test_pointers_to_folders_merge_file_by_file(repo: Path, run: Run) -> None:
    makefile = (ROOT / "Makefile").read_text()
    driver = re.search(r'git config merge\.dvc\.driver "(.*)"', makefile)
    assert driver is not None
    run("git", "config", "merge.dvc.driver", driver[1], cwd=repo)
    (repo / "references").mkdir()
    (repo / "references/base.webp").write_text("base")
    run("dvc", "add", "--quiet", "references", cwd=repo)
    commit(run, repo, "references")
    for name in ("ab", "cd"):
        run("git", "checkout", "--quiet", "-b", name, "main", cwd=repo)
        run("dvc", "checkout", "--quiet", cwd=repo)
        (repo / f"references/{name}.webp").write_text(name)
        run("dvc", "add", "--quiet", "references", cwd=repo)
        commit(run, repo, name)
    assert "CONFLICT" not in merge(run, repo, "ab")
    run("dvc", "checkout", "--quiet", cwd=repo)
    assert sorted(p.name for p in (repo / "references").iterdir()) == ["ab.webp", "base.webp", "cd.webp"]
