"""What differs on Windows and macOS, simulated here: docs/platforms.md lists it."""

import ctypes
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cubiseg import lifetime
from cubiseg.archives.names import FileNames
from cubiseg.cli.memory import share_freed_memory
from cubiseg.errors import CubisegError
from cubiseg.file_names import refused_by_windows, same_file
from cubiseg.files import atomic_write, fresh_folder, write_text
from cubiseg.imaging import distinct_stems
from cubiseg.labels import exchange
from cubiseg.layers import former
from cubiseg.studio import serve
from cubiseg.studio.session import safe_stem
from tests.conftest import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]

# What Windows' Python has not: every process of a command starts with this.
BARE = """
import os, signal, sys
for name in ("fork", "forkpty", "getuid", "sched_getaffinity", "posix_fallocate", "O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "pthread_sigmask"):
    delattr(signal, name)
sys.modules.update(dict.fromkeys(["fcntl", "resource", "pwd", "grp", "termios"]))
"""


class InUse(PermissionError):
    """As Windows tells that another program has a file open."""

    winerror = 32


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three small drawings; two of the names no code page of the West has."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, name in enumerate(("art.png", "前髪 – é.png", "한국✓.png")):
        rgb = np.full((80, 96, 3), 60 * number, np.uint8)
        rgb[20:60, 20:60] = (230, 190, 170)
        Image.fromarray(rgb).save(folder / name)
    return folder


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "cp437"])
def test_any_name_can_be_printed_on_a_console_of_any_code_page(pictures: Path, encoding: str) -> None:
    env = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    names = [p.name for p in sorted(pictures.iterdir())]
    for arguments, code in (
        (("--help",), 0),
        (("layers", "--help"), 0),
        (("predict", *names, "-o", "한국", "--backend", "slic"), 0),
        (("lint", "前髪 – é.png"), 1),
        (("doctor", "--model", "한국✓ – é.onnx"), 0),
    ):
        command = [sys.executable, "-m", "cubiseg", *arguments]
        done = subprocess.run(command, cwd=pictures, env=env, capture_output=True, check=False)
        told = done.stdout.decode(encoding) + done.stderr.decode(encoding)
        assert done.returncode == code, told
        assert "unexpected" not in told and "Traceback" not in told
    code = "from cubiseg.cli.console import *; escape_what_cannot_be_shown(); print_table(['名'], [['한국 – ✓ é']])"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert r"\ud55c" in done.stdout.decode(encoding), "what a table shows too"


def test_no_file_is_read_in_the_code_page_of_the_system(pictures: Path) -> None:
    code = "import sys, warnings; warnings.filterwarnings('error', '', EncodingWarning, r'cubiseg\\.'); "
    code += "from cubiseg.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments in (
        ("layers", ".", "-o", "out", "--backend", "slic"),
        ("lint", "out/art/layers.psd"),
        ("lint", "out/art/layers.psd", "--fix"),
        ("predict", "art.png", "-o", "drawn/labels", "--backend", "slic"),
        ("doctor",),
    ):
        command = [sys.executable, "-X", "warn_default_encoding", "-c", code, *arguments]
        done = subprocess.run(command, cwd=pictures, env=env, capture_output=True, text=True, check=False)
        assert "unexpected EncodingWarning" not in done.stderr, done.stderr
        assert done.returncode in (0, 1), done.stderr
    assert (pictures / "out/한국✓/layers.psd").is_file()


@pytest.mark.slow
def test_layers_are_cut_by_several_processes_where_posix_s_calls_are_missing(pictures: Path, run: Run) -> None:
    bare = pictures.parent / "bare"
    bare.mkdir()
    (bare / "sitecustomize.py").write_text(BARE, encoding="utf-8")
    env = {"PYTHONPATH": f"{bare}{os.pathsep}{ROOT}", "CUBISEG_ENGINE": "process", "CUBISEG_WORKERS": "2"}
    python = (sys.executable, "-m", "cubiseg")
    run(*python, "layers", ".", "-o", "out", "--backend", "slic", cwd=pictures, **env)
    assert len(list((pictures / "out").glob("*/layers.psd"))) == 3
    run(*python, "layers", "art.png", "-o", "out", "--backend", "slic", cwd=pictures, **env)
    run(*python, "doctor", cwd=pictures, **env)
    command = [*python, "studio", "art.png", "--no-browser", "--backend", "slic"]
    with subprocess.Popen(command, cwd=pictures, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True) as on:
        assert on.stdout is not None
        assert on.stdout.readline().startswith("http://127.0.0.1:")
        on.terminate()


def test_a_rename_waits_until_a_scanner_lets_go_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, replace, rename = [3], Path.replace, Path.rename

    def busy(move: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def moved(self: Path, target: Path) -> Path:
            held[0] -= 1
            if held[0] >= 0:
                raise InUse(13, "Permission denied")
            return move(self, target)

        return moved

    monkeypatch.setattr(Path, "replace", busy(replace))
    monkeypatch.setattr(Path, "rename", busy(rename))
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"
    for content in ("one", "two"):
        held[0] = 2
        with fresh_folder(tmp_path / "out") as folder:
            write_text(folder / "a.txt", content)
        assert [p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir()] == [content]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "out"]


