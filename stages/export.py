"""Stage export: bare weights to TorchScript, ONNX and a model card, compared with the network."""

from pathlib import Path
from typing import TYPE_CHECKING

from cubiseg.exporting.params import ExportParams
from stages.common import path, stage

if TYPE_CHECKING:
    from cubiseg.exporting.stage import ExportMetrics


@stage("export", ExportParams)
@path("--configs", "Folder of architectures.")
@path("--weights", "Weights file of the stage train.")
@path("--scores", "Metrics of the stage evaluate, for the card.", required=False)
@path("--out", "Folder for the exported files.")
def main(params: ExportParams, configs: Path, weights: Path, scores: Path | None, out: Path) -> "ExportMetrics":
    """Write the model with its description inside, and check the files against the weights."""
    from cubiseg.exporting.stage import export  # after the params: a typing error should not wait for torch

    return export(params, configs, weights, scores, out)


if __name__ == "__main__":
    main()
