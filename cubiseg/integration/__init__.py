"""From illustrations to folders of layers: the command ``cubiseg layers`` and the stage integrate.

Here a drawn picture is cut without a model:

>>> import tempfile
>>> from pathlib import Path
>>> import cv2
>>> import numpy as np
>>> from cubiseg.imaging import write_png
>>> from cubiseg.inference import SegmentationParams
>>> from cubiseg.layers import LayerParams
>>> rgb = np.full((64, 64, 3), 255, np.uint8)
>>> _ = cv2.circle(rgb, (32, 44), 20, (30, 60, 160), -1)
>>> with tempfile.TemporaryDirectory() as place:
...     write_png(Path(place, "art.png"), rgb)
...     job = Job(Path(place, "layers"), LayerParams(), SegmentationParams(backend="slic", segments=2))
...     for result in cut_all(job, {Path(place, "art.png"): "art"}):
...         print(result.folder.name, [layer.name for layer in result.manifest.layers])
art ['segment_001', 'segment_002']
"""

from cubiseg.integration.illustrations import IllustrationResult, Job, cut_all
from cubiseg.integration.params import IntegrateParams
from cubiseg.integration.watching import cut_saved

__all__ = ["IllustrationResult", "IntegrateParams", "Job", "cut_all", "cut_saved"]