def test_what_another_program_has_open_stays_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "out/layers.psd", "former")

    def refuse(self: Path, target: Path) -> Path:
        raise InUse(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr("cubiseg.files._PATIENCE", 0.1)
    told = r"out: is open in another program.*close it there and try again"
    with pytest.raises(CubisegError, match=told), fresh_folder(tmp_path / "out") as folder:
        (folder / "layers.psd").write_bytes(b"new")
    told = r"layers\.psd: is open in another program"
    with pytest.raises(CubisegError, match=told), atomic_write(tmp_path / "out/layers.psd") as file:
        file.write(b"new")
    assert (tmp_path / "out/layers.psd").read_bytes() == b"former"
    assert [p.name for p in tmp_path.rglob("*")] == ["out", "layers.psd"], "no temporary is left"


@pytest.mark.parametrize("refusal", [OSError(1, "no hard links here"), NotImplementedError("follow_symlinks")])
def test_what_is_kept_is_copied_where_it_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise refusal

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(former, "_manifest", lambda path: {"format": 2, "files": {}, "layers": []})
    write_text(tmp_path / "old/notes/mine.txt", "mine")
    (tmp_path / "new").mkdir()
    former.keep_others(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new/notes/mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Art", "art"), ("ÉTÉ", "été"), ("e\u0301", "\xe9"), ("art.", "art"), ("art ", "art"), ("STRASSE", "straße")],
)
def test_names_that_some_system_takes_for_one_get_outputs_apart(tmp_path: Path, one: str, other: str) -> None:
    assert same_file(one) == same_file(other)
    first, second = tmp_path / "a" / f"{one}.png", tmp_path / "b" / f"{other}.webp"
    names = distinct_stems([first, second])
    assert len({same_file(name) for name in names.values()}) == 2
    taken: set[str] = set()
    exchange._claim(f"{one}/a.png", taken)
    with pytest.raises(ValueError, match="share"):
        exchange._claim(f"{other}/a.png", taken)


def test_pictures_whose_names_a_system_takes_for_one_are_not_written_over_each_other(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="same place"):
        distinct_stems([tmp_path / "a/Été.png", tmp_path / "b/e\u0301te\u0301.png"])


@pytest.mark.parametrize("name", ["CON", "nul.png", "Com1.tar.gz", "lpt9", "aux .png", "a:b", "a?b.png", "a|b", "a. "])
def test_a_name_that_windows_refuses_is_changed_or_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert refused_by_windows(name)
    assert not refused_by_windows(safe_stem(f"{name}.png")), "as a page sends it"
    given = FileNames()
    given.add(f"{name}.jpg")
    assert not refused_by_windows(given.of(f"{name}.jpg")), "as an archive has it"
    exchange._claim(f"pictures/{name}", set())
    monkeypatch.setattr(exchange, "ON_WINDOWS", True)
    with pytest.raises(ValueError, match="cannot be a file on this system"):
        exchange._claim(f"pictures/{name}", set())


def test_a_port_of_the_studio_is_its_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Listening(socket.socket):
        def setsockopt(self, *arguments: object) -> None:  # type: ignore[override]
            asked.append(arguments)

        def bind(self, address: object) -> None:
            raise OSError(98, "enough")

    monkeypatch.setattr(serve.socket, "socket", Listening)
    monkeypatch.setattr(serve.socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    with pytest.raises(CubisegError, match="port 7"):
        serve.serve(None, 7, print)  # type: ignore[arg-type]
    assert asked == [(socket.SOL_SOCKET, -5, 1)], "Windows would let another program have it as well"


class Kernel:
    """As Windows' kernel32: process 7 lives, 8 may not be looked at, 9 has ended and is still held."""

    def __init__(self) -> None:
        self.held = 0

        def open_process(access: int, inherit: bool, pid: int) -> int:
            self.held += pid in (7, 9)
            return pid if pid in (7, 9) else 0

        self.OpenProcess = open_process  # its result type is set, as ctypes wants it

    def GetExitCodeProcess(self, handle: ctypes.c_void_p, code: Any) -> int:
        code._obj.value = 259 if handle.value == 7 else 1
        return 1

    def GetProcessTimes(self, handle: ctypes.c_void_p, created: Any, *others: Any) -> int:
        created._obj.value = 134_000_000_000_000_000
        return 1

    def CloseHandle(self, handle: ctypes.c_void_p) -> None:
        self.held -= 1


def test_whether_a_process_lives_is_asked_of_windows_without_a_signal_that_would_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill(*arguments: object) -> None:
        raise AssertionError("os.kill ends any process on Windows")

    kernel, asked = Kernel(), [0]

    def last_error() -> int:
        return 5 if asked[0] == 8 else 87

    monkeypatch.setattr(ctypes, "WinDLL", lambda name, use_last_error: kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", last_error, raising=False)
    monkeypatch.setattr(lifetime.os, "kill", kill)
    told = {}
    for asked[0] in (7, 8, 9, 10):
        with monkeypatch.context() as windows:
            windows.setattr(lifetime.os, "name", "nt")
            told[asked[0]] = lifetime._there(asked[0])
    assert told == {7: "134000000000000000", 8: "0", 9: None, 10: None} and kernel.held == 0


def test_a_c_library_that_is_not_glibc_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: object) -> None:
        raise TypeError("LoadLibrary() argument 1 must be str, not None")

    monkeypatch.setattr("cubiseg.cli.memory.ctypes.CDLL", none)
    share_freed_memory()  # raises nothing


def test_every_test_that_the_page_of_platforms_names_is_there() -> None:
    page = (ROOT / "docs/platforms.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`(?:: `(\w+)`)?", page)
    assert len(named) >= 10
    for path, name in named:
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name
