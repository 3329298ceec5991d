"""What every backend gives, and the rules that hold whichever backend gave it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.inference import faces
from cubiseg.inference.bars import content_box
from cubiseg.inference.doubts import Doubt, doubts
from cubiseg.inference.looks import LookName, prevailing
from cubiseg.inference.places import settled
from cubiseg.inference.quality import needs_mending
from cubiseg.inference.specks import GivenAway, without_specks
from cubiseg.label_maps import has_parts, nearest_class
from cubiseg.part_choices import PartChoices

BACKGROUND = taxonomy.ID["background"]
GIVEN = "label-map"
"""Name of a result's backend where a label map was given."""
CLAIM_SHARE = 0.2
"""Largest share of a cut-out's visible pixels that may be called background and still be given to its parts."""


@dataclass(frozen=True)
class FoundHead:
    """A head in a picture.

    Attributes:
        box: where it is, whole px.
        seen: the piece of the picture around it that was looked at again, whole px; None where it was not.
        cell: pixels of the picture, along a side, that one pixel of that second look covers.
    """

    box: Box
    seen: Box | None = None
    cell: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON: the box, and whether the head was looked at again."""
        left, top, right, bottom = (int(side) for side in self.box)
        place = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        return {**place, "seen_again": self.seen is not None}


@dataclass(frozen=True)
class Segmentation:
    """A label map of one picture.

    Attributes:
        label: (H, W) uint8, taxonomy ids.
        confidence: (H, W) float32 (or, to save memory, float16), 0..1.
        backend: name of the backend that made it.
        architecture: architecture of the model file, or the backend's name where there is none.
        warnings: warnings for the user, one line each.
        cell: pixels of the picture, along a side, that one pixel of the backend's own label map covers: borders are
            that coarse.
        parts: (H, W) uint8, taxonomy ids of the parts that the classes of ``label`` fall into; a class that has none
            stands for itself. None where the backend tells no parts.
        choices: the best part of every class at each pixel, for whoever says the class; None where the backend tells no
            parts, or was not opened for it.
        look: how often the picture was looked at (:mod:`cubiseg.inference.looks`): ``once`` also where a second look
            was asked for and nothing called for one.
        heads: heads that the first look found, the largest first; none where only one look was asked for.
        given_away: pixels of specks that went to the parts around them (:mod:`cubiseg.inference.specks`), by name of
            what they were and of what they have become.
        at_edges: whether borders between classes were moved to the picture's edges (:mod:`cubiseg.inference.edges`).
        face: how likely the picture shows a drawn face (:mod:`cubiseg.inference.faces`), 0..1; None where the backend
            cannot tell.
        segments: (H, W) uint16, where no character was found and the picture was cut into segments without names
            instead: numbers from 1, the largest first, 0 where none lies; ``label`` is then all background.
        predicted_iou: mean IoU over nine classes that the result is predicted to have, 0..1
            (:mod:`cubiseg.inference.quality`); None where the backend cannot tell.
        doubts: what a person should look at, the most important first; their texts are among the warnings.
    """

    label: np.ndarray
    confidence: np.ndarray
    backend: str
    architecture: str
    warnings: tuple[str, ...] = ()
    cell: float = 1.0
    parts: np.ndarray | None = None
    choices: PartChoices | None = None
    look: LookName = "once"
    heads: tuple[FoundHead, ...] = ()
    given_away: GivenAway = field(default_factory=dict)
    at_edges: bool = False
    face: float | None = None
    segments: np.ndarray | None = None
    predicted_iou: float | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def shows_face(self) -> bool:
        """Whether the picture counts as one that shows a drawn face, as it does where the backend cannot tell."""
        return self.face is None or self.face >= faces.FACE

    @property
    def finer(self) -> tuple[tuple[Box, float], ...]:
        """Pieces of the picture, whole px, in which borders are finer than ``cell``, and how coarse they are there.

        The finest comes last.
        """
        seen = [(prevailing(head.seen, self.label.shape), head.cell) for head in self.heads if head.seen is not None]
        return tuple(sorted(seen, key=lambda piece: -piece[1]))

    @property
    def finest(self) -> np.ndarray:
        """(H, W) uint8, ids at the finest level that the backend tells: ``parts``, or else ``label``."""
        return self.label if self.parts is None else self.parts

    def at_level(self, level: Literal["class", "part"]) -> np.ndarray:
        """The label map of parts where they are wanted and told, else that of classes: (H, W) uint8."""
        if level == "class":
            return taxonomy.CLASS_OF[self.label]
        return self.label if self.parts is None else self.parts

    def mean_confidence(self) -> float | None:
        """Mean confidence over the foreground, or the segments, 0..1; None where there is none."""
        return _mean(self.confidence, (self.label if self.segments is None else self.segments) != BACKGROUND)

    def class_confidence(self) -> dict[str, float | None]:
        """Mean confidence by class name, in id order; None for a class that does not occur."""
        return {c.name: _mean(self.confidence, self.label == c.id) for c in taxonomy.CLASSES}


def given(label: np.ndarray, picture: Picture) -> Segmentation:
    """What somebody says a picture holds, as a backend's result: sure of each pixel, its borders as they are drawn.

    Args:
        label: (H, W) uint8, ids of classes and parts; clear pixels become background.
        picture: picture of the same size; its warnings are all that there are.
    """
    if picture.alpha is not None:
        label = np.where(picture.alpha > 0, label, np.uint8(BACKGROUND))
    confidence = np.ones(label.shape, np.float32)
    parts = label if has_parts(label) else None
    classes = label if parts is None else taxonomy.CLASS_OF[label]
    return Segmentation(classes, confidence, GIVEN, GIVEN, picture.warnings, parts=parts, at_edges=True)


class Segmenter(Protocol):
    """A backend that is ready to run. Errors are raised as :class:`cubiseg.errors.CubisegError`."""

    name: str
    architecture: str

    def segment(self, picture: Picture) -> Segmentation:
        """Label one picture."""
        ...


def without_bars(picture: Picture, segment: Callable[[Picture], Segmentation]) -> Segmentation:
    """Label a picture's content by ``segment``; letterbox bars around it are background, surely."""
    box = content_box(picture.rgb)
    if picture.size == (box.height, box.width):
        return segment(picture)
    alpha = None if picture.alpha is None else picture.alpha[box.window]
    result = segment(replace(picture, rgb=np.ascontiguousarray(picture.rgb[box.window]), alpha=alpha))
    confidence = np.ones(picture.size, np.float32)
    confidence[box.window] = result.confidence
    label = _framed(result.label, box, picture.size)
    parts = None if result.parts is None else _framed(result.parts, box, picture.size)
    choices = None if result.choices is None else replace(result.choices, box=box, size=picture.size)
    heads = tuple(
        replace(head, box=head.box.moved(box.left, box.top), seen=head.seen and head.seen.moved(box.left, box.top))
        for head in result.heads
    )
    segments = None if result.segments is None else _framed(result.segments, box, picture.size)
    told = tuple(doubt.moved(box.left, box.top) for doubt in result.doubts)
    framed = replace(result, label=label, confidence=confidence, parts=parts, choices=choices, heads=heads)
    return replace(framed, segments=segments, doubts=told)


