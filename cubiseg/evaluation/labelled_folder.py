"""Score a segmenter on any labelled folder, also one with other class names than ours, by classes and by parts."""

import json
import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg import imaging, label_maps, scores, taxonomy
from cubiseg.calibration import Reliability, nothing, reliability
from cubiseg.errors import CubisegError
from cubiseg.evaluation import parts
from cubiseg.evaluation.parts import PartsByCharacter, PartSummary
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.metrics import Metrics
from cubiseg.params import read_yaml
from cubiseg.sample_files import SampleFile, find, is_packed
from cubiseg.samples import MANIFEST, PartsBy, read_manifest
from cubiseg.scores import finite
from cubiseg.taxonomy import IGNORE_INDEX

log = logging.getLogger(__name__)

IGNORE = "ignore"

MOST_NAMED = 10
"""So many files that are passed over are named; of the others the number is told."""

VOCABULARIES: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
    "taxonomy": (taxonomy.NAMES, taxonomy.CLASS_OF),
    "coarse9": (taxonomy.COARSE9_NAMES, taxonomy.COARSE9_TABLE[taxonomy.CLASS_OF]),
    "legacy7": (taxonomy.LEGACY7, taxonomy.LEGACY7_TABLE[taxonomy.CLASS_OF]),
}
"""Names in id order, and the table from ids of classes and parts, of each vocabulary that scores can be given in."""

CLASSES = "classes.json"
"""File of a folder that names the ids of its label maps."""

Segment = Callable[[Picture], np.ndarray | Segmentation]
"""Picture to label map: (H, W) uint8, ids of classes and of parts wherever it tells them, 255 for "no class"; or to a
segmentation, whose confidence is measured too."""


class FolderMapping(BaseModel):
    """How a folder's classes and characters are named.

    Attributes:
        vocabulary: what to score classes in; None leaves it to the caller.
        labels: its label maps: the name of the file beside a picture, or of the folder beside ``images``.
        classes: names of classes and parts in the order of the ids in its label maps, or ``taxonomy``: ids are ours.
        map: its name to a name of the vocabulary or of the taxonomy, or ``ignore``; names that are equal need no entry.
        groups: folder to character, where several folders show one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabulary: Literal["taxonomy", "coarse9", "legacy7"] | None = None
    labels: str | None = Field(default=None, pattern=r"^[^/\\]*[^/\\.][^/\\]*$")
    classes: Annotated[tuple[str, ...], Field(min_length=1, max_length=255)] | Literal["taxonomy"]
    map: dict[str, str] = {}
    groups: dict[str, str] = {}

    def table(self, vocabulary: str) -> np.ndarray:
        """(256,) uint8: ids of the folder to ids of a vocabulary; 254 marks what is no class of the folder.

        Raises:
            ValueError: a name is in neither vocabulary nor taxonomy, or ``map`` names a class that is not listed.
        """
        names, from_taxonomy = VOCABULARIES[vocabulary]

        def place(ours: str) -> int:
            return names.index(ours) if ours in names else int(from_taxonomy[taxonomy.PART_ID[ours]])

        return self._table(vocabulary, place)

    def part_table(self, vocabulary: str) -> np.ndarray:
        """(256,) uint8: ids of the folder to ids of our classes and parts; 254 marks what is no class of the folder.

        A name of the vocabulary that stands for several classes becomes 255, unless none of them has parts: then it is
        face, which says of parts and of sides what it does, nothing but that it is none.

        Raises:
            ValueError: as :meth:`table`.
        """
        names, from_taxonomy = VOCABULARIES[vocabulary]

        def either_level(ours: str) -> int:
            if ours not in names:
                return taxonomy.PART_ID[ours]
            meant = [c for c in taxonomy.NAMES if from_taxonomy[taxonomy.ID[c]] == names.index(ours)]
            if len(meant) == 1:
                return taxonomy.ID[meant[0]]
            return IGNORE_INDEX if any(taxonomy.PARTS_OF[c] for c in meant) else taxonomy.ID["face"]

        return self._table(vocabulary, either_level)

    def _table(self, vocabulary: str, value: Callable[[str], int]) -> np.ndarray:
        """(256,) uint8: what a name means to ``value``, by the folder's id."""
        named = taxonomy.PART_NAME if self.classes == "taxonomy" else dict(enumerate(self.classes))
        strange = set(self.map) - set(named.values())
        if strange:
            raise ValueError(f"map: {sorted(strange)[0]!r} is not under classes")
        table = np.full(256, _NO_CLASS, np.uint8)
        table[IGNORE_INDEX] = IGNORE_INDEX
        for index, theirs in named.items():
            ours = self.map.get(theirs, theirs)
            if ours != IGNORE and ours not in VOCABULARIES[vocabulary][0] and ours not in taxonomy.PART_ID:
                raise ValueError(f"{theirs!r} means {ours!r}, which is no class of {vocabulary}; name one under map")
            table[index] = IGNORE_INDEX if ours == IGNORE else value(ours)
        return table


