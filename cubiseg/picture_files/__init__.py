"""What the files of pictures hold besides pixels: metadata that nobody needs, colour spaces, signs of damage.

Decoders refuse pictures for large or broken metadata, and pass over what their own libraries warn of. Here a decoder is
given what decides the pixels and nothing else, and the rest is told.

>>> import io
>>> from PIL import Image
>>> file = io.BytesIO()
>>> Image.new("RGB", (1, 1)).save(file, "PNG", dpi=(72, 72))
>>> contents = scan(file)
>>> contents.kept.read() == file.getvalue()  # the resolution is left out
False
>>> Image.open(contents.kept).size, contents.warnings
((1, 1), ())
"""

from cubiseg.picture_files.colour import Colour, to_srgb
from cubiseg.picture_files.contents import Contents, scan

__all__ = ["Colour", "Contents", "scan", "to_srgb"]
