"""Train architectures on the same data and samples, and put them side by side: `python -m benchmarks.architectures`.

Only the architecture differs from the block `train` of params.yaml. What has been trained stays in the work folder and
is taken from there, so that a benchmark that was stopped goes on; remove it after a change of params, data or code.
`--real` adds a labelled folder that nothing was trained on.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.baseline import BASELINE
from benchmarks.latency import open_onnx, open_torchscript
from cubiseg import scores, taxonomy
from cubiseg.evaluation.params import EvaluateParams
from cubiseg.imaging import atomic_write, write_text
from cubiseg.training.params import TrainParams
from stages.common import load_params, one_line_errors, write_metrics

PATH = click.Path(path_type=Path)
CHOSEN = ("mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion", "intervals")
ROUNDS = 15
FILES = ("onnx", "pt")


def train_one(name: str, params: TrainParams, configs: Path, data: Path, work: Path) -> None:
    """Train one architecture, unless that has been done, to ``work/NAME.safetensors`` and ``work/NAME.json``."""
    if (work / f"{name}.json").is_file():
        return
    from cubiseg.training.run import train

    start = time.monotonic()
    chosen = params.model_copy(update={"architecture": name})
    metrics = train(chosen, configs, data, work / f"{name}.safetensors", work / f"{name}.curves", work / "checkpoints")
    write_metrics(work / f"{name}.json", {**metrics, "training_seconds": round(time.monotonic() - start)})


def export_one(name: str, configs: Path, work: Path) -> dict[str, Any]:
    """Export trained weights beside them; returns what the network costs.

    Returns:
        ``parameters``, and ``macs``: multiplications with addition of one picture at the size it was trained at.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from cubiseg.exporting.onnx_file import write_onnx
    from cubiseg.exporting.torchscript import write_torchscript
    from cubiseg.segmentors.build import parameter_count
    from cubiseg.segmentors.weights import load_weights

    network, info = load_weights(work / f"{name}.safetensors", configs)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, *info.input_size))
    if not (work / f"{name}.onnx").is_file():
        write_torchscript(work / f"{name}.pt", network, info)
        write_onnx(work / f"{name}.onnx", network, info)
    sizes = {f"{suffix}_bytes": (work / f"{name}.{suffix}").stat().st_size for suffix in FILES}
    return {
        "parameters": parameter_count(network),
        "macs": counter.get_total_flops() // 2,
        **sizes,
        "dynamic": info.dynamic,
    }


def latencies(names: list[str], work: Path, sides: dict[str, int], threads: int) -> dict[str, dict[str, float]]:
    """Median milliseconds of one picture for each exported file, timed in turns so that the machine's moods strike all.

    Args:
        sides: of the square input of each architecture, pixels.
    """
    networks: dict[tuple[str, str], Callable[[np.ndarray], object]] = {}
    for name in names:
        networks[name, "onnx"] = open_onnx(work / f"{name}.onnx", threads)
        networks[name, "pt"] = open_torchscript(work / f"{name}.pt", threads)
    rng = np.random.default_rng(0)
    images = {n: rng.standard_normal((1, 3, sides[n], sides[n]), np.float32) for n in names}
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in networks}
    for turn in range(ROUNDS + 2):
        for (name, suffix), network in networks.items():
            start = time.perf_counter()
            network(images[name])
            if turn >= 2:  # the first calls allocate and compile
                taken[name, suffix].append(time.perf_counter() - start)
    return {n: {s: round(float(np.median(taken[n, s])) * 1000, 1) for s in FILES} for n in names}


def score_all(names: list[str], configs: Path, data: Path, work: Path, seed: int) -> dict[str, dict[str, Any]]:
    """Scores on the test split, and the difference to the baseline by character where that is among ``names``."""
    from cubiseg.evaluation.checkpoint import score_split
    from cubiseg.segmentors.predictor import Predictor
    from cubiseg.segmentors.weights import load_weights

    def mean_iou(c: scores.Counts) -> float:
        return scores.mean(scores.iou(c), range(1, taxonomy.NUM_CLASSES))

    rows: dict[str, dict[str, Any]] = {}
    groups = {}
    for name in names:
        scored = score_split(Predictor(*load_weights(work / f"{name}.safetensors", configs)), data)
        counts, characters = [s.counts for s in scored], [s.sample.group for s in scored]
        groups[name] = scores.by_group(counts, characters)
        summary = scores.summary(counts, characters, seed=seed)
        rows[name] = {key: summary[key] for key in CHOSEN}
    for name in names:
        if BASELINE in groups and name != BASELINE:
            over = scores.paired_difference(groups[name], groups[BASELINE], mean_iou, seed=seed)
            rows[name]["mean_iou_over_baseline"] = over
    return rows


