"""How good a label map will turn out to be: a predicted mean IoU, from what the network tells of its own doubts.

The figure is a ridge regression on a few features of the looks: the IoU that calibrated probabilities let expect, how
well the picture and its mirror image agree, what is missing, how unsure borders are, how much of the picture the figure
covers, and all that of accessories, which are most often made up. Its coefficients
(``quality.json``) were fitted on generated pictures that were damaged as real ones are (``benchmarks/quality.py``);
docs/models.md has what it is worth on real ones. Everything is computed at the network's resolution.

The IoU of a class is expected to be the probability mass where the class was chosen over that mass together with all
pixels where either it was chosen or it may be: with p the probability of the class and M where it was chosen,
sum(p in M) / (size of M + sum(p outside M)).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cubiseg import taxonomy
from cubiseg.errors import CubisegError, fault
from cubiseg.inference.looks import Look
from cubiseg.letterbox import class_logits, largest
from cubiseg.model_info import Calibration

_NAMES, _TABLE = taxonomy.COARSE9_NAMES, taxonomy.COARSE9_TABLE
_ID = {name: number for number, name in enumerate(_NAMES)}
_MOSTLY = [_ID[name] for name in ("hair", "face", "eye_left", "eye_right", "brow", "mouth")]
"""What a picture of a character mostly has."""
_TO_COARSE = np.eye(len(_NAMES), dtype=np.float32)[_TABLE[: taxonomy.NUM_CLASSES]].T
"""(coarse classes, classes) float32: which belong together."""

FEATURES = (
    "expected",
    "missing",
    "accessories",
    "accessories_expected",
    "coverage",
    "border_entropy",
    "agreement",
    "accessories_agreement",
)
"""Names of the features in the order of the coefficients; the last two need mirrored looks."""
MIRRORED = 2
"""How many features, the last ones, need mirrored looks."""
LEAST = 6
"""Pixels of the network from which a class counts as found."""


class Fit(BaseModel):
    """A ridge regression on standardised features.

    Attributes:
        intercept: mean IoU at the features' means.
        mean: of each feature where it was fitted.
        scale: standard deviation of each there, above 0.
        weight: change of the mean IoU by one standard deviation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: Annotated[float, Field(allow_inf_nan=False)]
    mean: tuple[Annotated[float, Field(allow_inf_nan=False)], ...]
    scale: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...]
    weight: tuple[Annotated[float, Field(allow_inf_nan=False)], ...]

    def predict(self, features: np.ndarray) -> float:
        """Mean IoU, 0..1, of a picture with these features, (F,) float."""
        value = self.intercept + float(((features - self.mean) / self.scale) @ np.array(self.weight))
        return min(1.0, max(0.0, value))


class Regressions(BaseModel):
    """What ``quality.json`` holds.

    Attributes:
        features: names of the features; must be :data:`FEATURES`.
        threshold: predicted mean IoU below which a person is told to mend the picture, 0..1.
        mirrored: for looks that were mirrored.
        plain: for those that were not; without the last :data:`MIRRORED` features.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: tuple[str, ...]
    threshold: Annotated[float, Field(ge=0, le=1)]
    mirrored: Fit
    plain: Fit

    @model_validator(mode="after")
    def _consistent(self) -> "Regressions":
        if self.features != FEATURES:
            raise ValueError("features are not those that this version computes")
        for fit, count in ((self.mirrored, len(FEATURES)), (self.plain, len(FEATURES) - MIRRORED)):
            if not len(fit.mean) == len(fit.scale) == len(fit.weight) == count:
                raise ValueError("one mean, scale and weight a feature")
        return self


def parse(text: str) -> Regressions:
    """Read the JSON of coefficients.

    Raises:
        CubisegError: malformed, or made for other features.
    """
    try:
        return Regressions.model_validate(json.loads(text))
    except ValidationError as error:
        why = fault(error, "the whole")
    except ValueError as error:
        why = str(error)
    raise CubisegError(f"quality.json: {why}; fit it again with `python -m benchmarks.quality --write`, or reinstall")


@cache
def packaged() -> Regressions:
    """The coefficients that come with the package."""
    return parse((resources.files("cubiseg.inference") / "quality.json").read_text(encoding="utf-8"))


def predicted_iou(looks: Sequence[Look], calibration: Calibration | None) -> float:
    """Predicted mean IoU of a picture over nine classes, 0..1.

    Args:
        looks: merged looks in their order, the first of the whole picture.
        calibration: temperature and offsets of the model; None where it has none.

    Raises:
        CubisegError: the coefficients that come with the package are damaged.
    """
    fits, values = packaged(), np.array(list(features(looks, calibration).values()))
    return (fits.plain if looks[0].views is None else fits.mirrored).predict(values)


def needs_mending(predicted: float) -> bool:
    """Whether a picture of this predicted mean IoU, 0..1, must be mended by a person before layers are cut from it."""
    return predicted < packaged().threshold


def features(looks: Sequence[Look], calibration: Calibration | None) -> dict[str, float]:
    """The features of a picture, in the order of :data:`FEATURES`; without mirrored looks the last are absent.

    Args:
        looks: merged looks in their order, the first of the whole picture.
        calibration: temperature and offsets of the model; None where it has none.
    """
    how = calibration or Calibration(temperature=1, offsets=(0,) * taxonomy.NUM_CLASSES)
    return _features([_sums(look, looks[number + 1 :], how) for number, look in enumerate(looks)])


def _features(sums: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The features from the sums of each look."""
    expected, chosen = _ratio(sums, "inside", "either"), np.sum([s["chosen"] for s in sums], axis=0)
    found = np.max([s["pixels"] for s in sums], axis=0) >= LEAST
    found[0] = False  # background
    wanted = found.copy()
    wanted[_MOSTLY] = True
    worn = found[_ID["accessories"]]
    out = {
        "expected": _mean(expected * found, wanted),
        "missing": float(np.count_nonzero(wanted & ~found)),
        "accessories": float(worn),
        "accessories_expected": float(expected[_ID["accessories"]] * worn),
        "coverage": float(chosen[1:].sum() / max(1.0, chosen.sum())),
        "border_entropy": sum(s["entropy"] for s in sums) / max(1e-9, sum(s["border"] for s in sums)),
    }
    if "both" in sums[0]:
        agree = _ratio(sums, "both", "one")
        out["agreement"] = _mean(agree * found, wanted)
        out["accessories_agreement"] = float(agree[_ID["accessories"]] * worn)
    return out


