"""Who is drawn for a spot-check."""

from collections import Counter

import numpy as np
import pytest

from cubiseg.cleaning.spot_checks import DrawnSample
from cubiseg.cli.review.sample import _METHODS
from cubiseg.errors import CubisegError
from cubiseg.review.sampling import MADE, draw_order, draw_samples, stratum_of
from cubiseg.samples import LabelMethod, Sample
from tests.tiny import sample

PIXELS = np.zeros((8, 8, 3), np.uint8)
SIZES = {"simulated/test/under 0.6": 60, "simulated/test/from 0.8": 30, "llm/web/0.6 to 0.8": 10}


def population() -> dict[str, str]:
    return {
        f"{stratum[:3]}-{stratum[-3:]}-{i}".replace(" ", "_"): stratum for stratum, n in SIZES.items() for i in range(n)
    }


def made(name: str, method: LabelMethod | None, confidence: float | None = None) -> Sample:
    return sample(name, PIXELS, label_method=method, confidence=confidence)


def test_every_beginning_of_the_order_has_the_strata_in_proportion() -> None:
    order = draw_order(population(), seed=1)
    for size in range(1, len(order) + 1):
        drawn = Counter(population()[i] for i in order[:size])
        for stratum, count in SIZES.items():
            assert abs(drawn[stratum] - size * count / 100) <= 1.5, (size, drawn)


def test_another_seed_draws_others_and_every_sample_is_as_likely() -> None:
    orders = [draw_order(population(), seed=seed) for seed in range(200)]
    assert orders[0] != orders[1]
    drawn = Counter(i for order in orders for i in order[:20])
    assert len(drawn) == 100
    assert max(drawn.values()) < 70  # 40 on the average
    assert min(drawn.values()) > 15


def test_a_stratum_is_method_source_and_band_of_confidence() -> None:
    assert stratum_of(made("a", LabelMethod.LLM, 0.59)) == "llm/test/under 0.6"
    assert stratum_of(made("a", LabelMethod.LLM, 0.6)) == "llm/test/0.6 to 0.8"
    assert stratum_of(made("a", LabelMethod.MODEL, 0.8)) == "model/test/from 0.8"
    assert stratum_of(made("a", LabelMethod.SIMULATED)) == "simulated/test/no confidence"


def test_labels_that_came_with_a_picture_or_from_a_person_are_not_in_question() -> None:
    samples = [made(f"p{i}", method, 0.7) for i, method in enumerate((*LabelMethod, None))]
    drawn = draw_samples(samples, 9, 1)
    assert {d.sample for d in drawn} == {s.id for s in samples if s.label_method in MADE}
    assert [d.sample for d in draw_samples(samples, 9, 1, (LabelMethod.GIVEN,))] == ["p0"]
    with pytest.raises(CubisegError, match="--method"):
        draw_samples(samples[:1], 9, 1)


def test_more_are_added_to_what_was_drawn_also_where_labels_are_corrected_by_now() -> None:
    samples = [made(f"p{i:02}", LabelMethod.LLM, i / 40) for i in range(40)]
    few = draw_samples(samples, 10, 1)
    human = {few[0].sample, few[1].sample}
    later = [made(s.id, LabelMethod.HUMAN if s.id in human else LabelMethod.LLM, s.confidence) for s in samples]
    more = draw_samples(later, 25, 1, before=few)
    assert more[:10] == few
    assert len({d.sample for d in more}) == 25
    assert draw_samples(later, 5, 1, before=few) == few


def test_anew_draws_nobody_who_was_drawn_before() -> None:
    samples = [made(f"p{i:02}", LabelMethod.LLM, 0.7) for i in range(40)]
    before = draw_samples(samples, 10, 1)
    anew = draw_samples(samples, 30, 1, before=before, anew=True)
    assert len(anew) == 30
    assert not {d.sample for d in anew} & {d.sample for d in before}
    with pytest.raises(CubisegError, match="left to draw"):
        draw_samples(samples, 1, 1, before=[DrawnSample(sample=s.id, stratum="s") for s in samples], anew=True)


def test_the_command_knows_all_methods() -> None:
    assert set(_METHODS) == {m.value for m in LabelMethod}
