"""What answers take for what: the confusion matrix of names, and what it says in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cubiseg import taxonomy
from cubiseg.annotation.codebook import Codebook
from cubiseg.cleaning.answers import Names
from cubiseg.cleaning.params import MOST_CONFUSED
from cubiseg.cleaning.spot_checks import wilson_interval
from cubiseg.regions.quality import class_counts
from cubiseg.review.reviewed import Corrected
from cubiseg.taxonomy import CLASS_OF, IGNORE_INDEX, NAMES, NUM_CLASSES

CLEAR = 0.6
"""Share of a region that must be of one class for its name to be right or wrong."""

LEAST_REGIONS, LEAST_PICTURES = 5, 3
"""Regions, and pictures that they are in, from which a confusion is more than a slip."""

PART_SHARE = 0.6
"""Share of the confused regions that one part must have for a line to speak of that part."""


@dataclass(frozen=True)
class NameCounts:
    """Names of the regions of one picture that are clearly of one class.

    Attributes:
        names: (C, C) float64, regions by true class (row) and by what they were called (column).
        parts: number of wrongly named regions by true class, name and the part that most of the region is, where the
            corrected label map tells one.
    """

    names: np.ndarray
    parts: Counter[tuple[str, str, str | None]]


@dataclass(frozen=True)
class Confusion:
    """A class that is often called another.

    Attributes:
        true, said: names of the class and of what it is called.
        regions: how many of its regions are called so, of ``of``.
        of: how many of its regions have a name.
        pictures: how many pictures show it.
        share, interval: part of its regions that are called so, with a 95 % interval.
        part: part that most of them are; None where none is told.
    """

    true: str
    said: str
    regions: int
    of: int
    pictures: int
    share: float
    interval: tuple[float, float]
    part: str | None = None


def tally_of(corrected: Corrected) -> NameCounts | None:
    """Count the names of one picture's regions; None where the answer names no regions."""
    given = corrected.answer.given
    if not isinstance(given, Names):
        return None
    units = given.units
    classes = class_counts(units.map, CLASS_OF[corrected.truth], NUM_CLASSES)
    of_all = classes.sum(1)
    true = classes.argmax(1)
    clear = (of_all > 0) & (classes.max(1) >= CLEAR * of_all) & (units.votes.sum(1) > 0)
    shares = units.votes / np.maximum(units.votes.sum(1, keepdims=True), 1e-9)
    names = np.zeros((NUM_CLASSES, NUM_CLASSES))
    np.add.at(names, true[clear], shares[clear])
    wrong = np.flatnonzero(clear & (units.votes.argmax(1) != true))
    ids = np.where(corrected.truth == IGNORE_INDEX, 0, corrected.truth)
    part = class_counts(units.map, ids, 256).argmax(1)
    names_of = {p.id: p.name for p in taxonomy.PARTS}
    return NameCounts(
        names,
        Counter((NAMES[true[u]], NAMES[int(units.votes[u].argmax())], names_of.get(int(part[u]))) for u in wrong),
    )


def frequent(tallies: Sequence[NameCounts], slip: float) -> list[Confusion]:
    """The confusions that are more than slips, the most frequent first.

    Args:
        tallies: of each picture.
        slip: share of a class's names that may be one certain other by chance.
    """
    if not tallies:
        return []
    names = np.sum([t.names for t in tallies], axis=0)
    parts: Counter[tuple[str, str, str | None]] = sum((t.parts for t in tallies), Counter())
    found = []
    for true, row in enumerate(names):
        of = round(float(row.sum()))
        for said in np.flatnonzero(np.round(row) >= LEAST_REGIONS):
            pictures = int(sum(t.names[true, said] > 0 for t in tallies))
            regions = round(float(row[said]))
            if said == true or pictures < LEAST_PICTURES:
                continue
            interval = wilson_interval(min(regions, of), of)
            if interval[0] > slip:
                pair = NAMES[true], NAMES[said]
                found.append(Confusion(*pair, regions, of, pictures, regions / of, interval, _main_part(parts, *pair)))
    return sorted(found, key=lambda c: (-c.regions, c.true, c.said))


def _main_part(parts: Counter[tuple[str, str, str | None]], true: str, said: str) -> str | None:
    """The part that most of the confused regions are."""
    of = {part: n for (t, s, part), n in parts.items() if (t, s) == (true, said)}
    if not of:
        return None
    best = max(of, key=lambda part: (of[part], str(part)))
    return best if of[best] >= PART_SHARE * sum(of.values()) else None


def rows_of(confusions: Sequence[Confusion], strength: float) -> dict[str, dict[str, float]]:
    """The confusions as the param ``clean.confusion``.

    Args:
        confusions: what is known.
        strength: factor on the shares, 0..1: corrected pictures are the worse ones.

    Returns:
        Shares by true name and the name that was said, rounded down where a row would exceed :data:`MOST_CONFUSED`.
    """
    rows: dict[str, dict[str, float]] = {}
    for c in sorted(confusions, key=lambda c: (NAMES.index(c.true), NAMES.index(c.said))):
        share = round(strength * c.share, 2)
        if share > 0:
            rows.setdefault(c.true, {})[c.said] = share
    return {true: _within_limit(row) for true, row in rows.items()}


def _within_limit(row: dict[str, float]) -> dict[str, float]:
    """A row as the params take it: shares of at most :data:`MOST_CONFUSED` in all, as they are where they fit."""
    if (total := sum(row.values())) <= MOST_CONFUSED:
        return row
    # In whole hundredths, and one less than fit: a sum of floats may lie above what it stands for.
    hundredths = {said: int(share / total * (100 * MOST_CONFUSED - 1)) for said, share in row.items()}
    return {said: n / 100 for said, n in hundredths.items() if n}


def codebook_line(confusion: Confusion, codebook: Codebook) -> str:
    """What to tell the vision model, as ``Headwear (hats, crowns) is accessories, not hair.``"""
    part = next((p for p in taxonomy.PARTS if p.name == confusion.part), None)
    entry = codebook.classes[confusion.true]
    if part is not None:
        what = f"{part.name.replace('_', ' ')} ({part.belongs.split(';')[0]}) is"
    else:
        what = f"{', '.join(entry.belongs)} are"
    return f"{what[0].upper()}{what[1:]} {confusion.true}, not {confusion.said}."


def codebook_lines(confusions: Sequence[Confusion], codebook: Codebook, most: int) -> list[str]:
    """Lines for the codebook that it does not have yet, on the most frequent confusions.

    Args:
        confusions: the most frequent first.
        codebook: what it says now.
        most: number of lines at most.
    """
    lines = dict.fromkeys(codebook_line(c, codebook) for c in confusions)
    return [line for line in lines if line not in codebook.general][:most]
