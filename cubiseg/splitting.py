"""The data set: samples with labels, shared out to train, val and test by group, with a card."""

import functools
import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from cubiseg import files, label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.params import Params
from cubiseg.samples import TRUSTED_METHODS, Flag, Sample, Split, read_manifest, write_manifest
from cubiseg.workers import run_all

CLASSES = "classes.json"
CARD = "README.md"


class SplitParams(Params):
    """Shares of the groups."""

    val: float = Field(gt=0, lt=1)
    test: float = Field(gt=0, lt=1)
    seed: int = Field(ge=0, lt=2**63)

    @model_validator(mode="after")
    def _leave_some(self) -> "SplitParams":
        if self.val + self.test >= 1:
            raise ValueError("val and test together must leave something to train on (sum below 1)")
        return self


def assign(groups: Mapping[str, bool], params: SplitParams) -> tuple[dict[str, Split], str | None]:
    """Who goes where.

    Groups stand in the order of a hash of the seed and their names; val is taken from its front and test from its
    back, so that new groups move few of the others, and none from test to val.

    Args:
        groups: name of each group, and whether all its labels may measure others (given or human).
        params: shares and seed.

    Returns:
        The split of each group, and a note where val or test had to take groups with other labels.

    Raises:
        CubisegError: fewer than three groups.
    """
    if len(groups) < 3:
        raise CubisegError(
            f"split: {len(groups)} groups with labels are too few for train, val and test; "
            "add pictures of more characters (or artists), or name their groups in data/references/samples.csv"
        )

    def place(group: str) -> str:
        return hashlib.sha256(f"split:{params.seed}:{group}".encode()).hexdigest()

    val, test = (max(1, math.floor(share * len(groups) + 0.5)) for share in (params.val, params.test))
    while val + test >= len(groups):  # few groups: something must be left to train on
        val, test = (val - 1, test) if val >= test else (val, test - 1)
    trusted = sorted((g for g in groups if groups[g]), key=place)
    note = None
    if len(trusted) < val + test:
        note = (
            f"Only {len(trusted)} groups have labels that are all given or human, and val and test need {val + test}: "
            "the figures on them partly measure how well other labels were copied."
        )
        trusted += sorted((g for g in groups if not groups[g]), key=place)[: val + test - len(trusted)]
    chosen = dict.fromkeys(groups, Split.TRAIN)
    chosen.update(dict.fromkeys(trusted[:val], Split.VAL))
    chosen.update(dict.fromkeys(trusted[-test:], Split.TEST))
    return chosen, note


