"""The segments of a JPEG file, and what its decoder has to complain of."""

import io
import mmap
import re
from collections.abc import Mapping
from typing import BinaryIO

import simplejpeg

from cubiseg.sample_files import PackedFile, SampleFile

START = b"\xff\xd8"
MOST_KEPT = 2**24
"""Bytes of metadata that are kept in all, 16 MiB: as much as the largest profile needs."""

_PIXELS, _COMMENT, _FIRST_APP, _LAST_APP = 0xDA, 0xFE, 0xE0, 0xEF
_NEEDED = {
    0xE0: ((b"JFIF\0", 14),),
    0xE1: ((b"Exif\0\0", 6), (b"http://ns.adobe.com/xap/1.0/\0", 29)),
    0xE2: ((b"ICC_PROFILE\0", 14),),
    0xEE: ((b"Adobe", 12),),
}
"""By marker the first bytes of segments that decide pixels, colours or orientation, and their shortest length: libjpeg
passes over shorter ones."""

_LOSS = ("Corrupt JPEG data", "Premature end of JPEG file", "Inconsistent progression sequence")
_ODD = (
    "Unknown Adobe color transform code",
    "Warning: unknown JFIF revision number",
    "Corrupt JPEG data: bad ICC marker",
    "Invalid SOS parameters for sequential JPEG",
    "Application transferred too many scanlines",
)
"""Beginnings of all warnings that libjpeg-turbo has (JWRN in jerror.h): of lost data, and of odd headers, which cost no
pixel."""
_SCAN = re.compile(rb"(\xff\xda\x00(?:\x08\x01.{2}|\x0a\x02.{4}|\x0c\x03.{6}|\x0e\x04.{8}))...", re.DOTALL)
"""Head of a scan of one to four components; in coded pixels 0xFF is followed by other bytes."""


def needed_parts(file: BinaryIO) -> list[tuple[int, int]]:
    """Start and end of what a decoder needs: everything but comments and applications' segments before the pixels.

    Of a file whose segments are odd everything is kept, since decoders search on for the next one.
    """
    return _parts(file, _NEEDED)


def _parts(file: BinaryIO, wanted: Mapping[int, tuple[tuple[bytes, int], ...]]) -> list[tuple[int, int]]:
    """As :func:`needed_parts`, of the applications' segments with those that are wanted."""
    size, place = file.seek(0, io.SEEK_END), len(START)
    parts, budget = [(0, place)], MOST_KEPT
    while place < size:
        file.seek(place)
        head = file.read(64)
        if head[:2] == b"\xff\xff":  # a marker may have any number of these before it
            place += 1
            continue
        marker = head[1] if len(head) >= 4 and head[0] == 0xFF else 0
        length = int.from_bytes(head[2:4], "big")
        end = place + 2 + length
        if marker == _PIXELS:
            return [*parts, (place, size)]
        if not 0xC0 <= marker <= _COMMENT or 0xD0 <= marker <= 0xD9 or length < 2 or end > size:
            break
        needed = True
        if marker == _COMMENT or _FIRST_APP <= marker <= _LAST_APP:
            needed = length <= budget and any(
                head[4:].startswith(first) and length - 2 >= least for first, least in wanted.get(marker, ())
            )
            budget -= length if needed else 0
        if needed:
            parts.append((place, end))
        place = end
    return [(0, size)]


def damage(path: SampleFile, cmyk: bool) -> str | None:
    """What libjpeg says of lost data, "" where all of it could be decoded; None where this libjpeg cannot tell.

    Pillow does not tell. The data is read once more at an eighth of its size, without colours.

    Args:
        path: a JPEG file.
        cmyk: whether it has four channels.
    """
    if isinstance(path, PackedFile):
        return damage_in(path.read_bytes(), cmyk)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return damage_in(content, cmyk)


def damage_in(content: bytes | mmap.mmap, cmyk: bool) -> str | None:
    """As :func:`damage`, of a JPEG file's bytes."""
    told = _complaint(content, cmyk)
    if told.startswith(_ODD):  # of several warnings libjpeg tells the first
        content = _without_oddities(bytes(content))
        told = _complaint(content, cmyk)
    if not told or told.startswith(_ODD):
        return ""
    # A warning that is in no list counts; an error may be no more than a kind of JPEG that other decoders know.
    return told if told.startswith(_LOSS) or not _complaint(content, cmyk, strict=False) else None


def _complaint(content: bytes | mmap.mmap, cmyk: bool, strict: bool = True) -> str:
    """The error that a JPEG ends with, and if strict the first warning; "" for none."""
    small = {"min_height": 1, "min_width": 1, "min_factor": 8}
    try:
        simplejpeg.decode_jpeg(content, "CMYK" if cmyk else "GRAY", **small, strict=strict)
    except ValueError as error:
        return str(error)
    return ""


def _without_oddities(content: bytes) -> bytes:
    """A JPEG without what applications say in it, and with the parameters that sequential scans have."""
    plain = b"".join(content[start:end] for start, end in _parts(io.BytesIO(content), {}))
    return _SCAN.sub(lambda scan: scan[1] + b"\x00\x3f\x00", plain)


def size_and_colours(content: bytes) -> tuple[int, int, str] | None:
    """Width and height in px, and the colour space by libjpeg's name, as a JPEG file's header tells.

    None for what is no JPEG, or an odd one that only other decoders may know.
    """
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        return None
    return width, height, colours
