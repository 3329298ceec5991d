"""Source ``references``: a folder of the user's own pictures, with or without label maps.

::

    images/**/*.{png,jpg,jpeg,webp}   copied byte for byte
    labels/**/<same stem>.png         optional: class ids, or colours of the taxonomy palette
    samples.csv                       optional: file,licence,rating,group,artist (file relative to images/)

Nothing else that lies there is passed over without a word: it is rejected with the reason. Names are compared in one
Unicode form, since macOS and tables of other systems write accents differently.
"""

import csv
import functools
import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cubiseg import files, imaging, label_maps, taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError, fault
from cubiseg.file_kinds import hint, readable_kind
from cubiseg.imaging import Picture
from cubiseg.inference.bars import content_box
from cubiseg.samples import Flag, LabelMethod, Sample
from cubiseg.sources.hygiene import find_faults, why_left_out
from cubiseg.sources.looking import find_looker
from cubiseg.sources.near_duplicates import Print, clusters, copies
from cubiseg.sources.params import HygieneParams, ReferencesParams
from cubiseg.sources.result import Rejected, SourceResult, is_system_file, printable
from cubiseg.workers import run_all

NAME = "references"
TABLE = "samples.csv"
JOURNAL = ".samples.csv-{}.jsonl"
"""Beside the table: its rows to be, of a set of pictures that is being taken from an archive."""
README = "README.md"

NOTHING_LEFT_OUT = HygieneParams()
_BYTES_A_PIXEL, _BYTES_OF_MODEL = 40, 100
"""Bytes that a picture and its label take at most while they are copied, and those that a model's look adds."""

COLOUR_TOLERANCE = 12.0
"""Distance in RGB within which a painted colour counts as its palette colour; classes are at least 42 apart by half."""

_POST = re.compile(r"([1-9]\d{4,7})\d|(\d{5,10})_p\d{1,3}")
"""Names that tell the post: portraits of Danbooru (its number, then the crop's digit), pages of Pixiv (number_p0)."""


class Row(BaseModel):
    """A line of ``samples.csv``; an empty cell takes the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(min_length=1)
    licence: str = ""
    rating: str = ""
    group: str = ""
    artist: str = ""


@dataclass(frozen=True)
class _Reference:
    """What a worker found out about one picture.

    Attributes:
        file: relative to ``images/``.
        id: of its sample.
        image: relative to the prepared folder.
        width, height, sha256: of the upright pixels.
        known_by: what tells its copies.
        labelled: whether a label map came with it.
        warnings: what may be wrong with it, one line each.
        faults: by flag, the reason.
        cropped: whether its bars were cut off.
    """

    file: str
    id: str
    image: str
    width: int
    height: int
    sha256: str
    known_by: Print
    labelled: bool
    warnings: tuple[str, ...]
    faults: dict[Flag, str]
    cropped: bool


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
        (H, W) uint8, ids of classes and parts, and 255.

    Raises:
        CubisegError: unreadable, no PNG, another size, a mask, or pixels that are neither class nor part.
    """
    kind = readable_kind(path)
    if kind not in ("PNG", None):
        raise CubisegError(f"{path}: {_not_png(kind)}")
    stored = label_maps.read_label_or_colours(path)
    if stored.shape[:2] != size:
        raise CubisegError(
            f"{path}: is {stored.shape[1]}x{stored.shape[0]}, its picture {size[1]}x{size[0]} (upright); "
            "paint it at the picture's size"
        )
    label_maps.refuse_mask(path, stored)
    if stored.ndim == 2:
        if bad := label_maps.unknown_ids(stored):
            ids = ", ".join(map(str, bad[:5]))
            raise CubisegError(f"{path}: ids {ids} are no class or part; use {_IDS}, or 255 to ignore")
        return stored
    label, distance, _ = label_maps.decolourise(stored, parts=True)
    unknown = distance > COLOUR_TOLERANCE
    if unknown.any():
        y, x = np.argwhere(unknown)[0]
        colour = "#{:02x}{:02x}{:02x}".format(*stored[y, x])
        raise CubisegError(
            f"{path}: {unknown.mean():.2%} of the pixels are no palette colour, first {colour} at ({x}, {y}); "
            "paint with hard edges in the palette of docs/data.md"
        )
    return label


def _not_png(kind: str) -> str:
    return f"a label map must be PNG, this is {kind}, which class ids do not survive; save the ids as PNG"


_IDS = f"0 to {taxonomy.NUM_CLASSES - 1}, or {taxonomy.PARTS[0].id} to {taxonomy.PARTS[-1].id} for parts"


