"""Tables and plot of the benchmark of models, from its report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cubiseg.files import atomic_write

Report = Mapping[str, Any]
SETS = {"test": "Generated test portraits", "real": "Real characters"}
AGAINST = {"architectures": "baseline-mobilenetv2", "ablations": "anime-unet"}


def markdown(report: Report) -> str:
    """Quality of architectures and ablations on each set, and what architectures cost; best first."""
    parts = []
    for kind, against in AGAINST.items():
        for name, title in SETS.items():
            if report[kind] and name in report["pictures"]:
                parts.append(_quality(report, kind, name, title, against))
    if report["architectures"]:
        parts.append(_cost(report))
    return "\n".join(parts)


def _quality(report: Report, kind: str, name: str, title: str, against: str) -> str:
    pictures = report["pictures"][name]
    head = [kind[:-1], "mean IoU (95 %)", "mean F1", "small parts' F1", "boundary F", "left/right confused"]
    head += ["by character: mean IoU, F1", f"mean IoU over {against} (95 %)"]
    lines = [f"{title}: {pictures['pictures']} pictures of {pictures['groups']} characters, {kind}", ""]
    lines += [_row(head), "|---" * len(head) + "|"]
    lines += [_row([f"`{run}`", *_scores(row[name])]) for run, row in _sorted(report[kind], name)]
    if kind == "architectures":
        for run, row in report["references"].items():
            cells = [row, *[""] * 6] if isinstance(row, str) else _scores(row[name])
            lines.append(_row([run, *cells]))
    return "\n".join(lines) + "\n"


def _scores(found: Mapping[str, Any]) -> list[str]:
    low, high = found["intervals"]["mean_iou"]
    cells = [f"{_figure(found['mean_iou'])} ({_figure(low)} to {_figure(high)})"]
    cells += [_figure(found[key]) for key in ("mean_f1", "small_part_f1", "boundary_f")]
    confused = found["left_right_confusion"]
    cells.append("–" if confused is None else f"{confused:.2%}")
    cells.append(f"{_figure(found['by_group']['mean_iou'])}, {_figure(found['by_group']['mean_f1'])}")
    over = found.get("over")
    if over is None or over["mean"] is None:
        return [*cells, ""]
    low, high = over["interval"]
    return [*cells, f"{over['mean']:+.3f} ({low:+.3f} to {high:+.3f})"]


def _cost(report: Report) -> str:
    side = report["latency_side"]
    head = ["architecture", "parameters", f"MACs at {side} px", f"ONNX, {side} px", f"TorchScript, {side} px"]
    head += ["ONNX file", "TorchScript file", "training", "starts from"]
    lines = [_row(head), "|---" * len(head) + "|"]
    for name, row in sorted(report["architectures"].items(), key=lambda item: item[1]["latency_ms"]["onnx"]):
        cost = row["cost"]
        cells = [f"`{name}`", f"{cost['parameters'] / 1e6:.2f} M", f"{cost['macs'] / 1e9:.2f} G"]
        cells += [f"{row['latency_ms'][suffix]:.0f} ms" for suffix in ("onnx", "pt")]
        cells += [f"{cost[f'{suffix}_bytes'] / 1e6:.1f} MB" for suffix in ("onnx", "pt")]
        steps = report["steps"] * row["samples_seen"] / report["samples_seen"]
        cells += [f"{cost['step_seconds'] * steps / 60:.0f} min"]
        cells += [_start(row["started_from"])]
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def _start(started_from: str | None) -> str:
    """What a network started from, in a word: the configs' checkpoints are of ImageNet."""
    if started_from is None:
        return "scratch"
    return "weights" if started_from == "release" or started_from.endswith((".safetensors", ".onnx")) else "ImageNet"


def _sorted(rows: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    return sorted(rows.items(), key=lambda item: -(item[1][name]["mean_iou"] or 0))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def plot(path: Path, report: Report) -> None:
    """Quality on each set, by character, against ONNX latency."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sets = [name for name in SETS if name in report["pictures"]]
    figure = Figure(figsize=(7 * len(sets), 5), dpi=90, layout="constrained")
    panels = figure.subplots(1, len(sets), squeeze=False)[0]
    for axes, name in zip(panels, sets, strict=True):
        axes.set(xscale="log", xlabel=f"ONNX, ms a picture of {report['latency_side']} px", title=SETS[name])
        axes.set_ylabel("mean IoU by character")
        points = sorted(
            (row["latency_ms"]["onnx"], row[name]["by_group"]["mean_iou"], run)
            for run, row in report["architectures"].items()
        )
        for x, y, run in points:
            axes.plot(x, y, "s" if run.startswith("baseline") else "o")
            # Left of its point where the name would run into a point on the right.
            crowded = any(1.1 * x < u < 1.9 * x and abs(v - y) < 0.03 for u, v, _ in points)
            place = {"xytext": (-5, 4), "ha": "right"} if crowded else {"xytext": (5, 4)}
            axes.annotate(run, (x, y), textcoords="offset points", fontsize=8, **place)
        axes.margins(x=0.3)
    with atomic_write(path) as file:
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
