"""Killed at any moment, on a full disk, twice at once, with any clock: what a stage leaves is whole or not there.

``CUBISEG_TEST_KILLS`` is the number of kills a stage; docs/reliability.md has what is promised.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from cubiseg import lifetime
from cubiseg.errors import DiskError
from cubiseg.sources.stage import prepare
from tests import tiny
from tests.conftest import ROOT
from tests.inference.palette import portrait, write_model
from tests.sources.psds import SHAPES, face, saved
from tests.sources.test_stage import small
from tests.stages.test_data_stages import Project
from tests.stages.warm_stage import WarmStage
from tests.tiny import bytes_of

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("CUBISEG_TEST_KILLS", "4"))
ARGUMENTS = {
    "prepare": "--references data/references",
    "annotate": f"--prepared data/prepared --codebook {ROOT}/cubiseg/codebook.yaml --responses data/responses",
    "clean": "--prepared data/prepared --annotated data/annotated --corrections data/corrections",
    "split": "--prepared data/prepared --clean data/clean",
    "export": "--configs mmseg_configs --weights w.safetensors",
    "integrate": "--model m.onnx --illustrations art",
}
STAGES = tuple(ARGUMENTS)
OF_DATA = ("prepare", "annotate", "clean", "split")
KILLED_HERE = tuple(name for name in STAGES if name != "annotate")  # that one: tests/answers/test_kills.py
Content = dict[str, bytes]
_whole: dict[str, Content] = {}


class Place:
    """A folder with the inputs of a stage, a former output of it, and the stage."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.stage = WarmStage(name, ROOT, root)
        self.former: Content = {}

    def arguments(self, out: str, metrics: str = "metrics.json") -> list[str]:
        return [*ARGUMENTS[self.name].split(), "--out", out, "--metrics", metrics]

    def run(self, out: str, workers: int = 1) -> dict[str, Any]:
        return self.stage.run(*self.arguments(out), workers=workers)

    def make(self, out: str, workers: int = 1) -> Content:
        """The output of an undisturbed run."""
        done = self.run(out, workers)
        assert done["code"] == 0, done["stderr"]
        return bytes_of(self.root / out)

    def whole(self) -> Content:
        """The output of an undisturbed run, which is made once: all tests of a stage have the same inputs."""
        if self.name not in _whole:
            _whole[self.name] = self.make("whole")
        return _whole[self.name]

    def one_line(self, out: str) -> str:
        """The message of a run that fails."""
        done = self.run(out)
        assert done["code"] == 1, done
        (line,) = (line for line in done["stderr"].splitlines() if line.startswith("error: "))
        assert "Traceback" not in done["stderr"]
        return line

    def put_former(self, out: str) -> None:
        """Have a former output there."""
        shutil.rmtree(self.root / out, ignore_errors=True)
        for path, content in self.former.items():
            target = self.root / out / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def temporaries(self) -> list[Path]:
        return list(self.root.rglob(".cubiseg-*.tmp"))


def write_weights(path: Path) -> None:
    """Weights that nobody has trained."""
    import torch

    from cubiseg.segmentors.build import Network, build_segmentor, describe, load_config
    from cubiseg.segmentors.weights import save_weights

    torch.manual_seed(7)
    name = "baseline-mobilenetv2"
    config = load_config(name, ROOT / "mmseg_configs")
    config.model.pop("checkpoint", None)
    save_weights(path, Network(build_segmentor(config)), describe(config, name, 64))


def set_pack(root: Path, how: str) -> None:
    path = root / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["split"]["pack"] = how
    path.write_text(yaml.safe_dump(params))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of sixteen portraits, so many that two workers share them, run up to split; packed into shards."""
    root = tmp_path_factory.mktemp("data")
    project = Project(root)
    project.set(prepare={"synthetic": {"count": 16, "size": 128, "pictures_per_character": 2, "layers": 1}})
    set_pack(root, "shards")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("CUBISEG_RESPONSES", raising=False)
        patch.setenv("CUBISEG_WORKERS", "1")
        project.run_all()
    return root


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The inputs of the stage that the test names."""
    name = request.getfixturevalue("name")
    root = tmp_path / "project"
    if name in OF_DATA:
        shutil.copytree(request.getfixturevalue("data"), root)
    else:
        root.mkdir()
        shutil.copytree(ROOT / "mmseg_configs", root / "mmseg_configs")
        export = {**tiny.params("export"), "parity_inputs": 1}
        segmentation = {"backend": "anime-advanced"}
        (root / "params.yaml").write_text(
            yaml.safe_dump({"export": export, "segmentation": segmentation, "integrate": {}})
        )
    place = Place(root, name)
    if name == "export":
        write_weights(root / "w.safetensors")
        place.former = {f"anime_advanced_seg{suffix}": b"former" * 2000 for suffix in (".pt", ".onnx", ".md")}
    elif name == "integrate":
        write_model(root / "m.onnx")
        (root / "art").mkdir()
        for number in (0, 1):
            path = root / "art" / f"p{number}.png"
            Image.fromarray(portrait(160, 128 + number)[0].rgb).save(path)
            if number == 0:
                place.former = place.make("former")
    else:
        set_pack(root, "files")
        place.former = place.make("former")
        set_pack(root, "shards")
    yield place
    place.stage.close()


