"""A small project whose answers have a known pattern of errors, and reviews by one who knows the truth."""

from pathlib import Path

import numpy as np
import yaml

from cubiseg import label_maps
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.stage import annotate
from cubiseg.answers.store import ResponseStore
from cubiseg.cleaning.corrections import Review, Verdict, write_corrected_label, write_review
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.stage import clean
from cubiseg.files import write_text
from cubiseg.regions.files import read_proposals
from cubiseg.regions.naming import Naming, Vote, read_naming
from cubiseg.regions.quality import class_counts
from cubiseg.samples import read_manifest
from cubiseg.taxonomy import NAMES, NUM_CLASSES
from tests.conftest import ROOT
from tests.tiny import params, write_prepared

TRUE, SAID, SHARE, SLIPS = "hair", "accessories", 0.3, 0.02
"""The pattern: 30 % of the regions of hair are called accessories, and 2 % of all others anything else."""


class Project:
    """Folders as the stages make them, and a params file and a codebook of its own.

    Args:
        root: folder to make it in.
        count: number of portraits; each two are of one character.
    """

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        self.prepared, self.annotated, self.clean_folder = root / "prepared", root / "annotated", root / "clean"
        self.corrections, self.params_file, self.codebook = (
            root / "corrections",
            root / "params.yaml",
            root / "book.yaml",
        )
        self.params_file.write_text((ROOT / "params.yaml").read_text())
        self.codebook.write_text((ROOT / "cubiseg" / "codebook.yaml").read_text())
        self.samples = write_prepared(self.prepared, count, parts=True)
        block = params("annotate") | {"hide_labels": 1.0, "regions": 120, "second_pass": False}
        rates = dict.fromkeys(("wrong", "omit", "twice", "doubt_wrong", "doubt_right"), 0.0)
        block["simulated_names"] |= rates
        block["simulated"] |= {"refused": 0.0, "malformed": 0.0}
        made, store = AnnotateParams.model_validate(block), ResponseStore(root / "store")
        annotate(made, self.prepared, self.codebook, self.annotated, root / "responses", store, root / "regions")
        self.confuse()

    def confuse(self) -> None:
        """Give the answers, which are right, the pattern of errors."""
        rng = np.random.default_rng(5)
        for sample in read_manifest(self.annotated):
            path = self.annotated / str(sample.label)
            naming = read_naming(path)
            regions = read_proposals(self.annotated / "regions" / f"{sample.id}.npz").label(np.array(naming.asked))
            truth = label_maps.read_classes(self.prepared / "labels" / f"{sample.id}.png")
            true = class_counts(regions, truth, NUM_CLASSES).argmax(1)
            votes = tuple(
                Vote(node=node, name=self._called(NAMES[c], rng)) for node, c in zip(naming.asked, true, strict=True)
            )
            write_text(path, Naming(asked=naming.asked, votes=votes).model_dump_json())

    def _called(self, name: str, rng: np.random.Generator) -> str:
        draw, slip = rng.random(), str(rng.choice(NAMES))
        if name == TRUE:
            return SAID if draw < SHARE else name
        return slip if draw < SLIPS else name

    def clean(self) -> None:
        """Run the stage."""
        block = CleanParams.model_validate(yaml.safe_load(self.params_file.read_text())["clean"])
        self.metrics = clean(block, self.prepared, self.annotated, self.corrections, self.clean_folder)

    def review(self, ids: list[str], reviewer: str = "ab", accept: tuple[str, ...] = ()) -> None:
        """Correct samples, or accept them."""
        for sample in ids:
            label = label_maps.read_label(self.clean_folder / "labels" / f"{sample}.png")
            truth = label_maps.read_label(self.prepared / "labels" / f"{sample}.png")
            is_right = sample in accept
            write_review(
                self.corrections,
                Review(
                    sample=sample,
                    base_sha256=label_maps.label_hash(label),
                    verdict=Verdict.ACCEPTED if is_right else Verdict.CORRECTED,
                    label=None if is_right else write_corrected_label(self.corrections, sample, truth),
                    reviewer=reviewer,
                    time="2026-05-04T12:00:00Z",
                    seconds=5.0 if is_right else 30.0,
                    actions={} if is_right else {"area": 6, "brush": 1},
                    revision=1,
                ),
            )

    def options(self) -> list[str]:
        """Where everything lies, as options of the commands."""
        folders = {"prepared": self.prepared, "annotated": self.annotated, "corrections": self.corrections}
        return [o for name, path in folders.items() for o in (f"--{name}", str(path))] + [
            "--params",
            str(self.params_file),
        ]
