"""Stage evaluate: bare weights on the test split to metrics, plots and a sheet of pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from cubiseg.evaluation.params import EvaluateParams
from stages.common import path, stage

if TYPE_CHECKING:
    from cubiseg.evaluation.stage import EvaluateMetrics


@stage("evaluate", EvaluateParams)
@path("--data", "Data set folder.")
@path("--configs", "Folder of architectures.")
@path("--weights", "Weights file of the stage train.")
@path("--plots", "Folder for plots.")
def main(params: EvaluateParams, data: Path, configs: Path, weights: Path, plots: Path) -> "EvaluateMetrics":
    """Score the model on the test split, with intervals, a confusion matrix and pictures of its errors."""
    from cubiseg.evaluation.stage import evaluate  # after the params: a typing error should not wait for torch

    return evaluate(params, data, configs, weights, plots)


if __name__ == "__main__":
    main()
