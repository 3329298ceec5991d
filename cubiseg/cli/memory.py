"""How much memory a command keeps that it has given up."""

import ctypes
from contextlib import suppress

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def share_freed_memory() -> None:
    """Have all threads take memory from one place, and leave it there for each other.

    The C library of most Linux systems lets each thread keep what it has freed for itself: a sixth more in all for a
    picture that two threads work on. For commands alone: a process that others share is set up by its owner.
    """
    with suppress(OSError, AttributeError, TypeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
