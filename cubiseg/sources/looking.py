"""What the released model sees of a picture that nobody has labelled: whether there is a face, and where heads are."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg.boxes import Box
from cubiseg.heads import find_heads
from cubiseg.imaging import Picture
from cubiseg.inference import Segmenter, open_segmenter
from cubiseg.inference.faces import FACE
from cubiseg.inference.model_file import find_model, refuse_own_product

SIDE = 512
"""Longer side, in pixels, up to which label maps are looked at for heads; larger ones are thinned out."""


@dataclass(frozen=True)
class Seen:
    """What a model says of a picture.

    Attributes:
        face: how likely it shows a drawn face, 0..1.
        heads: boxes, whole px, the largest first; mean little where there is no face.
    """

    face: float
    heads: tuple[Box, ...]

    @property
    def shows_face(self) -> bool:
        """Whether it counts as one that shows a face."""
        return self.face >= FACE


def find_looker() -> Path:
    """The model to look with: the one that ``CUBISEG_MODEL`` names, else the released one.

    Raises:
        CubisegError: there is none, or only the one that the pipeline trains on what is prepared here.
    """
    return refuse_own_product(find_model())


def look_at(model: Path, picture: Picture) -> Seen:
    """Look at a picture once; the model stays open for the next one.

    Raises:
        CubisegError: it is no usable model.
    """
    result = _opened(model).segment(picture)
    step = -(-max(picture.size) // SIDE)
    thin = np.ascontiguousarray(result.label[::step, ::step])
    heads = [_cut(box.scaled(step), picture.size) for box in find_heads(thin)]
    return Seen(1.0 if result.face is None else result.face, tuple(heads))


def _cut(box: Box, size: tuple[int, int]) -> Box:
    return Box(*(int(side) for side in box.grown(0, size)))


@functools.lru_cache(maxsize=1)
def _opened(model: Path) -> Segmenter:
    return open_segmenter("anime-advanced", model, look="once")
