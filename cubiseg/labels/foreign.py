"""What every format takes and gives: label maps out; labels of a picture in, read only when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from cubiseg.errors import CubisegError, fault, system_fault
from cubiseg.labels.shapes import Coded, Shape
from cubiseg.sample_files import SampleFile

MOST_BYTES = 1 << 30
"""A larger file of labels is not read: it is parsed in memory."""


@dataclass(frozen=True)
class Outgoing:
    """A label map to be written.

    Attributes:
        picture: path of its picture below the folder of pictures, with forward slashes.
        label: (H, W) uint8 ids of classes and parts, and 255.
    """

    picture: str
    label: np.ndarray


@dataclass(frozen=True)
class Foreign:
    """The labels of one picture as a tool's file holds them.

    Attributes:
        picture: the picture's name, as the tool writes it.
        size: height and width that the file gives; None where it gives none.
        content: shapes, or a picture of numbers, for a picture of (height, width).
        base: the folder that the name starts from; None for that of the pictures.
    """

    picture: str
    size: tuple[int, int] | None
    content: Callable[[tuple[int, int]], list[Shape] | Coded]
    base: Path | None = None


@dataclass(frozen=True)
class Waiting:
    """Labels that have not been read yet.

    Attributes:
        where: file, and where it holds several pictures which, for messages.
        open: reads them; None where nobody has labelled the picture.
    """

    where: str
    open: Callable[[], Foreign | None]


Model = TypeVar("Model", bound=BaseModel)


def lies_inside(path: Path, folder: Path) -> bool:
    """Whether a path below a folder is a file in it, which one behind a link that leads out of the folder is not."""
    return path.is_file() and not leads_out(path, folder)


def leads_out(path: SampleFile, folder: Path) -> bool:
    """Whether a path below a folder leads out of it, by a link on its way."""
    return not path.resolve().is_relative_to(folder.resolve())


def below(folder: Path, name: str) -> Path:
    """The folder of this name in a folder, or the folder itself where it has none.

    Raises:
        CubisegError: it is a link that leads out of the folder.
    """
    inside = folder / name
    if not inside.is_dir():
        return folder
    if leads_out(inside, folder):
        raise CubisegError(f"{inside}: is a link that leads out of {folder}; put the folder itself there")
    return inside


def read_bytes(path: Path) -> bytes:
    """The content of a tool's file.

    Raises:
        CubisegError: it is missing, unreadable, or over ``MOST_BYTES``.
    """
    try:
        if path.is_dir():
            raise CubisegError(f"{path}: is a folder; name the file in it")
        if path.stat().st_size > MOST_BYTES:
            raise CubisegError(f"{path}: is over {MOST_BYTES >> 30} GB; export it in parts")
        return path.read_bytes()
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise system_fault(path, error) from error


def read_json(path: Path, model: type[Model], what: str) -> Model:
    """A tool's JSON file.

    Args:
        path: the file.
        model: what is wanted of it; other keys are passed over.
        what: what it should be, for the message.

    Raises:
        CubisegError: it cannot be read, or is something else.
    """
    try:
        return model.model_validate_json(read_bytes(path))
    except ValidationError as error:
        raise CubisegError(f"{path}: is no {what} ({fault(error)}); export it again") from error
