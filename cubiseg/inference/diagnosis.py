"""Which backends can run here, and why the others cannot."""

from dataclasses import dataclass
from importlib.util import find_spec
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


def diagnose(given: Path | None = None) -> Diagnosis:
    """Try every backend. The model file is loaded once."""
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
            missing = [module for module in ("skimage", "scipy") if find_spec(module) is None]
            backends[name] = f"{', '.join(missing)} not installed" if missing else None
        elif name == "sam-hq":
            backends[name] = "not there yet"
        elif architecture is None:
            backends[name] = "needs a model file" if model is None else "the model file is unusable"
        else:
            fits = name in ("anime-advanced", architecture)
            backends[name] = None if fits else f"the model holds {architecture}"
    return Diagnosis(model, problem, architecture, backends)
