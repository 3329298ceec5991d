"""What each system gets as a shortcut, simulated: where it lies, what it starts, and which icon it shows."""

import os
import plistlib
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cubiseg.cli import main, shortcut
from cubiseg.cli.studio import HOME_FOLDER

AWKWARD = "a b$c`d\"e\\f%g'h絵"
"""A name with all that shells, desktop entries and lists of arguments read in their own way."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / AWKWARD
    (home / "Desktop").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "executable", str(home / "env/python"))
    monkeypatch.setattr(shortcut, "_desktop", lambda: home / "Desktop")
    return home


def install(monkeypatch: pytest.MonkeyPatch, platform: str) -> Result:
    monkeypatch.setattr(sys, "platform", platform)
    return CliRunner().invoke(main, ["studio", "--install-shortcut"], catch_exceptions=False)


def started(home: Path) -> list[str]:
    """The words that every shortcut starts."""
    return [str(home / "env/python"), "-m", "cubiseg.cli.window", "studio", "-o", str(home / HOME_FOLDER)]


def words_in_sh(command: str) -> list[str]:
    """The words of a command as a POSIX shell reads them."""
    told = subprocess.run(["sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True)
    return told.stdout.splitlines()


def test_linux_gets_a_desktop_entry_in_the_menu_and_on_the_desktop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = install(monkeypatch, "linux")
    assert done.exit_code == 0, done.output
    on_desktop, in_menu = home / "Desktop/cubiseg-studio.desktop", home / ".local/share/applications"
    text = on_desktop.read_text(encoding="utf-8")
    assert text == (in_menu / "cubiseg-studio.desktop").read_text(encoding="utf-8")
    assert os.name != "posix" or os.access(on_desktop, os.X_OK)
    head, *lines = text.splitlines()
    entry = {key: value.replace("\\\\", "\\") for key, _, value in (line.partition("=") for line in lines)}
    assert head == "[Desktop Entry]" and entry["Type"] == "Application" and entry["Terminal"] == "true"
    assert entry["Exec"].endswith(" %F") and not re.search(r"(?<!%)%(?!%)", entry["Exec"].removesuffix(" %F"))
    assert words_in_sh(entry["Exec"].removesuffix(" %F").replace("%%", "%")) == started(home)
    with Image.open(entry["Icon"]) as icon:
        assert icon.format == "PNG" and icon.size == (512, 512)
    assert "MimeType" not in entry, "it must not become what opens pictures"
    for path in (on_desktop, in_menu / "cubiseg-studio.desktop", Path(entry["Icon"])):
        assert str(path) in done.output.splitlines()[1].replace("\\\\", "\\"), "what to delete is told"


def test_linux_without_a_desktop_folder_gets_the_entry_of_the_menu_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut, "_desktop", lambda: None)
    assert install(monkeypatch, "linux").exit_code == 0
    assert list((home / "Desktop").iterdir()) == []
    assert (home / ".local/share/applications/cubiseg-studio.desktop").is_file()


@pytest.mark.parametrize(
    ("told", "expected"), [("{}/Tisch", "Tisch"), ("{}", None), ("", "Desktop"), (None, "Desktop")]
)
def test_the_desktops_folder_is_the_one_that_xdg_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None, expected: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("Tisch", "Desktop"):
        (tmp_path / name).mkdir()

    def answer(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if told is None:
            raise FileNotFoundError("xdg-user-dir")
        return subprocess.CompletedProcess(command, 0, told.format(tmp_path) + "\n", "")

    monkeypatch.setattr(subprocess, "run", answer)
    assert shortcut._desktop() == (None if expected is None else tmp_path / expected)


def test_macos_gets_an_application_that_opens_a_window_of_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):  # the second replaces the first
        assert install(monkeypatch, "darwin").exit_code == 0
    contents = home / "Desktop/cubiseg studio.app/Contents"
    facts = plistlib.loads((contents / "Info.plist").read_bytes())
    start, command = contents / "MacOS" / facts["CFBundleExecutable"], contents / "Resources/studio.command"
    assert facts["CFBundlePackageType"] == "APPL"
    assert os.name != "posix" or (os.access(start, os.X_OK) and os.access(command, os.X_OK))
    hashbang, line = command.read_text(encoding="utf-8").splitlines()
    entered, starts = line.split(" && ")
    assert words_in_sh(entered) == ["cd", str(home / "env")]
    assert hashbang == "#!/bin/sh" and words_in_sh(starts) == ["exec", *started(home)]
    opened = start.read_text(encoding="utf-8").splitlines()[1].replace('"${0%/*}', f'"{shlex.quote("X")}')
    assert opened.startswith("exec /usr/bin/open -a Terminal ") and opened.endswith('/../Resources/studio.command"')
    with Image.open(contents / "Resources" / facts["CFBundleIconFile"]) as icon:
        assert icon.format == "ICNS" and max(icon.size) >= 512


def link(calls: list[dict[str, Any]], place: str, code: int = 0, error: str = "") -> Callable[..., Any]:
    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append({"command": command, **options})
        return subprocess.CompletedProcess(command, code, place, error)

    return run


def test_windows_gets_a_link_that_powershell_makes_of_values_and_no_path_is_read_as_script(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(subprocess, "run", link(calls, "C:\\Users\\絵\\Desktop\\cubiseg studio.lnk\r\n"))
    done = install(monkeypatch, "win32")
    assert done.exit_code == 0 and "C:\\Users\\絵\\Desktop\\cubiseg studio.lnk" in done.output
    (call,) = calls
    assert call["command"][0].endswith("powershell.exe") and "-NoProfile" in call["command"]
    assert not any(str(home) in word for word in call["command"])
    given = {name: value for name, value in call["env"].items() if name.startswith("LINK_")}
    assert given["LINK_TARGET"] == started(home)[0] and given["LINK_NAME"] == "cubiseg studio"
    assert given["LINK_ARGUMENTS"] == subprocess.list2cmdline(started(home)[1:])
    assert set(re.findall(r"\$env:(LINK_\w+)", call["command"][-1])) == set(given)
    assert given["LINK_ICON"] == str(home / "AppData/Local/cubiseg/cubiseg.ico")
    with Image.open(given["LINK_ICON"]) as icon:
        assert icon.format == "ICO" and {(16, 16), (32, 32), (256, 256)} <= icon.info["sizes"]


@pytest.mark.parametrize("fault", ["refused", "missing"])
def test_windows_without_powershell_says_how_to_make_one_by_hand(
    home: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def missing(command: list[str], **options: Any) -> Any:
        raise FileNotFoundError(2, "not found")

    refused = link([], "", 1, "New-Object : Cannot create type.\nAt line:4")
    monkeypatch.setattr(subprocess, "run", missing if fault == "missing" else refused)
    done = install(monkeypatch, "win32")
    assert done.exit_code == 2 and done.output.count("\n") == 1
    assert "error: no shortcut could be made (" in done.output and "make one by hand: New, Shortcut" in done.output


def test_a_shortcut_starts_no_pictures(tmp_path: Path) -> None:
    for given, told in (("art.png", "pictures"), ("--review=x", "--review"), ("--device=cpu", "--device")):
        done = CliRunner().invoke(main, ["studio", given, "--install-shortcut"])
        assert done.exit_code == 2 and f"leave out {told}\n" in done.output


def test_what_a_shortcut_starts_stays_open_where_it_fails_and_closes_where_it_does_not(tmp_path: Path) -> None:
    (tmp_path / HOME_FOLDER / "art").mkdir(parents=True)  # results in the folder that it starts in hide no module

    def window(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cubiseg.cli.window", *arguments]
        return subprocess.run(command, cwd=tmp_path, input="\n", capture_output=True, text=True, check=False)

    failed = window("studio", "missing.png", "--backend", "slic")
    assert (
        failed.returncode != 0 and "Press Enter to close this window." in failed.stdout and "error: " in failed.stderr
    )
    done = window("--version")
    assert done.returncode == 0 and "Press Enter" not in done.stdout


def test_the_icon_is_drawn_from_that_of_the_page() -> None:
    drawn = Path(shortcut.__file__).parents[1] / "studio"
    accent = re.search(r'fill="#(\w{6})"', (drawn / "page/icon.svg").read_text(encoding="utf-8"))
    assert accent is not None
    with Image.open(drawn / "icon.png") as icon:
        rgba = icon.convert("RGBA")
        assert rgba.getpixel((256, 40)) == (*bytes.fromhex(accent[1]), 255) and rgba.getpixel((0, 0))[3] == 0  # type: ignore[index]