@pytest.mark.parametrize("name", KILLED_HERE)
def test_kills_at_any_moment_leave_nothing_half_and_change_no_byte(place: Place, name: str) -> None:
    out, seconds = place.root / "out", {}
    most = 2 if name in OF_DATA else 1
    for workers in range(1, most + 1):
        start = time.monotonic()
        done = place.run("out", workers)
        seconds[workers] = time.monotonic() - start
        assert done["code"] == 0, done["stderr"]
        if workers == 1:
            whole, changes = bytes_of(out), done["changes"]
    metrics = (place.root / "metrics.json").read_bytes()
    assert bytes_of(out) == whole != place.former
    _whole[name] = whole
    rng = random.Random(24)
    ended = 0
    for kill in range(KILLS):
        former = kill % 2 == 0
        if former:
            place.put_former("out")
        else:
            shutil.rmtree(out, ignore_errors=True)  # as DVC does before it runs a stage
        if kill % 4 in (0, 1):  # by the clock
            workers = 1 + kill % most
            pid = place.stage.start(*place.arguments("out"), workers=workers)
            time.sleep(rng.uniform(0, seconds[workers]))
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        else:  # before a change to the disk, be it one of the last, when folders take places
            at = rng.randrange(max(0, changes - 12) if rng.random() < 0.5 else 0, changes)
            pid = place.stage.start(*place.arguments("out"), kill_at=at)
        met = place.stage.wait(pid)["code"] == -signal.SIGKILL
        if not met and kill % 4 in (0, 1):  # the machine was busier when the run was timed
            seconds[workers] *= 0.7
        ended += met
        _assert_nothing_half(place, whole, former)
        assert (place.root / "metrics.json").read_bytes() == metrics
    assert ended >= KILLS * 0.7, "most met a run"
    assert place.make("out") == whole
    assert (place.root / "metrics.json").read_bytes() == metrics
    assert place.temporaries() == []


