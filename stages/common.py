"""What every stage does: load its block of ``params.yaml``, report errors in one line, write metrics."""

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cubiseg.errors import CubisegError
from cubiseg.imaging import write_text

Params = TypeVar("Params", bound=BaseModel)


def load_params(block: str, model: type[Params], path: Path = Path("params.yaml")) -> Params:
    """Read and check one top-level block of the params file.

    Raises:
        CubisegError: the file or block is missing, or a value has the wrong type or range; the key is named.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CubisegError(f"{path}: cannot be read ({' '.join(str(error).split())[:120]}); restore it") from error
    if not isinstance(data, dict) or block not in data:
        raise CubisegError(f"{path}: has no block {block!r}; restore it")
    try:
        return model.model_validate(data[block])
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (block, *first["loc"]))
        raise CubisegError(f"{path}: {key} = {first['input']!r}: {first['msg']}; correct it") from error


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
