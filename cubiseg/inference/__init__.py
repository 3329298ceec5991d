"""From a picture to a label map with confidence, by a named backend.

    segmenter = open_segmenter("anime-advanced", fallback=("slic",))
    result = segmenter.segment(read_picture(path))

Imports neither torch nor onnxruntime until a backend needs them.
"""

from cubiseg.inference.backends import BACKENDS, SegmentationParams, open_segmenter
from cubiseg.inference.segmentation import Segmentation, Segmenter

__all__ = ["BACKENDS", "Segmentation", "SegmentationParams", "Segmenter", "open_segmenter"]
