"""Errors that a user can do something about, and how faults found by others are told in one line."""

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

OF_THE_DISK = frozenset({errno.ENOSPC, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Numbers of system errors that no other file on the same disk would be spared: full, over quota, read-only, broken."""


class CubisegError(Exception):
    """A failure with a remedy.

    The message is one line that says what went wrong, where, and what to do. The command line and the
    stages print it without a traceback (``-v`` adds it); any other exception is a defect of ours.
    """


class DiskError(CubisegError):
    """The disk takes no more: no fault of one item, so work on many must not go on without that item."""


class PictureError(CubisegError):
    """One in a picture whose file the raiser does not know: :func:`of_picture` names it."""


def brief(error: BaseException, most: int = 120) -> str:
    """What an error says, on one line of at most ``most`` characters; its class where it says nothing.

    >>> brief(ValueError("two  lines\\nof text"))
    'two lines of text'
    """
    return (" ".join(str(error).split()) or type(error).__name__)[:most]


def system_fault(path: object, error: OSError) -> CubisegError:
    """What the system would not do with a path (too long, not permitted, no disk), with a remedy.

    Args:
        path: which one; None where the error itself names it.
        error: what the system raised.
    """
    where = path if path is not None else error.filename if error.filename is not None else "the system"
    if error.errno == errno.ENAMETOOLONG:
        return CubisegError(f"{where}: has a name that is too long for the file system (often 255 bytes); shorten it")
    reason = error.strerror or str(error) or type(error).__name__
    return CubisegError(f"{where}: cannot be read or written ({reason}); check the path and its permissions")


def of_picture(path: object, error: Exception) -> CubisegError | None:
    """An error in one picture's work as a line with a remedy; None for a defect of ours.

    Args:
        path: the picture.
        error: what was raised.
    """
    if isinstance(error, PictureError):
        return CubisegError(f"{path}: {error}")
    if isinstance(error, CubisegError):
        return error
    if isinstance(error, MemoryError):
        return CubisegError(f"{path}: not enough memory; scale it down or close other programs")
    return system_fault(path, error) if isinstance(error, OSError) and error.errno is not None else None


def fault(error: "ValidationError", whole: str = "the whole", within: tuple[str, ...] = ()) -> str:
    """The first fault that pydantic found, as ``key: message``.

    Args:
        error: what pydantic raised.
        whole: name for the checked thing itself, where no key of it is to blame.
        within: keys above the checked thing, put before the key.
    """
    first = error.errors()[0]
    key = ".".join(map(str, (*within, *first["loc"]))) or whole
    return f"{key}: {first['msg']}"