_NO_CLASS = 254


class FolderCalibration(Metrics):
    """How far confidence is from how often it is right (:mod:`cubiseg.calibration`).

    Attributes:
        ece: expected calibration error over all pixels, 0..1.
        classes: the same of the pixels that are given each class; None for one that is given nowhere.
        confidence: mean over all pixels, 0..1.
        accuracy: share of them that are right.
    """

    ece: float
    classes: dict[str, float | None]
    confidence: float
    accuracy: float


class FolderScores(Metrics):
    """Scores on a labelled folder.

    Attributes:
        vocabulary: what the scores of classes are given in.
        summary: over all pictures; its fields stand beside the others in the JSON.
        by_group: means over characters of each character's mean over classes: ``mean_f1``, ``mean_iou``, and both
            ``_without_accessories`` where the vocabulary has these.
        per_group: the same for each character, for paired comparisons.
        parts: scores of parts, over all pictures; None where truth or prediction names none.
        parts_by_character: the same by character; None with ``parts``.
        calibration: expected calibration error, 0..1, over all pixels and by class; None where the segmenter tells no
            confidence.
    """

    vocabulary: str
    summary: scores.Summary
    by_group: dict[str, float | None]
    per_group: dict[str, dict[str, float | None]]
    parts: PartSummary | None = None
    parts_by_character: PartsByCharacter | None = None
    calibration: FolderCalibration | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, flat; parts, where there are any, under a key each."""
        out = {"vocabulary": self.vocabulary, **self.summary.as_json()}
        out |= {"by_group": self.by_group, "per_group": self.per_group}
        told = {
            "parts": self.parts,
            "parts_by_character": self.parts_by_character,
            "calibration": self.calibration,
        }
        return out | {key: figures.as_json() for key, figures in told.items() if figures is not None}


@dataclass(frozen=True)
class Labelled:
    """A picture with its label map and its character, and who told its parts where a manifest says so."""

    image: SampleFile
    label: SampleFile
    group: str
    parts_by: PartsBy | None = None


def read_mapping(path: Path) -> FolderMapping:
    """Read a mapping file (YAML).

    Raises:
        CubisegError: missing or malformed; the key is named.
    """
    return read_yaml(path, FolderMapping, "docs/data.md shows the form")


def find_labelled(folder: Path, groups: Mapping[str, str] | None = None, labels: str | None = None) -> list[Labelled]:
    """Pairs of picture and label map in a folder.

    Either ``images/`` and ``labels/`` with the same names below (a manifest there names the characters, else the top
    folder does), or what the manifest of a folder with shards names, or folders that hold ``image.*`` and ``label.png``
    (the top folder names the character). Files that are part of no pair are passed over; they are counted and logged,
    the first of them by name.

    Args:
        folder: folder of pictures with label maps.
        groups: other names for characters.
        labels: another name for the folder ``labels``, also where it is packed, or for the file ``label.png``.

    Returns:
        Pairs, sorted by picture.

    Raises:
        CubisegError: no such folder, a picture without label map, or nothing found.
    """
    if not folder.is_dir():
        raise CubisegError(f"{folder}: no such folder; check the path")
    groups = groups or {}
    tree, file = labels or "labels", labels or "label.png"
    if is_packed(folder):
        found = list(_packed_pairs(folder, tree))
    elif (folder / "images").is_dir() and (folder / tree).is_dir():
        found = list(_paired_trees(folder, tree))
    else:
        found = list(_paired_files(folder, file))
    if not found:
        raise CubisegError(
            f"{folder}: no labelled pictures; it needs images/ and {tree}/ with the same names, or folders with "
            f"image.png and {file}"
        )
    return [replace(f, group=groups.get(f.group, f.group)) for f in found]


def _packed_pairs(folder: Path, tree: str) -> Iterator[Labelled]:
    for s in sorted(read_manifest(folder), key=lambda s: s.image):
        path = s.label if tree == "labels" else _beside(s.image, tree)
        if path is None:
            continue
        label = find(folder, path)
        if tree != "labels" and not label.is_file():
            remedy = f"add it, or name another folder than {tree!r} under labels"
            raise CubisegError(f"{folder / s.image}: has no label map {path}, in shards or beside them; {remedy}")
        yield Labelled(find(folder, s.image), label, s.group, s.parts_by)


def _beside(image: str, tree: str) -> str:
    """Where the label map of ``images/BELOW`` is in another tree."""
    return PurePosixPath(tree, *PurePosixPath(image).parts[1:]).with_suffix(".png").as_posix()


def _files(folder: Path) -> list[Path]:
    """Files below a folder, sorted; hidden ones are left out."""
    inside = (p for p in folder.rglob("*") if p.is_file())
    return sorted(p for p in inside if not any(part.startswith(".") for part in p.relative_to(folder).parts))


def _tell(folder: Path, files: Sequence[Path], why: str) -> None:
    """Log files that are passed over: the first by name, then how many more."""
    if files:
        names = ", ".join(str(p.relative_to(folder)) for p in files[:MOST_NAMED])
        more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        log.warning("%s: %d passed over, %s: %s%s", folder, len(files), why, names, more)


def _key(path: Path, top: Path) -> str:
    """What a picture and its label map have in common: the path below ``top`` without suffix, accents in one form."""
    return unicodedata.normalize("NFC", path.relative_to(top).with_suffix("").as_posix())


def _paired_trees(folder: Path, tree: str) -> Iterator[Labelled]:
    known = {s.image: s for s in read_manifest(folder)} if (folder / MANIFEST).is_file() else {}
    pictures, labels = folder / "images", folder / tree
    left = {_key(p, labels) + p.suffix.lower(): p for p in _files(labels)}
    others = []
    for image in _files(pictures):
        if image.suffix.lower() not in imaging.SUFFIXES:
            others.append(image)
            continue
        below = image.relative_to(pictures)
        key = _key(image, pictures)
        label = left.pop(f"{key}.png", None)
        if label is None:
            wanted = (labels / below).with_suffix(".png")
            near = next((p for name, p in left.items() if name.rpartition(".")[0] == key), None)
            remedy = f"add {wanted}" if near is None else f"a label map must be PNG: save {near} as {wanted.name}"
            raise CubisegError(f"{image}: has no label map; {remedy} or take the picture out")
        sample = known.get(image.relative_to(folder).as_posix())
        alone = below.parts[0] if len(below.parts) > 1 else below.stem
        yield Labelled(image, label, alone) if sample is None else Labelled(image, label, sample.group, sample.parts_by)
    _tell(folder, others, "not PNG, JPEG or WebP by their names")
    _tell(folder, list(left.values()), "no label map (PNG) of a picture")


def _paired_files(folder: Path, file: str) -> Iterator[Labelled]:
    files = _files(folder)
    paired: set[Path] = set()
    for label in [p for p in files if p.name == file]:
        image = next((p for s in imaging.SUFFIXES if (p := label.with_name(f"image{s}")).is_file()), None)
        if image is None:
            raise CubisegError(f"{label}: there is no image.png beside it; add it or take the label map out")
        below = label.parent.relative_to(folder).parts
        paired |= {label, image}
        yield Labelled(image, label, below[0] if below else folder.name)
    alone = [p for p in files if p not in paired and p.suffix.lower() in imaging.SUFFIXES]
    _tell(folder, alone, f"pictures that are no pair of image.* and {file}")


def score_folder(
    data: Path,
    segment: Segment,
    mapping: FolderMapping | None = None,
    vocabulary: str = "taxonomy",
    progress: Callable[[Iterable[Labelled], int], Iterable[Labelled]] | None = None,
) -> FolderScores:
    """Score a segmenter on a labelled folder.

    Args:
        data: the folder, see :func:`find_labelled`.
        segment: picture to label map or segmentation; 255 for "no class" counts as wrong.
        mapping: names of the folder's classes and characters; None for those of its ``classes.json``, or else for our
            ids, of classes and parts.
        vocabulary: ``taxonomy``, ``coarse9`` or ``legacy7``, for classes; one in the mapping file wins.
        progress: wraps the iteration, given the pairs and their number.

    Raises:
        CubisegError: bad folder, picture, label map or mapping; the file is named.
    """
    vocabulary = chosen_vocabulary(mapping, vocabulary)
    counts, part_counts, groups = [], [], []
    names, from_taxonomy = VOCABULARIES[vocabulary]
    sure = nothing(len(names))
    for example in labelled_pictures(data, mapping, vocabulary, progress):
        told = segment(example.picture)
        ids = told.finest if isinstance(told, Segmentation) else told
        if isinstance(told, Segmentation) and told.segments is not None:
            ids = np.full_like(ids, taxonomy.IGNORE_INDEX)  # no name was given, not even that of the background
        elif isinstance(told, Segmentation):
            sure += reliability(example.truth, from_taxonomy[ids], told.confidence, len(names))
        counts.append(example.count(ids, vocabulary))
        part_counts.append(parts.count(example.parts, ids))
        groups.append(example.group)
    scored = summary_by_character(counts, groups, vocabulary, part_counts)
    return scored.model_copy(update={"calibration": _calibration(sure, names)})


def _calibration(sure: Reliability, names: Sequence[str]) -> FolderCalibration | None:
    pixels = int(sure.pixels.sum())
    if not pixels:
        return None
    return FolderCalibration(
        ece=round(float(sure.total.ece()[0]), 5),
        classes=dict(zip(names, map(finite, sure.ece()), strict=True)),
        confidence=round(float(sure.sure.sum()) / pixels, 5),
        accuracy=round(int(sure.right.sum()) / pixels, 5),
    )


def chosen_vocabulary(mapping: FolderMapping | None, vocabulary: str) -> str:
    """That of the mapping, where it names one.

    Raises:
        CubisegError: there is no such vocabulary.
    """
    if mapping is not None and mapping.vocabulary is not None:
        vocabulary = mapping.vocabulary
    if vocabulary not in VOCABULARIES:
        raise CubisegError(f"vocabulary {vocabulary!r}: choose one of {', '.join(VOCABULARIES)}")
    return vocabulary


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with its truth at both levels.

    Attributes:
        truth: (H, W) uint8, ids of the vocabulary that classes are scored in; 255 is not scored.
        parts: (H, W) uint8, our ids of classes and parts; 255 is not scored.
        group: the character.
    """

    picture: Picture
    truth: np.ndarray
    parts: np.ndarray
    group: str

    def count(self, ids: np.ndarray, vocabulary: str) -> scores.Counts:
        """Counts by class of a label map of ours, (H, W) uint8 ids of classes and parts, in ``truth``'s vocabulary."""
        names, from_taxonomy = VOCABULARIES[vocabulary]
        return scores.count(self.truth, from_taxonomy[ids], len(names))


