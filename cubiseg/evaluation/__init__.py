"""The stage evaluate, and scores on any labelled folder: how good a model is, as figures and as pictures.

A folder whose classes have other names is scored through a mapping:

>>> from cubiseg.evaluation.labelled_folder import FolderMapping
>>> mapping = FolderMapping(classes=("background", "bangs", "logo"), map={"bangs": "hair", "logo": "ignore"})
>>> mapping.table("taxonomy")[:3].tolist()
[0, 1, 255]
"""
