"""Stage clean: raw answers to clean label maps by rules, then the corrections of people."""

from pathlib import Path

from cubiseg.cleaning.figures import CleanMetrics
from cubiseg.cleaning.params import CleanParams
from cubiseg.cleaning.stage import check_accuracy, clean
from cubiseg.packing import Packing
from stages.common import load_params, path, stage


@stage("clean", CleanParams, check=check_accuracy)
@path("--prepared", "Prepared folder.")
@path("--annotated", "Annotated folder.")
@path("--corrections", "Corrections by people.")
@path("--out", "Clean folder, replaced whole.")
def main(params: CleanParams, prepared: Path, annotated: Path, corrections: Path, out: Path) -> CleanMetrics:
    """Clean the answers, apply the corrections, and say what each rule changed and whether it helped."""
    return clean(params, prepared, annotated, corrections, out, load_params("split", Packing).pack)


if __name__ == "__main__":
    main()
