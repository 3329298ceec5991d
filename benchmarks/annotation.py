"""How accurate label maps from named regions are, at set rates of naming errors, and from the other protocols.

    python -m benchmarks.annotation [--generated 24] [--real DIR --mapping benchmarks/live2d.yaml] [--guide model]

Mean IoU in nine classes by character, and of the small parts (eyes, brow, mouth). `oracle`: perfect names. `first`: the
answers to the first question. `both`: with the second question. `clean`: after the Potts pass and the rules. The
simulated provider answers from the truth, so protocols that differ only in their pictures cannot be told apart here.
Also prints how well confidence predicts the mean IoU of a picture (Spearman's rank correlation over all rows).
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import yaml

from benchmarks.regions import SEED, released
from cubiseg import imaging, label_maps, regions, scores, taxonomy
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.protocols import find_protocol
from cubiseg.annotation.protocols.base import Subject
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.answers.requests import Request
from cubiseg.cleaning.answers import PAINTED_ONLY, confidence_after_rules
from cubiseg.cleaning.figures import rank_correlation
from cubiseg.cleaning.painted import read_painted
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.rules import apply_rules
from cubiseg.cleaning.votes import label_from_votes
from cubiseg.evaluation.labelled_folder import find_labelled, read_mapping
from cubiseg.portraits import draw
from cubiseg.regions.naming import Naming, count_votes, voted_label
from cubiseg.regions.quality import oracle_label
from cubiseg.taxonomy import COARSE9_NAMES, COARSE9_TABLE, ID

ERRORS = (0.0, 0.05, 0.10, 0.15)
SMALL = [COARSE9_NAMES.index(n) for n in ("eye_left", "eye_right", "brow", "mouth")]


@dataclass(frozen=True)
class Example:
    """A picture and its true label map, taxonomy ids."""

    name: str
    rgb: np.ndarray
    truth: np.ndarray
    group: str


def generated(count: int) -> Iterator[Example]:
    for index in range(count):
        portrait = draw(SEED, index, 512, 1)
        yield Example(f"g{index}", portrait.image, portrait.label, portrait.group)


def real(folder: Path, mapping_file: Path, every: int) -> Iterator[Example]:
    """Labels by name; brows that have one class get their sides from the middle of the face."""
    mapping = read_mapping(mapping_file)
    other = {"brow": "eyebrow_left", "accessory": "accessories"}
    table = np.array([ID[other.get(n, n)] for n in mapping.classes], np.uint8)
    for item in find_labelled(folder, mapping.groups)[::every]:
        truth = table[label_maps.read_label(item.label)]
        eyes = [np.nonzero(truth == ID[n])[1] for n in ("eye_left", "eye_right")]
        middle = np.mean([e.mean() for e in eyes if len(e)] or [truth.shape[1] / 2])
        right = (truth == ID["eyebrow_left"]) & (np.arange(truth.shape[1]) < middle)
        truth[right] = ID["eyebrow_right"]
        name = "-".join(item.image.parent.parts[-2:])
        yield Example(name, imaging.read_picture(item.image).over(), truth, item.group)


class Table:
    """Counts by row of the table."""

    def __init__(self) -> None:
        self.counts: dict[str, list[scores.Counts]] = {}
        self.groups: dict[str, list[str]] = {}
        self.confidence: list[tuple[float, float]] = []

    def add(self, row: str, example: Example, label: np.ndarray) -> scores.Counts:
        counts = scores.count(COARSE9_TABLE[example.truth], COARSE9_TABLE[label], len(COARSE9_NAMES))
        self.counts.setdefault(row, []).append(counts)
        self.groups.setdefault(row, []).append(example.group)
        return counts

    def show(self) -> None:
        print("| answers | mean IoU | small parts | boundary F |\n|---|---|---|---|")
        for row, counts in self.counts.items():
            per_group = scores.by_group(counts, self.groups[row]).values()
            parts = range(1, len(COARSE9_NAMES))
            values = [np.nanmean([scores.mean(f(c), ids) for c in per_group])
                      for f, ids in ((scores.iou, parts), (scores.iou, SMALL), (scores.boundary_f, parts))]  # fmt: skip
            print(f"| {row} | " + " | ".join(f"{v:.3f}" for v in values) + " |", flush=True)
        confidence, quality = np.array(self.confidence).T
        print(f"\nrank correlation of confidence and mean IoU: {rank_correlation(confidence, quality)}")


def block(params: dict[str, Any], wrong: float) -> AnnotateParams:
    """Params with this rate of wrong names, without refusals; at 0 without any error."""
    names = {**params["simulated_names"], "wrong": wrong}
    if wrong == 0:
        names |= dict.fromkeys(("omit", "twice", "doubt_right"), 0.0)
    simulated = {**params["simulated"], "refused": 0, "malformed": 0}
    return AnnotateParams.model_validate({**params, "simulated_names": names, "simulated": simulated})


def run(examples: list[Example], propose: Callable[[np.ndarray], regions.Proposals]) -> Table:
    """All rows of the table on one set of pictures."""
    everything = yaml.safe_load(Path("params.yaml").read_text())
    clean = CleanParams.model_validate(everything["clean"])
    codebook = load_codebook(Path("cubiseg/codebook.yaml"))
    table = Table()
    with tempfile.TemporaryDirectory() as scratch:
        for example in examples:
            image, truth = Path(scratch) / "image.png", Path(scratch) / "truth.png"
            imaging.write_png(image, example.rgb, compress_level=1)
            label_maps.write_label(truth, example.truth)
            proposals = propose(example.rgb)
            request = Request(example.name, image, "0" * 64, "", "contact-sheet-1", truth)
            for wrong in ERRORS:
                params = block(everything["annotate"], wrong)
                provider = Simulated(params.simulated, params.seed, params.simulated_names)
                subject = Subject(request, lambda p=proposals: p, codebook, params.regions)  # type: ignore[misc]
                converse = find_protocol("contact-sheet").converse
                namings = [
                    Naming.model_validate_json(converse(replace(subject, second_pass=again), provider.annotate))
                    for again in (False, True)
                ]
                if wrong == 0:
                    asked = proposals.label(np.array(namings[0].asked))
                    table.add("oracle", example, oracle_label(asked, example.truth, taxonomy.NUM_CLASSES))
                for row, naming in zip(("first", "both"), namings, strict=True):
                    label = voted_label(*count_votes(proposals, naming))
                    table.add(f"{row}, {wrong:.0%} wrong", example, label)
                named = label_from_votes(proposals, namings[1], example.rgb, clean)
                label, changed = apply_rules(named.label, clean, example.rgb, PAINTED_ONLY)
                counts = table.add(f"clean, {wrong:.0%} wrong", example, label)
                sure = confidence_after_rules(named.confidence, changed, label.size) or 0.0
                table.confidence.append((sure, scores.mean(scores.iou(counts), range(1, len(COARSE9_NAMES)))))
            for name in ("paint", "polygon", "box"):
                asking = Subject(replace(request, protocol=f"{name}-1"), lambda: proposals, codebook)  # noqa: B023
                answer = Path(scratch) / "answer.png"
                answer.write_bytes(find_protocol(name).converse(asking, provider.annotate))
                raw, nearest = read_painted(answer, example.truth.shape, clean)
                table.add(f"{name}, usual errors", example, nearest)
                table.add(f"{name}, clean", example, apply_rules(raw, clean, example.rgb)[0])
    return table


GUIDES: dict[str, Callable[[np.ndarray], regions.Proposals]] = {
    "position": regions.propose,
    "model": lambda rgb: regions.propose(rgb, seen=released().segment(imaging.Picture(rgb)).label),
}


@click.command(help=__doc__)
@click.option("--generated", "count", default=24, show_default=True, help="Portraits to draw.")
@click.option("--real", "folder", type=click.Path(path_type=Path, exists=True), help="Labelled folder to measure on.")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True), default=Path("benchmarks/live2d.yaml"))
@click.option("--every", default=1, show_default=True, help="Take every n-th picture of the labelled folder.")
@click.option(
    "--guide", type=click.Choice(list(GUIDES)), default="model", show_default=True,
    help="Who says where regions are spent: position and skin colour, or the released model.",
)  # fmt: skip
def main(count: int, folder: Path | None, mapping: Path, every: int, guide: str) -> None:
    cv2.setNumThreads(1)
    sets = {"generated": list(generated(count))} if count else {}
    if folder is not None:
        sets["real"] = list(real(folder, mapping, every))
    for name, examples in sets.items():
        print(f"\n{name}: {len(examples)} pictures, {len({e.group for e in examples})} characters\n")
        run(examples, GUIDES[guide]).show()


if __name__ == "__main__":
    main()
