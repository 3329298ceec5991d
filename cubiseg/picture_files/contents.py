"""What a PNG or JPEG file holds, told before a decoder sees it."""

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from cubiseg.picture_files import jpeg, png
from cubiseg.picture_files.colour import Colour
from cubiseg.picture_files.splice import Spliced


@dataclass(frozen=True)
class Contents:
    """What is in a picture's file.

    Attributes:
        kept: the file without the metadata that decides no pixel, for a decoder.
        colour: what the file's own chunks say of its colours; an ICC profile in JPEG or WebP is the decoder's.
        info: metadata that tells the orientation, by the names that Pillow has for it.
        warnings: warnings for the user, one line each.
        broken_pixels: whether a checksum of the pixels is wrong (PNG; the others have none).
    """

    kept: BinaryIO
    colour: Colour = field(default_factory=Colour)
    info: dict[str, str | bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    broken_pixels: bool = False


def scan(file: BinaryIO) -> Contents:
    """Look through a file. One whose structure is broken, or of another format, is kept as it is from there on.

    Args:
        file: open file that can seek; it must stay open while :attr:`Contents.kept` is read.
    """
    file.seek(0)
    head = file.read(8)
    if head == png.SIGNATURE:
        found = png.scan(file)
        return Contents(
            _reader(file, found.parts), found.colour, found.info, tuple(found.warnings), found.broken_pixels
        )
    if head[:2] == jpeg.START:
        return Contents(_reader(file, jpeg.needed_parts(file)))
    return Contents(_reader(file, [(0, file.seek(0, io.SEEK_END))]))


def _reader(file: BinaryIO, parts: list[tuple[int, int]]) -> BinaryIO:
    return io.BufferedReader(Spliced(file, parts), 2**16)
