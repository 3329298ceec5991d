"""An answer as it lies in the annotated folder, and the label map of classes that the rules make of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg import imaging
from cubiseg.cleaning.painted import read_painted
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.rules import apply_rules
from cubiseg.cleaning.votes import label_from_units
from cubiseg.errors import CubisegError
from cubiseg.regions.files import read_proposals
from cubiseg.regions.mean_field import Units, describe
from cubiseg.regions.naming import Naming, count_votes, read_naming
from cubiseg.sample_files import SampleFile, find
from cubiseg.samples import Sample

PAINTED_ONLY = ("snap", "islands", "one_per_side", "outlines")
"""Rules that are for painted answers. Outlines of regions follow the drawing's edges already; and their small pieces
were named one by one and weighed against their surroundings, so that taking them away costs more than it mends."""

_TELLTALE = ("islands", "sides", "one_per_side", "anatomy")
"""Rules that find work where names were wrong."""

_HALVING = 1000.0
"""Pixels moved by those rules, of a 512x512 picture, that halve the confidence."""


@dataclass(frozen=True)
class Names:
    """Names that regions were given.

    Attributes:
        naming: the votes.
        regions: (H, W) int32, the regions that were asked about first, as indices of ``naming.asked``.
        units: the smallest pieces that votes tell apart, with what is known of them.
    """

    naming: Naming
    regions: np.ndarray
    units: Units


@dataclass(frozen=True)
class Answer:
    """An answer about a picture, before anything that params decide.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB.
        given: names of regions, or the file of a painting.
    """

    rgb: np.ndarray
    given: Names | SampleFile


@dataclass(frozen=True)
class CleanAnswer:
    """An answer after the rules.

    Attributes:
        before: (H, W) uint8, the answer before any cleaning.
        label: (H, W) uint8, class ids and 255.
        changed: pixels that each rule changed.
        confidence: 0..1, None where nothing tells.
    """

    before: np.ndarray
    label: np.ndarray
    changed: dict[str, int]
    confidence: float | None


def read_answer(annotated: Path, prepared: Path, sample: Sample) -> Answer:
    """Read the answer about a sample.

    Args:
        annotated: annotated folder.
        prepared: prepared folder, for the picture.
        sample: its record in the annotated folder; its label is an answer.

    Raises:
        CubisegError: the picture, the regions or the answer are missing or malformed.
    """
    path = find(annotated, str(sample.label))
    rgb = imaging.read_picture(find(prepared, sample.image)).over()
    if path.suffix != ".json":
        return Answer(rgb, path)
    proposals = read_proposals(find(annotated, f"regions/{sample.id}.npz"))
    if proposals.regions.shape != (sample.height, sample.width):
        raise CubisegError(f"{annotated}: the regions of {sample.id} have another size; run the stage annotate again")
    naming = read_naming(path)
    units = describe(*count_votes(proposals, naming), rgb, proposals.seen_label())
    return Answer(rgb, Names(naming, proposals.label(np.array(naming.asked)), units))


def clean_answer(answer: Answer, params: CleanParams) -> CleanAnswer:
    """Turn an answer into a label map.

    Raises:
        CubisegError: a painting cannot be read.
    """
    if not isinstance(answer.given, Names):
        painted, before = read_painted(answer.given, answer.rgb.shape[:2], params)
        label, changed = apply_rules(painted, params, answer.rgb)
        return CleanAnswer(before, label, changed, None)
    named = label_from_units(answer.given.units, params)
    potts = {"potts": int((named.voted != named.label).sum())} if params.rules.potts else {}
    label, changed = apply_rules(named.label, params, answer.rgb, PAINTED_ONLY)
    changed = {**potts, **changed}
    return CleanAnswer(named.voted, label, changed, confidence_after_rules(named.confidence, changed, label.size))


def confidence_after_rules(confidence: float | None, changed: dict[str, int], size: int) -> float | None:
    """Confidence in a label map after the rules: what they had to move was wrong, and more may be.

    Args:
        confidence: confidence in the names before the rules, 0..1; None where there are none.
        changed: pixels that each rule changed.
        size: number of the picture's pixels.
    """
    if confidence is None:
        return None
    moved = sum(changed.get(name, 0) for name in _TELLTALE) * (512 * 512 / size)
    return round(confidence / (1 + moved / _HALVING), 5)
