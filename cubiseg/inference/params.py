"""What labels a picture."""

from typing import Annotated

from pydantic import AfterValidator, Field

from cubiseg.inference.backends import LOOK, LOW_CONFIDENCE, check_backend
from cubiseg.inference.looks import LookName
from cubiseg.inference.segments import MOST, SEGMENTS
from cubiseg.params import Params

BackendName = Annotated[str, AfterValidator(check_backend)]


class SegmentationParams(Params):
    """The block ``segmentation`` of the params.

    Attributes:
        backend: backend that labels a picture.
        fallback: backends that take over, in this order, when it cannot run or finds no face; with none in it, that is
            an error. None takes whatever the backend gives.
        segments: segments without names that a picture without a face is cut into.
        low_confidence: mean confidence over the foreground, 0..1, below which the result carries a warning.
        look: how often a picture is looked at: ``once``, ``twice`` (the head again at full resolution) or ``flipped``
            (both mirrored as well).
        all_characters: whether each head is looked at again, or the largest alone.
    """

    backend: BackendName = "anime-advanced"
    fallback: tuple[BackendName, ...] | None = None
    segments: int = Field(default=SEGMENTS, ge=1, le=MOST)
    low_confidence: float = Field(default=LOW_CONFIDENCE, ge=0, le=1)
    look: LookName = LOOK
    all_characters: bool = False
