"""Score a segmenter on any labelled folder, also one with other class names than ours."""

import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from cubiseg import imaging, label_maps, scores, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.metrics import Metrics
from cubiseg.params import read_yaml
from cubiseg.samples import MANIFEST, read_manifest
from cubiseg.taxonomy import IGNORE_INDEX

log = logging.getLogger(__name__)

IGNORE = "ignore"

MOST_NAMED = 10
"""So many files that are passed over are named; of the others the number is told."""

VOCABULARIES: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
    "taxonomy": (taxonomy.NAMES, np.arange(256, dtype=np.uint8)),
    "coarse9": (taxonomy.COARSE9_NAMES, taxonomy.COARSE9_TABLE),
    "legacy7": (taxonomy.LEGACY7, taxonomy.LEGACY7_TABLE),
}
"""Names in id order, and the table from taxonomy ids, of each vocabulary that scores can be given in."""


class FolderMapping(BaseModel):
    """How a folder's classes and characters are named.

    Attributes:
        vocabulary: what to score in; None leaves it to the caller.
        classes: its class names in the order of the ids in its label maps.
        map: its name to a name of the vocabulary or of the taxonomy, or ``ignore``; names that are equal need no entry.
        groups: folder to character, where several folders show one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabulary: Literal["taxonomy", "coarse9", "legacy7"] | None = None
    classes: tuple[str, ...] = Field(min_length=1, max_length=255)
    map: dict[str, str] = {}
    groups: dict[str, str] = {}

    def table(self, vocabulary: str) -> np.ndarray:
        """(256,) uint8: ids of the folder to ids of a vocabulary; 254 marks what is no class of the folder.

        Raises:
            ValueError: a name is in neither vocabulary nor taxonomy, or ``map`` names a class that is not listed.
        """
        names, from_taxonomy = VOCABULARIES[vocabulary]
        strange = set(self.map) - set(self.classes)
        if strange:
            raise ValueError(f"map: {sorted(strange)[0]!r} is not under classes")
        table = np.full(256, _NO_CLASS, np.uint8)
        table[IGNORE_INDEX] = IGNORE_INDEX
        for index, theirs in enumerate(self.classes):
            ours = self.map.get(theirs, theirs)
            if ours == IGNORE:
                table[index] = IGNORE_INDEX
            elif ours in names:
                table[index] = names.index(ours)
            elif ours in taxonomy.ID:
                table[index] = from_taxonomy[taxonomy.ID[ours]]
            else:
                raise ValueError(f"{theirs!r} means {ours!r}, which is no class of {vocabulary}; name one under map")
        return table


_NO_CLASS = 254


class FolderScores(Metrics):
    """Scores on a labelled folder.

    Attributes:
        vocabulary: what the scores are given in.
        summary: over all pictures; its fields stand beside the others in the JSON.
        by_group: means over characters of each character's mean over classes: ``mean_f1``, ``mean_iou``, and both
            ``_without_accessories`` where the vocabulary has these.
        per_group: the same for each character, for paired comparisons.
    """

    vocabulary: str
    summary: scores.Summary
    by_group: dict[str, float | None]
    per_group: dict[str, dict[str, float | None]]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, flat."""
        groups = {"by_group": self.by_group, "per_group": self.per_group}
        return {"vocabulary": self.vocabulary, **self.summary.as_json(), **groups}


@dataclass(frozen=True)
class Labelled:
    """A picture with its label map and its character."""

    image: Path
    label: Path
    group: str


def read_mapping(path: Path) -> FolderMapping:
    """Read a mapping file (YAML).

    Raises:
        CubisegError: missing or malformed; the key is named.
    """
    return read_yaml(path, FolderMapping, "docs/data.md shows the form")


def find_labelled(folder: Path, groups: Mapping[str, str] | None = None) -> list[Labelled]:
    """Pairs of picture and label map in a folder.

    Either ``images/`` and ``labels/`` with the same names below (a manifest there names the characters, else the top
    folder does), or folders that hold ``image.*`` and ``label.png`` (the top folder names the character). Files
    that are part of no pair are passed over; they are counted and logged, the first of them by name.

    Args:
        folder: folder of pictures with label maps.
        groups: other names for characters.

    Returns:
        Pairs, sorted by picture.

    Raises:
        CubisegError: no such folder, a picture without label map, or nothing found.
    """
    if not folder.is_dir():
        raise CubisegError(f"{folder}: no such folder; check the path")
    groups = groups or {}
    if (folder / "images").is_dir() and (folder / "labels").is_dir():
        found = list(_paired_trees(folder))
    else:
        found = list(_paired_files(folder))
    if not found:
        raise CubisegError(
            f"{folder}: no labelled pictures; it needs images/ and labels/ with the same names, or folders with "
            "image.png and label.png"
        )
    return [Labelled(f.image, f.label, groups.get(f.group, f.group)) for f in found]


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


