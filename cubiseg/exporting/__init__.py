"""The stage export: bare weights to model files that work without the training code.

Each file says of itself how it is to be used:

>>> from cubiseg.exporting.card import card
>>> from cubiseg.model_info import ModelInfo
>>> info = ModelInfo(architecture="anime-unet", input_size=(256, 256), mean=(127, 127, 127), std=(127, 127, 127))
>>> print(card(info, parameters=2_470_000).splitlines()[7])
| architecture | `anime-unet`, 2,470,000 parameters |
"""
