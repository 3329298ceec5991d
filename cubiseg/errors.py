"""Errors that a user can do something about, and how faults found by others are told in one line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class CubisegError(Exception):
    """A failure with a remedy.

    The message is one line that says what went wrong, where, and what to do. The command line and the
    stages print it without a traceback (``-v`` adds it); any other exception is a defect of ours.
    """


def brief(error: BaseException, most: int = 120) -> str:
    """What an error says, on one line of at most ``most`` characters; its class where it says nothing.

    >>> brief(ValueError("two  lines\\nof text"))
    'two lines of text'
    """
    return (" ".join(str(error).split()) or type(error).__name__)[:most]


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
