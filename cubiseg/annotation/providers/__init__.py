"""Providers: who answers. Those that know the label map are here, servers in :mod:`cubiseg.answers`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.answers.base import Provider
from cubiseg.answers.openai import OpenAI
from cubiseg.answers.openai_batch import OpenAIBatch
from cubiseg.answers.replay import Replay
from cubiseg.errors import CubisegError
from cubiseg.samples import LabelMethod

Make = Callable[[AnnotateParams, Path, Path | None], Provider]


@dataclass(frozen=True)
class Kind:
    """A kind of provider.

    Attributes:
        method: word that the manifest has for its labels.
        make: makes one from the stage's params, the folder of the response store, and the folder that keeps what was
            drawn or labelled beforehand.
        needs_truth: whether it answers only about samples whose label map is known.
    """

    method: LabelMethod
    make: Make
    needs_truth: bool = False


def _model(params: AnnotateParams, root: Path, pictures: Path | None) -> Provider:
    from cubiseg.annotation.providers.model import Model

    return Model(pictures=pictures)


PROVIDERS: dict[str, Kind] = {
    Simulated.name: Kind(
        LabelMethod.SIMULATED,
        lambda p, root, pictures: Simulated(p.simulated, p.seed, p.simulated_names),
        needs_truth=True,
    ),
    OpenAI.name: Kind(LabelMethod.LLM, lambda p, root, pictures: OpenAI(p.openai, root, pictures, p.max_usd)),
    OpenAIBatch.name: Kind(
        LabelMethod.LLM, lambda p, root, pictures: OpenAIBatch(p.openai, p.batch, root, pictures, p.max_usd)
    ),
    Replay.name: Kind(LabelMethod.LLM, lambda p, root, pictures: Replay(p.openai)),
    "model": Kind(LabelMethod.MODEL, _model),
}


def find_provider(name: str) -> Kind:
    """The kind of provider that ``annotate.provider`` names.

    Raises:
        CubisegError: there is none of that name.
    """
    if name not in PROVIDERS:
        raise CubisegError(
            f"annotate.provider = {name!r}: there is no such provider; choose one of: {', '.join(PROVIDERS)}"
        )
    return PROVIDERS[name]
