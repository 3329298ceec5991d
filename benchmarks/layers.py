"""Seconds and memory of `cubiseg layers`, cold (a new process) and warm, on one picture; and on a folder.

    python -m benchmarks.layers --size 1024 [--model FILE] [--image FILE]
    python -m benchmarks.layers --size 1024 --folder 100 [--model FILE]      one core, then all cores
    python -m benchmarks.layers --size 1024 --parts          the cut by class against that by part, on exact labels

Without a picture it draws one; without a model it uses slic. Names that end in `_s` are seconds of the clock, in
`_processor_s` of the processor: on a machine that does other work, these tell more. Budgets for 1024x1024 on two cores:
warm 1 s, cold 2.5 s, 0.4 GB peak; for 4096x4096 10 s and 1.5 GB; a PSD of 20 layers at 2048x2048 1.0 s on one core; 100
pictures on two cores at least 1.8 times as fast as on one.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from benchmarks.former import PORTRAIT, measured, save_portrait
from cubiseg import taxonomy
from cubiseg.cli.memory import share_freed_memory
from cubiseg.imaging import Picture, read_picture
from cubiseg.inference import Segmentation, open_segmenter
from cubiseg.label_maps import resized
from cubiseg.layers import LayerParams, cut, write_layers
from cubiseg.layers.export import cut_by
from cubiseg.layers.profiles import PROFILES
from cubiseg.layers.psd import PsdLayer, import_layers, write_psd
from cubiseg.portraits import draw

WHOLE_AT_MOST = 2048
"""Longer side of pictures for which twenty layers of the full canvas are timed: beyond, they take gigabytes."""


def best(times: int, call: Callable[[], object]) -> tuple[float, float]:
    """Least seconds of several calls, by the clock and of the processor (all threads, and processes that ended)."""
    clock, processor = [], []
    for _ in range(times):
        start, used = time.perf_counter(), os.times()
        call()
        clock.append(time.perf_counter() - start)
        processor.append(sum(os.times()[:4]) - sum(used[:4]))
    return round(min(clock), 3), round(min(processor), 3)


def full_canvas(layers: Sequence[PsdLayer], size: tuple[int, int]) -> list[PsdLayer]:
    """The same layers, each as large as the picture."""
    out = []
    for layer in layers:
        canvas = np.zeros((*size, 4), np.uint8)
        height, width = layer.rgba.shape[:2]
        canvas[layer.y : layer.y + height, layer.x : layer.x + width] = layer.rgba
        out.append(PsdLayer(layer.name, (), 0, 0, canvas))
    return out


def twenty(picture: Picture) -> list[PsdLayer]:
    """Twenty overlapping elliptic layers with soft edges, cropped as ours are."""
    rng = np.random.default_rng(0)
    height, width = picture.size
    layers = []
    for number in range(20):
        rgba, mask = picture.rgba(), np.zeros(picture.size, np.uint8)
        centre = int(rng.integers(width // 4, 3 * width // 4)), int(rng.integers(height // 4, 3 * height // 4))
        axes = int(rng.integers(width // 14, width // 3)), int(rng.integers(height // 14, height // 3))
        cv2.ellipse(mask, centre, axes, 30, 0, 360, 255, -1)
        rgba[..., 3] = cv2.GaussianBlur(mask, (0, 0), 1.5)
        rgba[rgba[..., 3] == 0] = 0
        x, y, w, h = cv2.boundingRect(rgba[..., 3])
        layers.append(PsdLayer(f"layer{number}", (), x, y, rgba[y : y + h, x : x + w]))
    return layers


def folder_of_pictures(command: list[str], count: int, image: Path, folder: Path) -> dict[str, float]:
    """Seconds for a folder of pictures on one core and on all of them."""
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(count):
        shutil.copyfile(image, pictures / f"{number:03}{image.suffix}")
    cores = sorted(os.sched_getaffinity(0))
    seconds = {}
    for name, used in (("one_core_s", cores[:1]), ("all_cores_s", cores)):
        pinned = ["taskset", "-c", ",".join(map(str, used)), *command]
        pinned[pinned.index(str(image))] = str(pictures)
        start, used_before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(pinned, check=True, capture_output=True)
        seconds[name] = round(time.perf_counter() - start, 1)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # On a machine that does other work as well, this tells what wall-clock time would be.
        busy = after.ru_utime + after.ru_stime - used_before.ru_utime - used_before.ru_stime
        seconds[name.replace("_s", "_processor_s")] = round(busy, 1)
    # What the cores allow where none of them does other work: as much work on one as on all, shared evenly.
    most = len(cores) * seconds["one_core_processor_s"] / seconds["all_cores_processor_s"]
    speed_up = seconds["one_core_s"] / seconds["all_cores_s"]
    return {
        "pictures": count,
        "cores": len(cores),
        **seconds,
        "speed_up": round(speed_up, 2),
        "speed_up_by_processor": round(most, 2),
    }


NETWORK = 448
"""Pixels a side at which its labels are seen, as a network does."""


def cut_at(level: Literal["class", "part"], size: int, repeat: int) -> dict[str, float]:
    """Seconds, and peak memory in all, of the cut of a portrait by its exact labels, and of the cut with all files."""
    portrait = draw(*PORTRAIT, 1024)
    picture = Picture(cv2.resize(portrait.image, (size, size), interpolation=cv2.INTER_CUBIC))
    parts = resized(resized(portrait.parts, (NETWORK, NETWORK)), (size, size))
    confidence = np.ones(picture.size, np.float16)
    told = Segmentation(taxonomy.CLASS_OF[parts], confidence, "truth", "truth", (), size / NETWORK, parts)
    report: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        steps: dict[str, Callable[[], object]] = {
            "cut": lambda: cut(picture, told.at_level(level), soft_edges=True, cell=told.cell, finer=told.finer),
            "files": lambda: write_layers(Path(folder, "out"), picture, told, LayerParams(level=level)),
        }
        for name, step in steps.items():
            Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
            report[f"{name}_s"], report[f"{name}_processor_s"] = best(repeat, step)
            status = Path("/proc/self/status").read_text()
            report[f"{name}_peak_mb"] = int(status.split("VmHWM:")[1].split()[0]) // 1024
        report["layers"] = len(list(Path(folder, "out/png").iterdir()))
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--image", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=int, default=0, help="number of pictures")
    parser.add_argument("--parts", action="store_true", help="time cut and files by class and by part")
    args = parser.parse_args()
    share_freed_memory()  # as the commands do
    if args.parts:
        report, levels = {}, ("class", "part")
        for level in levels:  # a process each: memory that was taken stays taken
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                report[level] = pool.submit(cut_at, level, args.size, args.repeat).result()
        print(json.dumps(report, indent=2))
        return
    backend = "anime-advanced" if args.model else "slic"
    with tempfile.TemporaryDirectory() as folder:
        image = args.image or Path(folder) / "drawing.png"
        if not args.image:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                pool.submit(save_portrait, image, args.size).result()
        out = Path(folder) / "out"
        command = [sys.executable, "-m", "cubiseg", "layers", str(image), "-o", str(out), "--backend", backend]
        command += ["--model", str(args.model)] if args.model else []
        if args.folder:
            print(json.dumps(folder_of_pictures(command, args.folder, image, Path(folder)), indent=2))
            return
        timed = {"cold": best(args.repeat, lambda: subprocess.run(command, check=True, capture_output=True))}
        _, peak, _ = measured(Path(__file__).parents[1], command[1:], Path.cwd())
        picture = read_picture(image)
        segmenter = open_segmenter(backend, args.model)
        result = segmenter.segment(picture)
        cut_it = partial(cut_by, picture, result, LayerParams())
        layers, _ = cut_it()
        placed, many = import_layers(layers, PROFILES["cubiai"]), twenty(picture)

        def whole() -> None:
            fresh = read_picture(image)
            write_layers(out / image.stem, fresh, segmenter.segment(fresh), LayerParams())

        steps: dict[str, Callable[[], object]] = {
            "warm": whole,
            "segment": lambda: segmenter.segment(picture),
            "cut": cut_it,
            "psd": lambda: write_psd(Path(folder) / "x.psd", picture, placed),
            "psd_of_20": lambda: write_psd(Path(folder) / "y.psd", picture, many),
        }
        if max(picture.size) <= WHOLE_AT_MOST:
            whole_layers = full_canvas(many, picture.size)
            steps["psd_of_20_full_canvas"] = lambda: write_psd(Path(folder) / "z.psd", picture, whole_layers)
        timed |= {name: best(args.repeat, step) for name, step in steps.items()}
        report = {
            "picture": f"{picture.size[1]}x{picture.size[0]}",
            "backend": result.backend,
            "architecture": result.architecture,
            "layers": len(layers),
            "looks": 1 + sum(head.seen is not None for head in result.heads),
            "cold_peak_gb": round(peak, 2),
            **{f"{name}_s": clock for name, (clock, _) in timed.items()},
            **{f"{name}_processor_s": processor for name, (_, processor) in timed.items()},
            "psd_mb": round((Path(folder) / "x.psd").stat().st_size / 1e6, 2),
        }
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
