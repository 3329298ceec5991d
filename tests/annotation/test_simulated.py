"""The simulated provider makes the errors that its params say, and no others."""

import json
from pathlib import Path

import numpy as np
import pytest

from cubiseg import label_maps, taxonomy
from cubiseg.annotation.params import SimulatedParams
from cubiseg.annotation.protocols.paint import Paint
from cubiseg.annotation.providers.simulated import Simulated, spoil
from cubiseg.answers.requests import Malformed, Outcome, Request
from cubiseg.errors import CubisegError
from tests.tiny import face, portraits

FAULTLESS = dict.fromkeys(SimulatedParams.model_fields, 0)


def spoilt(seed: int = 0, **errors: float) -> np.ndarray:
    return spoil(face(), SimulatedParams(**{**FAULTLESS, **errors}), np.random.default_rng(seed))


def read(painted: np.ndarray) -> np.ndarray:
    return label_maps.decolourise(painted)[0]


@pytest.fixture
def ask(tmp_path: Path):
    label_maps.write_label(tmp_path / "truth.png", face())

    def call(sample: str = "a", seed: int = 0, **errors: float):
        request = Request(
            sample,
            tmp_path / "none.png",
            "0" * 64,
            "?",
            "paint-1",
            tmp_path / "truth.png",
            expected=Paint().answer_from_label,
        )
        return Simulated(SimulatedParams(**{**FAULTLESS, **errors}), seed).annotate(request)

    return call


def test_without_errors_it_answers_with_the_truth() -> None:
    assert np.array_equal(spoilt(), label_maps.colourise(face()))


def test_a_truth_of_parts_gives_the_answers_and_the_key_of_its_classes(tmp_path: Path) -> None:
    portrait = portraits()[0]
    provider = Simulated(SimulatedParams(**{**FAULTLESS, "swap": 0.3}), 0)
    said = []
    for name in ("label", "parts"):
        label_maps.write_label(tmp_path / f"{name}.png", getattr(portrait, name))
        request = Request(
            "a", tmp_path, "0" * 64, "?", "paint-1", tmp_path / f"{name}.png", expected=Paint().answer_from_label
        )
        said.append((provider.annotate(request), provider.fingerprint(request)))
    assert said[0] == said[1]


def test_the_answer_hangs_on_seed_and_sample_alone(ask) -> None:
    errors = {"swap": 0.3, "specks": 20, "ragged": 1, "noise": 0.01, "tint": 5}
    one = ask("a", 1, **errors)
    assert one == ask("a", 1, **errors)
    assert len({one.text, ask("b", 1, **errors).text, ask("a", 2, **errors).text}) == 3


def test_a_swap_names_eyes_as_the_other_eye() -> None:
    before, after = face(), read(spoilt(swap=1))
    assert (after[before == taxonomy.ID["eye_left"]] == taxonomy.ID["eye_right"]).all()
    assert (after[before == taxonomy.ID["hair"]] != taxonomy.ID["hair"]).all()


def test_omitted_parts_become_face() -> None:
    after = read(spoilt(omit=1))
    assert not np.isin(after, [taxonomy.ID[n] for n in taxonomy.SMALL_PARTS]).any()
    assert np.array_equal(after == taxonomy.ID["hair"], face() == taxonomy.ID["hair"])


@pytest.mark.parametrize(
    ("error", "value"), [("specks", 30), ("ragged", 4), ("shift", 8), ("noise", 0.05), ("blend", 1)]
)
def test_each_error_changes_some_pixels_and_spares_most(error: str, value: float) -> None:
    wrong = (read(spoilt(**{error: value})) != face()).mean()
    assert 0 < wrong < 0.2


def test_a_tint_changes_colours_and_no_class() -> None:
    painted = spoilt(tint=4)
    assert not np.array_equal(painted, label_maps.colourise(face()))
    assert np.array_equal(read(painted), face())


def test_a_smaller_answer_is_smaller() -> None:
    assert max(spoilt(smaller=1).shape[:2]) <= 96


def test_refusals_and_broken_answers_come_at_their_rates(ask) -> None:
    outcomes = []
    for index in range(200):
        response = ask(f"s{index}", refused=0.2, malformed=0.3)
        broken = False
        if response.outcome is Outcome.OK:
            try:
                Paint().read(response.text)
            except Malformed:
                broken = True
        outcomes.append("broken" if broken else response.outcome.value)
    assert 0.12 < outcomes.count("refused") / 200 < 0.28
    assert 0.2 < outcomes.count("broken") / 200 < 0.4


def test_it_answers_only_where_the_truth_is_known(tmp_path: Path) -> None:
    provider = Simulated(SimulatedParams(**FAULTLESS), 0)
    with pytest.raises(CubisegError, match="set annotate"):
        provider.annotate(Request("a", tmp_path, "0" * 64, "?", "paint-1"))


def test_the_answer_is_the_json_that_the_protocol_asks_for(ask) -> None:
    assert list(json.loads(ask().text)) == ["label_map"]
