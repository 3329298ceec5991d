"""The recipe as small as it goes, and crops that are drawn once for all tests."""

from pathlib import Path

from cubiseg.completion_training.params import CompletionParams

DRAW = {
    "seed": 20,
    "pictures": 3,
    "validation": 1,
    "sides": [160],
    "size": 32,
    "crops": 6,
    "least": 8,
    "whole": 0.5,
    "classes": 0.3,
}
TRAIN = {
    "seed": 1,
    "widths": [4, 8],
    "steps": 6,
    "batch_size": 4,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "warm_up": 0.1,
    "decay": 0.5,
    "average": 0.9,
    "precision": "fp32",
    "colour": 3.0,
    "balance": 0.5,
    "augmentation": {"ragged": 0.5, "occlude": 0.5, "shade": 0.5, "degrade": 0.5},
}


def params(**train: object) -> CompletionParams:
    return CompletionParams.model_validate({"draw": DRAW, "train": TRAIN | train})


def written(path: Path) -> Path:
    path.write_text(params().model_dump_json(), encoding="utf-8")  # JSON is YAML
    return path
