"""Train architectures and ablations on the same data and samples, and put them side by side.

    python -m benchmarks.models --out metrics [--real DIR --mapping FILE] [--only NAME]... [--jobs 2] [--no-train]

Runs are listed in benchmarks/models.yaml. Writes benchmark.json, .md (tables) and .png (quality against latency). What
has been trained stays in the work folder and is taken from there as long as params, config, data and code are the same,
so that a benchmark that was stopped goes on.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import yaml

from benchmarks import loader, model_tables
from benchmarks.latency import open_onnx, open_torchscript
from cubiseg import regions, scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation import parts
from cubiseg.evaluation.checkpoint import read_pair
from cubiseg.evaluation.labelled_folder import (
    VOCABULARIES,
    LabelledPicture,
    chosen_vocabulary,
    labelled_pictures,
    read_mapping,
    summary_by_character,
)
from cubiseg.evaluation.params import EvaluateParams
from cubiseg.files import write_text
from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter
from cubiseg.regions.quality import oracle_label
from cubiseg.samples import Split, read_manifest
from cubiseg.training.params import TrainParams
from cubiseg.workers import run_all
from stages.common import load_params, one_line_errors, write_metrics

PATH = click.Path(path_type=Path)
RUNS = Path(__file__).with_suffix(".yaml")
ABLATIONS = Path(__file__).with_name("ablations")
BASELINE, DEFAULT = "baseline-mobilenetv2", "anime-unet"
MORE_DATA = "more-data"
RELEASE = Path("models/release")
RECORD = "trained.json"
CHOSEN = ("mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion", "intervals", "iou", "by_group")
ROUNDS, STEPS = 15, 5
FILES = ("onnx", "pt")
REGIONS = 240
NOT_MEASURED = "not measured (no weights)"


@dataclass(frozen=True)
class CountedSet:
    """Counts of each picture of a set, by class and by part; none by part of what names classes only."""

    classes: list[scores.Counts]
    parts: list[scores.Counts] = field(default_factory=list)


Counted = dict[str, CountedSet]
"""By set."""


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures that are scored on.

    Attributes:
        vocabulary: of the truth.
        shown: each with its truth and its character.
    """

    vocabulary: str
    shown: list[LabelledPicture]

    @property
    def groups(self) -> list[str]:
        return [shown.group for shown in self.shown]


def changed(params: TrainParams, differs: Mapping[str, Any]) -> TrainParams:
    """Params with some of them replaced; a block below is merged."""
    base = params.model_dump()
    merged = {k: {**base[k], **v} if isinstance(v, Mapping) else v for k, v in differs.items()}
    return TrainParams.model_validate(base | merged)


def holder(architecture: str, configs: Path) -> Path:
    """Folder that holds an architecture's config: that of the ablations where it has one of this name."""
    return ABLATIONS if (ABLATIONS / f"{architecture}.py").is_file() else configs


def train_one(params: TrainParams, configs: Path, data: Path, folder: Path) -> dict[str, Any]:
    """Train and export to ``folder``, unless that holds just this run; returns what is known of the training."""
    from cubiseg.segmentors.build import load_config, use_threads
    from cubiseg.training.resume import run_key
    from cubiseg.training.stage import start_file, train

    use_threads()
    configs = holder(params.architecture, configs)
    start = start_file(params, RELEASE)
    key = run_key(params, load_config(params.architecture, configs, parts=params.parts), data, start)
    record = folder / RECORD
    if record.is_file() and (known := json.loads(record.read_text(encoding="utf-8")))["key"] == key:
        return known
    weights = folder / "weights.safetensors"
    metrics = train(params, configs, data, weights, folder / "curves", folder.parent / "checkpoints", RELEASE)
    known = {"key": key, **metrics.as_json()}
    export(configs, folder)
    write_metrics(record, known)
    return known


def train_all(runs: Sequence[tuple[TrainParams, Path, Path, Path]], jobs: int) -> None:
    """:func:`train_one` with each of these arguments, ``jobs`` at once, each in a process with its share of the cores.

    Two networks that are trained with one thread each take less time than one after the other with two.
    """
    jobs = min(jobs, len(runs))
    run_all(partial(_train_beside, jobs), runs, "training runs", workers=jobs)


