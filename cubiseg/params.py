"""Typed blocks of ``params.yaml``, with errors that name the key."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from cubiseg.errors import CubisegError, brief, fault


class Params(BaseModel):
    """Base of every block of ``params.yaml``: frozen, and a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Block = TypeVar("Block", bound=BaseModel)


def read_yaml(path: Path, model: type[Block], remedy: str) -> Block:
    """Read and check a whole YAML file.

    Args:
        path: the file.
        model: what it must be.
        remedy: what to do about a file that cannot be read or has the wrong form.

    Raises:
        CubisegError: the file is missing, or a value has the wrong type or range; the key is named.
    """
    try:
        return model.model_validate(_load(path, remedy))
    except ValidationError as error:
        raise CubisegError(f"{path}: {fault(error, 'the file')}; {remedy}") from error


def read_block(path: Path, block: str, model: type[Block]) -> Block:
    """Read and check one top-level block of a YAML file.

    Raises:
        CubisegError: the file or block is missing, or a value has the wrong type or range; the key is named.
    """
    data = _load(path, "restore it")
    if not isinstance(data, dict) or block not in data:
        raise CubisegError(f"{path}: has no block {block!r}; restore it")
    try:
        return model.model_validate(data[block])
    except ValidationError as error:
        key, _, what = fault(error, within=(block,)).partition(": ")
        raise CubisegError(f"{path}: {key} = {error.errors()[0]['input']!r}: {what}; correct it") from error


def _load(path: Path, remedy: str) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CubisegError(f"{path}: cannot be read ({brief(error)}); {remedy}") from error
