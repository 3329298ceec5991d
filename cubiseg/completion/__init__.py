"""What lies beneath: the pixels of a part that others cover, found, painted and measured.

A complete layer knows what it has beneath the layers above it; a picture does not. ``truth.py`` says which pixels of
complete layers are hidden, ``fills.py`` has plain ways to continue a part, ``measures.py`` says how near they come.

A part may only be continued beneath what the stack of layers puts above it:

>>> import numpy as np
>>> from cubiseg import taxonomy
>>> from cubiseg.completion.truth import beneath
>>> row = np.array([[taxonomy.PART_ID[name] for name in ("background", "face", "hair_front", "hair_back")]], np.uint8)
>>> beneath("face", row).tolist()
[[False, False, True, False]]
"""
