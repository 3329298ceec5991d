"""Stage annotate: known labels stay, the rest is asked of the provider; every answer is kept."""

from pathlib import Path

from cubiseg import settings
from cubiseg.annotation.metrics import AnnotateMetrics
from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.stage import annotate, check_gold
from cubiseg.answers.store import ResponseStore
from cubiseg.packing import Packing
from stages.common import load_params, path, stage


@stage("annotate", AnnotateParams, check=check_gold)
@path("--prepared", "Prepared folder.")
@path("--codebook", "What belongs to each class.")
@path("--examples", "Right label maps of worked examples.", required=False)
@path("--out", "Annotated folder, replaced whole.")
@path("--responses", "Shared answers: read, then written.")
def main(
    params: AnnotateParams, prepared: Path, codebook: Path, out: Path, responses: Path, examples: Path | None
) -> AnnotateMetrics:
    """Ask the provider for labels that are missing or hidden, and measure it where the truth is known."""
    store = ResponseStore(settings.RESPONSES.read())
    pack = load_params("split", Packing).pack
    return annotate(params, prepared, codebook, out, responses, store, examples=examples, pack=pack)


if __name__ == "__main__":
    main()
