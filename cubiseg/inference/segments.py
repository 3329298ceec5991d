"""A picture in which no character is found: segments without names, which follow what is drawn.

A network of drawn characters names the pixels of a landscape too, and the names are guesses. Segments are none: they
are numbered by size, and people name them.
"""

from collections.abc import Sequence

import numpy as np

from cubiseg.imaging import Picture
from cubiseg.inference.segmentation import BACKGROUND, Segmentation

SEGMENTS, MOST = 18, 48
"""Segments of a picture unless another number is asked for, and at most: with what is painted on beneath each of them,
a PSD then still has no more layers than Live2D's free editor takes."""
UNRATED = 0.5
"""Confidence of segments that no network has rated."""


def unnamed(
    picture: Picture,
    segments: np.ndarray,
    confidence: np.ndarray,
    backend: str,
    architecture: str | None = None,
    warnings: Sequence[str] = (),
) -> Segmentation:
    """A segmentation of segments without names.

    Args:
        picture: picture that was segmented.
        segments: (H, W) uint16, at most :data:`MOST`, the largest first, 0 where none lies.
        confidence: (H, W) float32, 0..1.
        backend: backend that made them.
        architecture: architecture of its network; None where there is none.
        warnings: warnings for the user, besides the picture's own.
    """
    told = f"cut into {int(segments.max())} segments without names; name their layers yourself"
    return Segmentation(
        np.full(segments.shape, BACKGROUND, np.uint8),
        confidence,
        backend,
        architecture or backend,
        (*picture.warnings, told, *warnings),
        segments=segments,
    )


def by_regions(picture: Picture, count: int, backend: str) -> Segmentation:
    """Segments by colour and line alone (:mod:`cubiseg.regions.unnamed`).

    Args:
        picture: picture to segment; clear pixels belong to no segment.
        count: segments wanted.
        backend: name of the backend that asks.
    """
    from cubiseg.regions.unnamed import unnamed_segments

    covered = None if picture.alpha is None else picture.alpha > 0
    segments = unnamed_segments(picture.over(), count, covered)
    confidence = np.where(segments > 0, np.float32(UNRATED), np.float32(1))
    return unnamed(picture, segments, confidence, backend)
