"""What DVC costs where nothing is to do: `python -m benchmarks.noop --samples 100000 --pack shards`.

In a clone of this repository the folders of prepare, annotate, clean and split get so many tiny samples, and DVC is
told that they are built. Without --samples they are those that the repository ships. Then `dvc status` and `dvc repro`
are timed in turns: seconds that pass, and those of the processor, which other work does not lengthen.
"""

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from cubiseg.packing import Pack, pack_samples
from cubiseg.samples import Sample, write_manifest
from cubiseg.workers import progress
from stages.common import one_line_errors

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("data/prepared", "data/annotated", "data/clean", "datasets/anime_segmentation/v1")
COMMANDS = (("dvc", "status"), ("dvc", "repro"))


def run(command: Sequence[str], folder: Path) -> tuple[float, float, str]:
    """Seconds that passed, seconds of the processor, and what a command of this environment said."""
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": search}, check=True, stdout=subprocess.PIPE, text=True
    )
    passed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def write_samples(folder: Path, count: int, pack: Pack) -> None:
    """A folder of samples whose files are random bytes, with a manifest."""
    rng, samples = random.Random(0), []
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number in progress(range(count), count, "writing samples"):
        name = f"sample-{number:07d}"
        image, label = f"images/{name}.webp", f"labels/{name}.png"
        for path in (image, label):
            (folder / path).write_bytes(rng.randbytes(300))
        sha256 = f"{number:064x}"
        samples.append(
            Sample(
                id=name, image=image, label=label, width=64, height=64, sha256=sha256, source="benchmark", group=name
            )
        )
    write_manifest(folder, samples)
    pack_samples(folder, ("images", "labels"), pack, count)


def clone(folder: Path, count: int, pack: Pack) -> None:
    """A clone of the last commit in which everything is built, with so many samples; 0 leaves them as they are."""
    run(("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)), ROOT)
    run(("dvc", "pull", "--quiet"), folder)
    if count:
        made = folder.with_name("made")
        write_samples(made, count, pack)
        for name in FOLDERS:
            shutil.rmtree(folder / name)
            shutil.copytree(made, folder / name)
        shutil.rmtree(made)
    passed, processor, _ = run(("dvc", "commit", "--force", "--quiet"), folder)
    print(f"dvc commit  {passed:.1f} s, {processor:.1f} s of the processor (hashes everything once)")


@click.command(help=__doc__)
@click.option("--samples", default=0, show_default=True, help="In each of the four folders.")
@click.option("--pack", type=click.Choice([p.value for p in Pack]), default="auto", show_default=True)
@click.option("--rounds", default=5, show_default=True)
@one_line_errors
def main(samples: int, pack: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clone"
        clone(folder, samples, Pack(pack))
        files = sum(len(names) for name in FOLDERS for _, _, names in os.walk(folder / name))
        print(f"{files} files in {len(FOLDERS)} folders of samples")
        seen: dict[tuple[str, ...], list[tuple[float, float]]] = {command: [] for command in COMMANDS}
        for _ in range(rounds):
            for command in COMMANDS:
                passed, processor, said = run(command, folder)
                if "Running stage" in said or "changed" in said:
                    raise SystemExit(f"{' '.join(command)} has something to do:\n{said}")
                seen[command].append((passed, processor))
        for command, times in seen.items():
            passed, processor = (statistics.median(column) for column in zip(*times, strict=True))
            print(f"{' '.join(command)}  {passed:.1f} s, {processor:.1f} s of the processor (medians of {rounds})")


if __name__ == "__main__":
    main()
