"""Areas of one colour: a picture cut up along its edges, by what OpenCV's contrib modules have."""

from typing import Any

import cv2
import numpy as np

from cubiseg.errors import CubisegError

OPENCV = "opencv-contrib-python-headless"
"""The build of OpenCV that has them. All builds install the same folder, so the one installed last is the one there."""
_ROUNDS, _LEAST = 10, 25
"""Rounds of k-means of SLIC; superpixels under this share of the mean, in percent, are joined to a neighbour."""


def graph_areas(picture: np.ndarray, scale: float, blur: float, least: int) -> np.ndarray:
    """Efficient graph-based segmentation (Felzenszwalb and Huttenlocher, IJCV 59, 2004).

    Pixels are joined by their sides alone, where the paper joins corners as well: a diagonal line of one pixel's width
    falls apart, and its pieces go to ``least``.

    Args:
        picture: (H, W, 3) uint8; colours are compared as they are, by Euclid's distance.
        scale: how unlike pixels of one area may be, the paper's k for colours of 0..255; the larger, the larger areas.
        blur: standard deviation of the Gaussian that smooths the picture first, px.
        least: smallest area, px.

    Returns:
        (H, W) int32, numbers of areas, from 0 without gaps.

    Raises:
        CubisegError: OpenCV lacks its contrib modules.
    """
    how = contrib().segmentation.createGraphSegmentation(blur, scale, least)
    return np.asarray(how.processImage(np.ascontiguousarray(picture)), np.int32)


def compact_areas(lab: np.ndarray, count: int, compactness: float) -> np.ndarray:
    """Superpixels of like size (SLIC: Achanta et al., IEEE PAMI 34, 2012).

    Small ones are joined to a neighbour, so texture and pictures of one pixel's width give far fewer than are wanted.

    Args:
        lab: (H, W, 3) float32, L* 0..100, a* and b*.
        count: superpixels wanted, about, where colours are even.
        compactness: what nearness counts for against colour: m of the paper.

    Returns:
        (H, W) int32, numbers of superpixels, from 0 without gaps.

    Raises:
        CubisegError: OpenCV lacks its contrib modules.
    """
    ximgproc = contrib()
    step = max(2, round(np.sqrt(lab.shape[0] * lab.shape[1] / count)))
    found = ximgproc.createSuperpixelSLIC(np.ascontiguousarray(lab), ximgproc.SLIC, step, compactness)
    found.iterate(_ROUNDS)
    found.enforceLabelConnectivity(_LEAST)
    return np.asarray(found.getLabels(), np.int32)


def contrib() -> Any:
    """OpenCV's module that cuts pictures up.

    Raises:
        CubisegError: this build of OpenCV lacks it.
    """
    if not hasattr(cv2, "ximgproc"):
        raise CubisegError(
            "OpenCV is there without its contrib modules (another build was installed over ours); "
            f"pip install --force-reinstall --no-deps {OPENCV}"
        )
    return cv2.ximgproc
