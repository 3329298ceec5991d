"""Stage split: the data set, shared out to train, val and test by character."""

from pathlib import Path

from cubiseg.dataset.figures import SplitMetrics
from cubiseg.dataset.params import SplitParams
from cubiseg.dataset.stage import split
from stages.common import path, stage


@stage("split", SplitParams)
@path("--prepared", "Prepared folder, for the pictures.")
@path("--clean", "Clean folder, for the labels.")
@path("--out", "Data set, replaced whole.")
def main(params: SplitParams, prepared: Path, clean: Path, out: Path) -> SplitMetrics:
    """Share the groups out, copy pictures and label maps, and write the data card."""
    return split(params, prepared, clean, out)


if __name__ == "__main__":
    main()
