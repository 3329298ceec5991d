"""Checking what was written: does the PSD give the picture back, and would Live2D take it?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cubiseg.errors import CubisegError, brief
from cubiseg.imaging import Picture
from cubiseg.layers.layer import Layer, recompose
from cubiseg.layers.lint import Finding, lint
from cubiseg.layers.manifest import Manifest
from cubiseg.metrics import Metrics


@dataclass(frozen=True)
class Check:
    """What :func:`check_psd` found.

    Attributes:
        exact: whether the stacked layers equal the picture wherever that is visible, and are clear elsewhere.
        findings: findings of lint.
    """

    exact: bool
    findings: list[Finding]


def check_psd(path: Path, picture: Picture, hidden: Collection[str] = (), dropped: Sequence[Layer] = ()) -> Check:
    """Read a written PSD back, stack its layers (not its stored preview) and compare with the picture.

    Args:
        path: PSD file.
        picture: picture that was cut.
        hidden: names of layers that count although they are hidden: a background that is not to be seen.
        dropped: layers that were cut and not written; they are put back, lowest of all.

    Raises:
        CubisegError: the file cannot be read.
    """
    stacked = recompose([*dropped, *read_layers(path, hidden)], picture.size)
    wanted = picture.rgba()
    visible = wanted[..., 3] > 0
    exact = np.array_equal(stacked[visible], wanted[visible]) and not stacked[~visible, 3].any()
    return Check(bool(exact), lint(path))


def read_layers(path: Path, hidden: Collection[str] = ()) -> list[Layer]:
    """The visible pixel layers of a PSD, and hidden ones of some names, bottom to top.

    ``class_name`` is the layer's name.

    Raises:
        CubisegError: the file cannot be read.
    """
    from psd_tools import PSDImage

    try:
        psd = PSDImage.open(path)
        layers = []
        for layer in psd.descendants():
            if layer.is_group() or not (layer.is_visible() or layer.name in hidden):
                continue
            image = layer.topil(apply_icc=False)
            if image is not None:
                rgba = np.array(image.convert("RGBA"))
                shown = rgba[..., 3] > 0
                layers.append(Layer(layer.name, layer.left, layer.top, rgba, shown, np.zeros_like(shown)))
        return layers
    except Exception as error:  # a parser fed arbitrary bytes raises anything
        raise CubisegError(f"{path}: cannot be read as PSD ({brief(error)})") from error


class IllustrationFigures(Metrics):
    """One picture's figures for a metrics file: counts and shares only, nothing that depends on the machine.

    Attributes:
        backend: backend that labelled it.
        layers: number of layers.
        exact: 1 where the layers of all its PSDs stack to the picture, else 0.
        coverage: share of the visible pixels that belong to a layer other than the background, 0..1.
        confidence: mean confidence over the foreground, 0..1; None where there is none.
        lint_errors: errors that lint finds in its PSDs.
        lint_warnings: warnings that lint finds in its PSDs.
        warnings: number of warnings for the user.
    """

    backend: str
    layers: int
    exact: int
    coverage: float
    confidence: float | None
    lint_errors: int
    lint_warnings: int
    warnings: int


def summary(manifest: Manifest, checks: Sequence[Check], mean_confidence: float | None) -> IllustrationFigures:
    """The figures of one picture.

    Args:
        manifest: manifest of its layers.
        checks: results of :func:`check_psd`, one for each PSD.
        mean_confidence: mean confidence over the foreground, 0..1, or None.
    """
    findings = [finding for check in checks for finding in check.findings]
    return IllustrationFigures(
        backend=manifest.backend,
        layers=len(manifest.layers),
        exact=int(all(check.exact for check in checks)),
        coverage=manifest.coverage,
        confidence=None if mean_confidence is None else round(mean_confidence, 4),
        lint_errors=sum(f.severity == "error" for f in findings),
        lint_warnings=sum(f.severity == "warning" for f in findings),
        warnings=len(manifest.warnings),
    )
