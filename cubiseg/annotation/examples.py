"""The worked examples that ``annotate.examples`` names.

An example is a sample of the prepared folder whose right label map lies in a folder of its own. It is cut into a few
regions, which are drawn and numbered, and named as the label map has them.
"""

import functools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cubiseg import sample_files
from cubiseg.annotation.protocols.errors import NoErrors
from cubiseg.annotation.protocols.examples import Example
from cubiseg.annotation.protocols.regions import commonest_names, reading_order
from cubiseg.errors import CubisegError
from cubiseg.label_maps import read_exact_label
from cubiseg.samples import Sample
from cubiseg.taxonomy import CLASS_OF

REGIONS = 60
"""Regions of an example: large enough that most carry their number, few enough that the answer costs little."""


def load_examples(
    ids: Sequence[str], folder: Path, prepared: Path, samples: Sequence[Sample], find: functools.partial
) -> tuple[Example, ...]:
    """The examples, in the order in which they are shown.

    Args:
        ids: samples to show.
        folder: holds their right label maps, ``<id>.png``.
        prepared: prepared folder.
        samples: its manifest.
        find: finds the regions of a sample's picture.

    Raises:
        CubisegError: there is no such sample or label map, or it does not fit its picture.
    """
    known = {s.id: s for s in samples}
    return tuple(_load(name, known.get(name), folder, prepared, find) for name in ids)


def _load(name: str, sample: Sample | None, folder: Path, prepared: Path, find: functools.partial) -> Example:
    if sample is None:
        raise CubisegError(f"annotate.examples: {prepared} has no sample {name}; take it out")
    path = folder / f"{name}.png"
    if not path.is_file():
        raise CubisegError(f"annotate.examples: {path} is missing; put the right label map of {name} there")
    label = CLASS_OF[read_exact_label(path, (sample.height, sample.width))]
    numbers = functools.partial(_numbers, find, sample)
    lists = NoErrors().in_names(commonest_names(label, numbers()))
    answer = json.dumps({key: said for key, said in lists.items() if said}, separators=(",", ":"))
    return Example(sample.group, sample.sha256, sample_files.find(prepared, sample.image), numbers, answer)


def _numbers(find: functools.partial, sample: Sample) -> np.ndarray:
    """(H, W) int32: the number of each region of an example, from 1."""
    proposals = find(sample)
    return proposals.label(reading_order(proposals, proposals.cut(REGIONS))) + 1
