"""How quick and how modest reading archives is: `python -m benchmarks.archives`.

Speed: pictures taken from a .tar and a .zip of 512x512 JPEGs, checked and written, against bare reading and decoding of
the same ones by tarfile, zipfile and Pillow, in turns; the median of the rounds counts. Aim: at least 0.8 of that.

Memory: the peak of a process that looks up a few hundred posts in metadata, packed in each way, of one size and of four
times that. Aim: at most 300 MB, and no more for the larger one.
"""

import gzip
import io
import json
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

import click
import cv2
import numpy as np
from PIL import Image

from cubiseg.archives.metadata import read_posts
from cubiseg.archives.portraits import take_portraits
from cubiseg.archives.posts import Wish
from cubiseg.archives.taking import Share

EVERY = 1000
"""One in so many posts is wanted, as of a shard."""


def pictures(count: int, seed: int) -> Iterator[bytes]:
    """JPEGs of 512x512 px and some 60 kB, as portraits have."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        coarse = rng.integers(0, 256, (24, 24, 3), np.uint8)
        rgb = cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_CUBIC).astype(np.int16)
        rgb += rng.integers(-9, 10, rgb.shape, np.int16)
        yield cv2.imencode(".jpg", np.clip(rgb, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()


def write_archives(folder: Path, count: int) -> list[Path]:
    """The same pictures as .tar and as .zip, named as portraits are."""
    paths = [folder / "portraits.tar", folder / "portraits.zip"]
    with tarfile.open(paths[0], "w") as tar, zipfile.ZipFile(paths[1], "w") as packed:
        for number, data in enumerate(pictures(count, 1), 1000):
            info = tarfile.TarInfo(f"portraits/{number}0.jpg")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            packed.writestr(info.name, data)
    return paths


def read_bare(path: Path) -> None:
    """Read and decode all, and nothing else."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                Image.open(io.BytesIO(packed.read(name))).load()
    else:
        with tarfile.open(path) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    Image.open(io.BytesIO(content.read())).load()


def take(path: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    take_portraits(path, Share(out, "danbooru2019", None, "whole", Wish()), 1)


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def speeds(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Speed of taking in shares of the bare speed, by kind of archive."""
    found = {}
    for path in write_archives(folder, count):
        read_bare(path)
        bare_once, take_once = partial(read_bare, path), partial(take, path, folder / "out")
        turns = [(seconds(bare_once), seconds(take_once)) for _ in range(rounds)]
        bare, ours = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
        found[path.suffix] = bare / ours
    return found


def records(count: int) -> Iterator[dict[str, object]]:
    """Records of Danbooru2023, some 2 kB each."""
    rng = np.random.default_rng(2)
    for number in range(count):
        tags = " ".join(f"tag_number_{n}" for n in rng.integers(0, 50_000, 50).tolist())
        yield {
            "id": number,
            "rating": "g",
            "md5": rng.bytes(16).hex(),
            "file_ext": "jpg",
            "image_width": 800,
            "image_height": 900,
            "is_deleted": False,
            "tag_string": tags,
            "tag_string_artist": "someone",
            "tag_string_general": tags,
            "source": f"https://example.com/{rng.bytes(60).hex()}",
        }


def write_metadata(path: Path, count: int) -> None:
    """Metadata as JSON lines, plain or packed by gzip, or as Parquet."""
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        made = records(count)
        schema = pyarrow.Table.from_pylist(list(islice(records(1), 1))).schema
        with pyarrow.parquet.ParquetWriter(path, schema) as writer:
            while rows := list(islice(made, 50_000)):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
        return
    opener: Callable[..., IO[bytes]] = partial(gzip.open, compresslevel=1) if path.suffix == ".gz" else open
    with opener(path, "wb") as file:
        for record in records(count):
            file.write(json.dumps(record).encode() + b"\n")


def peak(path: Path) -> tuple[float, float]:
    """MB that a fresh process takes at most to read metadata, and seconds that it takes."""
    call = [sys.executable, "-m", "benchmarks.archives", "--look-up", str(path)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    return told["mb"], told["seconds"]


def look_up(path: Path) -> None:
    """What :func:`peak` starts."""
    start = time.perf_counter()
    count = sum(1 for _ in read_posts(path, 2023, lambda number: number % EVERY == 0))
    # Not ru_maxrss: that of a child begins with what its parent had.
    used = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024
    print(json.dumps({"mb": used, "seconds": time.perf_counter() - start, "posts": count}))


@click.command(help=__doc__)
@click.option("--count", default=600, show_default=True, help="Pictures.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--posts", default=50_000, show_default=True, help="Records of the smaller metadata.")
@click.option("--look-up", "metadata", type=click.Path(path_type=Path), hidden=True)
def main(count: int, rounds: int, posts: int, metadata: Path | None) -> None:
    if metadata is not None:
        look_up(metadata)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, share in speeds(folder, count, rounds).items():
            print(f"{kind:9} {share:5.2f} of the speed of bare reading and decoding")
        for kind in (".json", ".json.gz", ".parquet"):
            for number in (posts, 4 * posts):
                path = folder / f"posts{kind}"
                write_metadata(path, number)
                used, took = peak(path)
                size = path.stat().st_size >> 20
                print(f"{kind:9} {number:8} posts, {size:5} MB: {used:5.0f} MB of memory, {took:5.1f} s")
                path.unlink()


if __name__ == "__main__":
    main()
