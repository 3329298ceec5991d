"""What a user says of layers whose names do not tell: ``parts.yaml`` beside a layered picture or a model.

::

    parts:
      "体/もや": topwear          # groups and layer, by / ; or the layer's name alone; * and ? stand for anything
      "ArtMesh12*": hair_front
      "line": beneath            # of what it lies on
      "memo": leave_out          # not drawn
      "star": ignore             # drawn, its pixels are 255
"""

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.older_python import StrEnum
from cubiseg.params import read_yaml
from cubiseg.psd_files.meaning import BASES, Meaning, NameKind, has_sides, meaning_of, side_of, without_side

TABLE = "parts.yaml"
MOST_NAMED = 12
"""Layers of no known part that a warning names."""
MAX_BYTES = 1 << 20
"""Of a table; one of a thousand layers has some fifty thousand."""


class Word(StrEnum):
    """What a table may say besides a class or part."""

    IGNORE = "ignore"
    BENEATH = "beneath"
    LEAVE_OUT = "leave_out"


_KINDS = {Word.IGNORE: NameKind.UNCLEAR, Word.BENEATH: NameKind.BENEATH, Word.LEAVE_OUT: NameKind.NOT_DRAWN}


def _known(word: str) -> str:
    if word not in BASES and word not in taxonomy.PART_ID and word not in set(Word):
        raise ValueError(f"{word!r} is no class or part, nor one of {', '.join(Word)}; docs/data.md lists them")
    return word


class PartTable(BaseModel):
    """A user's table.

    Attributes:
        parts: by name or path of a layer, a class or part, with its side or without, or a :class:`Word`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: dict[str, Annotated[str, AfterValidator(_known)]] = Field(default_factory=dict, max_length=5000)

    def meaning(self, path: Sequence[str], dialect: str = "") -> Meaning:
        """What a layer holds: by the table where it says so, else by its name and those of its groups.

        Args:
            path: names from the outermost group to the layer.
            dialect: the program whose words they are.
        """
        said = self._said(path)
        if said is None:
            return meaning_of(path, dialect)
        if said in set(Word):
            return Meaning(_KINDS[Word(said)])
        side = next((word for word in said.split("_") if word in ("left", "right")), "")
        base = without_side(said)
        return Meaning(NameKind.PART, base, side or (side_of(path) if has_sides(base) else ""))

    def says(self, path: Sequence[str]) -> bool:
        """Whether the table has a word for a layer."""
        return self._said(path) is not None

    def _said(self, path: Sequence[str]) -> str | None:
        """The word for a layer: by its whole path, its name, a group that holds it, then by patterns in their order."""
        whole = "/".join(path)
        places = [whole, path[-1], *("/".join(path[:depth]) for depth in range(len(path) - 1, 0, -1))]
        for place in places:
            if place in self.parts:
                return self.parts[place]
        for pattern, word in self.parts.items():
            if fnmatch.fnmatchcase(whole, pattern) or fnmatch.fnmatchcase(path[-1], pattern):
                return word
        return None


def read_table(folder: Path, root: Path) -> PartTable:
    """The table for what lies in a folder: its own, else that of the nearest folder above, up to ``root``.

    Raises:
        CubisegError: it cannot be read, or says what is no part; the line is named.
    """
    for place in (folder, *folder.parents):
        path = place / TABLE
        if path.is_file():
            if path.stat().st_size > MAX_BYTES:
                raise CubisegError(f"{path}: is over {MAX_BYTES >> 10} kB; keep to the layers that need it")
            return read_yaml(path, PartTable, "write it as docs/data.md shows")
        if place == root:
            break
    return PartTable()


def of_open(names: Sequence[str], things: str) -> str:
    """What to tell of layers that nobody told.

    >>> of_open(["a/b"], "layers")
    "1 layers of no known part: 'a/b'; name them in parts.yaml (docs/data.md)"
    """
    named = ", ".join(repr(name)[:60] for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} {things} of no known part: {named}{more}; name them in parts.yaml (docs/data.md)"
