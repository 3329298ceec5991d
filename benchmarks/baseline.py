"""Train the baseline as the pipeline's model was trained, and compare both on the test split.

Same params, data, samples seen and seed; only the architecture differs. `make benchmark` runs it.
"""

import os
import tempfile
from pathlib import Path

import click

from cubiseg import scores, taxonomy
from cubiseg.evaluation.params import EvaluateParams
from cubiseg.training.params import TrainParams
from stages.common import load_params, one_line_errors, write_metrics

BASELINE = "baseline-mobilenetv2"
PATH = click.Path(path_type=Path)
CHOSEN = ("mean_iou", "mean_f1", "small_part_f1", "boundary_f", "left_right_confusion", "intervals", "iou")


@click.command(help=__doc__)
@click.option("--data", type=PATH, required=True, help="Data set folder.")
@click.option("--configs", type=PATH, required=True, help="Folder of architectures.")
@click.option("--weights", type=PATH, required=True, help="Weights of the pipeline's model.")
@click.option("--metrics", type=PATH, required=True, help="JSON to write.")
@click.option("--keep", type=PATH, help="Folder to export the baseline to, as ONNX, to score it on other pictures.")
@one_line_errors
def main(data: Path, configs: Path, weights: Path, metrics: Path, keep: Path | None) -> None:
    params = load_params("train", TrainParams).model_copy(update={"architecture": BASELINE})
    seed = load_params("evaluate", EvaluateParams).seed
    from cubiseg.evaluation.checkpoint import score_split
    from cubiseg.segmentors.build import parameter_count, use_threads
    from cubiseg.segmentors.predictor import Predictor
    from cubiseg.segmentors.weights import load_weights
    from cubiseg.training.run import train

    use_threads()
    rows, groups = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        baseline = Path(scratch) / "weights.safetensors"
        work = Path(os.environ.get("CUBISEG_WORK") or ".cubiseg/train")
        train(params, configs, data, baseline, Path(scratch) / "curves", work)
        for file in (weights, baseline):
            network, info = load_weights(file, configs)
            scored = score_split(Predictor(network, info), data)
            counts, names = [s.counts for s in scored], [s.sample.group for s in scored]
            groups[info.architecture] = scores.by_group(counts, names)
            summary = scores.summary(counts, names, seed=seed)
            rows[info.architecture] = {
                "parameters": parameter_count(network),
                **{key: summary[key] for key in CHOSEN},
            }
            if keep is not None:
                from cubiseg.exporting.onnx_file import write_onnx

                write_onnx(keep / f"{info.architecture}.onnx", network, info)

    def mean_iou(c: scores.Counts) -> float:
        return scores.mean(scores.iou(c), range(1, taxonomy.NUM_CLASSES))

    default = next(iter(rows))
    report = {
        "samples_seen": params.max_iters * params.batch_size,
        "input": params.size,
        "test_pictures": len(scored),
        "architectures": rows,
        "mean_iou_over_baseline": scores.paired_difference(groups[default], groups[BASELINE], mean_iou, seed=seed),
    }
    write_metrics(metrics, report)


if __name__ == "__main__":
    main()
