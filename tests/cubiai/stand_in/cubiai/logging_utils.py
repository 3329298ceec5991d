"""The root logger writes through Rich, which reads markup."""

import logging

from rich.logging import RichHandler


def configure_logging(level: str = "INFO") -> None:
    logging.basicConfig(level=level, format="%(message)s", handlers=[RichHandler(markup=True)], force=True)
