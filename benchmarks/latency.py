"""Latency of exported models on this machine, ONNX and TorchScript: `python -m benchmarks.latency FILE...`.

Models are timed in turns, so that the machine's moods strike all alike; the median of the rounds is printed.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

Network = Callable[[np.ndarray], object]


def open_onnx(path: Path, threads: int) -> Network:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"image": image})


def open_torchscript(path: Path, threads: int) -> Network:
    import torch

    torch.set_num_threads(threads)
    network = torch.jit.load(str(path)).eval()

    def call(image: np.ndarray) -> object:
        with torch.inference_mode():
            return network(torch.from_numpy(image))

    return call


@click.command(help=__doc__)
@click.argument("files", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True)
@click.option(
    "--size", type=int, multiple=True, default=(256, 512), show_default=True, help="Side of the input, pixels."
)
@click.option("--threads", default=2, show_default=True)
@click.option("--rounds", default=15, show_default=True)
def main(files: tuple[Path, ...], size: tuple[int, ...], threads: int, rounds: int) -> None:
    networks = {f: (open_onnx if f.suffix == ".onnx" else open_torchscript)(f, threads) for f in files}
    images = {s: np.random.default_rng(0).standard_normal((1, 3, s, s), np.float32) for s in size}
    times: dict[tuple[Path, int], list[float]] = {(f, s): [] for f in files for s in size}
    for turn in range(rounds + 2):
        for (file, side), taken in times.items():
            start = time.perf_counter()
            networks[file](images[side])
            if turn >= 2:  # the first calls allocate and compile
                taken.append(time.perf_counter() - start)
    for (file, side), taken in times.items():
        print(f"{file}  {side}x{side}  {statistics.median(taken) * 1000:.1f} ms  {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