def _assert_nothing_half(place: Place, whole: Content, former: bool) -> None:
    found = bytes_of(place.root / "out")
    if place.name == "export":  # files beside others, each by itself; DVC takes them only where the stage has ended
        found = {path: content for path, content in found.items() if not path.endswith(".tmp")}
        assert all(content in (whole[path], place.former[path]) for path, content in found.items())
        assert not former or found.keys() == whole.keys()
    elif former and not found:  # killed between two renames: the next run puts it back
        assert place.former in [bytes_of(path) for path in place.temporaries()]
    else:
        assert found in ({}, place.former, whole)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A file system in memory: called with mount's options it is mounted, or mounted anew."""
    folder = tmp_path / "project" / "disk"

    def mount(options: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        call = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if shutil.which("mount") is None:
            pytest.skip("a small disk needs the program mount")
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        return folder

    yield mount
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def _used(folder: Path) -> int:
    facts = os.statvfs(folder)
    return (facts.f_blocks - facts.f_bfree) * facts.f_frsize


@pytest.mark.parametrize("name", STAGES)
def test_a_full_disk_is_one_line_keeps_what_was_there_and_more_room_mends_it(
    place: Place, name: str, disk: Callable[..., Path]
) -> None:
    folder = disk("size=64m")
    whole = place.whole()
    needed = sum(-(-len(content) // 4096) * 4096 for content in whole.values())
    place.put_former("disk/out")
    there = _used(folder)
    disk(f"remount,size={(there + needed // 2) // 1024}k")
    line = place.one_line("disk/out")
    assert "disk/out" in line
    assert "(No space left on device); free some space or choose another folder" in line
    if name == "export":  # each file by itself
        assert all(content in (whole[path], place.former[path]) for path, content in bytes_of(folder / "out").items())
    else:
        assert bytes_of(folder / "out") == place.former
    assert place.temporaries() == []
    disk("remount,size=64m")
    assert place.make("disk/out") == whole


@pytest.mark.parametrize("name", STAGES)
def test_a_folder_that_can_only_be_read_is_one_line(place: Place, name: str, disk: Callable[..., Path]) -> None:
    folder = disk("size=64m")
    place.put_former("disk/out")
    disk("remount,ro")
    line = place.one_line("disk/out")
    assert "disk/out" in line
    assert "(Read-only file system)" in line
    assert bytes_of(folder / "out") == place.former


@pytest.mark.parametrize("name", STAGES)
def test_two_runs_into_one_folder_leave_one_whole(place: Place, name: str) -> None:
    whole = place.whole()
    place.put_former("out")
    pids = [place.stage.start(*place.arguments("out")) for _ in range(2)]
    for pid in pids:
        done = place.stage.wait(pid)
        assert done["code"] == 0, done["stderr"]
    assert bytes_of(place.root / "out") == whole
    assert place.temporaries() == []


@pytest.mark.parametrize("name", STAGES)
def test_times_of_files_mean_nothing(place: Place, name: str) -> None:
    """The clock was set back an hour: inputs, former output and what a dead process left are of the future."""
    whole = place.whole()
    place.put_former("out")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    beside = place.root / ("out" if name == "export" else "")  # files, or a folder
    left = beside / f".cubiseg-{lifetime.place()}-{dead.pid}-123-0123abcd.tmp"
    left.mkdir()
    (left / "half").write_text("half")
    future = time.time() + 3600
    for path in place.root.rglob("*"):
        os.utime(path, (future, future))
    assert place.make("out") == whole
    assert place.temporaries() == []


def test_a_full_disk_is_no_reason_to_reject_a_picture(tmp_path: Path, disk: Callable[..., Path]) -> None:
    """What is too large for the little room there is must not be left out of a data set that else is made."""
    for number in range(3):
        saved(face({part: part for part in SHAPES}), tmp_path / "in" / f"{number}.psd")
    layered = {"views": 1, "size": 128, "layers": 3}
    params = small(sources=["layered_psd"], layered_psd={**tiny.params("prepare")["layered_psd"], **layered})
    folder = disk("size=64m")
    metrics = prepare(params, tmp_path / "none", folder / "out", {"layered_psd": tmp_path / "in"})
    assert metrics.pictures == 3
    files = list((folder / "out").rglob("*"))
    most = max(files, key=lambda path: path.stat().st_size)
    shutil.rmtree(folder / "out")
    (folder / "other").write_bytes(bytes(64 * 2**20 - 3 * 4096))
    with pytest.raises(DiskError, match=rf"/out/.*{most.suffix}: cannot be written \(No space left on device\)"):
        prepare(params, tmp_path / "none", folder / "out", {"layered_psd": tmp_path / "in"})
    assert [path.name for path in folder.iterdir()] == ["other"]


_PIPELINE = """\
stages:
  slow:
    cmd: echo started > started && while [ ! -e go ]; do sleep 0.1; done && echo made > made
    outs: [made]
  other:
    cmd: echo too > too
    outs: [too]
"""


@pytest.fixture
def slow_repro(tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> Iterator[subprocess.Popen]:
    """``dvc repro slow`` in the midst of its command, which waits for a file ``go``."""
    run("git", "init", "--quiet", cwd=tmp_path)
    run("dvc", "init", "--quiet", cwd=tmp_path)
    (tmp_path / "dvc.yaml").write_text(_PIPELINE)
    command = [sys.executable, "-m", "dvc", "repro", "slow"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **quiet)
    deadline = time.monotonic() + 120
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_dvc_refuses_a_second_repro_of_a_stage_that_runs_and_lets_others_run(
    slow_repro: subprocess.Popen, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    second = run("dvc", "repro", "slow", cwd=tmp_path, check=False)
    assert second.returncode != 0
    assert "failed to reproduce 'slow'" in second.stderr
    assert "is busy, it is being blocked by" in second.stderr
    assert f"(PID {slow_repro.pid})" in second.stderr
    run("dvc", "repro", "other", cwd=tmp_path)
    (tmp_path / "go").touch()
    assert slow_repro.wait(120) == 0
    assert (tmp_path / "made").read_text() == "made\n"
    assert "up to date" in run("dvc", "repro", cwd=tmp_path).stdout


def test_a_repro_that_was_killed_blocks_no_other(
    slow_repro: subprocess.Popen, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    os.killpg(slow_repro.pid, signal.SIGKILL)
    slow_repro.wait()
    (tmp_path / "go").touch()
    run("dvc", "repro", cwd=tmp_path)
    assert (tmp_path / "made").read_text() == "made\n"
    assert "up to date" in run("dvc", "repro", cwd=tmp_path).stdout
