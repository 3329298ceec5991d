"""Which backends can run here, and why the others cannot."""

from dataclasses import dataclass
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.inference.backends import BACKENDS, open_segmenter
from cubiseg.inference.model_file import find_model


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`diagnose` found.

    Attributes:
        model: model file that would be used, or None.
        problem: reason why there is no usable model file, or None.
        architecture: architecture that the model file names, or None.
        backends: reason why each backend cannot run, by name; None where it can.
    """

    model: Path | None
    problem: str | None
    architecture: str | None
    backends: dict[str, str | None]


def diagnose(given: Path | None = None, sam_hq: str | None = None) -> Diagnosis:
    """Try every backend. The model file is loaded once.

    Args:
        given: model file; None looks for one.
        sam_hq: weights of SAM-HQ; None looks at ``CUBISEG_SAM_HQ``.
    """
    model = architecture = None
    problem: str | None = None
    try:
        model = find_model(given)
        architecture = open_segmenter("anime-advanced", model).architecture
    except CubisegError as error:
        problem = str(error)
    backends: dict[str, str | None] = {}
    for name in BACKENDS:
        if name == "slic":
            backends[name] = _slic()
        elif name == "sam-hq":
            backends[name] = _sam_hq(sam_hq)
        elif architecture is None:
            backends[name] = (
                "needs a model file, see above" if model is None else "the model file is unusable, see above"
            )
        else:
            fits = name in ("anime-advanced", architecture)
            backends[name] = None if fits else f"the model holds {architecture}; name one of this kind with --model"
    return Diagnosis(model, problem, architecture, backends)


def _slic() -> str | None:
    """Why superpixels cannot be had; None where they can."""
    from cubiseg.superpixels import contrib

    try:
        contrib()
    except CubisegError as error:
        return str(error)
    return None


def _sam_hq(source: str | None) -> str | None:
    """Why SAM-HQ cannot run; None where it can."""
    from cubiseg.inference.sam_hq import open_network

    try:
        open_network(source)
    except CubisegError as error:
        return str(error).removeprefix("sam-hq: ")
    return None
