"""The stage clean: answers to label maps by rules, then the corrections of people.

A rule takes a label map and gives back a better one; of two eyes, the one farther right is the character's left:

>>> import numpy as np
>>> from cubiseg.cleaning.rules import nearest_known
>>> label = np.array([[1, 1, 255, 2, 2]], np.uint8)
>>> nearest_known(label, label == 255).tolist()[0][:2], nearest_known(label, label == 255).tolist()[0][3:]
([1, 1], [2, 2])
"""
