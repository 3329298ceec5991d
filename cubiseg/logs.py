"""What library code logs, on a terminal: the bare message on stderr."""

import logging


def to_stderr(level: int = logging.INFO) -> None:
    """Let the command line or a stage show what ``cubiseg`` logs from ``level`` on; calling it again changes nothing.

    Other packages' loggers are left alone.
    """
    logger = logging.getLogger("cubiseg")
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
