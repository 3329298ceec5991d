from cubiseg.api import load_picture as load_picture
from cubiseg.api import segment as segment
from cubiseg.api import write_layers as write_layers

__version__: str
