"""Simulated answers of the region protocols: names from the known truth, with set rates of errors."""

from collections.abc import Mapping, Sequence

import numpy as np

from cubiseg.annotation.params import NamingErrors
from cubiseg.annotation.protocols.errors import UNSURE, no_numbers

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


def misname(names: Sequence[str | None], errors: NamingErrors, rng: np.random.Generator) -> dict[str, list[int]]:
    """An answer about numbered regions.

    Args:
        names: class of each region, in the order of their numbers from 1; None where it is unknown.
        errors: rate of each kind of error.
        rng: source of all randomness.

    Returns:
        The numbers of each class and of ``unsure``.
    """
    lists = no_numbers()
    table = {**CONFUSIONS, **errors.confusion}
    for number, name in enumerate(names, 1):
        draw = rng.random(3)
        if name is None:
            lists[UNSURE].append(number)
            continue
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
            lists[UNSURE].append(number)
    return lists


def _confused(row: Mapping[str, float], rng: np.random.Generator) -> str:
    shares = np.array(list(row.values()))
    return list(row)[int(rng.choice(len(shares), p=shares / shares.sum()))]
