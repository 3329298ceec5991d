"""From a picture to a label map with confidence, by a named backend.

Here a blue disc on white, which is no character, is cut into segments without names; ``read_picture`` of
:mod:`cubiseg.imaging` reads a file, and a result of a picture with a face has its classes in ``label``.

>>> import cv2
>>> import numpy as np
>>> from cubiseg.imaging import Picture
>>> rgb = np.full((64, 64, 3), 255, np.uint8)
>>> _ = cv2.circle(rgb, (32, 44), 20, (30, 60, 160), -1)
>>> result = open_segmenter("slic", segments=2).segment(Picture(rgb))
>>> result.segments[[2, 40], [2, 32]].tolist(), result.warnings
([1, 2], ('cut into 2 segments without names; name their layers yourself',))

Imports neither torch nor onnxruntime until a backend needs them.
"""

from cubiseg.inference.backends import BACKENDS, open_segmenter
from cubiseg.inference.doubts import Doubt
from cubiseg.inference.params import SegmentationParams
from cubiseg.inference.segmentation import Segmentation, Segmenter, given

__all__ = ["BACKENDS", "Doubt", "Segmentation", "SegmentationParams", "Segmenter", "given", "open_segmenter"]
