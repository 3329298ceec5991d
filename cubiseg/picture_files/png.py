"""The chunks of a PNG file (PNG specification, third edition): which decide pixels, and what the others say.

Text is the part that grows without bound: generators of pictures write their whole workflow into it. Nothing here
needs more memory than the limits below, whatever the chunks' sizes and numbers are.
"""

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from cubiseg.picture_files.colour import Colour

SIGNATURE = b"\x89PNG\r\n\x1a\n"

MOST_KEPT = 2**24
"""Bytes of a chunk that is read, and of a profile or text that is unpacked: 16 MiB. The rest of a text is not looked
at; a larger profile counts as one that cannot be read."""

_BLOCK = 2**20
_COLOUR = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_XMP, _EXIF_TEXT = b"XML:com.adobe.xmp", b"Raw profile type exif"
"""Keywords of the texts that may hold the orientation: Adobe's, and ImageMagick's of the time before ``eXIf``."""


@dataclass
class Found:
    """What a PNG holds.

    Attributes:
        parts: start and end of what a decoder needs, in bytes.
        colour: what the chunks say of the colours.
        info: texts that may tell the orientation, by Pillow's names.
        warnings: warnings for the user, one line each.
        broken_pixels: whether a checksum of the pixels is wrong.
    """

    parts: list[tuple[int, int]]
    colour: Colour = field(default_factory=Colour)
    info: dict[str, str | bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    broken_pixels: bool = False


def scan(file: BinaryIO) -> Found:
    """Read through all chunks.

    Of a file that is cut short, or whose chunks are none, the rest is kept as it is, for the decoder to complain of;
    behind the pixels nothing is needed.
    """
    size, place = file.seek(0, io.SEEK_END), len(SIGNATURE)
    found = Found([(0, place)])
    colour: dict[bytes, bytes] = {}
    frames, in_animation, pixels, last = 0, False, False, b""
    damaged: dict[str, None] = {}
    while place < size:
        file.seek(place)
        head = file.read(8)
        length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"")
        end = place + 12 + length
        if not kind.isalpha() or end > size:
            if pixels and last != b"IDAT":
                damaged["what follows the pixels"] = None
            else:
                found.parts.append((place, size))
            break
        body, whole = _body(file, kind, length)
        if not whole:
            damaged[kind.decode() if kind[:1].isupper() else f"the checksum of {kind.decode()} is wrong"] = None
        if kind == b"IDAT":
            pixels = True
        if kind == b"acTL" and whole and length == 8 and not pixels:
            frames = struct.unpack_from(">I", body)[0]
        in_animation |= kind == b"fcTL" and not pixels
        if whole and kind in _COLOUR and not pixels:
            colour.setdefault(kind, body)
        if whole and kind in _TEXT:
            _orientation_text(kind, body, found.info)
        of_use = (kind == b"tRNS" and not pixels) or (kind == b"eXIf" and length <= MOST_KEPT)
        if kind[:1].isupper() or (of_use and whole):
            found.parts.append((place, end))
        place, last = end, kind
        if kind == b"IEND":
            break
    found.colour, found.broken_pixels = _colour(colour), "IDAT" in damaged
    found.warnings = [*_damage(damaged), *_animation(frames, in_animation)]
    return found


def _body(file: BinaryIO, kind: bytes, length: int) -> tuple[bytes, bool]:
    """The first bytes of a chunk that is of use, and whether its checksum is right."""
    wanted = min(length, MOST_KEPT) if kind in (*_COLOUR, *_ANIMATION, *_TEXT) else 0
    body = file.read(wanted)
    check, rest = zlib.crc32(body, zlib.crc32(kind)), length - wanted
    while rest > 0:
        block = file.read(min(rest, _BLOCK))
        if not block:
            break
        check, rest = zlib.crc32(block, check), rest - len(block)
    return body, file.read(4) == struct.pack(">I", check)


def _orientation_text(kind: bytes, body: bytes, info: dict[str, str | bytes]) -> None:
    """Take a text that may tell the orientation; any other is passed over without being unpacked."""
    keyword, _, text = body[:100].partition(b"\0")
    if keyword not in (_XMP, _EXIF_TEXT):
        return
    text = body[len(keyword) + 1 :]
    if kind == b"zTXt":
        text = _unpacked(text[1:])[0]
    elif kind == b"iTXt":
        packed, fields = text[:1] == b"\1", text[2:].split(b"\0", 2)
        if len(fields) < 3:
            return
        text = _unpacked(fields[2])[0] if packed else fields[2]
    if keyword == _XMP:
        info["xmp"] = text
    else:
        info[_EXIF_TEXT.decode()] = text.decode("latin-1")


def _unpacked(data: bytes) -> tuple[bytes, bool]:
    """What zlib's data says, as far as it can be read and is not too long; and whether that is all of it."""
    reader = zlib.decompressobj()
    try:
        return reader.decompress(data, MOST_KEPT), reader.eof
    except zlib.error:
        return b"", False


def _colour(chunks: dict[bytes, bytes]) -> Colour:
    icc, readable = None, True
    if (packed := chunks.get(b"iCCP")) is not None:
        name, _, rest = packed.partition(b"\0")
        icc, readable = _unpacked(rest[1:]) if len(name) < 80 and rest[:1] == b"\0" else (b"", False)
    gamma, chrm = chunks.get(b"gAMA"), chunks.get(b"cHRM")
    return Colour(
        cicp=None if (cicp := chunks.get(b"cICP")) is None else tuple(cicp),
        icc=icc if readable else b"",
        srgb=b"sRGB" in chunks,
        gamma=None if gamma is None else struct.unpack(">I", gamma)[0] / 1e5 if len(gamma) == 4 else 0.0,
        chromaticities=None
        if chrm is None
        else tuple(v / 1e5 for v in struct.unpack(">8I", chrm))
        if len(chrm) == 32
        else (),
    )


def _damage(kinds: dict[str, None]) -> list[str]:
    told = []
    if "IDAT" in kinds:
        told.append(
            "the file is damaged (a checksum of its pixels is wrong), parts of the picture may be; fetch it again"
        )
    # A decoder refuses other critical chunks (upper case) whose checksum is wrong.
    others = [kind for kind in kinds if kind[0].islower()]
    if others:
        told.append(f"the file is damaged ({', '.join(others[:5])}), that is passed over; fetch it again")
    return told


def _animation(frames: int, in_animation: bool) -> list[str]:
    if frames > 1:
        which = "the first one" if in_animation else "the still picture before them"
        return [f"is an animation of {frames} frames; {which} is taken"]
    return ["is an animation; the still picture before it is taken"] if frames and not in_animation else []
