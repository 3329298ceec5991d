"""What every stage does: load its block of ``params.yaml``, report errors in one line, write metrics."""

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from cubiseg.errors import CubisegError
from cubiseg.imaging import write_text
from cubiseg.yaml_block import read_block

Params = TypeVar("Params", bound=BaseModel)


def load_params(block: str, model: type[Params], path: Path = Path("params.yaml")) -> Params:
    """One top-level block of the params file; see :func:`cubiseg.yaml_block.read_block`."""
    return read_block(path, block, model)


def write_metrics(path: Path, metrics: dict[str, Any]) -> None:
    """Write metrics as JSON that diffs well. NaN is refused: a missing figure is null."""
    write_text(path, json.dumps(metrics, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def one_line_errors(stage: Callable[..., None]) -> Callable[..., None]:
    """Let a stage end with exit code 1 and one line for an error that the user can mend.

    ``CUBISEG_TRACEBACK=1`` adds the traceback.
    """

    @functools.wraps(stage)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            stage(*args, **kwargs)
        except CubisegError as error:
            if os.environ.get("CUBISEG_TRACEBACK"):
                traceback.print_exc()
            print(f"error: {error}", file=sys.stderr)
            raise SystemExit(1) from None

    return wrapper