def labelled_pictures(
    data: Path,
    mapping: FolderMapping | None,
    vocabulary: str,
    progress: Callable[[Iterable[Labelled], int], Iterable[Labelled]] | None = None,
) -> Iterator[LabelledPicture]:
    """Pictures of a folder, sorted, with their truth and character.

    Raises:
        CubisegError: as :func:`score_folder`.
    """
    mapping = mapping or _own_names(data)
    try:
        tables = mapping.table(vocabulary), mapping.part_table(vocabulary)
    except ValueError as error:
        raise CubisegError(f"mapping: {error}") from error
    pairs = find_labelled(data, mapping.groups, mapping.labels)
    for pair in pairs if progress is None else progress(pairs, len(pairs)):
        picture = imaging.read_picture(pair.image, min_side=1)
        stored = _read_truth(pair.label, picture.size, tables[0])
        told = tables[1][stored]
        if pair.parts_by is PartsBy.MODEL:  # which measures no model
            told = taxonomy.CLASS_OF[told]
        yield LabelledPicture(picture, tables[0][stored], told, pair.group)


def _own_names(data: Path) -> FolderMapping:
    """The names that a folder's ``classes.json`` gives its ids; ours where there is none, or where it says so.

    Only a list of names under ``classes`` is read. The file of our own data sets tells the version of the taxonomy.
    """
    path = data / CLASSES
    try:
        told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise CubisegError(f"{path}: cannot be read; mend it, or name the classes in a mapping file") from error
    names = told.get("classes") if isinstance(told, dict) and "taxonomy" not in told else None
    if not isinstance(names, list):
        return FolderMapping(classes="taxonomy")
    known = FolderMapping(classes=tuple(map(str, names[:255])))
    try:
        known.table("taxonomy")
    except ValueError as error:
        raise CubisegError(f"{path}: {error} of a mapping file") from error
    return known


