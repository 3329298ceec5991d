"""The codebook: what belongs to each class and what does not."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cubiseg import taxonomy
from cubiseg.params import read_yaml


class Entry(BaseModel):
    """One class: what belongs to it and what does not, examples, and words for it in Japanese and Chinese."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    belongs: tuple[str, ...] = Field(min_length=1)
    not_: tuple[str, ...] = Field(alias="not", min_length=1)
    examples: tuple[str, ...] = Field(min_length=1)
    ja: tuple[str, ...] = Field(min_length=1)
    zh: tuple[str, ...] = Field(min_length=1)


class Codebook(BaseModel):
    """Rules for all classes, and one entry for each class of the taxonomy, in id order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=1)
    general: tuple[str, ...] = Field(min_length=1)
    classes: dict[str, Entry]

    @field_validator("classes")
    @classmethod
    def _all_classes(cls, classes: dict[str, Entry]) -> dict[str, Entry]:
        if tuple(classes) != taxonomy.NAMES:
            raise ValueError(f"must be exactly {', '.join(taxonomy.NAMES)}, in this order")
        return classes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, so that a comment or another line break changes no version."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load_codebook(path: Path) -> Codebook:
    """Read ``codebook.yaml``.

    Raises:
        CubisegError: missing or malformed; the entry is named.
    """
    return read_yaml(path, Codebook, "correct it")
