"""How sure the flags of prepare are: `python -m benchmarks.hygiene [--model models/release/anime-unet.onnx]`.

Each flag is tried on generated pictures that have one fault and on as many that have none
(`benchmarks/hygiene_cases.py`); that of copies, on pictures and their copies together. Aim, for bars, copies, several
people, no face and greys: precision at least 0.9, recall at least 0.8. Without a model nothing is said of faces.
"""

from pathlib import Path

import click
import numpy as np

from benchmarks.hygiene_cases import Case, cases
from cubiseg.imaging import Picture
from cubiseg.inference.bars import content_box
from cubiseg.samples import Flag
from cubiseg.sources.hygiene import find_faults
from cubiseg.sources.near_duplicates import Print, clusters, copies
from cubiseg.sources.params import HygieneParams

MODEL = Path("models/release/anime-unet.onnx")
BITS = 6
"""As of `prepare.references.near_duplicate_bits`."""


def rates(faulty: np.ndarray, flagged: np.ndarray) -> tuple[float, float]:
    """Precision and recall, 0..1, of a flag.

    Args:
        faulty, flagged: (n,) bool.
    """
    right = int((faulty & flagged).sum())
    return right / max(1, int(flagged.sum())), right / max(1, int(faulty.sum()))


def measured(found: list[Case], model: Path | None) -> dict[Flag, tuple[float, float, int]]:
    """Precision, recall and number of pictures of each flag."""
    table = {}
    for flag in dict.fromkeys(case.flag for case in found):
        mine = [case for case in found if case.flag is flag]
        if flag is Flag.NEAR_DUPLICATE:
            rows = _copies(mine)
        elif model is None and flag in (Flag.NO_FACE, Flag.SEVERAL_PEOPLE):
            continue
        else:
            rows = [(case.faulty, flag in _faults(case, model)) for case in mine]
        table[flag] = (*rates(*np.array(rows, bool).T), len(rows))
    return table


def _faults(case: Case, model: Path | None) -> set[Flag]:
    looks = model if case.flag in (Flag.NO_FACE, Flag.SEVERAL_PEOPLE) else None
    return set(find_faults(Picture(case.rgb), content_box(case.rgb), HygieneParams(), looks))


def _copies(mine: list[Case]) -> list[tuple[bool, bool]]:
    """For each pair that is one or was taken for one, whether it is one and was taken for one."""
    roots = clusters(len(mine), copies([Print.of(case.rgb) for case in mine], BITS))
    drawing = [case.of or case.name for case in mine]
    pairs = [(i, j) for i in range(len(mine)) for j in range(i)]
    rows = [(drawing[i] == drawing[j], roots[i] == roots[j]) for i, j in pairs]
    return [row for row in rows if any(row)]


@click.command(help=__doc__)
@click.option("--model", type=click.Path(path_type=Path), default=MODEL, show_default=True, help="Looks for faces.")
@click.option("--count", default=48, show_default=True, help="Pictures of each kind.")
def main(model: Path, count: int) -> None:
    print(f"{'flag':16} precision  recall  pictures")
    for flag, (precision, recall, number) in measured(cases(count), model if model.is_file() else None).items():
        print(f"{flag.value:16} {precision:9.2f} {recall:7.2f} {number:9}")


if __name__ == "__main__":
    main()