def _paired_trees(folder: Path) -> Iterator[Labelled]:
    groups = {s.image: s.group for s in read_manifest(folder)} if (folder / MANIFEST).is_file() else {}
    pictures, labels = folder / "images", folder / "labels"
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
        alone = below.parts[0] if len(below.parts) > 1 else below.stem
        yield Labelled(image, label, groups.get(image.relative_to(folder).as_posix(), alone))
    _tell(folder, others, "not PNG, JPEG or WebP by their names")
    _tell(folder, list(left.values()), "no label map (PNG) of a picture")


def _paired_files(folder: Path) -> Iterator[Labelled]:
    files = _files(folder)
    paired: set[Path] = set()
    for label in [p for p in files if p.name == "label.png"]:
        image = next((p for s in imaging.SUFFIXES if (p := label.with_name(f"image{s}")).is_file()), None)
        if image is None:
            raise CubisegError(f"{label}: there is no image.png beside it; add it or take the label map out")
        below = label.parent.relative_to(folder).parts
        paired |= {label, image}
        yield Labelled(image, label, below[0] if below else folder.name)
    alone = [p for p in files if p not in paired and p.suffix.lower() in imaging.SUFFIXES]
    _tell(folder, alone, "pictures that are no pair of image.* and label.png")


def score_folder(
    data: Path,
    segment: Callable[[Picture], np.ndarray],
    mapping: FolderMapping | None = None,
    vocabulary: str = "taxonomy",
    progress: Callable[[Iterable[Labelled], int], Iterable[Labelled]] | None = None,
) -> FolderScores:
    """Score a segmenter on a labelled folder.

    Args:
        data: the folder, see :func:`find_labelled`.
        segment: picture to label map: (H, W) uint8 taxonomy ids, 255 for "no class", which counts as wrong.
        mapping: names of the folder's classes and characters; None for taxonomy ids.
        vocabulary: ``taxonomy``, ``coarse9`` or ``legacy7``; one in the mapping file wins.
        progress: wraps the iteration, given the pairs and their number.

    Raises:
        CubisegError: bad folder, picture, label map or mapping; the file is named.
    """
    vocabulary = chosen_vocabulary(mapping, vocabulary)
    names, from_taxonomy = VOCABULARIES[vocabulary]
    counts, groups = [], []
    for picture, truth, group in labelled_pictures(data, mapping, vocabulary, progress):
        counts.append(scores.count(truth, from_taxonomy[segment(picture)], len(names)))
        groups.append(group)
    return summary_by_character(counts, groups, vocabulary)


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


def labelled_pictures(
    data: Path,
    mapping: FolderMapping | None,
    vocabulary: str,
    progress: Callable[[Iterable[Labelled], int], Iterable[Labelled]] | None = None,
) -> Iterator[tuple[Picture, np.ndarray, str]]:
    """Pictures of a folder, sorted, with their truth ((H, W) uint8 in the vocabulary's ids) and character.

    Raises:
        CubisegError: as :func:`score_folder`.
    """
    truth_table = _truth_table(mapping, vocabulary)
    pairs = find_labelled(data, mapping.groups if mapping else None)
    for pair in pairs if progress is None else progress(pairs, len(pairs)):
        picture = imaging.read_picture(pair.image, min_side=1)
        yield picture, _read_truth(pair.label, picture.size, truth_table), pair.group


def summary_by_character(
    counts: Sequence[scores.Counts], groups: Sequence[str], vocabulary: str, seed: int = 0
) -> FolderScores:
    """What :func:`score_folder` returns, from the counts of each picture and its character."""
    names = VOCABULARIES[vocabulary][0]
    per_group = {g: _means(c, names) for g, c in sorted(scores.by_group(counts, groups).items())}
    return FolderScores(
        vocabulary=vocabulary,
        summary=scores.summary(counts, groups, names, seed=seed),
        by_group={key: _rounded(np.mean(v)) if (v := _known(per_group, key)) else None for key in _keys(per_group)},
        per_group={g: {k: _rounded(v) for k, v in means.items()} for g, means in per_group.items()},
    )


def _truth_table(mapping: FolderMapping | None, vocabulary: str) -> np.ndarray:
    if mapping is not None:
        try:
            return mapping.table(vocabulary)
        except ValueError as error:
            raise CubisegError(f"mapping: {error}") from error
    table = np.full(256, _NO_CLASS, np.uint8)
    known = [*range(taxonomy.NUM_CLASSES), IGNORE_INDEX]
    table[known] = VOCABULARIES[vocabulary][1][known]
    return table


def _read_truth(path: Path, size: tuple[int, int], table: np.ndarray) -> np.ndarray:
    stored = label_maps.read_label(path)
    label_maps.refuse_mask(path, stored, ours=False)
    if stored.shape != size:
        raise CubisegError(
            f"{path}: is {stored.shape[1]}x{stored.shape[0]}, its picture {size[1]}x{size[0]}; save it at that size"
        )
    truth = table[stored]
    if (truth == _NO_CLASS).any():
        bad = ", ".join(map(str, np.unique(stored[truth == _NO_CLASS])[:5]))
        raise CubisegError(f"{path}: ids {bad} have no name; give the folder's class names in a mapping file")
    return truth


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


def _rounded(value: float | np.floating) -> float | None:
    return round(float(value), 5) if np.isfinite(value) else None
