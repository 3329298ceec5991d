"""Corrections by people: label maps that replace what the rules made, kept in git."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from cubiseg import imaging, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.samples import InsidePath
from cubiseg.taxonomy import IGNORE_INDEX

RECORDS = "corrections.jsonl"


class Correction(BaseModel):
    """One label map drawn or approved by a person.

    Attributes:
        sample: id of the sample.
        base_sha256: :func:`label_hash` of the label map that the reviewer saw, None where there was none.
        label: PNG of class ids, relative to the corrections folder.
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


def label_hash(label: np.ndarray) -> str:
    """SHA-256 of a label map's size and ids, so that it survives another encoding."""
    return imaging.pixel_hash(label)


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
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "record"
            raise CubisegError(f"{path}:{number}: {where}: {first['msg']}; correct or remove the line") from error
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
        (H, W) uint8, taxonomy ids and 255.

    Raises:
        CubisegError: missing, another size, or ids that are no class.
    """
    return read_exact_label(folder / record.label, size)


def read_exact_label(path: Path, size: tuple[int, int]) -> np.ndarray:
    """A label map of ids that must be right: its size, and nothing but classes and 255.

    Raises:
        CubisegError: it is not.
    """
    label = imaging.read_label(path)
    if label.shape != size:
        raise CubisegError(
            f"{path}: is {label.shape[1]}x{label.shape[0]}, its picture {size[1]}x{size[0]}; save it at that size"
        )
    bad = unknown_ids(label)
    if bad:
        raise CubisegError(f"{path}: ids {', '.join(map(str, bad[:5]))} are no class; correct the label map")
    return label


def unknown_ids(label: np.ndarray) -> list[int]:
    """Values of a label map that are neither a class nor 255."""
    known: Iterable[int] = (*range(taxonomy.NUM_CLASSES), IGNORE_INDEX)
    return [int(v) for v in np.unique(label) if int(v) not in known]