def _sums(look: Look, later: Sequence[Look], how: Calibration) -> dict[str, Any]:
    """Sums over the pixels of a look that no later look shows, in those of the picture (``pixels``: the network's)."""
    (sh, sw), (top, left) = look.placement.scaled, look.placement.offset
    logits = class_logits(look.logits)[:, top : top + sh, left : left + sw]
    here = _not_shown(look, later)
    probability: np.ndarray = logits * np.float32(1 / how.temperature)
    probability += np.array(how.offsets, np.float32)[:, None, None]
    probability -= probability.max(axis=0)
    # OpenCV's takes a third of NumPy's time.
    flat = probability.reshape(len(logits), -1)
    cv2.exp(flat, dst=flat)
    coarse = np.tensordot(_TO_COARSE, probability, axes=1)
    coarse /= probability.sum(axis=0)
    del flat, probability
    label = _TABLE[largest(logits)]
    sure = np.take_along_axis(coarse, label[None].astype(np.intp), axis=0)[0]
    area, count = look.cell**2, len(_NAMES)
    seen = label[here]
    pixels = np.bincount(seen, minlength=count).astype(float)
    inside = np.bincount(seen, sure[here], minlength=count)
    mass = np.tensordot(coarse, here.astype(np.float32), axes=2).astype(np.float64)
    border = here & (cv2.dilate(label, _AROUND) != cv2.erode(label, _AROUND))
    entropy = -(coarse[:, border] * np.log(np.maximum(coarse[:, border], 1e-9))).sum()
    out: dict[str, Any] = {
        "pixels": pixels,
        "chosen": pixels * area,
        "inside": inside * area,
        "either": (pixels + mass - inside) * area,
        "border": float(border.sum()) * area,
        "entropy": float(entropy) * area,
    }
    if look.views is not None:
        first, second = (_TABLE[view][here] for view in _inner(look.views, look))
        both = np.bincount(first[first == second], minlength=count).astype(float)
        out["both"] = both * area
        out["one"] = (np.bincount(first, minlength=count) + np.bincount(second, minlength=count) - both) * area
    return out


_AROUND = np.ones((3, 3), np.uint8)


def _inner(planes: np.ndarray, look: Look) -> np.ndarray:
    """Planes of a look, (N, h, w), without the margin of the network's input."""
    (sh, sw), (top, left) = look.placement.scaled, look.placement.offset
    return planes[:, top : top + sh, left : left + sw]


def _not_shown(look: Look, later: Sequence[Look]) -> np.ndarray:
    """Pixels of a look, (h, w) bool, without the margin, that no later look shows."""
    (height, width), (sh, sw) = look.placement.original, look.placement.scaled
    here = np.ones((sh, sw), bool)
    for other in later:
        box = other.box.moved(-look.box.left, -look.box.top)
        rows, columns = (
            slice(max(0, round(first * n / side)), max(0, round(end * n / side)))
            for first, end, n, side in ((box.top, box.bottom, sh, height), (box.left, box.right, sw, width))
        )
        here[rows, columns] = False
    return here


def _ratio(sums: Sequence[Mapping[str, Any]], upper: str, lower: str) -> np.ndarray:
    """(coarse classes,) float64 in 0..1: one sum over another, over all looks; 0 where there is nothing."""
    above, below = (np.sum([s[key] for s in sums], axis=0) for key in (upper, lower))
    return np.where(below > 0, above / np.maximum(below, 1e-9), 0.0)


def _mean(values: np.ndarray, which: np.ndarray) -> float:
    """Mean over some classes, at least one, (coarse classes,) bool."""
    return float(values[which].mean())
