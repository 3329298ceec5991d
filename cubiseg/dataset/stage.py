"""The stage split: the data set's folder, written whole."""

import functools
import json
import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg import files, label_maps, taxonomy
from cubiseg.dataset.card import card
from cubiseg.dataset.figures import SplitMetrics, count_samples
from cubiseg.dataset.params import SplitParams
from cubiseg.dataset.splits import assign
from cubiseg.packing import pack_samples
from cubiseg.sample_files import find
from cubiseg.samples import TRUSTED_METHODS, Flag, Sample, Split, read_manifest, write_manifest
from cubiseg.workers import run_all

log = logging.getLogger(__name__)

CLASSES = "classes.json"
CARD = "README.md"


def split(params: SplitParams, prepared: Path, clean: Path, out: Path) -> SplitMetrics:
    """Write the data set: ``images/<split>/``, ``labels/<split>/``, manifest, card and classes; replaced whole.

    Pictures and label maps are copied byte for byte, or packed (:mod:`cubiseg.packing`). Samples without labels are
    left out and counted.

    Args:
        params: shares of val and test, the seed of who goes where, and how files are packed.
        prepared: prepared folder, for the pictures.
        clean: clean folder, for the labels.
        out: the data set's folder.

    Returns:
        Metrics: pictures and groups by split, what was left out, share and pictures of each class by split.

    Raises:
        CubisegError: too few groups, a missing file, or a full disk.
    """
    samples = read_manifest(clean)
    labelled = [s for s in samples if s.label is not None]
    groups: dict[str, bool] = {}
    for s in labelled:
        groups[s.group] = groups.get(s.group, True) and s.label_method in TRUSTED_METHODS
    chosen, note = assign(groups, params)
    with files.fresh_folder(out) as folder:
        for part in Split:
            for kind in ("images", "labels"):
                (folder / kind / part.value).mkdir(parents=True)
        rows = [_moved(s, chosen[s.group]) for s in labelled]
        pairs = list(zip(labelled, rows, strict=True))
        pixels = run_all(functools.partial(_copy, prepared, clean, folder), pairs, "writing the data set")
        dropped = Counter(_why_dropped(s) for s in samples if s.label is None)
        metrics = count_samples(rows, pixels, dropped, note)
        write_manifest(folder, rows)
        pack_samples(folder, ("images", "labels"), params.pack, len(rows))
        files.write_text(folder / CLASSES, json.dumps(_classes(), indent=2) + "\n")
        files.write_text(folder / CARD, card(rows, metrics))

    if note:
        log.warning("split: %s", note)
    return metrics


def _moved(sample: Sample, part: Split) -> Sample:
    return sample.model_copy(
        update={
            "split": part,
            "image": f"images/{part.value}/{sample.id}{Path(sample.image).suffix}",
            "label": f"labels/{part.value}/{sample.id}.png",
        }
    )


def _why_dropped(sample: Sample) -> str:
    return Flag.REFUSED.value if Flag.REFUSED in sample.flags else "unreadable_answer"


def _copy(prepared: Path, clean: Path, out: Path, pair: tuple[Sample, Sample]) -> np.ndarray:
    """Copy a picture and its label map; (256,) int64 pixels of each id."""
    source, target = pair
    files.copy_file(find(prepared, source.image), out / target.image)
    label = find(clean, str(source.label))
    files.copy_file(label, out / str(target.label))
    return np.bincount(label_maps.read_label(label).ravel(), minlength=256)


def _classes() -> dict[str, Any]:
    return {
        "taxonomy": taxonomy.VERSION,
        "classes": list(taxonomy.NAMES),
        "palette": [list(c) for c in taxonomy.PALETTE],
        "ignore_index": taxonomy.IGNORE_INDEX,
        "flip_pairs": [list(p) for p in taxonomy.FLIP_PAIRS],
        "parts": [{"id": p.id, "name": p.name, "class": p.of, "colour": list(p.colour)} for p in taxonomy.PARTS],
        "part_flip_pairs": [list(p) for p in taxonomy.PART_FLIP_PAIRS],
    }
