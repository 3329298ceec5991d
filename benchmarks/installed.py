"""The wheel as an artist gets it: an empty environment, no clone, pictures cut, linted and opened in the studio.

    make wheel
    python -m benchmarks.installed dist/cubiseg-*.whl PICTURE...
    python -m benchmarks.installed dist/cubiseg-*.whl PICTURE... --python python3.13

It installs the wheel with all that it needs from the package registry, in a folder that is removed, and prints JSON:
sizes in MB (10**6 bytes), seconds from a cold start. It fails where a command does.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.studio_page import SIZE, chromium, until


def _run(*command: str | Path, cwd: Path, environment: dict[str, str]) -> float:
    """Seconds that a command takes.

    Raises:
        click.ClickException: it fails; with the end of what it said.
    """
    start = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(map(str, command))}: {(done.stdout + done.stderr)[-2000:]}")
    return round(time.monotonic() - start, 2)


def _megabytes(files: Sequence[Path]) -> float:
    return round(sum(path.stat().st_size for path in files if not path.is_symlink()) / 1e6, 1)


_OF_LIBRARIES = {"opencv_contrib_python_headless": "cv2", "pillow": "PIL"}
"""Packages whose folder of libraries has another name."""


def sizes(environment: Path) -> dict[str, Any]:
    """What an environment takes on the disk: in all, of it compiled by Python itself, and the largest packages."""
    files = [path for path in environment.rglob("*") if path.is_file()]
    packages: dict[str, list[Path]] = {}
    for path in files:
        below = path.relative_to(environment).parts
        if "site-packages" in below:
            name = below[below.index("site-packages") + 1].removesuffix(".libs")
            packages.setdefault(_OF_LIBRARIES.get(name, name), []).append(path)
    largest = sorted(((_megabytes(held), name) for name, held in packages.items()), reverse=True)[:8]
    bytecode = [path for path in files if path.suffix == ".pyc"]
    return {
        "environment": _megabytes(files),
        "of it bytecode": _megabytes(bytecode),
        "of it packages": {name: size for size, name in largest},
    }


def page_opened(command: Sequence[str | Path], cwd: Path, environment: dict[str, str]) -> dict[str, float]:
    """Seconds from the studio's start until its page shows the picture, the labels and the areas."""
    seconds: dict[str, float] = {}
    with chromium() as browser:
        page, start = browser.new_page(viewport=SIZE), time.monotonic()
        with subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            try:
                assert server.stdout is not None
                page.goto(server.stdout.readline().strip())
                for name in ("picture", "labels", "areas"):
                    until(lambda name=name: page.evaluate(f"studio.timings.{name}"))  # type: ignore[misc]
                    seconds[name] = round(time.monotonic() - start, 2)
            finally:
                server.terminate()
    return seconds


@click.command(help=__doc__)
@click.argument("wheel", type=click.Path(path_type=Path, exists=True, resolve_path=True))
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, resolve_path=True))
@click.option("--python", default=sys.executable, help="Python that runs it.")
def main(wheel: Path, pictures: tuple[Path, ...], python: str) -> None:
    """Measure, and print JSON."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("CUBISEG_", "PYTHON", "VIRTUAL_ENV"))}
    with tempfile.TemporaryDirectory() as folder:
        place, scripts = Path(folder), Path(folder, "venv", "Scripts" if os.name == "nt" else "bin")
        _run(python, "-m", "venv", place / "venv", cwd=place, environment=bare)
        quiet = ("--quiet", "--disable-pip-version-check")
        seconds = {
            "install": _run(scripts / "python", "-m", "pip", "install", *quiet, wheel, cwd=place, environment=bare)
        }
        found = {"wheel": _megabytes([wheel]), **sizes(place / "venv")}
        cubiseg = scripts / "cubiseg"
        seconds["--help"] = _run(cubiseg, "--help", cwd=place, environment=bare)
        seconds["--help, again"] = _run(cubiseg, "--help", cwd=place, environment=bare)
        for picture in pictures:
            seconds[f"layers {picture.name}"] = _run(
                cubiseg, "layers", picture, "-o", "out", cwd=place, environment=bare
            )
        written = sorted(place.glob("out/*/layers.psd"))
        seconds["lint"] = _run(cubiseg, "lint", *written, cwd=place, environment=bare)
        opened = page_opened([cubiseg, "studio", pictures[0], "--no-browser"], place, bare)
    told = {"layers.psd": len(written), "megabytes": found, "seconds": {**seconds, "studio": opened}}
    click.echo(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
