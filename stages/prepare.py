"""Stage prepare: pictures of all sources, with the labels that are known, into one folder with one manifest."""

from pathlib import Path

from cubiseg.sources.params import PrepareParams
from cubiseg.sources.stage import PrepareMetrics, prepare
from stages.common import path, stage


@stage("prepare", PrepareParams)
@path("--references", "Folder of your own pictures.")
@path("--out", "Prepared folder, replaced whole.")
def main(params: PrepareParams, references: Path, out: Path) -> PrepareMetrics:
    """Draw synthetic portraits, take in your own pictures, and say which were rejected and why."""
    return prepare(params, references, out)


if __name__ == "__main__":
    main()
