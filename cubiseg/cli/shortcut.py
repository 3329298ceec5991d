"""A shortcut on the desktop that starts the studio, as each system has it.

The sources: the Desktop Entry Specification of freedesktop.org (Linux and others), Apple's Bundle Programming Guide
(macOS), and Windows Script Host's ``WshShell.CreateShortcut`` (Windows), which PowerShell calls.
"""

import os
import plistlib
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from importlib import resources
from pathlib import Path

from cubiseg.errors import CubisegError, brief
from cubiseg.files import atomic_write, fresh_folder, write_text

NAME = "cubiseg studio"
TOLD = "Drop a drawing, mend its layers, save a PSD for Live2D"
_ICON_SIDES = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of the icons in an ``.ico`` file."""


def install(out: Path) -> list[Path]:
    """Write a shortcut that starts the studio without pictures; pictures may be dropped onto it, but not on macOS.

    Args:
        out: folder that the studio writes to.

    Returns:
        What was written, the shortcut itself first; who deletes it has removed the shortcut.

    Raises:
        CubisegError: it cannot be written.
    """
    call = [sys.executable, "-m", "cubiseg.cli.window", "studio", "-o", str(out)]
    # Python looks for modules where it starts: not where the user keeps folders of any name.
    start = str(Path(sys.executable).parent)
    if sys.platform == "win32":
        return _windows(call, start)
    return _macos(call, start) if sys.platform == "darwin" else _freedesktop(call, start)


def _icon(path: Path, kind: str) -> Path:
    """The icon, in a format that the system shows."""
    from PIL import Image

    with (resources.files("cubiseg.studio") / "icon.png").open("rb") as drawn, Image.open(drawn) as picture:
        icon = picture.convert("RGBA")
    options = {"sizes": [(side, side) for side in _ICON_SIDES]} if kind == "ICO" else {}
    with atomic_write(path) as file:
        icon.save(file, kind, **options)
    return path


# --- Linux and others ---------------------------------------------------------------------------------------------


def _freedesktop(call: list[str], start: str) -> list[Path]:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    icon = _icon(data / "icons/hicolor/512x512/apps/cubiseg.png", "PNG")
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        f"Name={NAME}",
        f"Comment={TOLD}",
        f"Exec={_value(' '.join([*map(_exec_word, call), '%F']))}",
        f"Path={_value(start)}",
        f"Icon={_value(str(icon))}",
        "Terminal=true",
        "Categories=Graphics;2DGraphics;RasterGraphics;",
    )
    entries = [data / "applications/cubiseg-studio.desktop"]
    desktop = _desktop()
    if desktop is not None:
        entries.insert(0, desktop / "cubiseg-studio.desktop")
    for entry in entries:
        write_text(entry, "\n".join(lines) + "\n")
        entry.chmod(0o755)  # desktops start what may be executed alone
    return [*entries, icon]


def _desktop() -> Path | None:
    """The folder of what lies on the desktop; None where there is none."""
    told = ""
    with suppress(OSError, subprocess.SubprocessError, UnicodeDecodeError):
        told = subprocess.run(
            ["xdg-user-dir", "DESKTOP"], capture_output=True, text=True, timeout=5, check=True
        ).stdout.strip()
    folder = Path(told) if told else Path.home() / "Desktop"
    return folder if folder.is_dir() and folder != Path.home() else None


def _exec_word(word: str) -> str:
    """A word of ``Exec``, in double quotes; a percent sign begins a field code."""
    return '"' + re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%") + '"'


def _value(text: str) -> str:
    """A string of a desktop entry."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


# --- macOS --------------------------------------------------------------------------------------------------------


def _macos(call: list[str], start: str) -> list[Path]:
    """An application that opens the studio in a window of Terminal, which shows what it says."""
    app = Path.home() / "Desktop" / f"{NAME}.app"
    facts = {
        "CFBundleName": NAME,
        "CFBundleIdentifier": "cubiseg.studio",
        "CFBundlePackageType": "APPL",
        "CFBundleVersion": "1",
        "CFBundleExecutable": "start",
        "CFBundleIconFile": "icon.icns",
    }
    with fresh_folder(app) as fresh:
        contents = fresh / "Contents"
        _script(contents / "MacOS/start", 'exec /usr/bin/open -a Terminal "${0%/*}/../Resources/studio.command"')
        _script(contents / "Resources/studio.command", f"cd {shlex.quote(start)} && exec {shlex.join(call)}")
        _icon(contents / "Resources/icon.icns", "ICNS")
        with atomic_write(contents / "Info.plist") as file:
            plistlib.dump(facts, file)
    return [app]


def _script(path: Path, line: str) -> None:
    write_text(path, f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


# --- Windows ------------------------------------------------------------------------------------------------------

_LINK = """
$ErrorActionPreference = 'Stop'
try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { }
$place = Join-Path ([Environment]::GetFolderPath('Desktop')) ($env:LINK_NAME + '.lnk')
$link = (New-Object -ComObject WScript.Shell).CreateShortcut($place)
$link.TargetPath = $env:LINK_TARGET
$link.Arguments = $env:LINK_ARGUMENTS
$link.WorkingDirectory = $env:LINK_START
$link.IconLocation = $env:LINK_ICON + ',0'
$link.Description = $env:LINK_TOLD
$link.Save()
Write-Output $place
"""


def _windows(call: list[str], start: str) -> list[Path]:
    data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    icon = _icon(data / "cubiseg/cubiseg.ico", "ICO")
    arguments = subprocess.list2cmdline(call[1:])
    # Names go by the environment: nothing in a path is taken for a word of the script.
    facts = {"NAME": NAME, "TARGET": call[0], "ARGUMENTS": arguments, "ICON": str(icon), "TOLD": TOLD, "START": start}
    environment = {**os.environ, **{f"LINK_{name}": value for name, value in facts.items()}}
    powershell = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32/WindowsPowerShell/v1.0/powershell.exe")
    try:
        done = subprocess.run(
            [str(powershell), "-NoProfile", "-NonInteractive", "-Command", _LINK],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )
        reason = "" if done.returncode == 0 and done.stdout.strip() else done.stderr or "PowerShell made none"
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(error)
    if reason:
        raise CubisegError(
            f"no shortcut could be made ({brief(ValueError(reason))}); make one by hand: New, Shortcut on the desktop,"
            f" with the target {subprocess.list2cmdline(call)}"
        )
    return [Path(done.stdout.strip()), icon]
