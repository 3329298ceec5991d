"""Where the light install works: is there a wheel of all that it needs, for each Python and platform?

Nothing is installed. Run it before a release, and where a dependency changes:

    python -m tools.resolve_wheels
    python -m tools.resolve_wheels --python 3.14 --platform "Windows arm64"

It prints a Markdown table and exits with 1 where one that was asked for cannot be served.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import tomllib
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rich.console import Console
from rich.progress import track

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Platform:
    """A system and processor that artists have.

    Attributes:
        tags: platform tags of wheels that run there.
        markers: what it answers to environment markers (PEP 508).
    """

    tags: tuple[str, ...]
    markers: Mapping[str, str]


def _linux(machine: str) -> Platform:
    """With glibc up to 2.35, of Ubuntu 22.04: pip takes the tags that it is given, and no older ones besides."""
    tags = (f"manylinux_2_{minor}_{machine}" for minor in range(35, 4, -1))
    markers = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine}
    return Platform((*tags, f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"), markers)


def _windows(machine: str) -> Platform:
    markers = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
    return Platform((f"win_{machine.lower()}",), {**markers, "platform_machine": machine})


def _macos(machine: str) -> Platform:
    """From macOS 14 on."""
    markers = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": machine}
    return Platform((f"macosx_14_0_{machine}",), markers)


PLATFORMS = {
    "Linux x86-64": _linux("x86_64"),
    "Linux arm64": _linux("aarch64"),
    "Windows x86-64": _windows("AMD64"),
    "Windows arm64": _windows("ARM64"),
    "macOS x86-64": _macos("x86_64"),
    "macOS arm64": _macos("arm64"),
}


def missing(requirements: Sequence[str], python: str, platform: Platform) -> list[str]:
    """Names of the packages that have no wheel for a Python and a platform, by pip's resolver.

    Args:
        requirements: what is to be installed, as in ``pyproject.toml``.
        python: version of CPython, ``3.10``.
        platform: where.

    Raises:
        click.ClickException: pip fails for another reason; it ends with pip's last line.
    """
    done = _pip(requirements, python, platform)
    if done.returncode == 0:
        # pip evaluates markers for the Python that runs it, so what only the other one needs is asked for here.
        lacking = list(_only_there(json.loads(done.stdout)["install"], python, platform))
        done = _pip([*requirements, *lacking], python, platform) if lacking else done
    if done.returncode == 0:
        return []
    alone = [r for r in requirements if _pip([r], python, platform, "--no-deps").returncode]
    needed = re.findall(r"No matching distribution found for ([\w.-]+)", done.stderr)
    if not alone and not needed:
        raise click.ClickException(f"pip for Python {python}: {(done.stderr.strip() or 'no answer').splitlines()[-1]}")
    return sorted({Requirement(r).name for r in alone} or set(needed))


def _pip(
    requirements: Sequence[str], python: str, platform: Platform, *options: str
) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as nowhere:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:", "--target", nowhere, "--report", "-"]
        command += ["--implementation", "cp", "--python-version", python]
        command += [part for tag in platform.tags for part in ("--platform", tag)]
        return subprocess.run(
            [*command, *options, *requirements], capture_output=True, text=True, encoding="utf-8", check=False
        )


def _only_there(installed: Sequence[dict], python: str, platform: Platform) -> Iterator[str]:
    """What a marker asks for there, and what was resolved lacks."""
    answers = {**platform.markers, "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    names = {canonicalize_name(item["metadata"]["name"]) for item in installed}
    for item in installed:
        for text in item["metadata"].get("requires_dist", ()):
            asked = Requirement(text)
            if asked.marker and asked.marker.evaluate(answers) and canonicalize_name(asked.name) not in names:
                yield f"{asked.name}{asked.specifier}"


@click.command(help=__doc__)
@click.option("--python", "pythons", multiple=True, help="Only this Python; may be repeated.")
@click.option("--platform", "platforms", multiple=True, type=click.Choice(list(PLATFORMS)), help="Only this platform.")
def main(pythons: tuple[str, ...], platforms: tuple[str, ...]) -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons, platforms = pythons or PYTHONS, platforms or tuple(PLATFORMS)
    cells = [(name, python) for name in platforms for python in pythons]
    shown = track(cells, "resolving", console=Console(stderr=True), transient=True)
    lacking = {(n, python): missing(project["dependencies"], python, PLATFORMS[n]) for n, python in shown}
    print(f"| platform | {' | '.join(pythons)} |\n|{'---|' * (len(pythons) + 1)}")
    for name in platforms:
        told = ("no: " + ", ".join(without) if (without := lacking[name, python]) else "yes" for python in pythons)
        print(f"| {name} | {' | '.join(told)} |")
    raise SystemExit(any(lacking.values()))


if __name__ == "__main__":
    main()
