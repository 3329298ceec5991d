"""What is written is whole or not there."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cubiseg import files, lifetime
from cubiseg.errors import CubisegError, DiskError
from cubiseg.files import fresh_folder, write_csv
from tests.conftest import ROOT


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    files.write_text(path, "old\n")
    with (
        pytest.raises(CubisegError, match=r"f.txt: cannot be written \(No space left"),
        files.atomic_write(path) as file,
    ):
        file.write(b"half")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old\n" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(CubisegError, match="cannot be written"):
        files.write_text(path / "below a file.txt", "x")


def test_names_at_the_file_systems_limit_can_be_written(tmp_path: Path) -> None:
    for name in ("n" * 251 + ".txt", "\udcff.txt"):
        files.write_text(tmp_path / name, "x\n")
        assert (tmp_path / name).read_text() == "x\n"


def test_a_folder_is_swapped_in_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with fresh_folder(target) as folder:
        files.write_text(folder / "a", "1")
    with fresh_folder(target) as folder:
        files.write_text(folder / "b", "2")
    assert [p.name for p in target.iterdir()] == ["b"]
    with pytest.raises(ValueError, match="a defect"), fresh_folder(target) as folder:
        files.write_text(folder / "c", "3")
        raise ValueError("a defect")
    assert [p.name for p in target.iterdir()] == ["b"] and list(tmp_path.iterdir()) == [target]
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CubisegError, match="is a file"), fresh_folder(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "mine"


def _left(folder: Path, name: str, age_hours: float = 0) -> Path:
    """Something half written by another process, so many hours ago."""
    path = folder / name
    path.mkdir()
    (path / "half").write_text("half")
    for part in (path / "half", path):
        os.utime(part, (time.time() - 3600 * age_hours,) * 2)
    return path


def test_what_a_dead_process_left_is_removed_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    here, parent = lifetime.place(), os.getppid()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = [
        _left(tmp_path, f".cubiseg-{here}-{dead.pid}-123-0123abcd.tmp"),
        _left(tmp_path, f".cubiseg-{here}-{parent}-1-0123abcd.tmp"),  # the number was given to another process since
        _left(tmp_path, ".cubiseg-00000000-1-1-0123abcd.tmp", age_hours=72),
        _left(tmp_path, ".cubiseg-0123456789abcdef.tmp", age_hours=72),
    ]
    kept = [
        _left(tmp_path, f".cubiseg-{here}-{parent}-{lifetime.born(parent)}-0123abcd.tmp", age_hours=1000),
        _left(tmp_path, ".cubiseg-00000000-1-1-0123abce.tmp", age_hours=30),  # of another machine
        _left(tmp_path, ".cubiseg-0123456789abcdee.tmp"),
        _left(tmp_path, ".cubiseg-mine", age_hours=1000),
    ]
    files.write_text(tmp_path / "a.txt", "x")
    assert not any(path.exists() for path in gone)
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "a.txt"])


def test_a_folder_that_a_killed_process_had_set_aside_is_put_back(tmp_path: Path) -> None:
    kill = (
        "import os, signal, sys; from pathlib import Path; from cubiseg.files import fresh_folder\n"
        "rename = Path.rename\n"
        "def killed(self, other):\n"
        "    rename(self, other); os.kill(os.getpid(), signal.SIGKILL)\n"
        "Path.rename = killed\n"
        "with fresh_folder(Path(sys.argv[1])) as folder: (folder / 'new').write_text('new')"
    )
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine").write_text("mine")
    subprocess.run([sys.executable, "-c", kill, str(target)], cwd=ROOT)
    assert not target.exists()
    files.write_text(tmp_path / "else", "x")  # another write into the same folder leaves what was set aside
    with pytest.raises(ValueError), fresh_folder(target):
        assert (target / "mine").read_text() == "mine"
        raise ValueError
    assert (target / "mine").read_text() == "mine"
    with fresh_folder(target) as folder:
        files.write_text(folder / "new", "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["else", "out"]


def test_a_table_has_empty_cells_for_none_and_unix_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ["name", "score"], [("x, y", 0.5), ("z", None)])
    assert (tmp_path / "a.csv").read_bytes() == b'name,score\n"x, y",0.5\nz,\n'


def test_what_a_worker_that_died_left_half_written_is_no_part_of_a_fresh_folder(tmp_path: Path) -> None:
    with files.fresh_folder(tmp_path / "out") as folder:
        files.write_text(folder / "images" / "a.txt", "a")
        # Its name says another machine: nobody here could tell that its process has ended.
        (folder / "images" / ".cubiseg-00000000-7-1-0123abcd.tmp").write_text("half")
        (folder / ".cubiseg-00000000-7-1-0123abce.tmp").mkdir()
    assert [path.name for path in sorted((tmp_path / "out").rglob("*"))] == ["images", "a.txt"]


_KILL_WITHIN_REMOVAL = """
import os, shutil, signal, sys
from pathlib import Path
from cubiseg.files import fresh_folder
def killed(event, arguments):
    if event == "os.remove" and Path(sys.argv[1], "new").exists():
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(killed)
with fresh_folder(Path(sys.argv[1])) as folder:
    (folder / "new").write_text("new")
"""


def test_a_folder_whose_removal_was_killed_is_not_put_back(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "old").write_text("old")
    done = subprocess.run([sys.executable, "-c", _KILL_WITHIN_REMOVAL, str(target)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in target.iterdir()] == ["new"]
    shutil.rmtree(target)  # as DVC does before it runs a stage
    with pytest.raises(ValueError), fresh_folder(target):
        assert not target.exists()
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_of_processes_that_write_one_folder_the_last_ones_stays(tmp_path: Path) -> None:
    write = (
        "import sys; from pathlib import Path; from cubiseg.files import fresh_folder\n"
        "for number in range(300):\n"
        "    with fresh_folder(Path(sys.argv[1])) as folder:\n"
        "        for name in 'ab': (folder / name).write_text(f'{sys.argv[2]} {number}')\n"
    )
    target = tmp_path / "out"
    processes = [
        subprocess.Popen([sys.executable, "-c", write, str(target), name], cwd=ROOT) for name in ("one", "two", "three")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == [target]
    told = {(target / name).read_text() for name in "ab"}
    assert len(told) == 1
    assert told.pop().endswith(" 299")


def test_a_full_disk_names_the_folder_to_be_and_not_the_temporary_one(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskError) as caught,
        fresh_folder(tmp_path / "out") as folder,
        files.atomic_write(folder / "images" / "a.png"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    told = f"{tmp_path / 'out' / 'images' / 'a.png'}: cannot be written (No space left on device); free some space"
    assert str(caught.value).startswith(told)
    assert list(tmp_path.iterdir()) == []
