"""Stage prepare: pictures of all sources, with the labels that are known, into one folder with one manifest."""

from pathlib import Path

from cubiseg.packing import Packing
from cubiseg.sources.params import PrepareParams
from cubiseg.sources.stage import PrepareMetrics, prepare
from stages.common import load_params, path, stage


@stage("prepare", PrepareParams)
@path("--references", "Folder of your own pictures.")
@path("--layered-psd", "Folder of PSDs whose layers have names, for the source layered_psd.", required=False)
@path("--live2d", "Folder of Live2D models, for the source live2d.", required=False)
@path("--out", "Prepared folder, replaced whole.")
def main(
    params: PrepareParams, references: Path, layered_psd: Path | None, live2d: Path | None, out: Path
) -> PrepareMetrics:
    """Draw synthetic portraits, take in your own pictures, PSDs and models, and say which were rejected and why."""
    pack = load_params("split", Packing).pack
    return prepare(params, references, out, {"layered_psd": layered_psd, "live2d": live2d}, pack)


if __name__ == "__main__":
    main()
