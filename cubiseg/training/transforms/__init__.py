"""Transforms of training pictures; importing this package registers them with MMSegmentation."""

from cubiseg.segmentors.build import quiet

with quiet():
    from cubiseg.training.transforms import augment, close, placing, repaint

__all__ = ["augment", "close", "placing", "repaint"]
