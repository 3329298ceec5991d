"""Packing the files of samples into tar shards that WebDataset reads, for DVC's sake: it looks at every file.

Which shard a file goes to, and every byte of it, follow from names and contents alone.
"""

import json
import os
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic import ConfigDict

from cubiseg.files import atomic_write
from cubiseg.older_python import StrEnum
from cubiseg.params import Params
from cubiseg.sample_files import INDEX, SHARDS
from cubiseg.workers import each

AUTO_ABOVE = 2000
"""Samples above which ``auto`` packs. They are some 16,000 files, and DVC looks at each in every command: 1.2 s more of
the processor, so that a build with nothing to do stays under 3 s (docs/scale.md)."""

MOST_SAMPLES = 1000
MOST_BYTES = 256 * 2**20
"""What a shard holds at most, so that a changed sample is not much to hash and to push again."""


class Pack(StrEnum):
    """How the files of samples lie on the disk."""

    FILES = "files"
    SHARDS = "shards"
    AUTO = "auto"


class Packing(Params):
    """What all stages that write samples take of the block ``split``; its other keys are the stage's own.

    Attributes:
        pack: files, shards, or shards above ``AUTO_ABOVE`` samples.
    """

    model_config = ConfigDict(extra="ignore")

    pack: Pack = Pack.AUTO


@dataclass
class _Shard:
    """A shard to be: its name below ``shards/``, and path, member's name and size of each of its files."""

    name: str
    files: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True, order=True, slots=True)
class _Found:
    """A sample's file; in order those of a sample follow each other, and samples follow by id."""

    below: str
    id: str
    kind: str
    suffix: str
    size: int

    @property
    def path(self) -> str:
        return "/".join(filter(None, (self.kind, self.below, f"{self.id}{self.suffix}")))

    @property
    def member(self) -> str:
        # WebDataset's key of a sample ends at the first dot, and ids may have dots. Two kinds may share a suffix.
        return f"{self.id.replace('.', '%2E')}.{self.kind.removesuffix('s')}{self.suffix}"


def pack_samples(folder: Path, kinds: Sequence[str], how: Pack, samples: int) -> None:
    """Pack a folder's files of samples into ``shards/``, if they shall be; the files are removed.

    ``KIND/ID.SUFFIX`` goes to ``shards/NNNNNN.tar``, and ``KIND/BELOW/ID.SUFFIX`` to ``shards/BELOW/NNNNNN.tar``, in
    order of id. The files of a shard are removed once it stands, so that the disk holds little twice.

    Args:
        folder: a fresh folder that nobody reads yet.
        kinds: folders in it whose files are packed.
        how: files, shards, or by number.
        samples: number of samples in the folder.

    Raises:
        CubisegError: the disk is full, or the folder cannot be written.
    """
    if how is Pack.FILES or (how is Pack.AUTO and samples <= AUTO_ABOVE):
        return
    shards = _planned(sorted(found for kind in kinds for found in _find(folder, kind)))
    with atomic_write(folder / INDEX, "w") as index:
        for shard, line in zip(shards, each(partial(_write, folder), shards, "packing into shards"), strict=True):
            index.write(line)
            for path, _, _ in shard.files:
                (folder / path).unlink()
    for kind in kinds:
        for place, _, _ in os.walk(folder / kind, topdown=False):
            with suppress(OSError):  # something that is no sample's stays
                Path(place).rmdir()


def _find(folder: Path, kind: str) -> Iterator[_Found]:
    for place, folders, names in os.walk(folder / kind):
        below = Path(place).relative_to(folder / kind).as_posix().removeprefix(".")
        if below:
            folders.clear()
        for name in names:
            path = Path(name)
            yield _Found(below, path.stem, kind, path.suffix, (Path(place) / name).stat().st_size)


def _planned(files: Sequence[_Found]) -> list[_Shard]:
    """Shards of whole samples, each within the bounds but that one sample may be larger than a shard."""
    shards: list[_Shard] = []
    below, total, ids, number = None, 0, 0, 0
    for start, end in _samples(files):
        sample = files[start:end]
        size = sum(found.size for found in sample)
        if sample[0].below != below:
            below, number, ids = sample[0].below, 0, MOST_SAMPLES
        if ids == MOST_SAMPLES or total + size > MOST_BYTES:
            shards.append(_Shard(f"{below}/{number:06d}.tar".removeprefix("/")))
            number, total, ids = number + 1, 0, 0
        shards[-1].files += [(found.path, found.member, found.size) for found in sample]
        total, ids = total + size, ids + 1
    return shards


def _samples(files: Sequence[_Found]) -> Iterator[tuple[int, int]]:
    """Where the files of each sample begin and end."""
    start = 0
    for end in range(1, len(files) + 1):
        if end == len(files) or (files[end].below, files[end].id) != (files[start].below, files[start].id):
            yield start, end
            start = end


def _write(folder: Path, shard: _Shard) -> str:
    """Write a shard; its line of the index. What goes into it stays: the call is repeated where its worker died."""
    places = []
    with atomic_write(folder / SHARDS / shard.name) as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, member, size in shard.files:
                entry = tarfile.TarInfo(member)  # of mode 0644, time 0, user 0
                entry.size = size
                with (folder / path).open("rb") as content:
                    tar.addfile(entry, content)
                places.append((path, file.tell() - -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE, size))
        total = file.tell()
    return json.dumps({"shard": shard.name, "size": total, "files": places}, separators=(",", ":")) + "\n"
