"""Confidence that means what it says: a temperature and offsets, and how far confidence is from how often it is right.

A network is trained until it is surer than it is right. Dividing its logits by one number, the temperature, fitted on
pictures that it was not trained on, mends that on the whole (Guo, Pleiss, Sun and Weinberger, "On calibration of modern
neural networks", ICML 2017). Ours is trained to weigh small classes more than they occur, so that it finds brows at
all, and calls too much a brow: an offset for each class mends that (vector scaling, ibid., with one scale for all).
Labels are decided by the logits as they are, so neither changes any.

How well confidence is calibrated is told by the expected calibration error (ECE; the same paper, after Naeini, Cooper
and Hauskrecht, 2015): pixels are sorted into bins by confidence, and in each bin the mean confidence is compared with
the share that is right.
"""

from dataclasses import dataclass

import numpy as np

from cubiseg import taxonomy

BINS = 15
"""Bins of equal width between 0 and 1."""
COLDEST, HOTTEST = 0.25, 8.0
"""Bounds of a fitted temperature."""
MOST = 6.0
"""Bound of a fitted offset, in logits."""
SHRINK = 5e-5
"""Penalty on squared offsets beside the mean loss of a pixel: classes of a few hundred pixels get little of one."""
ROWS = 100_000
"""Pixels that a fit takes at most, evenly among those that it is given."""


@dataclass(frozen=True)
class Reliability:
    """Pixels by predicted class and by confidence, added up over pictures.

    Attributes:
        pixels: (C, BINS) int64.
        right: (C, BINS) int64, those whose class is the true one.
        sure: (C, BINS) float64, sum of their confidences.
    """

    pixels: np.ndarray
    right: np.ndarray
    sure: np.ndarray

    def __add__(self, other: "Reliability") -> "Reliability":
        return Reliability(self.pixels + other.pixels, self.right + other.right, self.sure + other.sure)

    @property
    def total(self) -> "Reliability":
        """All classes as one: rows of length 1."""
        return Reliability(*(plane.sum(axis=0, keepdims=True) for plane in (self.pixels, self.right, self.sure)))

    def ece(self) -> np.ndarray:
        """(C,) float64 in 0..1: expected calibration error of each class; NaN where none was predicted."""
        gaps = np.abs(self.right - self.sure).sum(axis=1)
        pixels = self.pixels.sum(axis=1)
        return np.where(pixels > 0, gaps / np.maximum(pixels, 1), np.nan)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean confidence and share that is right in each bin: (C, BINS) float64 each; NaN in an empty bin."""
        count = np.where(self.pixels > 0, self.pixels, np.nan)
        return self.sure / count, self.right / count


def reliability(truth: np.ndarray, label: np.ndarray, confidence: np.ndarray, classes: int) -> Reliability:
    """Sort the pixels of one picture by predicted class and confidence.

    Args:
        truth: (H, W) uint8 ids; 255 is not counted.
        label: (H, W) uint8 ids below ``classes``; others (255, "no class") are not counted, as they claim nothing.
        confidence: (H, W) float, 0..1.
        classes: number of classes C.
    """
    known = (truth != taxonomy.IGNORE_INDEX) & (label < classes)
    predicted, sure = label[known].astype(np.int64), confidence[known].astype(np.float64)
    # A bin is open below and closed above, so that 1 lies in the last.
    place = predicted * BINS + np.clip(np.ceil(sure * BINS).astype(np.int64) - 1, 0, BINS - 1)
    shape, size = (classes, BINS), classes * BINS
    pixels = np.bincount(place, minlength=size)
    right = np.bincount(place[predicted == truth[known]], minlength=size)
    return Reliability(*(p.reshape(shape) for p in (pixels, right, np.bincount(place, sure, minlength=size))))


def nothing(classes: int) -> Reliability:
    """No pixels, to add to."""
    whole = np.zeros((classes, BINS), np.int64)
    return Reliability(whole, whole, np.zeros((classes, BINS)))


def fit(logits: np.ndarray, truth: np.ndarray) -> tuple[float, np.ndarray]:
    """The temperature and the offsets at which the true classes are the likeliest.

    Probabilities are softmax(logits / temperature + offsets).

    Args:
        logits: (N, C) float.
        truth: (N,) ids below C.

    Returns:
        Temperature, ``COLDEST`` to ``HOTTEST``, and (C,) float64 offsets, of which that of class 0 is 0; 1 and zeros
        where there is no pixel.
    """
    from scipy.optimize import minimize

    classes = logits.shape[1]
    if not len(truth):
        return 1.0, np.zeros(classes)
    step = -(-len(truth) // ROWS)
    some, own = logits[::step].astype(np.float64), truth[::step]
    share = np.bincount(own, minlength=classes) / len(own)
    mean_own = some[np.arange(len(own)), own].mean()

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        scale, offsets = values[0], np.concatenate([[0.0], values[1:]])
        scores = scale * some + offsets
        top = scores.max(axis=1, keepdims=True)
        odds = np.exp(scores - top)
        total = odds.sum(axis=1, keepdims=True)
        odds /= total
        value = float((top + np.log(total)).mean() - scale * mean_own - offsets @ share + SHRINK * offsets @ offsets)
        slope = odds.mean(axis=0) - share + 2 * SHRINK * offsets
        return value, np.concatenate([[(odds * some).sum(axis=1).mean() - mean_own], slope[1:]])

    start = np.concatenate([[1.0], np.zeros(classes - 1)])
    bounds = [(1 / HOTTEST, 1 / COLDEST), *[(-MOST, MOST)] * (classes - 1)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100}).x
    return float(1 / found[0]), np.concatenate([[0.0], found[1:]])
