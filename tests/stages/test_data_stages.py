"""prepare, annotate, clean and split as commands: end to end, reproducible, one line for what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from cubiseg import imaging, label_maps
from cubiseg.sample_files import find
from cubiseg.samples import LabelMethod, Split, read_manifest
from stages import annotate, clean, prepare, split
from tests.conftest import ROOT
from tests.tiny import bytes_of

pytestmark = pytest.mark.slow

CODEBOOK = str(ROOT / "cubiseg" / "codebook.yaml")
COMMANDS: dict[str, tuple[Any, str]] = {
    "prepare": (prepare.main, "--references data/references --out data/prepared"),
    "annotate": (
        annotate.main,
        f"--prepared data/prepared --codebook {CODEBOOK} --out data/annotated --responses data/responses",
    ),
    "clean": (
        clean.main,
        "--prepared data/prepared --annotated data/annotated --corrections data/corrections --out data/clean",
    ),
    "split": (split.main, "--prepared data/prepared --clean data/clean --out v1"),
}


class Project:
    """An empty project with params for twelve small portraits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.set(
            prepare={"synthetic": {"count": 12, "size": 128, "pictures_per_character": 2}},
            annotate={"hide_labels": 0.3},
        )

    def set(self, **blocks: dict[str, Any]) -> None:
        path = self.root / "params.yaml"
        params = yaml.safe_load((path if path.exists() else ROOT / "params.yaml").read_text())
        for block, values in blocks.items():
            params[block] |= values
        path.write_text(yaml.safe_dump(params))

    def run(self, stage: str) -> Result:
        command, arguments = COMMANDS[stage]
        return CliRunner().invoke(command, [*arguments.split(), "--metrics", f"metrics/{stage}.json"])

    def run_all(self) -> dict[str, Any]:
        for stage in COMMANDS:
            result = self.run(stage)
            assert result.exit_code == 0, f"{stage}: {result.output} {result.exception!r}"
        return {s: json.loads((self.root / f"metrics/{s}.json").read_text()) for s in COMMANDS}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUBISEG_RESPONSES", raising=False)
    return Project(tmp_path)


def one_line(result: Result) -> str:
    """The message of a failed stage."""
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_four_stages_make_the_data_set_and_again_the_same_bytes(project: Project) -> None:
    metrics = project.run_all()
    rows = read_manifest(project.root / "v1")
    assert metrics["prepare"]["pictures"] == 12
    assert metrics["annotate"]["hidden"] >= 2
    assert len(rows) == metrics["clean"]["labelled"] == sum(metrics["split"]["pictures"].values())
    assert {s.split for s in rows} == set(Split)
    assert LabelMethod.SIMULATED in {s.label_method for s in rows}
    for s in rows:
        picture = imaging.read_picture(project.root / "v1" / s.image)
        assert imaging.pixel_hash(picture.rgb) == s.sha256
        assert label_maps.read_label(project.root / "v1" / str(s.label)).shape == picture.size
    everything = bytes_of(project.root)
    project.run_all()
    assert bytes_of(project.root) == everything


def test_a_picture_of_the_user_with_its_label_map_goes_all_the_way(project: Project) -> None:
    project.run("prepare")
    prepared = project.root / "data" / "prepared"
    for kind, suffix in (("images", "webp"), ("labels", "png")):
        target = project.root / "data" / "references" / kind / f"mine.{suffix}"
        target.parent.mkdir(parents=True)
        target.write_bytes((prepared / kind / f"synthetic-000005.{suffix}").read_bytes())
    project.set(annotate={"hide_labels": 0})
    project.run_all()
    mine = next(s for s in read_manifest(project.root / "v1") if s.source == "references")
    assert mine.id == "ref-mine"
    own = project.root / "data" / "references" / "images" / "mine.webp"
    assert (project.root / "v1" / mine.image).read_bytes() == own.read_bytes()


def test_an_unlabelled_picture_of_the_user_stops_annotate_with_one_line(project: Project) -> None:
    project.run("prepare")
    own = project.root / "data" / "references" / "images"
    own.mkdir(parents=True)
    (own / "mine.webp").write_bytes((project.root / "data/prepared/images/synthetic-000005.webp").read_bytes())
    assert project.run("prepare").exit_code == 0
    line = one_line(project.run("annotate"))
    for part in ("1 pictures have no label map", "annotate.provider", "prepare.sources"):
        assert part in line
    assert not (project.root / "data" / "annotated").exists()


