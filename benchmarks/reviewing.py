"""Reviews by one who knows the true label maps, written as `cubiseg studio --review` writes them.

    python -m benchmarks.reviewing --prepared data/prepared --clean data/clean --corrections data/corrections

Of the drawn samples (`cubiseg review sample`) a label map is accepted whose mean IoU with the truth is high enough; the
others are corrected: the truth is drawn. An action is an area that was recoloured: a connected piece of at least 20
pixels that has another class. A program's seconds say nothing of a person's, so there are none.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import cv2
import numpy as np

from cubiseg import label_maps, scores
from cubiseg.cleaning.corrections import Review, Verdict, read_reviews, write_corrected_label, write_review
from cubiseg.cleaning.spot_checks import DRAWN, read_drawn
from cubiseg.sample_files import find
from cubiseg.samples import read_manifest
from cubiseg.taxonomy import CLASS_OF, NUM_CLASSES

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
LEAST = 20
PATH = click.Path(path_type=Path)


def pieces(label: np.ndarray, truth: np.ndarray) -> int:
    """How many connected pieces of at least :data:`LEAST` pixels have another class than they should."""
    count = 0
    for c in np.unique(truth):
        mask = ((truth == c) & (label != c)).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        count += int((stats[1:, cv2.CC_STAT_AREA] >= LEAST).sum())
    return count


@click.command(help=__doc__)
@click.option("--prepared", type=PATH, required=True, help="Folder with the true label maps.")
@click.option("--clean", type=PATH, required=True, help="Folder with those to review.")
@click.option("--corrections", type=PATH, required=True, help="Where reviews go; holds the drawn samples.")
@click.option("--reviewer", default="oracle", show_default=True)
@click.option("--accept", default=0.75, show_default=True, help="Mean IoU from which a label map is right enough.")
@click.option("--first", type=int, help="Only the first so many of the drawn samples.")
def main(prepared: Path, clean: Path, corrections: Path, reviewer: str, accept: float, first: int | None) -> None:
    truths = {s.id: s.label for s in read_manifest(prepared)}
    labels = {s.id: s for s in read_manifest(clean)}
    known = read_reviews(corrections)
    said = dict.fromkeys(Verdict, 0)
    for number, drawn in enumerate(read_drawn(corrections / DRAWN)[:first]):
        sample, truth = labels[drawn.sample], label_maps.read_label(find(prepared, str(truths[drawn.sample])))
        label = label_maps.read_label(find(clean, str(sample.label)))
        counts = scores.count(CLASS_OF[truth], CLASS_OF[label], boundaries=False)
        is_right = scores.mean(scores.iou(counts), range(1, NUM_CLASSES)) >= accept
        drawn_label = None if is_right else write_corrected_label(corrections, sample.id, truth)
        review = Review(
            sample=sample.id,
            base_sha256=label_maps.label_hash(label),
            verdict=Verdict.ACCEPTED if is_right else Verdict.CORRECTED,
            label=drawn_label,
            reviewer=reviewer,
            time=BEGINNING + timedelta(minutes=number),
            actions={} if is_right else {"area": pieces(CLASS_OF[label], CLASS_OF[truth])},
            revision=1 + max((r.revision for r in known.get(sample.id, ()) if r.reviewer == reviewer), default=0),
        )
        write_review(corrections, review)
        said[review.verdict] += 1
    click.echo(", ".join(f"{count} {verdict}" for verdict, count in said.items() if count))


if __name__ == "__main__":
    main()
