"""Reading PSDs that others wrote, which are not to be trusted: bounded, quiet, and with damage told from emptiness.

psd-tools replaces what it cannot decode by black or clear pixels and goes on; here it is an error.
"""

import io
import logging
import stat
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cubiseg.file_kinds import HEAD_BYTES, identify

if TYPE_CHECKING:
    from psd_tools import PSDImage

MAX_BYTES = 2 << 30
_STRIP = 1 << 24

_INSTEAD = {
    "readable": "`cubiseg layers` cuts pictures; lint takes the PSD that they become",
    "picture": "`cubiseg layers` cuts pictures, of PNG; lint takes the PSD that they become",
    "drawing": "export it as PSD",
}
"""What to do with kinds of files that are no PSDs; with others, whatever gets the file itself."""


class NotAPsd(Exception):
    """A path that does not lead to a PSD.

    Attributes:
        what: what it is instead, after its name: "is a folder".
        remedy: what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def psd_bytes(path: Path) -> bytes:
    """What a PSD file holds; only regular files are opened, and no more than 2 GB is read.

    Raises:
        NotAPsd: there is no such file, it is no PSD, or it cannot be read.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise NotAPsd("is a folder", "name the PSDs in it")
        if not stat.S_ISREG(status.st_mode):
            raise NotAPsd("is a device or a pipe, not a file", "save the PSD as a file")
        if status.st_size > MAX_BYTES:
            raise NotAPsd(f"is {status.st_size >> 20} MB large, over {MAX_BYTES >> 20} MB", "save it smaller")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotAPsd("is not there", "check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is no path"
        raise NotAPsd(f"cannot be read ({reason})", "check the path and its permissions") from None
    if len(content) > MAX_BYTES:
        raise NotAPsd(f"is over {MAX_BYTES >> 20} MB large", "save it smaller")
    if not content.startswith(b"8BPS"):
        raise NotAPsd(*_instead(content))
    return content


def _instead(content: bytes) -> tuple[str, str]:
    kind = identify(content[:HEAD_BYTES])
    if kind is None:
        return "is no PSD", "export it as PSD"
    return f"is {kind.what}, not a PSD", _INSTEAD.get(kind.group, kind.remedy)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the parser's own remarks off the terminal: what it finds is told in ours."""
    logger = logging.getLogger("psd_tools")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def opened(content: bytes) -> "PSDImage":
    """A parsed PSD; the parser raises anything on a damaged one."""
    from psd_tools import PSDImage
    from psd_tools.psd.parse_limits import ParseLimits

    return PSDImage.open(io.BytesIO(content), parse_limits=ParseLimits(max_objects=500_000))


def check_pixels(data: bytes, compression: int, size: tuple[int, int], depth: int, version: int) -> None:
    """Decode pixels to see whether all of them are there, a strip at a time.

    Args:
        data: pixels as they are coded in the file.
        compression: how: raw, RLE, ZIP or ZIP with prediction, as the file format counts them.
        size: width and height.
        depth: bits a channel.
        version: 1 for a PSD, 2 for a large document.

    Raises:
        ValueError: some are missing, or cannot be decoded.
    """
    from psd_tools.constants import Compression

    row, height = (size[0] * depth + 7) // 8, size[1]
    if compression == Compression.RLE:
        _check_rows(data, row, height, 2 if version == 1 else 4)
        return
    length = len(data) if compression == Compression.RAW else _inflated(data, row * height)
    if length < row * height:
        raise ValueError(f"{length} of {row * height} bytes")


def _inflated(data: bytes, enough: int) -> int:
    """How many bytes there are in what zlib compressed; what is beyond ``enough`` is not looked at."""
    stream, length = zlib.decompressobj(), 0
    try:
        while data and not stream.eof and length <= enough:
            length += len(stream.decompress(data, _STRIP))
            data = stream.unconsumed_tail
    except zlib.error as error:
        raise ValueError(str(error)) from None
    return length


def _check_rows(data: bytes, row: int, height: int, step: int) -> None:
    """Whether PackBits rows are all there, whose lengths come first; psd-tools fills what is missing with zeros."""
    from PIL import Image

    if len(data) < height * step or row * height > 64 * len(data):  # two bytes make 128 at most
        raise ValueError("rows are missing")
    lengths = np.frombuffer(data, ">u2" if step == 2 else ">u4", height)
    ends = height * step + np.cumsum(lengths, dtype=np.int64)
    if ends[-1] > len(data):
        raise ValueError(f"{len(data)} of {ends[-1]} bytes")
    starts, many = ends - lengths, max(1, _STRIP // row)
    for first in range(0, height, many):
        last = min(first + many, height)
        try:
            Image.frombytes("L", (row, last - first), data[starts[first] : ends[last - 1]], "packbits", "L")
        except ValueError:
            # Pillow wants runs to end with their row; painting programs are not that strict.
            if any(_unpacked(data[starts[y] : ends[y]]) < row for y in range(first, last)):
                raise ValueError("a row is cut short") from None


def _unpacked(packed: bytes) -> int:
    """How many bytes a PackBits row holds."""
    place = length = 0
    while place < len(packed):
        code = packed[place]
        if code < 128:
            length += min(code + 1, len(packed) - place - 1)
            place += code + 2
        else:
            length += 257 - code if code > 128 and place + 1 < len(packed) else 0
            place += 2 if code > 128 else 1
    return length


def check_merged(psd: "PSDImage") -> None:
    """Decode the merged picture, which ends the file, to see whether all of it is there.

    Raises:
        ValueError: some of it is missing.
    """
    header, merged = psd._record.header, psd._record.image_data
    size = (header.width, header.height * header.channels)
    check_pixels(merged.data, merged.compression, size, header.depth, header.version)


def check_layer(layer: Any) -> None:
    """Decode a layer's pixels and masks to see whether all of them are there.

    Raises:
        ValueError: some are missing, or cannot be decoded.
    """
    record, header = layer._record, layer._psd._record.header
    for info, channel in zip(record.channel_info, layer._channels, strict=True):
        width, height = _channel_size(record, info.id)
        if width <= 0 or height <= 0:
            continue
        if not channel.data and (info.length < 2 or layer.kind != "pixel"):
            continue  # kept elsewhere in the file, or drawn from settings
        check_pixels(channel.data, channel.compression, (width, height), header.depth, header.version)


def _channel_size(record: Any, channel: int) -> tuple[int, int]:
    """Width and height of a channel: masks have rectangles of their own, and 0, 0 where the file gives none."""
    from psd_tools.constants import ChannelID

    if channel not in (ChannelID.USER_LAYER_MASK, ChannelID.REAL_USER_LAYER_MASK):
        return record.right - record.left, record.bottom - record.top
    mask = record.mask_data
    if mask is None:
        return 0, 0
    if channel == ChannelID.USER_LAYER_MASK:
        return mask.right - mask.left, mask.bottom - mask.top
    sides = (mask.real_left, mask.real_top, mask.real_right, mask.real_bottom)
    return (0, 0) if None in sides else (sides[2] - sides[0], sides[3] - sides[1])
