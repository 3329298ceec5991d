"""Interchange: labelled folders to and from LabelMe, COCO, CVAT, Label Studio and plain PNG.

Tools number classes as they like, so names alone say what a mask is:

>>> import numpy as np
>>> from cubiseg.labels.names import Translation
>>> Translation({"Bangs": "hair_front"}).translate(np.array([[7, 3]]), {7: "Bangs", 3: "face"}, uncovered=0).tolist()
[[20, 2]]
"""