def split(params: SplitParams, prepared: Path, clean: Path, out: Path) -> dict[str, Any]:
    """Write the data set: ``images/<split>/``, ``labels/<split>/``, manifest, card and classes; replaced whole.

    Pictures and label maps are copied byte for byte. Samples without labels are left out and counted.

    Args:
        params: shares and seed.
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
    metrics: dict[str, Any] = {}

    with files.fresh_folder(out) as folder:
        for part in Split:
            for kind in ("images", "labels"):
                (folder / kind / part.value).mkdir(parents=True)
        rows = [_moved(s, chosen[s.group]) for s in labelled]
        pairs = list(zip(labelled, rows, strict=True))
        pixels = run_all(functools.partial(_copy, prepared, clean, folder), pairs, "writing the data set")
        dropped = Counter(_why_dropped(s) for s in samples if s.label is None)
        metrics.update(_figures(rows, pixels, dropped, note))
        write_manifest(folder, rows)
        files.write_text(folder / CLASSES, json.dumps(_classes(), indent=2) + "\n")
        files.write_text(folder / CARD, card(rows, metrics))

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
    files.copy_file(prepared / source.image, out / target.image)
    files.copy_file(clean / str(source.label), out / str(target.label))
    return np.bincount(label_maps.read_label(clean / str(source.label)).ravel(), minlength=256)


def _figures(
    rows: Sequence[Sample], pixels: Sequence[np.ndarray], dropped: Mapping[str, int], note: str | None
) -> dict[str, Any]:
    by_split = defaultdict(list)
    for row, counts in zip(rows, pixels, strict=True):
        by_split[row.split].append((row, counts))
    figures: dict[str, Any] = {
        "pictures": {p.value: len(by_split[p]) for p in Split},
        "groups": {p.value: len({r.group for r, _ in by_split[p]}) for p in Split},
        "left_out": dict(sorted(dropped.items())),
        "note": note,
        "class_share": {},
        "class_pictures": {},
    }
    for part in Split:
        table = np.array([c for _, c in by_split[part]])
        total = table.sum(0)
        share = total / max(1, total.sum())
        ids = (*enumerate(taxonomy.NAMES), (taxonomy.IGNORE_INDEX, "ignore"))
        figures["class_share"][part.value] = {name: round(float(share[i]), 6) for i, name in ids}
        figures["class_pictures"][part.value] = {name: int((table[:, i] > 0).sum()) for i, name in ids}
    return figures


def _classes() -> dict[str, Any]:
    return {
        "taxonomy": taxonomy.VERSION,
        "classes": list(taxonomy.NAMES),
        "palette": [list(c) for c in taxonomy.PALETTE],
        "ignore_index": taxonomy.IGNORE_INDEX,
        "flip_pairs": [list(p) for p in taxonomy.FLIP_PAIRS],
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in r) + " |" for r in lines)


def _tally(rows: Sequence[Sample], head: str, values: Sequence[Sequence[str]]) -> str:
    """Pictures by a property and split; ``values`` holds the property's values of each row."""
    counts = Counter((v, r.split) for r, of_row in zip(rows, values, strict=True) for v in of_row)
    names = sorted({v for v, _ in counts})
    return _table((head, *(p.value for p in Split)), [(n, *(counts[n, p] for p in Split)) for n in names])


def card(rows: Sequence[Sample], figures: Mapping[str, Any]) -> str:
    """The data card, in Markdown: what is in the data set, where it comes from, who labelled it, what is wrong with it.

    Args:
        rows: samples with their splits.
        figures: as :func:`split` returns them.
    """
    left_out = ", ".join(f"{n} ({why})" for why, n in figures["left_out"].items())
    parts = [
        f"# Anime segmentation, taxonomy v{taxonomy.VERSION}",
        f"{len(rows)} pictures of {sum(figures['groups'].values())} groups (characters, artists or clusters of "
        "near-duplicates). A group lies in one split only. `samples.jsonl` has a record for each picture, "
        "`classes.json` the classes; label maps are indexed PNG of class ids, 255 is not known. Left and right are the "
        "character's own: mirror a picture and the `flip_pairs` must swap.",
        _table(("", *(p.value for p in Split)), [(k, *figures[k].values()) for k in ("pictures", "groups")]),
        f"Left out for want of a label: {left_out or 'none'}.",
    ]
    if figures["note"]:
        parts.append(f"**Note.** {figures['note']}")
    flags = [[f.value for f in r.flags] or ["none"] for r in rows]
    parts += [
        "## Where it comes from",
        _tally(rows, "source, licence, rating", [[f"{r.source}, {r.licence}, {r.rating}"] for r in rows]),
        "## Who labelled it",
        "`given`: came with the picture. `human`: corrected by a person. `simulated`: the known label with set errors, "
        "cleaned by rules; stands in for a vision model. `llm`, `model`: answered by one, cleaned by rules.",
        _tally(rows, "method", [[r.label_method.value if r.label_method else "none"] for r in rows]),
        "## Quality flags",
        _tally(rows, "flag", flags),
        "## Classes",
        "Share of the pixels in percent, and in how many pictures the class occurs.",
        _table(
            ("class", *(f"{p.value} %" for p in Split), *(f"{p.value} pictures" for p in Split)),
            [
                (
                    name,
                    *(f"{100 * figures['class_share'][p.value][name]:.2f}" for p in Split),
                    *(figures["class_pictures"][p.value][name] for p in Split),
                )
                for name in (*taxonomy.NAMES, "ignore")
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"
