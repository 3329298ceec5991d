"""Temperature and offsets make confidence as high as it is right; calibration errors say how far it is from that."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubiseg import calibration, taxonomy
from cubiseg.calibration import BINS, nothing, reliability
from cubiseg.letterbox import Placement, calibrated, from_logits
from cubiseg.model_info import Calibration

C = taxonomy.NUM_CLASSES
PLAIN = Calibration(temperature=1, offsets=(0,) * C)


def drawn_by(logits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Truths that occur as often as a softmax of (N, C) logits says: (N,)."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    up_to = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    return (rng.random((len(logits), 1)) > up_to).sum(axis=1).clip(0, logits.shape[1] - 1)


@pytest.mark.parametrize("heat", [0.6, 1.0, 2.5])
def test_the_temperature_and_offsets_that_logits_were_made_with_are_found(heat: float) -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (60_000, C))
    truth = drawn_by(honest, rng)
    bias = np.linspace(0, 1.5, C)
    temperature, offsets = calibration.fit((honest + bias) * heat, truth)
    assert temperature == pytest.approx(heat, rel=0.05)
    assert offsets == pytest.approx(-bias, abs=0.15) and offsets[0] == 0


def test_without_pixels_nothing_is_changed_and_without_pixels_of_a_class_its_offset_stays_bounded() -> None:
    temperature, offsets = calibration.fit(np.zeros((0, 4)), np.zeros(0, int))
    assert temperature == 1 and not offsets.any()
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 2, (5_000, 4))
    honest[:, 3] = -50
    offsets = calibration.fit(honest, drawn_by(honest, rng))[1]
    assert np.isfinite(offsets).all() and np.abs(offsets).max() <= calibration.MOST


def test_the_calibration_error_is_the_gap_between_confidence_and_what_is_right() -> None:
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2, 255, 0]], np.uint8)
    label = np.array([[1, 1, 1, 2, 2, 2, 2, 2, 1, 255]], np.uint8)
    sure = np.array([[0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 1, 1, 0.9, 0.9]])
    found = reliability(truth, label, sure, 3)
    assert found.pixels.sum() == 8, "neither what nobody knows nor what claims nothing counts"
    error = found.ece()
    assert np.isnan(error[0]) and error[1:] == pytest.approx([0.1, (0.9 + 1.0 + 0) / 5])
    # As one: the bin of 0.9 holds 3.6 of confidence and 3 that are right, that of 0.5 holds 1 and 2.
    assert found.total.ece()[0] == pytest.approx((0.6 + 1.0 + 0) / 8)
    twice = found + found
    assert twice.ece()[1:] == pytest.approx(error[1:]) and (nothing(3) + found).ece()[1:] == pytest.approx(error[1:])


def test_bins_are_of_equal_width_and_the_last_holds_full_confidence() -> None:
    sure = np.array([[0.0, 1 / BINS, 1 / BINS + 1e-6, 1.0]])
    found = reliability(np.zeros((1, 4), np.uint8), np.zeros((1, 4), np.uint8), sure, 1)
    assert found.pixels[0].nonzero()[0].tolist() == [0, 1, BINS - 1] and found.pixels[0, 0] == 2
    mean, right = found.curve()
    assert mean[0, -1] == right[0, -1] == 1 and np.isnan(mean[0, 5])


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    temperature=st.floats(0.05, 20),
    offsets=st.lists(st.floats(-10, 10), min_size=C, max_size=C),
    spread=st.sampled_from([0.1, 3.0, 60.0, 1e6]),
)
def test_calibrated_confidence_is_a_probability_whatever_the_logits_and_the_calibration(
    seed: int, temperature: float, offsets: list[float], spread: float
) -> None:
    logits = np.random.default_rng(seed).normal(0, spread, (C, 16, 12)).astype(np.float32)
    how = Calibration(temperature=temperature, offsets=tuple(offsets))
    sure = calibrated(logits, Placement((70, 50), (14, 10), (1, 1)), how)
    assert sure.shape == (70, 50) and sure.dtype == np.float32
    assert np.isfinite(sure).all() and sure.min() >= 0 and sure.max() <= 1


def test_without_temperature_and_offsets_confidence_is_what_it_was() -> None:
    noise = np.random.default_rng(3).normal(0, 20, (C, 20, 20)).astype(np.float32)
    logits = np.stack([cv2.GaussianBlur(plane, (0, 0), 2) for plane in noise])
    place = Placement((40, 40), (20, 20), (0, 0))
    assert calibrated(logits, place, PLAIN) == pytest.approx(from_logits(logits, place)[1], abs=1e-5)
    large = Placement((160, 160), (20, 20), (0, 0))
    apart = np.abs(calibrated(logits, large, PLAIN) - from_logits(logits, large)[1])
    assert apart.mean() < 0.02, "enlarged from twice the network's resolution"


def test_a_higher_temperature_is_less_sure_and_an_offset_moves_its_class_alone() -> None:
    logits = np.zeros((C, 8, 8), np.float32)
    logits[1, :, :4], logits[2, :, 4:] = 4, 4
    place = Placement((8, 8), (8, 8), (0, 0))
    lower = (0.0, -1.0, *([0.0] * (C - 2)))
    plain, hot, moved = (
        calibrated(logits, place, Calibration(temperature=heat, offsets=offsets))
        for heat, offsets in ((1, PLAIN.offsets), (2, PLAIN.offsets), (1, lower))
    )
    assert (hot < plain).all()
    assert (moved[:, :4] < plain[:, :4]).all() and (moved[:, 4:] >= plain[:, 4:]).all()
    odds = np.exp(4 - 1) / (np.exp(4 - 1) + C - 1)
    assert moved[:, :4] == pytest.approx(np.full((8, 4), odds), rel=1e-5), "softmax(logits / 1 + offsets)"
