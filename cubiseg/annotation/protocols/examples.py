"""Worked examples: pictures with right answers that are shown before the one that is asked about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cubiseg import imaging
from cubiseg.annotation.sheets import numbered_picture
from cubiseg.answers.requests import Sheet
from cubiseg.sample_files import SampleFile


@dataclass(frozen=True)
class Example:
    """A picture with its right answer.

    Attributes:
        group: the sample's group; its pictures are asked about without this example.
        pixels: SHA-256 of the picture's decoded RGB.
        image: file of the picture.
        numbers: gives the number of each pixel's region, (H, W) int32 from 1.
        answer: the right answer about its regions, JSON.
    """

    group: str
    pixels: str
    image: SampleFile
    numbers: Callable[[], np.ndarray]
    answer: str


def words_of(examples: Sequence[Example]) -> str:
    """What the prompt says of examples."""
    return "\n".join(
        [
            f"Before the picture come {len(examples)} worked examples: other pictures with numbered regions. The right "
            "answers to them, with the classes that occur:",
            *(f"{title(i)}: {example.answer}" for i, example in enumerate(examples)),
            "Answer about the picture that comes after them.",
        ]
    )


def sheets_of(examples: Sequence[Example]) -> tuple[Sheet, ...]:
    """The pictures of examples with their numbered regions, titled as the prompt names them."""
    drawn = (numbered_picture(imaging.read_picture(e.image).over(), e.numbers()) for e in examples)
    return tuple(replace(sheet, name=title(i)) for i, sheet in enumerate(drawn))


def title(index: int) -> str:
    """What the prompt calls an example."""
    return f"example {index + 1}"
