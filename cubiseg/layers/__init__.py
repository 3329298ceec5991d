"""From a picture and its label map to cut-out layers: PNG crops, a PSD that Live2D imports, a manifest, previews.

Here a picture of two parts is cut in memory; :func:`write_layers` does the same and writes all files.

>>> import numpy as np
>>> from cubiseg import taxonomy
>>> from cubiseg.imaging import Picture
>>> picture = Picture(np.full((64, 64, 3), 200, np.uint8))
>>> label = np.full((64, 64), taxonomy.ID["face"], np.uint8)
>>> label[:20] = taxonomy.ID["hair"]
>>> layers = cut(picture, label)
>>> [(layer.class_name, layer.size, int(layer.own.sum()), int(layer.painted.sum())) for layer in layers]
[('face', (60, 64), 2816, 896), ('hair', (22, 64), 1280, 0)]
>>> bool((recompose(layers, picture.size) == picture.rgba()).all())
True

psd-tools is imported only where a PSD is written or read.
"""

from cubiseg.layers.cut import cut
from cubiseg.layers.export import write_layers
from cubiseg.layers.layer import Layer, recompose
from cubiseg.layers.manifest import LayerEntry, Manifest
from cubiseg.layers.params import LayerParams
from cubiseg.layers.profiles import PROFILES, Profile

__all__ = ["PROFILES", "Layer", "LayerEntry", "LayerParams", "Manifest", "Profile", "cut", "recompose", "write_layers"]
