"""A small labelled folder to review: portraits in palette colours, which the tiny network reads without a fault."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from starlette.testclient import TestClient

from cubiseg import imaging, label_maps
from cubiseg.label_maps import colourise
from cubiseg.samples import Flag, LabelMethod, Sample, write_manifest
from cubiseg.studio.data_set import DataSet
from cubiseg.studio.reviewing import Reviewing
from cubiseg.taxonomy import ID
from tests.inference.palette import portrait_label
from tests.studio.sessions import client, labeller
from tests.tiny import sample

ANSWER: dict[str, Any] = {"label_method": LabelMethod.LLM, "confidence": 0.9}
KINDS: Mapping[str, dict[str, Any]] = {
    "p00": {},
    "p01": {**ANSWER, "confidence": 0.98},
    "p02": {**ANSWER, "flags": (Flag.NEEDS_REVIEW,)},
    "p03": {**ANSWER, "confidence": 0.3, "flags": (Flag.LOW_CONFIDENCE,)},
    "p04": {},
    "p05": {**ANSWER, "confidence": 0.7},
    "p06": {"label": None, "label_method": None, "label_version": None, "flags": (Flag.REFUSED,)},
}
"""What is known of each sample."""
BY_GAIN = ["p03", "p02", "p06", "p05"]
"""Those that something tells of, without the model's opinion, the greatest gain first; the others come in any order."""


def wrong_label(index: int = 0) -> np.ndarray:
    """(160, 128) uint8: a portrait's label map with its nose taken for mouth, and one row that tells it from others."""
    label = portrait_label()
    label[label == ID["nose"]] = ID["mouth"]
    label[0, : index + 1] = ID["hair"]
    return label


def write_data(root: Path, kinds: Mapping[str, dict[str, Any]] = KINDS) -> list[Sample]:
    """``prepared`` and ``clean`` as the stages write them; every label map calls the nose mouth."""
    rows = []
    for index, (name, facts) in enumerate(kinds.items()):
        rgb = colourise(portrait_label())
        rgb[0, 0] = index, 0, 0
        imaging.write_png(root / f"prepared/images/{name}.png", rgb)
        row = sample(name, rgb, **facts)
        if row.label is not None:
            label_maps.write_label(root / "clean" / row.label, wrong_label(index))
        rows.append(row)
    write_manifest(root / "clean", rows)
    return rows


def reviewing(root: Path, reviewer: str = "ab", *, model: bool = False, **options: Any) -> Reviewing:
    """A review of what :func:`write_data` wrote, that writes to ``corrections``."""
    data = DataSet(root / "clean", root / "prepared", options.pop("split", None), options.pop("only", None))
    looks = labeller(root) if model else None
    return Reviewing(data, root / "corrections", reviewer, root / "out" / reviewer, looks, **options)


@contextmanager
def review_client(root: Path, reviewer: str = "ab", **options: Any) -> Iterator[TestClient]:
    """A client of a review's server that behaves as the page does."""
    of = reviewing(root, reviewer, **options)
    try:
        with client(of) as page:
            yield page
    finally:
        of.close()
