"""The stage integrate: each illustration becomes a folder of layers, and what was written is checked."""

import logging
from pathlib import Path

from cubiseg.errors import CubisegError
from cubiseg.files import fresh_folder
from cubiseg.imaging import distinct_stems, find_images
from cubiseg.inference import SegmentationParams
from cubiseg.integration.illustrations import Job, cut_all
from cubiseg.integration.params import IntegrateParams
from cubiseg.layers.check import IllustrationFigures
from cubiseg.layers.former import OF_SYSTEMS, Fault, fault
from cubiseg.metrics import Metrics

log = logging.getLogger(__name__)


class IntegrateMetrics(Metrics):
    """The figures of the stage.

    Attributes:
        count: illustrations that were cut.
        failed: illustrations that could not be cut.
        exact: share of the cut illustrations whose layers stack to exactly the same picture, 0..1.
        coverage: mean share of visible pixels that belong to a layer other than the background, 0..1.
        lint_errors: errors that lint finds in all PSDs.
        lint_warnings: warnings that lint finds in all PSDs.
        warnings: warnings for the user, of all illustrations.
        pictures: figures of each illustration by the name of its folder.
        failures: reason of each failure by the name of the folder.
    """

    count: int
    failed: int
    exact: float
    coverage: float
    lint_errors: int
    lint_warnings: int
    warnings: int
    pictures: dict[str, IllustrationFigures]
    failures: dict[str, str]


def integrate(
    params: IntegrateParams, segmentation: SegmentationParams, model: Path, illustrations: Path, out: Path
) -> IntegrateMetrics:
    """Cut all illustrations of a folder into layers and check the PSDs; one bad picture does not stop the rest.

    Args:
        params: parameters of the stage integrate.
        segmentation: choice of the backend that labels the pixels.
        model: exported model, ``.onnx`` or ``.pt``.
        illustrations: folder of pictures.
        out: folder to write, replaced whole; one folder a picture in it.

    Raises:
        CubisegError: there is no picture, no backend can run, none of the pictures can be cut, or the folder cannot be
            written or holds what the stage did not write.
    """
    _refuse_loss(out)
    names = distinct_stems(find_images([illustrations]))
    figures: dict[str, IllustrationFigures] = {}
    failures: dict[str, str] = {}
    with fresh_folder(out) as folder:
        for result in cut_all(Job(folder, params, segmentation, model, check=True), names):
            name = result.folder.name
            if result.manifest is None or result.figures is None:
                failures[name] = result.error or "unknown"
                log.warning("error: %s", failures[name])
                continue
            figures[name] = result.figures
            exact = "exact" if result.figures.exact else "NOT EXACT"
            log.info("%s: %d layers, %s", name, len(result.manifest.layers), exact)
            for warning in result.manifest.warnings:
                log.warning("%s: warning: %s", name, warning)
        if not figures:
            raise CubisegError(f"{illustrations}: none of {len(failures)} pictures could be cut; see the lines above")
    return _metrics(figures, failures)


def _refuse_loss(out: Path) -> None:
    """Keep what somebody changed or added in the folder of a former run."""
    for path in sorted(out.iterdir()) if out.is_dir() else ():
        if path.name not in OF_SYSTEMS and not path.name.startswith(".cubiseg-"):  # those are left by a killed run
            found = fault(path) if path.is_dir() else Fault(f"{path}: is not from cubiseg and is not deleted")
            if found is not None:
                raise CubisegError(f"{found.what}; move it elsewhere, the stage replaces its folder whole")


def _metrics(figures: dict[str, IllustrationFigures], failures: dict[str, str]) -> IntegrateMetrics:
    rows, count = figures.values(), len(figures)
    return IntegrateMetrics(
        count=count,
        failed=len(failures),
        exact=sum(row.exact for row in rows) / count,
        coverage=round(sum(row.coverage for row in rows) / count, 4),
        lint_errors=sum(row.lint_errors for row in rows),
        lint_warnings=sum(row.lint_warnings for row in rows),
        warnings=sum(row.warnings for row in rows),
        pictures=dict(sorted(figures.items())),
        failures=failures,
    )
