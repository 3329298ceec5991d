"""A data set of a few small portraits, and training parameters that suit it."""

from pathlib import Path
from typing import Any

from cubiseg import imaging, label_maps
from cubiseg.samples import Sample, write_manifest
from cubiseg.training.params import TrainParams
from tests import tiny
from tests.conftest import ROOT

CONFIGS = ROOT / "mmseg_configs"
SPLITS = ("train",) * 8 + ("val",) * 2 + ("test",) * 2


def write_dataset(folder: Path, *, parts: bool = False) -> list[Sample]:
    """Twelve portraits: eight to train, two to validate, two to test; with ``parts`` every other tells parts."""
    samples = []
    for index, (portrait, split) in enumerate(zip(tiny.portraits(len(SPLITS)), SPLITS, strict=True)):
        name = f"p{index:02d}"
        paths: dict[str, Any] = {"image": f"images/{split}/{name}.png", "label": f"labels/{split}/{name}.png"}
        imaging.write_png(folder / paths["image"], portrait.image)
        label_maps.write_label(folder / paths["label"], portrait.parts if parts and index % 2 else portrait.label)
        samples.append(tiny.sample(name, portrait.image, group=portrait.group, split=split, **paths))
    write_manifest(folder, samples)
    return samples


def params(**changes: Any) -> TrainParams:
    """A run of a few seconds; the baseline, as it has dropout."""
    few = {"architecture": "baseline-mobilenetv2", "size": 64, "batch_size": 2, "max_iters": 4, "val_interval": 2}
    few["learning_rate"] = 0.003
    return TrainParams.model_validate({**tiny.params("train"), **few, **changes})
