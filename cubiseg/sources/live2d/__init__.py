"""Live2D models as exact truth: read, posed and drawn layer by layer.

Every drawable of a model is complete beneath what covers it, and belongs to a part that has a name. ``cubism2`` reads
models of Cubism 2, ``cubism3`` those of Cubism 3 to 5; both give a :class:`cubiseg.sources.live2d.rig.Rig`.
"""
