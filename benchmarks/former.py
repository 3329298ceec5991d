"""Speed and memory of this clone beside a former one, by turns in one run.

    git worktree add ../former COMMIT        and what `dvc pull models` brings, in ../former/models
    python -m benchmarks.former ../former [--megapixels 1]... [--repeat 5]

Prints a Markdown table: a generated portrait at each size, cut by `cubiseg layers` and by `cubiseg predict` as new
processes (cold), and in one that has cut it before (warm, the better of two). Medians of the turns by the clock, and
the highest peak of memory of the first.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

PORTRAIT = 777, 10
"""Seed and index of the portrait: 28 parts are found in it, and its head is looked at again."""
WARM = """
import json, sys, time
from pathlib import Path
from cubiseg.cli.memory import share_freed_memory
share_freed_memory()
from cubiseg.imaging import read_picture
from cubiseg.inference import open_segmenter
from cubiseg.inference.model_file import find_model
from cubiseg.layers import LayerParams, write_layers
image, out, repeat = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
segmenter, seconds = open_segmenter("anime-advanced", find_model()), []
for _ in range(repeat + 1):
    start = time.perf_counter()
    picture = read_picture(image)
    write_layers(out, picture, segmenter.segment(picture), LayerParams())
    seconds.append(time.perf_counter() - start)
print(json.dumps(seconds[1:]))
"""


def save_portrait(path: Path, side: int) -> None:
    """Draw the portrait and write it, in a process of its own: a child's peak of memory counts what its parent held."""
    import cv2

    from cubiseg.portraits import draw

    how = cv2.INTER_AREA if side < 2048 else cv2.INTER_CUBIC
    drawn = cv2.resize(draw(*PORTRAIT, 2048).image, (side, side), interpolation=how)
    cv2.imwrite(str(path), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))


def measured(clone: Path, arguments: list[str], folder: Path) -> tuple[float, float, str]:
    """Seconds of the clock and gigabytes at most of a Python process that runs a clone's code, and what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUBISEG_")}
    environment["PYTHONPATH"] = str(clone.resolve())
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise click.ClickException(f"{clone}: {' '.join(arguments[:3])} ended with {process.returncode}")
    return seconds, used.ru_maxrss * 1024 / 1e9, printed


def row(clones: dict[str, Path], image: Path, repeat: int, folder: Path) -> dict[str, dict[str, float]]:
    """For each clone, medians by what was timed, of as many turns as are asked for."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in clones}
    for turn in range(repeat):
        for name, clone in clones.items():
            out = str(folder / f"{name}-{turn}")
            cold, memory, _ = measured(clone, ["-m", "cubiseg", "layers", str(image), "-o", out], folder)
            labels, _, _ = measured(clone, ["-m", "cubiseg", "predict", str(image), "-o", f"{out}-labels"], folder)
            _, _, printed = measured(clone, ["-c", WARM, str(image), f"{out}-warm", "2"], folder)
            for what, value in (("cold", cold), ("predict", labels), ("warm", min(json.loads(printed)))):
                found[name].setdefault(what, []).append(value)
            found[name].setdefault("memory", []).append(memory)
    middle = {name: {what: statistics.median(v) for what, v in values.items()} for name, values in found.items()}
    return {name: values | {"memory": max(found[name]["memory"])} for name, values in middle.items()}


@click.command(help=__doc__)
@click.argument("former", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--megapixels", multiple=True, type=float, default=(0.25, 1.0, 4.0, 16.0, 64.0), show_default=True)
@click.option("--repeat", default=5, show_default=True, help="Turns; of pictures above 4 megapixels two.")
def main(former: Path, megapixels: tuple[float, ...], repeat: int) -> None:
    clones = {"former": former, "now": Path(__file__).parents[1]}
    head = ["megapixels", "layers, warm", "a megapixel", "layers, cold", "predict, cold", "memory"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for size in megapixels:
        with tempfile.TemporaryDirectory() as folder:
            image = Path(folder, "portrait.png")
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                pool.submit(save_portrait, image, round((size * 2**20) ** 0.5)).result()
            was, now = row(clones, image, repeat if size <= 4 else 2, Path(folder)).values()
        cells = [f"{was[what]:.2f} s → {now[what]:.2f} s" for what in ("warm", "cold", "predict")]
        cells.insert(1, f"{was['warm'] / size:.2f} s → {now['warm'] / size:.2f} s")
        print(f"| {size:g} | {' | '.join(cells)} | {was['memory']:.2f} → {now['memory']:.2f} GB |", flush=True)


if __name__ == "__main__":
    main()
