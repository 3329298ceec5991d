"""Stage integrate: layers of each illustration."""

from pathlib import Path

from cubiseg.inference import SegmentationParams
from cubiseg.integration.params import IntegrateParams
from cubiseg.integration.stage import IntegrateMetrics, integrate
from stages.common import load_params, path, stage


@stage("integrate", IntegrateParams)
@path("--model", "Exported model, .onnx or .pt.")
@path("--illustrations", "Folder of pictures.")
@path("--out", "Folder to write; one folder a picture in it.")
def main(params: IntegrateParams, model: Path, illustrations: Path, out: Path) -> IntegrateMetrics:
    """Turn each illustration into layers, and check what was written."""
    return integrate(params, load_params("segmentation", SegmentationParams), model, illustrations, out)


if __name__ == "__main__":
    main()
