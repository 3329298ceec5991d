"""From a picture to a label map with confidence, by a named backend.

Here a blue figure on white is labelled without a model; ``read_picture`` of :mod:`cubiseg.imaging` reads a file.

>>> import cv2
>>> import numpy as np
>>> from cubiseg.imaging import Picture
>>> from cubiseg.taxonomy import NAMES
>>> rgb = np.full((64, 64, 3), 255, np.uint8)
>>> _ = cv2.circle(rgb, (32, 44), 20, (30, 60, 160), -1)
>>> result = open_segmenter("slic").segment(Picture(rgb))
>>> NAMES[result.label[2, 2]], NAMES[result.label[40, 32]], round(result.mean_confidence(), 2)
('background', 'clothes', 0.45)

Imports neither torch nor onnxruntime until a backend needs them.
"""

from cubiseg.inference.backends import BACKENDS, open_segmenter
from cubiseg.inference.params import SegmentationParams
from cubiseg.inference.segmentation import Segmentation, Segmenter, given

__all__ = ["BACKENDS", "Segmentation", "SegmentationParams", "Segmenter", "given", "open_segmenter"]
