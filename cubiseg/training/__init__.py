"""The stage train: params, config and data set to weights and curves.

What can go wrong with params is said before torch loads:

>>> from cubiseg.training.params import Augmentation
>>> chances = dict.fromkeys(Augmentation.model_fields, 0.0)
>>> Augmentation.model_validate({**chances, "warp": 2})  # doctest: +IGNORE_EXCEPTION_DETAIL
Traceback (most recent call last):
pydantic_core._pydantic_core.ValidationError: 1 validation error for Augmentation
"""
