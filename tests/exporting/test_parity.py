"""An exported file and its network are compared by what is decoded from them."""

import numpy as np
import pytest
import torch

from cubiseg import taxonomy
from cubiseg.exporting import parity
from cubiseg.model_info import PARTS_VOCABULARY, ModelInfo
from cubiseg.taxonomy import OUTPUT_IDS, PART_ID

SIZE = 32
INFO = ModelInfo(
    architecture="any", input_size=(SIZE, SIZE), dynamic=False, mean=(0, 0, 0), std=(1, 1, 1), **PARTS_VOCABULARY
)
CLASSES = INFO.model_copy(update=dict.fromkeys(PARTS_VOCABULARY))


def equal_pixels(network: np.ndarray, file: np.ndarray, info: ModelInfo) -> float:
    """Share of equal pixels of a network and a file that give these logits, (outputs, SIZE, SIZE), for anything."""
    found = parity.measure(lambda _: torch.from_numpy(network)[None], lambda _: file[None], info, number=1, seed=0)
    return found.equal_pixels


@pytest.fixture
def hair() -> np.ndarray:
    """Hair everywhere, its front; lips have the largest logit of all outputs but are no part of hair."""
    logits = np.zeros((len(OUTPUT_IDS), SIZE, SIZE), np.float32)
    logits[place("hair")], logits[place("hair_front")], logits[place("lips")] = 1, -1, 9
    logits[[place(name) for name in taxonomy.PARTS_OF["hair"] if name != "hair_front"]] = -2
    return logits


def place(name: str) -> int:
    """Number of an output."""
    return int(np.flatnonzero(PART_ID[name] == OUTPUT_IDS)[0])


def changed(logits: np.ndarray, name: str, value: float) -> np.ndarray:
    """The same logits but for one output in the upper quarter."""
    out = logits.copy()
    out[place(name), : SIZE // 4] = value
    return out


@pytest.mark.parametrize(
    ("name", "value", "equal"),
    [
        ("mouth_inside", 99, 1.0),  # another largest output, which nobody reads
        ("lips", -9, 1.0),
        ("hair_back", -0.5, 0.75),  # the largest output is the same, but another part of hair is meant
        ("face", 2, 0.75),
    ],
)
def test_pixels_are_equal_where_the_class_and_the_part_within_it_are(
    hair: np.ndarray, name: str, value: float, equal: float
) -> None:
    assert equal_pixels(hair, changed(hair, name, value), INFO) == equal


def test_of_a_model_of_classes_the_class_alone_is_compared(hair: np.ndarray) -> None:
    classes = hair[: taxonomy.NUM_CLASSES]
    assert equal_pixels(classes, classes, CLASSES) == 1
    assert equal_pixels(classes, changed(classes, "face", 2), CLASSES) == 0.75
