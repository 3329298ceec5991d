"""Source ``references``: a folder of the user's own pictures, with or without label maps.

::

    images/**/*.{png,jpg,jpeg,webp}   copied byte for byte
    labels/**/<same stem>.png         optional: class ids, or colours of the taxonomy palette
    samples.csv                       optional: file,licence,rating,group (file relative to images/)
"""

import csv
import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg import files, imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError, fault
from cubiseg.params import Params
from cubiseg.samples import Flag, LabelMethod, Sample
from cubiseg.sources.result import Rejected, SourceResult
from cubiseg.workers import run_all

NAME = "references"
TABLE = "samples.csv"

COLOUR_TOLERANCE = 12.0
"""Distance in RGB within which a painted colour counts as its palette colour; classes are at least 42 apart by half."""


class ReferencesParams(Params):
    """Params of the user's own pictures."""

    licence: str = Field("unknown", min_length=1)
    rating: str = Field("general", min_length=1)
    near_duplicate_bits: int = Field(6, ge=0, le=20)


class Row(BaseModel):
    """A line of ``samples.csv``; an empty cell takes the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(min_length=1)
    licence: str = ""
    rating: str = ""
    group: str = ""


@dataclass(frozen=True)
class _Reference:
    """What a worker found out about one picture."""

    file: str
    id: str
    width: int
    height: int
    sha256: str
    bits: int
    labelled: bool


def slug(stem: str) -> str:
    """A safe id for a file's path without its suffix, which depends on nothing but that path.

    A stem of lower-case ASCII letters, digits, ``-`` and ``_`` stays whole; of any other the readable rest is kept
    and a hash added, so that ids stay unique also on file systems that ignore case.
    """
    plain = re.sub(r"[^a-z0-9_-]+", "-", unicodedata.normalize("NFKD", stem).lower()).strip("-_")[:64]
    if plain == stem:
        return f"ref-{plain}"
    mark = hashlib.sha256(unicodedata.normalize("NFC", stem).encode()).hexdigest()[:12]
    return f"ref-{plain}-{mark}" if plain else f"ref-{mark}"


def read_reference_label(path: Path, size: tuple[int, int]) -> np.ndarray:
    """Read a label map by a person: ids (indexed, greyscale) or palette colours.

    Args:
        path: PNG.
        size: height and width of the upright picture.

    Returns:
        (H, W) uint8, taxonomy ids and 255.

    Raises:
        CubisegError: unreadable, another size, or pixels that are no class.
    """
    stored = label_maps.read_label_or_colours(path)
    if stored.shape[:2] != size:
        raise CubisegError(
            f"{path}: is {stored.shape[1]}x{stored.shape[0]}, its picture {size[1]}x{size[0]} (upright); "
            "paint it at the picture's size"
        )
    if stored.ndim == 2:
        unknown = (stored >= taxonomy.NUM_CLASSES) & (stored != taxonomy.IGNORE_INDEX)
        if unknown.any():
            ids = ", ".join(map(str, np.unique(stored[unknown])[:5]))
            raise CubisegError(f"{path}: ids {ids} are no class; use 0 to {taxonomy.NUM_CLASSES - 1}, or 255 to ignore")
        return stored
    label, distance, _ = label_maps.decolourise(stored)
    unknown = distance > COLOUR_TOLERANCE
    if unknown.any():
        y, x = np.argwhere(unknown)[0]
        colour = "#{:02x}{:02x}{:02x}".format(*stored[y, x])
        raise CubisegError(
            f"{path}: {unknown.mean():.2%} of the pixels are no palette colour, first {colour} at ({x}, {y}); "
            "paint with hard edges in the palette of docs/data.md"
        )
    return label


def perceptual_hash(rgb: np.ndarray) -> int:
    """64-bit hash that hardly changes under scaling and re-encoding.

    Sign of the lowest 8x8 coefficients of the discrete cosine transform of the grey picture at 32x32 about their median
    (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010).

    Args:
        rgb: (H, W, 3) uint8.
    """
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">u8")[0])


def clusters(hashes: list[int], links: list[tuple[int, int]], bits: int) -> list[int]:
    """Join pictures whose hashes differ in at most ``bits`` bits, or that ``links`` joins.

    Returns:
        For each picture, the smallest index of its cluster.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not hashes:
        return []
    values = np.array(hashes, np.uint64)
    pairs = list(links)
    for i in range(len(values)):
        near = np.flatnonzero(np.bitwise_count(values[i + 1 :] ^ values[i]) <= bits) + i + 1
        pairs += [(i, int(j)) for j in near]
    rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(len(values), len(values)))
    _, cluster = connected_components(graph, directed=False)
    _, first = np.unique(cluster, return_index=True)
    return first[cluster].tolist()