def _framed(inside: np.ndarray, box: Box, size: tuple[int, int]) -> np.ndarray:
    """A label map, or segments, with background around it, (H, W) of the same kind."""
    out = np.full(size, BACKGROUND, inside.dtype)
    out[box.window] = inside
    return out


def _mean(values: np.ndarray, mask: np.ndarray) -> float | None:
    return float(values[mask].mean(dtype=np.float64)) if mask.any() else None


def finalize(result: Segmentation, picture: Picture, low_confidence: float) -> Segmentation:
    """Apply what holds for every backend: clear pixels are background, parts lie where they can, doubts are told.

    In a cut-out (a picture with clear pixels) what is visible is the drawing, so a small visible remainder that was
    called background goes to the nearest part. A large one is left alone: then the picture has a real background.

    Args:
        result: label map that the backend gave.
        picture: picture that was labelled, of the same size.
        low_confidence: mean confidence over the foreground, 0..1, below which a warning is due.
    """
    label, confidence = result.label, result.confidence
    warnings = [*picture.warnings, *result.warnings]
    found: list[Doubt] = []
    cut_out = picture.alpha is not None and not picture.alpha.all()
    label = settled(label, islands=not cut_out)
    if picture.alpha is not None and cut_out:
        clear = picture.alpha == 0
        label, confidence = label.copy(), confidence.copy()
        label[clear], confidence[clear] = BACKGROUND, 1
        label = _claimed(label, ~clear)
    if not (label != BACKGROUND).any():
        warnings.append("no part of a character was found; the picture is background only")
    else:
        result = replace(result, label=label, confidence=confidence)
        if result.face is not None and not result.shows_face:
            warnings.append(faces.no_face(result.face))
        mean = result.mean_confidence()
        if result.predicted_iou is not None and needs_mending(result.predicted_iou):
            warnings.append(
                f"a person must mend this: it is predicted to be right by {result.predicted_iou:.2f} (mean IoU);"
                " check every layer"
            )
        elif mean is not None and mean < low_confidence:
            warnings.append(f"low confidence ({mean:.2f} on average, {low_confidence:.2f} expected); check the layers")
        # Rules that know no probabilities are unsure everywhere.
        found = doubts(label, picture, None if result.predicted_iou is None else confidence)
        warnings += [doubt.text for doubt in found]
    return replace(result, label=label, confidence=confidence, warnings=tuple(warnings), doubts=tuple(found))


def cleaned(result: Segmentation, seen: np.ndarray) -> Segmentation:
    """A segmentation without specks, at both levels; the classes stay those of the parts.

    Args:
        result: what the network saw.
        seen: (H, W) float32, 0..1, its confidence before calibration, for which the rule's bounds were set.
    """
    ids, given_away = without_specks(result.finest, seen)
    if not given_away:
        return result
    if result.parts is None:
        return replace(result, label=ids, given_away=given_away)
    return replace(result, label=taxonomy.CLASS_OF[ids], parts=ids, given_away=given_away)


def _claimed(label: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Give background within what is drawn to the nearest parts, unless that is too large a share of it."""
    stray = (label == BACKGROUND) & drawn
    count = np.count_nonzero(stray)
    if not 0 < count <= CLAIM_SHARE * np.count_nonzero(drawn) or not (label != BACKGROUND).any():
        return label
    return np.where(stray, nearest_class(label, label != BACKGROUND), label)
