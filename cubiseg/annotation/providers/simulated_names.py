"""Simulated answers of the region protocols: names from the known truth, with set rates of errors."""

import json
from collections.abc import Mapping

import numpy as np

from cubiseg import taxonomy
from cubiseg.annotation.params import NamingErrors
from cubiseg.taxonomy import IGNORE_INDEX

CONFUSIONS: dict[str, dict[str, float]] = {
    "background": {"hair": 0.5, "clothes": 0.5},
    "hair": {"accessories": 0.4, "background": 0.3, "clothes": 0.3},
    "face": {"skin": 0.5, "hair": 0.5},
    "eye_left": {"eye_right": 0.5, "eyebrow_left": 0.2, "face": 0.3},
    "eye_right": {"eye_left": 0.5, "eyebrow_right": 0.2, "face": 0.3},
    "eyebrow_left": {"eyebrow_right": 0.4, "hair": 0.3, "eye_left": 0.3},
    "eyebrow_right": {"eyebrow_left": 0.4, "hair": 0.3, "eye_right": 0.3},
    "nose": {"mouth": 0.3, "face": 0.7},
    "mouth": {"nose": 0.3, "face": 0.7},
    "skin": {"face": 0.5, "clothes": 0.5},
    "clothes": {"skin": 0.4, "accessories": 0.4, "background": 0.2},
    "accessories": {"hair": 0.5, "clothes": 0.5},
}
"""What each class is taken for when a region of it is named wrongly: a confusion matrix without its diagonal. Its rows
may be replaced by ``annotate.simulated_names.confusion``."""


def name_regions(truth: np.ndarray, numbers: np.ndarray, errors: NamingErrors, rng: np.random.Generator) -> str:
    """An answer about numbered regions.

    Args:
        truth: (H, W) uint8, taxonomy ids; regions that are mostly 255 are unsure.
        numbers: (H, W) int32, 1.. on regions.
        errors: rates of each kind.
        rng: all randomness.

    Returns:
        JSON text: the numbers of each class and of ``unsure``.
    """
    lists: dict[str, list[int]] = {name: [] for name in (*taxonomy.NAMES, "unsure")}
    wide = np.where(truth == IGNORE_INDEX, taxonomy.NUM_CLASSES, truth).astype(np.int64)
    classes = taxonomy.NUM_CLASSES + 1
    count = int(numbers.max()) + 1
    seen = np.bincount(numbers.ravel().astype(np.int64) * classes + wide.ravel(), minlength=count * classes)
    most = seen.reshape(count, classes).argmax(1)
    table = {**CONFUSIONS, **errors.confusion}
    for number in range(1, count):
        draw = rng.random(3)
        if most[number] == taxonomy.NUM_CLASSES:
            lists["unsure"].append(number)
            continue
        name = taxonomy.NAMES[most[number]]
        wrong = draw[0] < errors.wrong
        if draw[1] < errors.omit:
            continue
        said = _confused(table[name], rng) if wrong else name
        lists[said].append(number)
        if draw[1] < errors.omit + errors.twice:
            other = _confused(table[name], rng)
            if other != said:
                lists[other].append(number)
        if draw[2] < (errors.doubt_wrong if wrong else errors.doubt_right):
            lists["unsure"].append(number)
    return json.dumps(lists, separators=(",", ":"))


def _confused(row: Mapping[str, float], rng: np.random.Generator) -> str:
    shares = np.array(list(row.values()))
    return list(row)[int(rng.choice(len(shares), p=shares / shares.sum()))]
