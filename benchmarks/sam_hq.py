"""What SAM-HQ's base model costs, computed, and what naming its masks could bring, bounded.

    python -m benchmarks.sam_hq [--real DIR --mapping benchmarks/live2d.yaml] [--every 5]

Its weights could not be had, so nothing of it is measured. Parameters and multiplications are counted on a network
without memory (torch's device ``meta``), of the base model's shape. With a labelled folder, masks are named by the
model's votes as the backend ``sam-hq`` does it (:mod:`cubiseg.inference.sam_hq.naming`): perfect masks (each connected
piece of a true class is one) as a bound, and our own regions. Mean IoU, characters weigh alike, nine classes.
"""

from pathlib import Path

import click
import numpy as np

from cubiseg import imaging, label_maps, scores, taxonomy
from cubiseg.evaluation.labelled_folder import find_labelled, read_mapping
from cubiseg.inference import open_segmenter
from cubiseg.inference.model_file import find_model
from cubiseg.inference.sam_hq.backend import GRID
from cubiseg.inference.sam_hq.naming import named_by_votes
from cubiseg.inference.segments import MOST
from cubiseg.layers.pieces import numbered
from cubiseg.regions import propose

NAMES = taxonomy.COARSE9_NAMES
REGIONS = 240
RATE = 50e9
"""Multiplications with addition a second that a core is taken to do: two thirds of an AVX2 core's peak at 2.4 GHz."""


def costs() -> None:
    """Print parameters, arithmetic and memory of the base model."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import SamHQConfig, SamHQModel

    with torch.device("meta"), torch.inference_mode():
        network = SamHQModel(SamHQConfig(attn_implementation="eager")).eval()
        with FlopCounterMode(display=False) as encoder:
            embedding, early = network.get_image_embeddings(torch.zeros(1, 3, 1024, 1024))
        with FlopCounterMode(display=False) as decoder:
            network(image_embeddings=embedding, intermediate_embeddings=early, input_points=torch.zeros(1, 1, 1, 2))
    count = sum(p.numel() for p in network.parameters())
    pieces = {"the encoder, once a picture": encoder, "the decoder, for one point": decoder}
    click.echo(f"parameters {count / 1e6:.0f} million, {4 * count / 2**20:.0f} MiB as float32")
    total = 0.0
    for name, counter in pieces.items():
        products = counter.get_total_flops() / 2
        total += products * (1 if counter is encoder else GRID**2 + MOST)
        click.echo(f"{name}: {products / 1e9:.1f} billion multiplications, {products / RATE:.2f} s of a core")
    click.echo(
        f"with {GRID**2 + MOST} points: {total / 1e12:.2f} trillion multiplications, {total / RATE:.0f} s of a core"
    )


def naming(folder: Path, mapping_file: Path, every: int) -> None:
    """Print mean IoU of the network alone, and of masks named by its votes."""
    mapping = read_mapping(mapping_file)
    table = mapping.table("coarse9")
    model = open_segmenter("anime-advanced", find_model())
    counted: dict[str, list[scores.Counts]] = {}
    groups = []
    for item in find_labelled(folder, mapping.groups)[::every]:
        picture, truth = imaging.read_picture(item.image), table[label_maps.read_label(item.label)]
        voted = model.segment(picture)
        proposals = propose(picture.over(), seen=voted.label)
        ours = proposals.label(proposals.cut(REGIONS))
        for name, result in {
            "the network alone": voted,
            "perfect masks, named by votes": named_by_votes(perfect(truth), voted),
            f"our {REGIONS} regions, named by votes": named_by_votes(ours + 1, voted),
        }.items():
            confusion = scores.confusion_matrix(truth, taxonomy.COARSE9_TABLE[result.label], len(NAMES))
            counted.setdefault(name, []).append(scores.Counts(confusion, np.zeros((len(NAMES), 4), np.int64)))
        groups.append(item.group)
    click.echo(f"{len(groups)} pictures, {len(set(groups))} characters: mean IoU, {', '.join(NAMES[1:])}")
    for name, counts in counted.items():
        per_class = np.array([scores.iou(c)[1:] for c in scores.by_group(counts, groups).values()])
        shown = " ".join(f"{v:.3f}" for v in np.nanmean(per_class, axis=0))
        click.echo(f"  {name}: {np.nanmean(np.nanmean(per_class, axis=1)):.3f}  {shown}")


def perfect(truth: np.ndarray) -> np.ndarray:
    """Each connected piece of a true class as a mask of its own: (H, W) int32 from 1, 0 where not known."""
    out = np.zeros(truth.shape, np.int32)
    for number in np.unique(truth[truth != taxonomy.IGNORE_INDEX]).tolist():
        pieces, _ = numbered((truth == number).view(np.uint8))
        out = np.where(pieces > 0, pieces + out.max(), out)
    return out


@click.command(help=__doc__)
@click.option("--real", type=click.Path(path_type=Path, exists=True), help="Labelled folder to name masks on.")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True), default=Path("benchmarks/live2d.yaml"))
@click.option("--every", default=1, show_default=True, help="Take every n-th picture of the folder.")
def main(real: Path | None, mapping: Path, every: int) -> None:
    costs()
    if real is not None:
        naming(real, mapping, every)


if __name__ == "__main__":
    main()
