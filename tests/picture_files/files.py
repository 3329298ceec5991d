"""Files by hand: chunks of PNG, segments of JPEG, and small ICC profiles."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SRGB_COLORANTS = ((0.436066, 0.222488, 0.013916), (0.385147, 0.716873, 0.097076), (0.143066, 0.060608, 0.714096))
"""Red, green and blue of sRGB under D50, as XYZ."""
ADOBE_COLORANTS = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes, wrong: int = 0) -> bytes:
    """A chunk of PNG; ``wrong`` is added to its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ wrong)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG by hand: for depths that Pillow does not write, and for headers that lie."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)


def deep(pixels: np.ndarray, colour: int, *extra: bytes) -> bytes:
    """16-bit PNG of (H, W, C) uint16 values."""
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(width, height, 16, colour, rows, *extra)


def with_chunks(content: bytes, *chunks: bytes, behind: bool = False) -> bytes:
    """A PNG with more chunks after IHDR, or before IEND."""
    place = -12 if behind else 33
    return content[:place] + b"".join(chunks) + content[place:]


def with_segments(content: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments (marker, data) after its start."""
    more = (bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data for marker, data in segments)
    return content[:2] + b"".join(more) + content[2:]


def profile(space: bytes, name: str, gamma: float, colorants: tuple = SRGB_COLORANTS) -> bytes:
    """An ICC profile (version 2) for ``RGB `` or ``GRAY`` with a curve ``v ** gamma``."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    white = (0.9642, 1, 0.8249)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    text = name.encode() + b"\0"
    about = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    tags = [(b"desc", about + bytes(-len(about) % 4)), (b"wtpt", b"XYZ " + bytes(4) + fixed(*white))]
    if space == b"GRAY":
        tags.append((b"kTRC", curve))
    else:
        tags += [
            (k, b"XYZ " + bytes(4) + fixed(*c)) for k, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)
        ]
        tags += [(k, curve) for k in (b"rTRC", b"gTRC", b"bTRC")]
    start, table, body = 132 + 12 * len(tags), b"", b""
    for key, data in tags:
        table += struct.pack(">4sII", key, start + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s6H", start + len(body), b"", 0x02100000, b"mntr", space, b"XYZ ", 2020, 1, 1, 0, 0, 0
    )
    head += b"acsp" + bytes(28) + fixed(*white)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
