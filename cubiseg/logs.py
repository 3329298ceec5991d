"""What library code logs, on a terminal: the bare message on stderr."""

import logging
import sys


class _Stderr(logging.Handler):
    """Writes to ``sys.stderr`` as it is now, which progress bars and test runners exchange."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


def to_stderr(level: int = logging.INFO) -> None:
    """Let the command line or a stage show what ``cubiseg`` logs from ``level`` on; calling it again adds nothing.

    Other packages' loggers are left alone.
    """
    logger = logging.getLogger("cubiseg")
    logger.setLevel(level)
    if not any(isinstance(handler, _Stderr) for handler in logger.handlers):
        logger.addHandler(_Stderr())
