"""From a picture and its label map to cut-out layers: PNG crops, a PSD that Live2D imports, a manifest, previews.

    layers = cut(picture, label)
    write_layers(folder, picture, label, confidence, LayerParams(), backend="slic", architecture="slic")

psd-tools is imported only where a PSD is written or read.
"""

from cubiseg.layers.cut import Layer, cut, recompose
from cubiseg.layers.export import write_layers
from cubiseg.layers.params import LayerParams
from cubiseg.layers.profiles import PROFILES, Profile

__all__ = ["PROFILES", "Layer", "LayerParams", "Profile", "cut", "recompose", "write_layers"]