@pytest.mark.parametrize(
    ("stage", "change", "part"),
    [
        ("prepare", {"sources": "synthetic"}, "prepare.sources"),
        ("prepare", {"synthetic": {"count": "many"}}, "prepare.synthetic"),
        ("annotate", {"hide_labels": 2}, "annotate.hide_labels"),
        ("annotate", {"provider": "oracle"}, "choose one of: simulated"),
        ("annotate", {"protocol": "shout"}, "choose one of: contact-sheet"),
        ("clean", {"min_area": {"hair": 3}}, "clean.min_area"),
        ("clean", {"join": -1}, "clean.join"),
        ("clean", {"colour": 1}, "clean.colour"),
        ("split", {"val": 0.9}, "sum below 1"),
        ("split", {"pack": "zip"}, "split.pack"),
    ],
)
def test_a_wrong_param_is_one_line_that_names_it(project: Project, stage: str, change: dict, part: str) -> None:
    project.set(**{stage: change})
    assert part in one_line(project.run(stage))


@pytest.mark.parametrize("stage", ["annotate", "clean", "split"])
def test_a_missing_input_is_one_line_and_leaves_nothing(project: Project, stage: str) -> None:
    assert "run the stage that makes it" in one_line(project.run(stage))
    assert [p.name for p in project.root.iterdir()] == ["params.yaml"]


def test_two_groups_are_too_few_to_split(project: Project) -> None:
    project.set(
        prepare={"synthetic": {"count": 4, "size": 64, "pictures_per_character": 2}}, annotate={"hide_labels": 0}
    )
    for stage in ("prepare", "annotate", "clean"):
        assert project.run(stage).exit_code == 0
    assert "2 groups with labels are too few" in one_line(project.run("split"))


def test_a_changed_correction_base_is_said_and_counted(project: Project) -> None:
    for stage in ("prepare", "annotate"):
        project.run(stage)
    folder = project.root / "data" / "corrections"
    (folder / "labels").mkdir(parents=True)
    label = folder / "labels" / "a.png"
    label.write_bytes((project.root / "data/prepared/labels/synthetic-000000.png").read_bytes())
    record = {"sample": "synthetic-000001", "base_sha256": None, "label": "labels/a.png", "reviewer": "ab"}
    record |= {"time": "2026-05-04T12:00:00Z", "revision": 1}
    (folder / "corrections.jsonl").write_text(json.dumps(record) + "\n")
    result = project.run("clean")
    assert result.exit_code == 0
    assert "1 reviews saw another label map than there is now" in result.stderr
    metrics = json.loads((project.root / "metrics/clean.json").read_text())
    told = {name: value for name, value in metrics["corrections"].items() if value}
    assert told == {"applied": 1, "base_changed": ["synthetic-000001"]}


def test_shards_hold_the_samples_that_files_do_whatever_the_number_of_workers(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.set(prepare={"synthetic": {"count": 40, "size": 128, "pictures_per_character": 2, "layers": 1}})
    folders = ("data/prepared", "data/annotated", "data/clean", "v1")
    made = []
    for pack, workers in (("files", 1), ("shards", 1), ("shards", 3)):
        project.set(split={"pack": pack})
        monkeypatch.setenv("CUBISEG_WORKERS", str(workers))
        metrics = project.run_all()
        made.append((metrics, {folder: bytes_of(project.root / folder) for folder in folders}))
    assert made[0][0] == made[1][0] == made[2][0]
    assert made[1][1] == made[2][1], "no byte depends on the number of workers"
    for folder in folders:
        plain, packed = made[0][1][folder], made[1][1][folder]
        files = {path: find(project.root / folder, path).read_bytes() for path in plain}
        assert files == plain
        kept = {path for path in packed if path.split("/")[0] != "shards"}
        assert kept == {path for path in plain if "/" not in path or path.startswith("layers/")}
    assert made[1][1]["v1"].keys() >= {f"shards/{split.value}/000000.tar" for split in Split}