def summary_by_character(
    counts: Sequence[scores.Counts],
    groups: Sequence[str],
    vocabulary: str,
    part_counts: Sequence[scores.Counts] = (),
    seed: int = 0,
) -> FolderScores:
    """What :func:`score_folder` returns, from the counts of each picture and its character, at one or both levels."""
    names = VOCABULARIES[vocabulary][0]
    per_group = {g: _means(c, names) for g, c in sorted(scores.by_group(counts, groups).items())}
    by_part = parts.summary(part_counts, groups, seed=seed) if part_counts else None
    return FolderScores(
        vocabulary=vocabulary,
        summary=scores.summary(counts, groups, names, seed=seed),
        by_group={key: finite(np.mean(v)) if (v := _known(per_group, key)) else None for key in _keys(per_group)},
        per_group={g: {k: finite(v) for k, v in means.items()} for g, means in per_group.items()},
        parts=by_part,
        parts_by_character=parts.by_character(part_counts, groups, seed=seed) if by_part else None,
    )


class FolderDifferences(Metrics):
    """How much better one model is than another on the same folder, by character.

    Attributes:
        classes: by figure of ``FolderScores.by_group``.
        parts: by figure of ``FolderScores.parts_by_character``; none where either model tells no parts.
    """

    classes: dict[str, scores.PairedDifference]
    parts: dict[str, scores.PairedDifference]


