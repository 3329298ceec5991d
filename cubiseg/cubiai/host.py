"""What the adapter touches of CubiAI, and how it is found: by name, so that nothing here needs it."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rich.markup import escape

from cubiseg.errors import CubisegError, of_picture

BLOCK = "segmentation.anime_advanced"
"""The adapter's block in CubiAI's config, for messages."""
COMMITS = ("e5e0e08", "3e788e8", "abc1fba", "3f2eb97")
"""Commits of CubiAI that the adapter fits."""


class Workspace(Protocol):
    """Folder of a run of CubiAI."""

    input_path: Path
    root: Path
    keep_intermediate: bool


class Context(Protocol):
    """What CubiAI's stages share in a run."""

    config: Any
    workspace: Workspace
    data: dict[str, Any]

    def record_output(self, name: str, value: Path) -> None: ...

    def record_diagnostic(self, stage: str, payload: dict[str, Any]) -> None: ...


class HostStage(Protocol):
    """A step of CubiAI's pipeline."""

    name: str

    def run(self, ctx: Any) -> None: ...


@dataclass(frozen=True)
class Host:
    """What the adapter's stages take from the CubiAI of this process.

    Attributes:
        layer: class of a layer: name, image, mask, bbox, metadata.
        segmentation: class of the stage that runs CubiAI's own backends.
        stage_error: error that ends a stage, with ``stage`` and ``message``.
        missing: error for a package that is not installed, with a text.
    """

    layer: Any
    segmentation: Any
    stage_error: Any
    missing: Any

    @classmethod
    def found(cls) -> "Host":
        """All of it, by name.

        Raises:
            CubisegError: one of the names is missing.
        """
        return cls(
            layer=named("cubiai.pipeline.artifacts", "LayerArtifact"),
            segmentation=named("cubiai.pipeline.stages", "SegmentationStage"),
            stage_error=named("cubiai.errors", "PipelineStageError"),
            missing=named("cubiai.errors", "MissingDependencyError"),
        )

    @contextmanager
    def telling(self, stage: str, ctx: Context) -> Iterator[None]:
        """Raise errors of ours as CubiAI's, in one line with a remedy; defects go through as they are."""
        try:
            yield
        except Exception as error:
            cause = error if isinstance(error, ImportError) else error.__cause__
            if isinstance(cause, ImportError):
                remedy = f"install it, or name the model's .onnx file in {BLOCK}.model"
                # CubiAI logs this one as markup, with "[" for a tag.
                raise self.missing(escape(f"{cause.name or one_line(cause)} is not installed; {remedy}")) from error
            known = of_picture(ctx.workspace.input_path, error)
            if known is None:
                raise
            raise self.stage_error(stage=stage, message=one_line(known)) from error


def one_line(error: Exception) -> str:
    """What an error says, without its line breaks."""
    return " ".join(str(error).split())


def unfit(what: str) -> CubisegError:
    """The error for a CubiAI that lacks what the adapter needs."""
    return CubisegError(
        f"this CubiAI has no {what}; cubiseg fits its commits {', '.join(COMMITS)}: check one of them out"
    )


def module(name: str) -> Any:
    """A module of CubiAI.

    Raises:
        CubisegError: it is not there, or needs what is not.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == "cubiai":
            remedy = (
                "run this in its environment, where `pip install cubiseg` was run too, or put its src on PYTHONPATH"
            )
            raise CubisegError(f"CubiAI is not installed here; {remedy}") from error
        if (error.name or "").startswith("cubiai."):
            raise unfit(f"module {error.name}") from error
        raise CubisegError(f"CubiAI needs {error.name}, which is not installed; run `uv sync` there") from error
    except ImportError as error:  # one of its modules lacks a name that another takes from it
        raise unfit(f"whole module {name} ({one_line(error)})") from error


def named(place: str, name: str) -> Any:
    """What a module of CubiAI calls by a name.

    Raises:
        CubisegError: there is no such module or name.
    """
    found = getattr(module(place), name, None)
    if found is None:
        raise unfit(f"{place}.{name}")
    return found
