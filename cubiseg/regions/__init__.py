"""Region proposals for drawings: fine regions that respect ink lines, and a merge tree over them.

Any number of regions is one cut of the tree:

>>> import numpy as np
>>> picture = np.full((64, 64, 3), 250, np.uint8)
>>> picture[8:40, 8:40] = (200, 40, 40)
>>> proposals = propose(picture)
>>> np.unique(proposals.label(proposals.cut(2))[[10, 60], [10, 60]]).tolist()
[0, 1]
"""

from cubiseg.regions.head import estimate_head, face_box
from cubiseg.regions.proposals import VERSION, Proposals, propose
from cubiseg.regions.tree import MergeTree, region_edges

__all__ = ["VERSION", "MergeTree", "Proposals", "estimate_head", "face_box", "propose", "region_edges"]