def _train_beside(jobs: int, run: tuple[TrainParams, Path, Path, Path]) -> None:
    from cubiseg.segmentors.build import cores

    if jobs > 1:
        os.environ["OMP_NUM_THREADS"] = str(max(1, cores() // jobs))
    train_one(*run)


def export(configs: Path, folder: Path, name: str = "model", side: int | None = None) -> None:
    """Write ``NAME.onnx`` and ``NAME.pt`` beside the weights.

    Args:
        side: of the square input that the files are made with, px; as trained without it. It counts where a network can
            be exported at one size only.
    """
    from cubiseg.exporting.onnx_file import write_onnx
    from cubiseg.exporting.torchscript import write_torchscript
    from cubiseg.segmentors.weights import load_weights

    network, info = load_weights(folder / "weights.safetensors", configs)
    if side is not None:
        info = info.model_copy(update={"input_size": (side, side)})
    write_torchscript(folder / f"{name}.pt", network, info)
    write_onnx(folder / f"{name}.onnx", network, info)


def cost(configs: Path, folder: Path, side: int) -> dict[str, Any]:
    """What a trained network costs; where its files take one size only, others for ``side`` are written to be timed.

    Returns:
        ``parameters``; ``macs``: multiplications with addition of a square picture of ``side`` px; ``onnx_bytes`` and
        ``pt_bytes``; ``timed``: name of the files to time.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from cubiseg.segmentors.build import parameter_count
    from cubiseg.segmentors.weights import load_weights

    network, info = load_weights(folder / "weights.safetensors", configs)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, side, side))
    timed = "model"
    if not info.dynamic and info.input_size != (side, side):
        timed = f"at-{side}"
        export(configs, folder, timed, side)
    return {
        "parameters": parameter_count(network),
        "macs": counter.get_total_flops() // 2,
        **{f"{suffix}_bytes": (folder / f"model.{suffix}").stat().st_size for suffix in FILES},
        "timed": timed,
    }


def latencies(stems: Mapping[str, Path], side: int, threads: int) -> dict[str, dict[str, float]]:
    """Median milliseconds of a picture for each exported file, in turns so that the machine's moods strike all."""
    networks: dict[tuple[str, str], Callable[[np.ndarray], object]] = {}
    for name, stem in stems.items():
        networks[name, "onnx"] = open_onnx(stem.with_suffix(".onnx"), threads)
        networks[name, "pt"] = open_torchscript(stem.with_suffix(".pt"), threads)
    image = np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in networks}
    for turn in range(ROUNDS + 2):
        for key, network in networks.items():
            start = time.perf_counter()
            network(image)
            if turn >= 2:  # the first calls allocate and compile
                taken[key].append(time.perf_counter() - start)
    return {n: {s: round(float(np.median(taken[n, s])) * 1000, 1) for s in FILES} for n in stems}


def step_seconds(params: TrainParams, configs: Path, data: Path) -> float:
    """Median time of a training step. A whole training would count how often it was stopped and what ran beside it."""
    _, steps = loader.measure(params, configs, data, STEPS, warm_up=2)
    return round(statistics.median(steps), 3)


def test_split(data: Path) -> Pictures:
    """The test split of a data set."""
    samples = [s for s in read_manifest(data) if s.split == Split.TEST and s.label]
    pairs = [(*read_pair(data, sample), sample.group) for sample in samples]
    return Pictures(
        "taxonomy",
        [LabelledPicture(Picture(rgb), taxonomy.CLASS_OF[truth], truth, group) for rgb, truth, group in pairs],
    )


def labelled_folder(folder: Path, mapping_file: Path | None) -> Pictures:
    """Pictures that nothing was trained on."""
    mapping = read_mapping(mapping_file) if mapping_file else None
    vocabulary = chosen_vocabulary(mapping, "taxonomy")
    return Pictures(vocabulary, list(labelled_pictures(folder, mapping, vocabulary)))


def count_all(sets: Mapping[str, Pictures], model: Path) -> Counted:
    """Score an exported model."""
    segmenter = open_segmenter("anime-advanced", model)
    out: Counted = {}
    for name, pictures in sets.items():
        counted = out[name] = CountedSet([])
        for shown in pictures.shown:
            ids = segmenter.segment(shown.picture).finest
            counted.classes.append(shown.count(ids, pictures.vocabulary))
            counted.parts.append(parts.count(shown.parts, ids))
    return out


def count_oracle(sets: Mapping[str, Pictures], partition: Callable[[Picture], np.ndarray]) -> Counted:
    """Score a partition of each picture ((H, W) int32) whose regions get perfect names."""
    out: Counted = {}
    for name, pictures in sets.items():
        classes = len(VOCABULARIES[pictures.vocabulary][0])
        labels = [oracle_label(partition(shown.picture), shown.truth, classes) for shown in pictures.shown]
        pairs = zip(pictures.shown, labels, strict=True)
        out[name] = CountedSet([scores.count(shown.truth, label, classes) for shown, label in pairs])
    return out


def references(sets: Mapping[str, Pictures], model: Path | None, sam_hq: Path | None) -> Iterator[tuple[str, Counted]]:
    """Partitions with perfect names: not models, but what naming regions could reach.

    Args:
        model: shows where parts are; None leaves our own regions out.
        sam_hq: folder of SAM-HQ's weights; None leaves it out.
    """
    if model is not None:
        segmenter = open_segmenter("anime-advanced", model)

        def ours(picture: Picture) -> np.ndarray:
            proposals = regions.propose(picture.over(), seen=segmenter.segment(picture).label)
            return proposals.label(proposals.cut(REGIONS))

        yield f"{REGIONS} regions, perfect names", count_oracle(sets, ours)
    if sam_hq is not None:
        from cubiseg.inference.sam_hq.finding import open_cutter

        masks = open_cutter(sam_hq)
        yield "SAM-HQ's masks, perfect names", count_oracle(sets, lambda picture: masks(picture.over()))


def summarise(
    counted: Counted, sets: Mapping[str, Pictures], against: Counted | None, seed: int
) -> dict[str, dict[str, Any]]:
    """Scores of each set, and differences to another model, by character.

    ``over`` is the difference in mean IoU over classes, ``parts_over`` what :func:`parts.differences` gives where both
    tell parts.
    """
    out: dict[str, dict[str, Any]] = {}
    for name, counts in counted.items():
        pictures = sets[name]
        found = summary_by_character(counts.classes, pictures.groups, pictures.vocabulary, counts.parts, seed)
        known = found.as_json()
        out[name] = {key: known[key] for key in CHOSEN}
        if found.parts is not None and found.parts_by_character is not None:
            out[name] |= {"parts": known["parts"], "parts_by_group": found.parts_by_character.by_group}
        if against is None or against is counted:
            continue
        classes = range(1, len(VOCABULARIES[pictures.vocabulary][0]))
        pair = [scores.by_group(c[name].classes, pictures.groups) for c in (counted, against)]
        out[name]["over"] = scores.paired_difference(
            pair[0], pair[1], lambda c, classes=classes: scores.mean(scores.iou(c), classes), seed=seed
        ).as_json()
        told = [c[name].parts for c in (counted, against)]
        if all(each and parts.tells_parts(scores.total(each)) for each in told):
            ours, theirs = (scores.by_group(each, pictures.groups) for each in told)
            differences = parts.differences(ours, theirs, seed=seed)
            out[name]["parts_over"] = {key: figure.as_json() for key, figure in differences.items()}
    return out


@click.command(help=__doc__)
@click.option("--data", type=PATH, default=Path("datasets/anime_segmentation/v1"), show_default=True)
@click.option("--more-data", type=PATH, help="A data set with ten times the portraits, of another seed.")
@click.option("--configs", type=PATH, default=Path("mmseg_configs"), show_default=True)
@click.option("--work", type=PATH, default=Path(".cubiseg/benchmark"), show_default=True, help="Trained models.")
@click.option("--out", type=PATH, required=True, help="Folder for benchmark.json, .md and .png.")
@click.option("--only", multiple=True, help="Name of a run; may be repeated; all without it.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs that are trained at once.")
@click.option("--train/--no-train", "wanted", default=True, help="--no-train shows what has been trained, as it is.")
@click.option("--real", type=PATH, help="A labelled folder.")
@click.option("--mapping", type=PATH, help="Names of its classes.")
@click.option("--sam-hq", type=PATH, help="Folder of SAM-HQ's weights, as transformers saves them.")
@click.option("--size", default=512, show_default=True, help="Side for latency and operations, pixels.")
@click.option("--threads", default=2, show_default=True, help="For latency.")
@one_line_errors
def main(
    data: Path,
    more_data: Path | None,
    configs: Path,
    work: Path,
    out: Path,
    only: tuple[str, ...],
    jobs: int,
    wanted: bool,
    real: Path | None,
    mapping: Path | None,
    sam_hq: Path | None,
    size: int,
    threads: int,
) -> None:
    params = load_params("train", TrainParams)
    seed = load_params("evaluate", EvaluateParams).seed
    listed = yaml.safe_load(RUNS.read_text(encoding="utf-8"))
    kinds = {name: kind for kind, runs in listed.items() for name in runs}
    if unknown := set(only) - set(kinds):
        raise CubisegError(f"--only {sorted(unknown)[0]}: no such run; benchmarks/models.yaml lists them")
    chosen = only or tuple(kinds)
    if wanted:
        sources = {name: more_data if name == MORE_DATA else data for name in chosen}
        runs = [
            (changed(params, listed[kinds[name]][name]), configs, source, work / name)
            for name, source in sources.items()
            if source is not None
        ]
        train_all(runs, jobs)
    folders = {name: work / name for name in chosen if (work / name / RECORD).is_file()}
    if not folders:
        raise CubisegError(f"{work}: nothing has been trained yet; run it without --no-train")

    from cubiseg.segmentors.build import use_threads

    use_threads()
    sets = {"test": test_split(data)} | ({"real": labelled_folder(real, mapping)} if real else {})
    counted = {name: count_all(sets, folder / "model.onnx") for name, folder in folders.items()}
    timed = {name: folder for name, folder in folders.items() if kinds[name] == "architectures"}
    costs = {name: cost(configs, folder, size) for name, folder in timed.items()}
    for name in timed:
        differs = changed(params, listed[kinds[name]][name])
        costs[name]["step_seconds"] = step_seconds(differs, configs, data)
    times = latencies({name: folder / costs[name].pop("timed") for name, folder in timed.items()}, size, threads)
    rows: dict[str, dict[str, Any]] = {"architectures": {}, "ablations": {}}
    for name, folder in folders.items():
        known = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        against = BASELINE if kinds[name] == "architectures" else DEFAULT
        rows[kinds[name]][name] = {
            "differs": listed[kinds[name]][name],
            **{key: known[key] for key in ("started_from", "samples_seen")},
            **({"cost": costs[name], "latency_ms": times[name]} if name in timed else {}),
            **summarise(counted[name], sets, counted.get(against), seed),
        }
    default = folders[DEFAULT] / "model.onnx" if DEFAULT in folders else None
    known_references = {
        name: summarise(c, sets, counted.get(BASELINE), seed) for name, c in references(sets, default, sam_hq)
    }
    report = {
        "samples_seen": params.max_iters * params.batch_size,
        "steps": params.max_iters,
        "input": params.input_size,
        "latency_side": size,
        "pictures": {name: {"pictures": len(s.shown), "groups": len(set(s.groups))} for name, s in sets.items()},
        **rows,
        "references": known_references | ({} if sam_hq else {"SAM-HQ's masks, perfect names": NOT_MEASURED}),
    }
    write_metrics(out / "benchmark.json", report)
    write_text(out / "benchmark.md", model_tables.markdown(report))
    model_tables.plot(out / "benchmark.png", report)
    print(model_tables.markdown(report), end="")


if __name__ == "__main__":
    main()
