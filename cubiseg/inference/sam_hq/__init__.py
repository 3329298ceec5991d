"""Masks of SAM-HQ: segments without names, or with those that the model votes for.

SAM-HQ cuts out whatever is there and names nothing. Here it is asked at the points of a grid and inside each of our own
regions; its masks become segments (:mod:`cubiseg.inference.sam_hq.masks`), which in a picture with a face get the names
that most of their pixels have by the model (:mod:`cubiseg.inference.sam_hq.naming`). Weights are not shipped.
"""

from cubiseg.inference.sam_hq.backend import SamHq
from cubiseg.inference.sam_hq.network import open_network

__all__ = ["SamHq", "open_network"]
