"""Corrections by people: label maps that replace what the rules made, kept in git.

One that holds parts counts as it is. One of classes alone decides the classes: where it agrees with what was there, the
parts that were told stay, and elsewhere they are not told apart.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from cubiseg.errors import CubisegError, fault
from cubiseg.label_maps import read_exact_label, refuse_mask
from cubiseg.samples import InsidePath

RECORDS = "corrections.jsonl"


class Correction(BaseModel):
    """One label map drawn or approved by a person.

    Attributes:
        sample: id of the sample.
        base_sha256: :func:`label_hash` of the label map that the reviewer saw, None where there was none.
        label: PNG of ids of classes or parts, relative to the corrections folder.
        reviewer: name or initials.
        time: when, with its time zone.
        revision: 1 for the first; of several for one sample the highest counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    base_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None
    label: InsidePath
    reviewer: Annotated[str, Field(min_length=1)]
    time: AwareDatetime
    revision: Annotated[int, Field(ge=1)]


def read_corrections(folder: Path) -> dict[str, Correction]:
    """Corrections by sample, of each the highest revision. A folder without records is fine.

    Raises:
        CubisegError: a record is malformed, or one sample has the same revision twice; the line is named.
    """
    path = folder / RECORDS
    if not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); restore it from git") from error
    latest: dict[str, Correction] = {}
    seen: set[tuple[str, int]] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = Correction.model_validate_json(line)
        except ValidationError as error:
            raise CubisegError(f"{path}:{number}: {fault(error, 'record')}; correct or remove the line") from error
        if (record.sample, record.revision) in seen:
            raise CubisegError(
                f"{path}:{number}: {record.sample} has revision {record.revision} twice; number the later one higher"
            )
        seen.add((record.sample, record.revision))
        if record.sample not in latest or latest[record.sample].revision < record.revision:
            latest[record.sample] = record
    return latest


def read_corrected_label(folder: Path, record: Correction, size: tuple[int, int]) -> np.ndarray:
    """The label map of a correction.

    Args:
        folder: the corrections folder.
        record: which correction.
        size: height and width that it must have.

    Returns:
        (H, W) uint8, ids of classes and parts, and 255.

    Raises:
        CubisegError: missing, no label map (another kind of file, a colour picture, a mask), another size, or ids that
            are neither class nor part.
    """
    path = folder / record.label
    label = read_exact_label(path, size)
    refuse_mask(path, label)
    return label