def copy_all(folder: Path, out: Path, params: ReferencesParams) -> SourceResult:
    """Copy the pictures of a folder, and their label maps as indexed PNG, into the prepared folder.

    A file that cannot be taken is left out with the reason, the others are done. A missing or empty folder is fine.

    Args:
        folder: with ``images/``, and perhaps ``labels/`` and ``samples.csv``.
        out: prepared folder; ``images/`` and ``labels/`` are filled.
        params: defaults for what the table does not say.

    Raises:
        CubisegError: ``samples.csv`` is malformed or names a picture that is not there.
    """
    files, rejected = _find(folder)
    table = _read_table(folder / TABLE, set(files), {r.file for r in rejected})
    results = run_all(functools.partial(_copy_one, folder, out), files, "references")
    rejected += [r for r in results if isinstance(r, Rejected)]
    read = [r for r in results if isinstance(r, _Reference)]
    stems = {Path(f).with_suffix("").as_posix() for f in files}
    for label in _walk(folder / "labels"):
        if Path(label).with_suffix("").as_posix() not in stems:
            rejected.append(
                Rejected(NAME, f"labels/{label}", "label map without a picture; add the picture to images/")
            )
    return SourceResult(_samples(read, table, params), sorted(rejected, key=lambda r: r.file))


def _walk(folder: Path) -> list[str]:
    """Files below a folder as sorted POSIX paths, hidden ones left out."""
    if not folder.is_dir():
        return []
    inside = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return sorted(p.as_posix() for p in inside if not any(part.startswith(".") for part in p.parts))


def _find(folder: Path) -> tuple[list[str], list[Rejected]]:
    """Pictures relative to ``images/``; of several with the same stem the first."""
    found: dict[str, str] = {}
    rejected = []
    for file in _walk(folder / "images"):
        stem = Path(file).with_suffix("").as_posix()
        if Path(file).suffix.lower() not in imaging.SUFFIXES:
            rejected.append(Rejected(NAME, f"images/{file}", "is not PNG, JPEG or WebP by its name; convert it"))
        elif stem in found:
            reason = f"differs from {found[stem]} only in its suffix; rename one of them"
            rejected.append(Rejected(NAME, f"images/{file}", reason))
        else:
            found[stem] = file
    return list(found.values()), rejected


def _read_table(path: Path, files: set[str], rejected: set[str]) -> dict[str, Row]:
    if not path.is_file():
        return {}
    rows: dict[str, Row] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="too many cells")
            for line in reader:
                row = Row.model_validate({k: v.strip() if isinstance(v, str) else v or "" for k, v in line.items()})
                where = f"{path}:{reader.line_num}"
                if row.file in rows:
                    raise CubisegError(f"{where}: {row.file} is listed twice; remove one line")
                if row.file not in files and f"images/{row.file}" not in rejected:
                    raise CubisegError(f"{where}: there is no images/{row.file}; correct the name or remove the line")
                rows[row.file] = row
    except ValidationError as error:
        column, _, what = fault(error).partition(": ")
        raise CubisegError(
            f"{path}: column {column!r}: {what}; the columns are file, licence, rating, group"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CubisegError(f"{path}: cannot be read ({error}); save it as UTF-8 CSV") from error
    return rows


def _copy_one(folder: Path, out: Path, file: str) -> _Reference | Rejected:
    path = folder / "images" / file
    label_path = (folder / "labels" / file).with_suffix(".png")
    current = path
    try:
        picture = imaging.read_picture(path)
        current = label_path
        label = read_reference_label(label_path, picture.size) if label_path.is_file() else None
    except CubisegError as error:
        where = current.relative_to(folder).as_posix()
        return Rejected(NAME, where, str(error).removeprefix(f"{current}: "))
    name = slug(Path(file).with_suffix("").as_posix())
    target = out / "images" / f"{name}{path.suffix.lower()}"
    files.copy_file(path, target)
    if label is not None:
        label_maps.write_label(out / "labels" / f"{name}.png", label)
    return _Reference(
        file=file,
        id=name,
        width=picture.size[1],
        height=picture.size[0],
        sha256=imaging.pixel_hash(picture.rgb),
        bits=perceptual_hash(picture.over()),
        labelled=label is not None,
    )


def _samples(read: list[_Reference], table: dict[str, Row], params: ReferencesParams) -> list[Sample]:
    rows = [table.get(r.file, Row(file=r.file)) for r in read]
    first_of_pixels: dict[str, int] = {}
    first_of_group: dict[str, int] = {}
    links = []
    for i, (r, row) in enumerate(zip(read, rows, strict=True)):
        links.append((i, first_of_pixels.setdefault(r.sha256, i)))
        if row.group:
            links.append((i, first_of_group.setdefault(row.group, i)))
    roots = clusters([r.bits for r in read], links, params.near_duplicate_bits)
    named: dict[int, str] = {}
    for i, row in enumerate(rows):
        if row.group:
            named.setdefault(roots[i], row.group)
    samples = []
    for i, (r, row) in enumerate(zip(read, rows, strict=True)):
        sample = Sample(
            id=r.id,
            image=f"images/{r.id}{Path(r.file).suffix.lower()}",
            width=r.width,
            height=r.height,
            sha256=r.sha256,
            source=NAME,
            licence=row.licence or params.licence,
            rating=row.rating or params.rating,
            group=f"{NAME}:{named.get(roots[i], read[roots[i]].id)}",
            label=f"labels/{r.id}.png" if r.labelled else None,
            label_method=LabelMethod.GIVEN if r.labelled else None,
            label_version=NAME if r.labelled else None,
        )
        samples.append(sample.flagged(Flag.DUPLICATE) if first_of_pixels[r.sha256] != i else sample)
    return samples
