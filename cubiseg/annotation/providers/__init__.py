"""Providers: who answers. Each is a small module behind one interface."""

from collections.abc import Callable
from pathlib import Path

from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.providers.base import Provider
from cubiseg.annotation.providers.openai import OpenAI, OpenAIBatch
from cubiseg.annotation.providers.replay import Replay
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.errors import CubisegError

Make = Callable[[AnnotateParams, Path, Path | None], Provider]


def _model(params: AnnotateParams, root: Path, pictures: Path | None) -> Provider:
    from cubiseg.annotation.providers.model import Model

    return Model()


PROVIDERS: dict[str, Make] = {
    Simulated.name: lambda p, root, pictures: Simulated(p.simulated, p.seed, p.simulated_names),
    OpenAI.name: lambda p, root, pictures: OpenAI(p.openai, root, pictures, p.max_usd is not None),
    OpenAIBatch.name: lambda p, root, pictures: OpenAIBatch(p.openai, root, pictures, p.max_usd is not None),
    Replay.name: lambda p, root, pictures: Replay(p.openai),
    "model": _model,
}


def make_provider(params: AnnotateParams, root: Path, pictures: Path | None) -> Provider:
    """The provider that ``annotate.provider`` names.

    Args:
        params: of the stage.
        root: folder of the response store.
        pictures: cache of pictures that are sent.

    Raises:
        CubisegError: there is none of that name, or it cannot work (no key, no model file).
    """
    if params.provider not in PROVIDERS:
        raise CubisegError(
            f"annotate.provider = {params.provider!r}: there is no such provider; choose one of: {', '.join(PROVIDERS)}"
        )
    return PROVIDERS[params.provider](params, root, pictures)
