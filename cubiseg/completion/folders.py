"""Scores of folders of complete layers, whoever painted them, against others whose layers are the truth."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.measures import (
    FIGURES,
    CompletionScores,
    Painted,
    PartCounts,
    PictureCounts,
    compare,
    holes,
    summary,
)
from cubiseg.completion.truth import CompletePart, CompletePicture, Piece, stacked
from cubiseg.errors import CubisegError
from cubiseg.scores import PairedDifference, difference

Layers = Sequence[tuple[tuple[str, ...], Piece]]
"""Layers of a picture from the bottom: what each holds, and the layer; a class stands for its parts too."""


def units(*names: Iterable[str]) -> list[frozenset[str]]:
    """Names that can only be compared together: a class with its parts, and what one layer holds.

    Args:
        names: what each layer holds, of the truth and of what is compared with it.

    >>> sorted(map(sorted, units(["ear_left"], ["lips"], ["lips", "mouth_inside"])))
    [['ear_left'], ['lips', 'mouth_inside']]
    >>> units(["ear_left"], ["skin"])[0] >= {"ear_left", "skin", "neck"}
    True
    """
    groups: list[frozenset[str]] = []
    for own in names:
        group = frozenset(own).union(*(taxonomy.PARTS_OF.get(name, ()) for name in own))
        touched = [other for other in groups if other & group]
        groups = [other for other in groups if not other & group] + [group.union(*touched)]
    return groups


def score_layers(picture: CompletePicture, layers: Layers) -> PictureCounts:
    """Measure layers of a picture, whatever they hold together.

    Args:
        picture: the truth.
        layers: of the same picture, without the background.
    """
    counts: dict[str, PartCounts] = {}
    shown: list[tuple[Painted, CompletePart | None]] = []
    for unit in units(*([name] for name in picture.names), *(names for names, _ in layers)):
        true = sorted(unit & set(picture.names), key=taxonomy.STACK_ORDER.index)
        own = [piece for names, piece in layers if unit & set(names)]
        painted = _as_one(own)
        part = picture.part(*true) if true else None
        if painted is not None:
            shown.append((painted, part))
        if part is not None and part.visible.any():
            classes = {taxonomy.class_name(name) for name in true}
            key = true[0] if len(true) == 1 or len(classes) > 1 else classes.pop()
            found = compare(part, painted, picture.label.shape[:2])
            counts[key] = counts[key] + found if key in counts else found
    return PictureCounts(picture.group, counts, holes(shown, picture.figure, picture.head_width))


def _as_one(pieces: Sequence[Piece]) -> Painted | None:
    box: Box | None = None
    for piece in pieces:
        box = piece.box.union(box)
    if box is None:
        return None
    rgba = stacked(pieces, box)
    return Painted(box, rgba[..., 3] / np.float32(255), rgba[..., :3])


def score_folder(
    pictures: Iterable[CompletePicture],
    layers_of: Callable[[CompletePicture], Layers | None],
) -> tuple[CompletionScores, int]:
    """Score the layers of many pictures.

    Args:
        pictures: the truth.
        layers_of: layers of a picture; None where there are none.

    Returns:
        The scores, and of how many pictures there were no layers.

    Raises:
        CubisegError: there are layers of none of them.
    """
    counts, left_out = [], 0
    for picture in pictures:
        layers = layers_of(picture)
        if layers is None:
            left_out += 1
        else:
            counts.append(score_layers(picture, layers))
    if not counts:
        raise CubisegError(f"no layers of any of the {left_out} pictures; name their folders as --data names them")
    return summary(counts), left_out


def compared(scores: CompletionScores, others: Mapping[str, Any], *, seed: int = 0) -> dict[str, PairedDifference]:
    """How each figure differs from another's, by character.

    Args:
        scores: ours.
        others: theirs, as JSON.
        seed: seed of the draws of the intervals.

    Raises:
        CubisegError: they are of other characters, or no scores of layers.
    """
    theirs = others.get("by_character")
    if not isinstance(theirs, Mapping) or theirs.keys() != scores.by_character.keys():
        raise CubisegError(
            "--against: no scores of layers of the same characters; make it with the same --data and --json"
        )
    return {key: difference(np.array(list(_pairs(scores, theirs, key))), seed=seed) for key in (*FIGURES, "iris_iou")}


def _pairs(scores: CompletionScores, theirs: Mapping[str, Any], key: str) -> Iterator[float]:
    for group, row in scores.by_character.items():
        other = theirs[group].get(key) if isinstance(theirs[group], Mapping) else None
        ours = row[key]
        yield ours - other if ours is not None and isinstance(other, float) else float("nan")
