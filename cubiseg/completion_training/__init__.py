"""How the network that continues parts beneath others is trained, on complete layers that were generated.

Its pictures are those of a series of its own, which neither the data set nor a benchmark has:

>>> from cubiseg.portraits import draw
>>> draw(seed=20, index=0, size=64).group
'synthetic-20-00000'
"""
