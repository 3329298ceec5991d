"""What cubiseg adds to MMSegmentation: encoders, decoders, losses, and how a network is built and stored.

The classes are registered in MMSegmentation's registries by the configs' ``custom_imports``; importing this package
alone imports neither torch nor MMSegmentation. An architecture is a file of the folder of configs:

>>> from pathlib import Path
>>> from cubiseg.segmentors.build import architectures
>>> architectures(Path("mmseg_configs"))[:2]
['anime-swin', 'anime-transformer']
"""