def copy_all(
    folder: Path, out: Path, params: ReferencesParams, hygiene: HygieneParams = NOTHING_LEFT_OUT
) -> SourceResult:
    """Copy the pictures of a folder, and their label maps as indexed PNG, into the prepared folder.

    A file that cannot be taken is left out with the reason, the others are done. A missing or empty folder is fine.

    Args:
        folder: with ``images/``, and perhaps ``labels/`` and ``samples.csv``.
        out: prepared folder; ``images/`` and ``labels/`` are filled.
        params: defaults for what the table does not say.
        hygiene: how pictures are judged, and which are left out.

    Raises:
        CubisegError: ``samples.csv`` is malformed, names a picture that is not there, or is being written, or there is
            no model that could look for faces.
    """
    if journals := sorted(folder.glob(JOURNAL.format("*"))):
        raise CubisegError(
            f"{journals[0]}: pictures are being taken from an archive, or were until that was killed; run the same"
            f" command again, which completes {TABLE}, or delete this file to go without what it says"
        )
    files, rejected = _find(folder)
    table = read_rows(folder / TABLE, set(files), {r.file for r in rejected}, "images/")
    pairs, bad_labels = _with_labels(folder, files)
    model = find_looker() if pairs and hygiene.faces == "model" else None
    results = run_all(
        functools.partial(_copy_one, folder, out, hygiene, model),
        pairs,
        "references",
        memory=functools.partial(_memory, folder, _BYTES_A_PIXEL + (_BYTES_OF_MODEL if model else 0)),
    )
    rejected += [*bad_labels, *_elsewhere(folder), *(r for r in results if isinstance(r, Rejected))]
    read = [r for r in results if isinstance(r, _Reference)]
    doubtful = [(f"images/{r.file}", warning) for r in read for warning in r.warnings]
    samples, left_out = [], []
    for r, sample in zip(read, _samples(read, table, params, hygiene), strict=True):
        if reason := why_left_out(sample, hygiene):
            left_out.append(Rejected(NAME, f"images/{r.file}", reason, sample.flags))
            for path in (sample.image, sample.label):
                if path is not None:
                    (out / path).unlink()
        else:
            samples.append(sample)
    return SourceResult(samples, sorted([*rejected, *left_out], key=lambda r: r.file), doubtful)


def walk(root: Path, below: str, source: str = NAME) -> tuple[list[str], list[Rejected]]:
    """Files in ``root/below`` as sorted POSIX paths relative to it, and what is passed over with the reason.

    Hidden files and what operating systems leave are left out; hidden pictures and folders are named.
    """
    top = root / below
    found: list[str] = []
    odd: list[Rejected] = []

    def reject(path: Path, reason: str) -> None:
        odd.append(Rejected(source, printable(path.relative_to(root).as_posix()), reason))

    def unlisted(error: OSError) -> None:
        if Path(error.filename) != top or top.exists():
            reject(Path(error.filename), f"cannot be listed ({error.strerror}); check its permissions")

    for place, folders, names in os.walk(top, onerror=unlisted):
        here = Path(place)
        for name in folders:
            if (here / name).is_symlink():
                reject(here / name, "is a link to a folder, which is not followed; copy the pictures here")
            elif name.startswith("."):
                reject(here / name, "is a hidden folder; rename it if its pictures are wanted")
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = here / name
            if not _is_text(name):
                reject(path, "has a name that is no UTF-8; rename it")
            elif name.startswith("."):
                if path.suffix.lower() in imaging.SUFFIXES and not is_system_file(name):
                    reject(path, "is hidden by the dot before its name; rename it")
            elif is_system_file(name):
                continue
            elif not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where the folder may not be searched
                reject(path, "is no regular file, or a link that leads nowhere; put the file itself there")
            else:
                found.append(path.relative_to(top).as_posix())
    return sorted(found), odd


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _one_form(file: str) -> str:
    """A path in the Unicode form in which paths are compared."""
    return unicodedata.normalize("NFC", file)


def _key(file: str) -> str:
    """What a picture and its label map have in common: the path without suffix."""
    return _one_form(without_suffix(file))


def one_a_stem(
    files: Sequence[str], stem: Callable[[str], str], source: str = NAME, below: str = ""
) -> tuple[list[str], list[Rejected]]:
    """Of files that would get one id the first; the others are rejected.

    Args:
        files: in their order.
        stem: what an id is made of.
        source: name of the source.
        below: folder of the files, with a slash, for what is told.
    """
    found: dict[str, str] = {}
    rejected = []
    for file in files:
        first = found.setdefault(_one_form(stem(file)), file)
        if first != file:
            only = "its suffix" if stem(file) == stem(first) else "how its accents are stored (Unicode NFC or NFD)"
            rejected.append(Rejected(source, below + file, f"differs from {first} only in {only}; rename one of them"))
    return list(found.values()), rejected


def without_suffix(file: str) -> str:
    """A POSIX path without its last suffix."""
    return Path(file).with_suffix("").as_posix()


