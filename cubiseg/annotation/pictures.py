"""The pictures of a question as they are sent: drawn once, encoded, and kept by what they show."""

import functools
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from cubiseg import files, imaging
from cubiseg.annotation import sheets
from cubiseg.annotation.requests import Request, Sheet, digest
from cubiseg.annotation.sheets import Encoding


@dataclass(frozen=True)
class Picture:
    """One encoded picture.

    Attributes:
        name: what the prompt calls it.
        width, height: pixels.
        detail: low where a coarse look is enough.
        content: a JPEG, WebP or PNG file.
        encoding: which.
    """

    name: str
    width: int
    height: int
    detail: Literal["high", "low"]
    content: bytes
    encoding: Encoding


def pictures_of(request: Request, encoding: Encoding, cache: Path | None = None) -> tuple[Picture, ...]:
    """The pictures that go with a request, in the order in which the prompt names them.

    Args:
        request: what is asked.
        encoding: of the pictures.
        cache: folder that keeps them; None draws them anew.

    Raises:
        CubisegError: the picture cannot be read, or the cache not be written.
    """
    if cache is None:
        return _encoded(_draw(request), encoding)
    facts = {"pixels": request.pixels, "shown": request.shown, "protocol": request.protocol, "turn": request.turn}
    key = digest({**facts, "sheets": sheets.VERSION})
    path = cache / key[:2] / f"{key}-{encoding}.zip"
    try:
        return _kept(path, encoding)
    except (OSError, ValueError, zipfile.BadZipFile):  # not drawn yet, or not whole
        found = _encoded(_draw(request), encoding)
        with files.atomic_write(path) as file:
            file.write(_packed(found))
        return found


def _draw(request: Request) -> Sequence[Sheet]:
    if request.sheets is not None:
        return request.sheets()
    return (sheets.clean_picture(imaging.read_picture(request.image).over()),)


def _encoded(drawn: Sequence[Sheet], encoding: Encoding) -> tuple[Picture, ...]:
    return tuple(
        Picture(s.name, s.rgb.shape[1], s.rgb.shape[0], s.detail, sheets.encode(s, encoding), encoding) for s in drawn
    )


def _packed(pictures: Sequence[Picture]) -> bytes:
    """A zip without compression: ``00-low-picture``, …"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for i, picture in enumerate(pictures):
            archive.writestr(zipfile.ZipInfo(f"{i:02}-{picture.detail}-{picture.name}"), picture.content)
    return buffer.getvalue()


@functools.lru_cache(maxsize=16)  # a request looks twice: to reserve its cost, and to be sent
def _kept(path: Path, encoding: Encoding) -> tuple[Picture, ...]:
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
            found.append(Picture(title, width, height, "low" if detail == "low" else "high", content, encoding))
    if not found:
        raise ValueError("empty")
    return tuple(found)
