"""Transforms of training pictures; importing this package registers them with MMSegmentation."""

from cubiseg.segmentors.build import quiet

with quiet():
    from cubiseg.training.transforms import augment, placing, repaint

__all__ = ["augment", "placing", "repaint"]