def _find(folder: Path) -> tuple[list[str], list[Rejected]]:
    """Pictures relative to ``images/``; of several with the same stem the first."""
    files, rejected = walk(folder, "images")
    pictures = [file for file in files if Path(file).suffix.lower() in imaging.SUFFIXES]
    for file in sorted(set(files) - set(pictures)):
        kind = readable_kind(folder / "images" / file)
        remedy = f"convert it ({what})" if (what := hint(folder / "images" / file)) else "convert it"
        if kind is not None:
            remedy = f"it is {kind}: rename it to .{kind.lower()}"
        rejected.append(Rejected(NAME, f"images/{file}", f"is not PNG, JPEG or WebP by its name; {remedy}"))
    found, same = one_a_stem(pictures, without_suffix, below="images/")
    return found, [*rejected, *same]


def _with_labels(folder: Path, pictures: list[str]) -> tuple[list[tuple[str, str | None]], list[Rejected]]:
    """Pictures with their label maps, relative to ``images/`` and ``labels/``, and label maps that are not used.

    A picture that has a label map of a wrong kind only is left out with it, as one whose label map cannot be read: it
    would count as unlabelled, and money would be spent on it.
    """
    files, rejected = walk(folder, "labels")
    of: dict[str, list[str]] = {_key(picture): [] for picture in pictures}
    for file in files:
        if (key := _key(file)) in of:
            of[key].append(file)
        else:
            reason = "label map without a picture; add the picture to images/"
            rejected.append(Rejected(NAME, f"labels/{file}", reason))
    pairs: list[tuple[str, str | None]] = []
    for picture in pictures:
        usual = Path(picture).with_suffix(".png").as_posix()
        candidates = sorted(of[_key(picture)], key=lambda file: (file != usual, file))
        maps = [file for file in candidates if Path(file).suffix.lower() == ".png"]
        for file in candidates:
            if file not in maps:
                rejected.append(Rejected(NAME, f"labels/{file}", _wrong_kind(folder / "labels" / file)))
        for file in maps[1:]:
            rejected.append(Rejected(NAME, f"labels/{file}", f"is a second label map beside {maps[0]}; remove one"))
        if maps or not candidates:
            pairs.append((picture, maps[0] if maps else None))
    return pairs, rejected


def _wrong_kind(path: Path) -> str:
    kind = readable_kind(path)
    if kind == "PNG":
        return "is PNG, but not by its name; rename it to .png"
    return _not_png(kind or path.suffix.removeprefix(".").upper() or "a file without a suffix")


def _elsewhere(folder: Path) -> list[Rejected]:
    """What lies beside ``images/`` and ``labels/``, where nobody looks for it."""
    if not folder.is_dir():
        return []
    usual = ("images", "labels", TABLE, README)
    beside = sorted(p.name for p in folder.iterdir() if p.name not in usual and not p.name.startswith("."))
    reason = "is neither in images/ nor in labels/; move it there if it is wanted"
    return [Rejected(NAME, printable(name), reason) for name in beside if not is_system_file(name)]


