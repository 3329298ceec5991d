"""A labelled folder to a tool's files, and a tool's files to a labelled folder."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.evaluation.labelled_folder import find_labelled
from cubiseg.file_names import ON_WINDOWS, refused_by_windows, same_file
from cubiseg.files import atomic_write, fresh_folder
from cubiseg.labels import png
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, below, leads_out
from cubiseg.labels.formats import FORMATS
from cubiseg.labels.names import NAME_OF, Translation
from cubiseg.labels.pictures import PictureFolder
from cubiseg.labels.shapes import Coded, Rules, paint
from cubiseg.sample_files import SampleFile, find, is_packed
from cubiseg.samples import MANIFEST, Flag, LabelMethod, PartsBy, Sample, read_manifest, write_manifest
from cubiseg.sources.references import slug

Item = TypeVar("Item")
Progress = Callable[[Iterable[Item], int], Iterable[Item]]

_MENDED = (Flag.NEEDS_REVIEW, Flag.LOW_CONFIDENCE, Flag.REFUSED, Flag.PARTIAL)
"""Flags of a label map that a person's replaces."""


@dataclass
class Tally:
    """What became of the pictures.

    Attributes:
        done: their number.
        unlabelled: how many nobody has labelled.
        failed: of each that failed the file, and why.
        warnings: what should be looked at, one line each.
    """

    done: int = 0
    unlabelled: int = 0
    failed: list[tuple[str, Exception]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Pair:
    """A picture with its label map: its name below ``images/``, both files, its record where there is one."""

    name: str
    image: SampleFile
    label: SampleFile
    sample: Sample | None = None


def _everything(items: Iterable[Item], count: int) -> Iterable[Item]:
    return items


def export_labels(
    folder: Path,
    out: Path,
    format_name: str,
    *,
    images: Path | None = None,
    by_class: bool = False,
    with_pictures: bool = True,
    translation: Translation | None = None,
    progress: Progress[_Pair] = _everything,
) -> Tally:
    """Write the label maps of a folder, and their pictures, in the form of a tool.

    Args:
        folder: with ``images/`` and ``labels/``, pairs of ``image.*`` and ``label.png``, or a manifest; a
            ``classes.json`` or ``classes.txt`` says what numbers mean that are not ours.
        out: folder to be made; one that is empty is used.
        format_name: one of ``FORMATS``.
        images: where the pictures of the manifest are, if not in the folder.
        by_class: write classes alone, no parts.
        with_pictures: copy the pictures to ``out/images``.
        translation: what names of the folder mean that are not ours.
        progress: wraps the iteration, given the pairs and their number.

    Returns:
        Counts; a picture that fails is named in them, and the others are done.

    Raises:
        CubisegError: bad folder or list of classes, nothing in it that could be written, or ``out`` is not empty.
    """
    _check_free(out)
    pairs, unlabelled = _pairs(folder, images)
    names, translation = png.names_of(folder), translation or Translation()
    tally, written = Tally(unlabelled=unlabelled), list[Sample]()
    taken: set[str] = set()

    def outgoing(fresh: Path) -> Iterator[Outgoing]:
        for pair in progress(pairs, len(pairs)):
            try:
                _refuse_links(pair, folder, folder if images is None else images)
                label = _label(pair, names, translation, by_class)
                _claim(pair.name, taken)
                if with_pictures:
                    _copy(pair.image, fresh / "images" / pair.name)
            except Exception as error:
                tally.failed.append((str(pair.image), error))
                continue
            tally.done += 1
            if pair.sample is not None:
                written.append(_travelling(pair, format_name))
            yield Outgoing(pair.name, label)

    with fresh_folder(out) as fresh:
        FORMATS[format_name].write(fresh, outgoing(fresh))
        if not tally.done:
            raise _nothing(folder, tally)
        if written and with_pictures:
            write_manifest(fresh, written)
        _check_free(out)  # again: all this took minutes
    return tally


def _check_free(out: Path) -> None:
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise CubisegError(f"{out}: is there already and is not replaced; choose another -o folder")


def _nothing(source: Path, tally: Tally) -> CubisegError:
    where, why = tally.failed[0] if tally.failed else ("", "nothing in it is labelled")
    first = f"; the first, {where}: {why}" if where and where not in str(why) else f"; {why}"
    return CubisegError(f"{source}: none of {len(tally.failed) + tally.unlabelled} pictures could be done{first}")


def _pairs(folder: Path, images: Path | None) -> tuple[list[_Pair], int]:
    """What is labelled in a folder, by name, and how many records of its manifest have no label."""
    if not (folder / MANIFEST).is_file():
        found = find_labelled(folder)
        top = folder / "images" if (folder / "images").is_dir() else folder
        return [_Pair(Path(str(f.image)).relative_to(top).as_posix(), f.image, f.label) for f in found], 0
    samples = read_manifest(folder)
    root = images if images is not None else folder
    if not any(find(root, s.image).is_file() for s in samples):
        raise CubisegError(f"{root}: does not hold the pictures of the manifest; --images names the prepared folder")
    pairs = [
        _Pair(s.image.removeprefix("images/"), find(root, s.image), find(folder, s.label), s)
        for s in samples
        if s.label is not None
    ]
    return pairs, len(samples) - len(pairs)


def _refuse_links(pair: _Pair, folder: Path, images: Path) -> None:
    """A folder that somebody sent may link to what is private; only what lies in it is read."""
    for path, place in ((pair.image, images), (pair.label, folder)):
        if leads_out(path, place):
            raise ValueError(f"{path} is a link that leads out of {place}; put the file itself there")


def _label(pair: _Pair, names: dict[int, str], translation: Translation, by_class: bool) -> np.ndarray:
    stored = label_maps.read_label(pair.label)
    label_maps.refuse_mask(pair.label, stored, ours=names is NAME_OF)
    _check_size(stored.shape, imaging.read_picture(pair.image, min_side=1).size)
    label = translation.translate(stored, names, taxonomy.IGNORE_INDEX)
    return taxonomy.CLASS_OF[label] if by_class else label


def _check_size(found: tuple[int, ...], size: tuple[int, int]) -> None:
    if found != size:
        raise ValueError(f"its labels are for {found[1]}x{found[0]} pixels, the upright picture is {size[1]}x{size[0]}")


def _claim(name: str, taken: set[str]) -> None:
    """Note a label map's name; some systems take different names for one file."""
    for part in PurePosixPath(name).parts if ON_WINDOWS else ():
        if why := refused_by_windows(part):
            raise ValueError(f"{name} cannot be a file on this system ({part}: {why}); rename it where it comes from")
    key = "/".join(map(same_file, PurePosixPath(png.label_path(name)).parts))
    if key in taken:
        raise ValueError(f"{name} would share its label map with another picture; rename one of them")
    taken.add(key)


def _copy(source: SampleFile, target: Path) -> None:
    with source.open("rb") as file, atomic_write(target) as copy:
        shutil.copyfileobj(file, copy, 1 << 20)


def _travelling(pair: _Pair, format_name: str) -> Sample:
    """A record for the folder that is written, which has label maps of its own only as PNG."""
    assert pair.sample is not None  # noqa: S101 - only such are written
    facts = {"image": f"images/{pair.name}"}
    if format_name == "png":
        return pair.sample.model_copy(update={**facts, "label": f"labels/{png.label_path(pair.name)}"})
    nothing = ("label", "label_method", "label_version", "confidence")
    return pair.sample.model_copy(update={**facts, **dict.fromkeys(nothing)})


def import_labels(
    source: Path,
    out: Path,
    format_name: str,
    *,
    images: Path | None = None,
    by_name: bool = False,
    rules: Rules | None = None,
    method: LabelMethod = LabelMethod.HUMAN,
    progress: Progress[Waiting] = _everything,
) -> Tally:
    """Write a labelled folder from a tool's files: ``images/``, ``labels/`` and the manifest.

    Pictures are copied byte for byte. What a manifest beside them tells of a picture (id, licence, group, …) is kept.

    Args:
        source: the tool's file or folder.
        out: folder to be made; one that is empty is used.
        format_name: one of ``FORMATS``.
        images: folder of the pictures; None for ``images/`` in or beside the source, or else the source's folder.
        by_name: go by the pictures' file names alone.
        rules: how shapes become label maps.
        method: who made the labels.
        progress: wraps the iteration, given what waits and its number.

    Returns:
        Counts; a picture that fails is named in them, and the others are done.

    Raises:
        CubisegError: the source cannot be read, nothing in it could be done, or ``out`` is not empty.
    """
    _check_free(out)
    waiting = list(FORMATS[format_name].read(source))
    pictures = PictureFolder(_root(images if images is not None else _home(source)), by_name)
    known, rules = _known(pictures.folder), rules or Rules()
    tally, samples, taken = Tally(), list[Sample](), set[str]()
    with fresh_folder(out) as fresh:
        for item in progress(waiting, len(waiting)):
            try:
                labels = item.open()
                if labels is None:
                    tally.unlabelled += 1
                    continue
                name = pictures.find(labels)
                file = pictures.file(name)
                picture = imaging.read_picture(file, min_side=1)
                label, overlap = _painted(labels, picture.size, rules)
                _claim(name, taken)
                _copy(file, fresh / "images" / name)
                label_maps.write_label(fresh / "labels" / png.label_path(name), label)
            except Exception as error:
                tally.failed.append((item.where, error))
                continue
            if overlap:
                on_top = "that of the upper layer" if rules.by_stack else "the later one"
                tally.warnings.append(f"{item.where}: shapes overlap in {overlap} pixels; {on_top} is on top")
            samples.append(_sample(known.get(f"images/{name}"), name, picture, label, method, format_name))
            tally.done += 1
        if not samples:
            raise _nothing(source, tally)
        write_manifest(fresh, samples)
        _check_free(out)
    return tally


def _home(source: Path) -> Path:
    return source if source.is_dir() else source.parent


def _root(folder: Path) -> Path:
    return below(folder, "images")


def _known(pictures: Path) -> dict[str, Sample]:
    """Records by picture, of the manifest of the folder that ``images/`` lies in."""
    beside = pictures if is_packed(pictures) else pictures.parent
    here = (pictures.name == "images" or is_packed(pictures)) and (beside / MANIFEST).is_file()
    return {sample.image: sample for sample in read_manifest(beside)} if here else {}


def _painted(labels: Foreign, size: tuple[int, int], rules: Rules) -> tuple[np.ndarray, int]:
    """The label map of a picture, and the number of pixels in which shapes overlap."""
    if labels.size is not None:
        _check_size(labels.size, size)
    content = labels.content(size)
    if isinstance(content, Coded):
        return rules.translation.translate(content.codes, content.names, rules.uncovered), 0
    return paint(content, size, rules)


def _sample(
    known: Sample | None, name: str, picture: imaging.Picture, label: np.ndarray, method: LabelMethod, source: str
) -> Sample:
    told = {
        "image": f"images/{name}",
        "label": f"labels/{png.label_path(name)}",
        "label_method": method,
        "label_version": f"labels:{source}",
        "parts_by": PartsBy.LABEL if label_maps.has_parts(label) else None,
    }
    if known is not None:
        flags = tuple(flag for flag in known.flags if flag not in _MENDED)
        return known.model_copy(update={**told, "confidence": None, "flags": flags})
    below = PurePosixPath(name)
    number = slug(below.with_suffix("").as_posix())
    return Sample(
        id=number,
        width=picture.size[1],
        height=picture.size[0],
        sha256=imaging.pixel_hash(picture.rgb),
        source=source,
        group=f"{source}:{below.parts[0] if len(below.parts) > 1 else number}",
        **told,
    )


def names_meant(pairs: Sequence[str]) -> Translation:
    """``THEIRS=OURS`` of a command line.

    Raises:
        CubisegError: one has no ``=``, or means what is no class or part.
    """
    try:
        return Translation(dict(_split(pair) for pair in pairs))
    except ValueError as error:
        raise CubisegError(str(error)) from error


def _split(pair: str) -> tuple[str, str]:
    theirs, equals, ours = pair.rpartition("=")
    if not equals or not theirs:
        raise ValueError(f"--name {pair}: wanted is THEIRS=OURS, such as Bangs=hair_front")
    return theirs, ours
