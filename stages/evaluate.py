"""evaluate: bare weights on the test split to metrics, plots and a sheet of pictures."""

from pathlib import Path

import click

from cubiseg.evaluation.params import EvaluateParams
from stages.common import load_params, one_line_errors, write_metrics


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Data set folder.")
@click.option("--configs", type=click.Path(path_type=Path), required=True, help="Folder of architectures.")
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Weights file of the stage train.")
@click.option("--plots", type=click.Path(path_type=Path), required=True, help="Folder for plots.")
@click.option("--metrics", "metrics_file", type=click.Path(path_type=Path), required=True, help="Metrics file (JSON).")
@one_line_errors
def main(data: Path, configs: Path, weights: Path, plots: Path, metrics_file: Path) -> None:
    """The stage."""
    params = load_params("evaluate", EvaluateParams)
    from cubiseg.evaluation import checkpoint
    from cubiseg.evaluation import plots as draw
    from cubiseg.scores import total
    from cubiseg.segmentors.build import use_threads
    from cubiseg.segmentors.predictor import Predictor
    from cubiseg.segmentors.weights import load_weights

    use_threads()
    predict = Predictor(*load_weights(weights, configs))
    scored = checkpoint.score_split(predict, data)
    counts = total([s.counts for s in scored])
    draw.write_confusion_png(plots / "confusion.png", counts.confusion)
    draw.write_confusion_csv(plots / "confusion.csv", counts.confusion)
    draw.write_classes_csv(plots / "classes.csv", counts)
    draw.write_sheet(plots / "sheet.jpg", draw.choose(scored, params.sheet_pictures), predict, data)
    write_metrics(metrics_file, {"architecture": predict.info.architecture, **checkpoint.metrics(scored, params.seed)})


if __name__ == "__main__":
    main()
