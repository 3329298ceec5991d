"""Errors that a user can do something about."""


class CubisegError(Exception):
    """A failure with a remedy.

    The message is one line that says what went wrong, where, and what to do. The command line and the
    stages print it without a traceback (``-v`` adds it); any other exception is a defect of ours.
    """
