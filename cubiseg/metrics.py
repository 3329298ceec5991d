"""What a stage measures, typed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from cubiseg.files import write_text


class Metrics(BaseModel):
    """Base of the figures of a stage: JSON in the order of its fields; a figure that does not exist is null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; a field that was not set is left out."""
        return self.model_dump(mode="json", exclude_unset=True)


def write_metrics(path: Path, metrics: Metrics | Mapping[str, Any]) -> None:
    """Write metrics as JSON that diffs well.

    Raises:
        ValueError: a figure is NaN or infinite; one that does not exist is None.
        CubisegError: the file cannot be written.
    """
    plain = metrics.as_json() if isinstance(metrics, Metrics) else metrics
    write_text(path, json.dumps(plain, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
