"""Stage train: a data set and an architecture to bare weights and curves."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cubiseg import settings
from cubiseg.training.params import TrainParams
from stages.common import path, stage

if TYPE_CHECKING:
    from cubiseg.training.stage import TrainMetrics


@stage("train", TrainParams)
@path("--data", "Data set folder.")
@path("--configs", "Folder of architectures.")
@path("--out", "Weights file (safetensors).")
@path("--curves", "Folder for the curves.")
@path("--release", "Folder of the released models, for train.start: release.")
def main(params: TrainParams, data: Path, configs: Path, out: Path, curves: Path, release: Path) -> "TrainMetrics":
    """Train the chosen architecture; a run that was killed goes on where it was."""
    # Read when torch loads. Threads that spin while they wait made a step 2.4 times as long when another process wanted
    # a core, such as the one that loads the samples.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from cubiseg.training.stage import train  # after the params: a typing error should not wait for torch

    return train(params, configs, data, out, curves, settings.WORK.read(), release)


if __name__ == "__main__":
    main()