def read_rows(path: Path, files: set[str], rejected: set[str], below: str = "") -> dict[str, Row]:
    """Read ``samples.csv``.

    Args:
        path: the table; may be missing.
        files: what its lines may name.
        rejected: files that were there and could not be taken, with ``below`` before them; naming them is no fault.
        below: folder of the files in messages.

    Returns:
        Lines by file.

    Raises:
        CubisegError: it is malformed, or names a file that is not there.
    """
    if not path.is_file():
        return {}
    rows: dict[str, Row] = {}
    there = {_one_form(file): file for file in files}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restkey="too many cells")
            for line in reader:
                row = Row.model_validate({k: v.strip() if isinstance(v, str) else v or "" for k, v in line.items()})
                where = f"{path}:{reader.line_num}"
                file = there.get(_one_form(row.file), row.file)
                if file in rows:
                    raise CubisegError(f"{where}: {row.file} is listed twice; remove one line")
                if file not in files and f"{below}{file}" not in rejected:
                    raise CubisegError(f"{where}: there is no {below}{row.file}; correct the name or remove the line")
                rows[file] = row
    except ValidationError as error:
        column, _, what = fault(error).partition(": ")
        raise CubisegError(
            f"{path}: column {column!r}: {what}; the columns are {', '.join(Row.model_fields)}"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CubisegError(f"{path}: cannot be read ({error}); save it as UTF-8 CSV") from error
    return rows


def _memory(folder: Path, bytes_a_pixel: int, pair: tuple[str, str | None]) -> int:
    return imaging.picture_memory(folder / "images" / pair[0], bytes_a_pixel)


def _copy_one(
    folder: Path, out: Path, hygiene: HygieneParams, model: Path | None, pair: tuple[str, str | None]
) -> _Reference | Rejected:
    file, label_file = pair
    path = current = folder / "images" / file
    try:
        picture = imaging.read_picture(path)
        label = None
        if label_file is not None:
            current = folder / "labels" / label_file
            label = read_reference_label(current, picture.size)
        current = path
        content = content_box(picture.rgb)
        faults = find_faults(picture, content, hygiene, model)
        cropped = hygiene.bars == "crop" and Flag.BARS in faults
        if cropped and min(content.width, content.height) < imaging.MIN_SIDE:
            size = f"{content.width:.0f}x{content.height:.0f}"
            raise CubisegError(f"{path}: is {size} without its bars, under {imaging.MIN_SIDE} pixels a side")
    except CubisegError as error:
        where = current.relative_to(folder).as_posix()
        return Rejected(NAME, where, hint(current) or str(error).removeprefix(f"{current}: "))
    name = slug(without_suffix(file))
    image = f"images/{name}{'.png' if cropped else path.suffix.lower()}"
    if cropped:
        picture, label = _cut(picture, content), None if label is None else label[content.window]
        imaging.write_png(out / image, picture.rgb if picture.alpha is None else picture.rgba())
    else:
        files.copy_file(path, out / image)
    if label is not None:
        label_maps.write_label(out / "labels" / f"{name}.png", label)
    return _Reference(
        file=file,
        id=name,
        image=image,
        width=picture.size[1],
        height=picture.size[0],
        sha256=imaging.pixel_hash(picture.rgb),
        known_by=Print.of(picture.over()),
        labelled=label is not None,
        warnings=picture.warnings,
        faults={**faults, **({Flag.BARS: f"cut off; {faults[Flag.BARS]}"} if cropped else {})},
        cropped=cropped,
    )


def _cut(picture: Picture, box: Box) -> Picture:
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[box.window])
    return replace(picture, rgb=np.ascontiguousarray(picture.rgb[box.window]), alpha=alpha)


def _samples(
    read: list[_Reference], table: dict[str, Row], params: ReferencesParams, hygiene: HygieneParams
) -> list[Sample]:
    """Records of the pictures, in their order."""
    rows = [table.get(r.file, Row(file=r.file)) for r in read]
    first_of_pixels: dict[str, int] = {}
    first_of_group: dict[str, int] = {}
    first_of_post: dict[tuple[str | None, ...], int] = {}
    links = []
    for i, (r, row) in enumerate(zip(read, rows, strict=True)):
        links.append((i, first_of_pixels.setdefault(r.sha256, i)))
        if row.group:
            links.append((i, first_of_group.setdefault(row.group, i)))
        elif post := _POST.fullmatch(Path(r.file).stem):  # a group in the table is known, a name only tells
            links.append((i, first_of_post.setdefault(post.groups(), i)))
    near = copies([r.known_by for r in read], params.near_duplicate_bits)
    roots = clusters(len(read), np.concatenate([near, np.array(links, np.int64).reshape(-1, 2)]))
    best = _best_copies(read, clusters(len(read), near), hygiene)
    same = _best_copies(read, [first_of_pixels[r.sha256] for r in read], hygiene)
    named: dict[int, str] = {}
    for i, row in enumerate(rows):
        if row.group:
            named.setdefault(roots[i], row.group)
    samples = []
    for i, (r, row) in enumerate(zip(read, rows, strict=True)):
        reasons = dict(r.faults)
        if same[i] != i:
            reasons[Flag.DUPLICATE] = f"the pixels of {read[same[i]].id}"
        elif best[i] != i:
            reasons[Flag.NEAR_DUPLICATE] = f"a copy of {read[best[i]].id}"
        sample = Sample(
            id=r.id,
            image=r.image,
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
            **({"artist": row.artist} if row.artist else {}),
            **({"reasons": {flag: reasons[flag] for flag in Flag if flag in reasons}} if reasons else {}),
        )
        samples.append(sample.flagged(*(flag for flag in reasons if flag is not Flag.BARS or not r.cropped)))
    return samples


def _best_copies(read: list[_Reference], groups: Sequence[int], hygiene: HygieneParams) -> list[int]:
    """For each picture the copy that stays, by index, of those in its group.

    One that no flag of its own leaves out comes first, then one with a label map, then the largest, then the first.
    """

    def worth(r: _Reference) -> tuple[bool, bool, int]:
        faults = {flag for flag in r.faults if flag is not Flag.BARS or not r.cropped}
        return not faults & set(hygiene.leave_out), r.labelled, r.width * r.height

    best: dict[int, int] = {}
    for i, (r, group) in enumerate(zip(read, groups, strict=True)):
        if worth(r) > worth(read[best.setdefault(group, i)]):
            best[group] = i
    return [best[group] for group in groups]
