"""What labels a picture."""

from typing import Annotated

from pydantic import AfterValidator, Field

from cubiseg.inference.backends import LOW_CONFIDENCE, check_backend
from cubiseg.params import Params

BackendName = Annotated[str, AfterValidator(check_backend)]


class SegmentationParams(Params):
    """The block ``segmentation`` of the params.

    Attributes:
        backend: backend that labels a picture.
        fallback: backends that take over, in this order, when it cannot run.
        low_confidence: mean confidence over the foreground, 0..1, below which the result carries a warning.
    """

    backend: BackendName = "anime-advanced"
    fallback: tuple[BackendName, ...] = ()
    low_confidence: float = Field(default=LOW_CONFIDENCE, ge=0, le=1)
