"""The studio: a page on this machine where a person mends a picture's label map and writes its layers.

A label map is a pure function of the first one and the list of what was done:

>>> import numpy as np
>>> from cubiseg.studio.history import Action, History, encoded
>>> from cubiseg.studio.runs import Runs
>>> before = np.zeros((2, 4), np.uint8)
>>> after = np.array([[0, 1, 1, 0], [1, 0, 0, 0]], np.uint8)
>>> paint = Action(state=1, do="paint", runs=encoded(Runs.between(before, after)))
>>> History.of(before, [paint]).label.tolist()
[[0, 1, 1, 0], [1, 0, 0, 0]]
>>> History.of(before, [paint, Action(state=2, do="undo")]).label.any()
np.False_

Starlette and uvicorn are imported only where the page is served.
"""
