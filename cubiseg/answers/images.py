"""The pictures of a question as they are sent: drawn once, encoded, and kept by what they show."""

import functools
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from cubiseg import files
from cubiseg.answers.requests import Request, Sheet, digest

Encoding = Literal["jpeg", "webp", "png"]


@dataclass(frozen=True)
class EncodedImage:
    """One encoded picture.

    Attributes:
        name: title that the prompt gives it.
        width, height: size in pixels.
        detail: low where a coarse look is enough.
        content: bytes of a JPEG, WebP or PNG file.
        encoding: format of the file.
    """

    name: str
    width: int
    height: int
    detail: Literal["high", "low"]
    content: bytes
    encoding: Encoding


def images_of(request: Request, encoding: Encoding, cache: Path | None = None) -> tuple[EncodedImage, ...]:
    """The pictures that go with a request, in the order in which the prompt names them.

    Args:
        request: question that they go with.
        encoding: file format of the pictures.
        cache: folder that keeps them; None draws them anew.

    Raises:
        CubisegError: the picture cannot be read, or the cache not be written.
    """
    if request.sheets is None:
        return ()
    if cache is None:
        return _encoded(request.sheets(), encoding)
    facts = {"pixels": request.pixels, "shown": request.shown, "protocol": request.protocol, "turn": request.turn}
    key = digest({**facts, "sheets": request.look})
    path = cache / key[:2] / f"{key}-{encoding}.zip"
    try:
        return _kept(path, encoding)
    except (OSError, ValueError, zipfile.BadZipFile):  # not drawn yet, or not whole
        found = _encoded(request.sheets(), encoding)
        with files.atomic_write(path) as file:
            file.write(_packed(found))
        return found


def encode(sheet: Sheet, encoding: Encoding = "jpeg") -> bytes:
    """A sheet as it is sent. JPEG is quick to write, small, and here without blur of coloured outlines."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {
        "jpeg": {"format": "JPEG", "quality": 75, "subsampling": 0},
        "webp": {"format": "WEBP", "quality": 75, "method": 2},
        "png": {"format": "PNG", "compress_level": 4},
    }[encoding]
    Image.fromarray(sheet.rgb).save(buffer, **options)
    return buffer.getvalue()


def _encoded(drawn: Sequence[Sheet], encoding: Encoding) -> tuple[EncodedImage, ...]:
    return tuple(
        EncodedImage(s.name, s.rgb.shape[1], s.rgb.shape[0], s.detail, encode(s, encoding), encoding) for s in drawn
    )


def _packed(images: Sequence[EncodedImage]) -> bytes:
    """A zip without compression: ``00-low-picture``, …"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for i, image in enumerate(images):
            archive.writestr(zipfile.ZipInfo(f"{i:02}-{image.detail}-{image.name}"), image.content)
    return buffer.getvalue()


@functools.lru_cache(maxsize=16)  # a request looks twice: to reserve its cost, and to be sent
def _kept(path: Path, encoding: Encoding) -> tuple[EncodedImage, ...]:
    """What the cache holds.

    Raises:
        OSError, ValueError, zipfile.BadZipFile: nothing whole.
    """
    with zipfile.ZipFile(path) as archive:
        found = []
        for name in sorted(archive.namelist()):
            _, detail, title = name.split("-", 2)
            content = archive.read(name)
            with Image.open(io.BytesIO(content), formats=(encoding.upper(),)) as image:
                width, height = image.size
            found.append(EncodedImage(title, width, height, "low" if detail == "low" else "high", content, encoding))
    if not found:
        raise ValueError("empty")
    return tuple(found)
