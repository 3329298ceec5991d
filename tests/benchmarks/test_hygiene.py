"""Flags of prepare keep what docs/annotate-danbooru.md says of them, on a few pictures with one fault each."""

import numpy as np
import pytest

from benchmarks.hygiene import measured, rates
from benchmarks.hygiene_cases import cases
from cubiseg.samples import Flag
from tests.conftest import ROOT

RELEASE = ROOT / "models" / "release" / "anime-unet.onnx"


def test_rates_are_those_of_the_field() -> None:
    faulty, flagged = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 1, 0]], bool)
    assert rates(faulty, flagged) == (2 / 3, 2 / 3)
    assert rates(faulty, np.zeros(5, bool)) == (0, 0)


@pytest.mark.slow
def test_flags_are_precise_and_miss_little() -> None:
    found = measured(cases(12), RELEASE if RELEASE.is_file() else None)
    sure = {Flag.BARS, Flag.NEAR_DUPLICATE, Flag.GREYSCALE, Flag.NO_FACE, Flag.SEVERAL_PEOPLE} & set(found)
    assert len(sure) == (5 if RELEASE.is_file() else 3)
    for flag in sure:
        precision, recall, _ = found[flag]
        assert precision >= 0.9 and recall >= 0.8, f"{flag}: precision {precision:.2f}, recall {recall:.2f}"