def compare(ours: FolderScores, theirs: Mapping[str, Any], *, seed: int = 0) -> FolderDifferences:
    """Compare scores with those of another model.

    Args:
        ours: scores of one model.
        theirs: :meth:`FolderScores.as_json` of the other.
        seed: seed of the intervals.

    Raises:
        CubisegError: they are no such scores, or of another vocabulary or other characters.
    """
    known = ours.as_json()
    if theirs.get("vocabulary") != ours.vocabulary:
        raise CubisegError(f"those scores are given in {theirs.get('vocabulary')!r}, these in {ours.vocabulary!r}")
    return FolderDifferences(
        classes=_differences(known, theirs, seed),
        parts=_differences(known.get("parts_by_character"), theirs.get("parts_by_character"), seed),
    )


def _differences(ours: Any, theirs: Any, seed: int) -> dict[str, scores.PairedDifference]:
    """By figure, from what has a table ``per_group`` of figures by character; none where either is None."""
    if ours is None or theirs is None:
        return {}
    try:
        tables = [
            {group: {key: np.nan if v is None else float(v) for key, v in row.items()} for group, row in rows.items()}
            for rows in (ours["per_group"], theirs["per_group"])
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CubisegError("those are no scores of a folder; make them with `cubiseg evaluate --json`") from error
    if tables[0].keys() != tables[1].keys():
        raise CubisegError("those scores are of other characters; score both models on the same folder")
    keys = next(iter(tables[0].values())).keys()
    return {
        key: scores.difference(
            np.array([tables[0][g][key] - tables[1][g].get(key, np.nan) for g in tables[0]]), seed=seed
        )
        for key in keys
    }


def _read_truth(path: SampleFile, size: tuple[int, int], table: np.ndarray) -> np.ndarray:
    """(H, W) uint8: ids as stored, each of which has a meaning in the table."""
    stored = label_maps.read_label(path)
    label_maps.refuse_mask(path, stored, ours=False)
    if stored.shape != size:
        raise CubisegError(
            f"{path}: is {stored.shape[1]}x{stored.shape[0]}, its picture {size[1]}x{size[0]}; save it at that size"
        )
    nameless = table[stored] == _NO_CLASS
    if nameless.any():
        bad = ", ".join(map(str, np.unique(stored[nameless])[:5]))
        raise CubisegError(f"{path}: ids {bad} have no name; give the folder's class names in a mapping file")
    return stored


def _means(counts: scores.Counts, names: Sequence[str]) -> dict[str, float]:
    """Means over the classes of one character, background apart."""
    parts = list(range(1, len(names)))
    out = {"mean_f1": scores.mean(scores.f1(counts), parts), "mean_iou": scores.mean(scores.iou(counts), parts)}
    if "accessories" in names:
        parts.remove(names.index("accessories"))
        out["mean_f1_without_accessories"] = scores.mean(scores.f1(counts), parts)
        out["mean_iou_without_accessories"] = scores.mean(scores.iou(counts), parts)
    return out


def _keys(per_group: Mapping[str, Mapping[str, float]]) -> list[str]:
    return list(next(iter(per_group.values())))


def _known(per_group: Mapping[str, Mapping[str, float]], key: str) -> list[float]:
    return [m[key] for m in per_group.values() if np.isfinite(m[key])]
