"""Region proposals for drawings: fine regions that respect ink lines, and a merge tree over them."""

from cubiseg.regions.head import estimate_head, face_box
from cubiseg.regions.proposals import VERSION, Proposals, propose
from cubiseg.regions.tree import MergeTree, region_edges

__all__ = ["VERSION", "MergeTree", "Proposals", "estimate_head", "face_box", "propose", "region_edges"]
