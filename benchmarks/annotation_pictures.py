"""The pictures of docs/annotation.md, of one generated portrait: python -m benchmarks.annotation_pictures --out DIR."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import cv2
import numpy as np
import yaml

from benchmarks.annotation import block
from benchmarks.regions import released
from cubiseg import imaging, label_maps, regions
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.protocols import find_protocol
from cubiseg.annotation.protocols.base import Subject
from cubiseg.annotation.protocols.regions import reading_order
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.annotation.sheets import FIRST, contact_sheets, numbered_picture
from cubiseg.answers.requests import Request
from cubiseg.cleaning.answers import PAINTED_ONLY
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.rules import LOOKING, RULES
from cubiseg.cleaning.votes import label_from_votes
from cubiseg.portraits import draw
from cubiseg.regions.naming import Naming, count_votes, voted_label

TITLE = 22


def panel(rgb: np.ndarray, title: str, side: int) -> np.ndarray:
    """A picture under its title."""
    how = cv2.INTER_AREA if side < rgb.shape[0] else cv2.INTER_NEAREST
    out = np.full((side + TITLE, side, 3), 255, np.uint8)
    out[TITLE:] = cv2.resize(rgb, (side, side), interpolation=how)
    cv2.putText(out, title, (2, TITLE - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (20, 20, 20), 1, cv2.LINE_AA)
    return out


def sheet(panels: Sequence[np.ndarray], columns: int) -> np.ndarray:
    blank = np.full_like(panels[0], 255)
    filled = [*panels, *[blank] * (-len(panels) % columns)]
    return np.vstack([np.hstack(filled[i : i + columns]) for i in range(0, len(filled), columns)])


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", default=991, show_default=True)
@click.option("--index", default=14, show_default=True)
@click.option("--wrong", default=0.15, show_default=True, help="Chance of a wrong name.")
def main(out: Path, seed: int, index: int, wrong: float) -> None:
    portrait = draw(seed, index, 512, 1)
    rgb, truth = portrait.image, portrait.label
    proposals = regions.propose(rgb, seen=released().segment(imaging.Picture(rgb)).label)
    cuts = {k: proposals.label(reading_order(proposals, proposals.cut(k))) + 1 for k in (60, 128, 240)}
    cut_panels = [panel(numbered_picture(rgb, n).rgb, f"{k} regions", 640) for k, n in cuts.items()]
    imaging.write_webp(out / "regions.webp", sheet(cut_panels, 3), 80)
    imaging.write_webp(out / "contact-sheet.webp", contact_sheets(rgb, cuts[240], FIRST)[1].rgb, 70)

    everything = yaml.safe_load(Path("params.yaml").read_text())
    params, clean = block(everything["annotate"], wrong), CleanParams.model_validate(everything["clean"])
    provider = Simulated(params.simulated, params.seed, params.simulated_names)
    protocol = find_protocol("contact-sheet")
    with tempfile.TemporaryDirectory() as scratch:
        image, label_file = Path(scratch) / "image.png", Path(scratch) / "truth.png"
        imaging.write_png(image, rgb)
        label_maps.write_label(label_file, truth)
        request = Request("doc", image, "0" * 64, "", "contact-sheet-1", label_file)
        subject = Subject(request, lambda: proposals, load_codebook(Path("cubiseg/codebook.yaml")))
        namings = [
            Naming.model_validate_json(protocol.converse(replace(subject, second_pass=again), provider.annotate))
            for again in (False, True)
        ]
    steps = [("picture", rgb), ("truth", label_maps.colourise(truth))]
    for title, naming in zip(("first answer", "both answers"), namings, strict=True):
        steps.append((title, label_maps.colourise(voted_label(*count_votes(proposals, naming)))))
    label = label_from_votes(proposals, namings[1], rgb, clean).label
    steps.append(("potts", label_maps.colourise(label)))
    for name, rule in RULES.items():
        if name not in PAINTED_ONLY:
            after = rule(label, clean, rgb) if name in LOOKING else rule(label, clean)
            steps.append((f"{name}: {int((after != label).sum())} px", label_maps.colourise(after)))
            label = after
    imaging.write_webp(out / "rules.webp", sheet([panel(p, t, 320) for t, p in steps], 6), 85)


if __name__ == "__main__":
    main()
