"""Typed blocks of a YAML file, with errors that name the key."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cubiseg.errors import CubisegError

Block = TypeVar("Block", bound=BaseModel)


def read_block(path: Path, block: str, model: type[Block]) -> Block:
    """Read and check one top-level block of a YAML file.

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