def score_real(name: str, work: Path, real: Path, mapping: Path | None) -> dict[str, Any]:
    """Scores of an exported model on a labelled folder, as ``cubiseg evaluate`` gives them."""
    from cubiseg.evaluation.labelled_folder import read_mapping, score_folder
    from cubiseg.inference import open_segmenter

    segmenter = open_segmenter("anime-advanced", work / f"{name}.onnx")
    found = score_folder(
        real, lambda picture: segmenter.segment(picture).label, read_mapping(mapping) if mapping else None
    )
    return {key: found[key] for key in (*CHOSEN, "by_group", "per_group")}


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Markdown, best on the test split first."""
    real = any("real" in row for row in rows.values())
    head = ["architecture", "parameters", "MACs", "mean IoU (95 %)", "mean F1", "small parts", "boundary F"]
    head += ["real: mean IoU, F1"] if real else []
    head += ["ONNX", "TorchScript", "ONNX file", "training"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, row in sorted(rows.items(), key=lambda item: -(item[1]["test"]["mean_iou"] or 0)):
        test, cost = row["test"], row["cost"]
        low, high = test["intervals"]["mean_iou"]
        cells = [f"`{name}`", f"{cost['parameters'] / 1e6:.2f} M", f"{cost['macs'] / 1e9:.2f} G"]
        cells += [f"{_figure(test['mean_iou'])} ({_figure(low)} to {_figure(high)})"]
        cells += [_figure(test[key]) for key in ("mean_f1", "small_part_f1", "boundary_f")]
        if real:
            by_group = row["real"]["by_group"]
            cells.append(f"{_figure(by_group['mean_iou'])}, {_figure(by_group['mean_f1'])}")
        size = f" at {row['latency_side']} px"
        cells += [f"{row['latency_ms'][suffix]:.0f} ms{size}" for suffix in FILES]
        cells += [f"{cost['onnx_bytes'] / 1e6:.1f} MB", f"{row['training_seconds'] / 60:.0f} min"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def plot(path: Path, rows: dict[str, dict[str, Any]]) -> None:
    """Quality on the test split against ONNX latency."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), dpi=90, layout="constrained")
    axes = figure.add_subplot(xscale="log", xlabel="ONNX, ms a picture", ylabel="mean IoU, test split")
    for name, row in rows.items():
        x, y = row["latency_ms"]["onnx"], row["test"]["mean_iou"]
        axes.plot(x, y, "o")
        axes.annotate(f"{name} ({row['latency_side']} px)", (x, y), xytext=(5, 5), textcoords="offset points")
    with atomic_write(path) as file:
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})


@click.command(help=__doc__)
@click.option("--data", type=PATH, default=Path("datasets/anime_segmentation/v1"), show_default=True)
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--work", type=PATH, default=Path(".cubiseg/architectures"), show_default=True, help="Trained models.")
@click.option("--out", type=PATH, required=True, help="Folder for architectures.json, .md and .png.")
@click.option("--architecture", "names", multiple=True, help="May be repeated; all without it.")
@click.option("--real", type=PATH, help="A labelled folder.")
@click.option("--mapping", type=PATH, help="Names of its classes.")
@click.option("--size", default=512, show_default=True, help="Side for latency, where any size is accepted; pixels.")
@click.option("--threads", default=2, show_default=True, help="For latency.")
@one_line_errors
def main(
    data: Path,
    configs: Path,
    work: Path,
    out: Path,
    names: tuple[str, ...],
    real: Path | None,
    mapping: Path | None,
    size: int,
    threads: int,
) -> None:
    params = load_params("train", TrainParams)
    seed = load_params("evaluate", EvaluateParams).seed
    from cubiseg.segmentors.build import architectures, use_threads

    chosen = list(names) or architectures(configs)
    for name in chosen:
        train_one(name, params, configs, data, work)
    use_threads()
    costs = {name: export_one(name, configs, work) for name in chosen}
    tested = score_all(chosen, configs, data, work, seed)
    sides = {name: size if costs[name]["dynamic"] else params.size for name in chosen}
    times = latencies(chosen, work, sides, threads)
    rows = {}
    for name in chosen:
        trained = json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
        rows[name] = {
            "started_from": trained["started_from"],
            "training_seconds": trained["training_seconds"],
            "cost": costs[name],
            "latency_side": sides[name],
            "latency_ms": times[name],
            "test": tested[name],
            **({"real": score_real(name, work, real, mapping)} if real else {}),
        }
    write_metrics(
        out / "architectures.json",
        {"samples_seen": params.max_iters * params.batch_size, "input": params.size, "architectures": rows},
    )
    write_text(out / "architectures.md", table(rows))
    plot(out / "architectures.png", rows)
    print(table(rows), end="")


if __name__ == "__main__":
    main()
