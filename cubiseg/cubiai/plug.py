"""Plugging the backend into the CubiAI of this process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cubiseg.cubiai.config import BACKEND, Adapted, adapted
from cubiseg.cubiai.host import Host, HostStage, module, named, unfit
from cubiseg.cubiai.stages import PngExportStage, PsdExportStage, SegmentationStage
from cubiseg.errors import CubisegError

LOADER, RUNNER = "cubiai.config.loader", "cubiai.pipeline.runner"
"""The modules of CubiAI in which an attribute is set."""


@dataclass(frozen=True)
class Stages:
    """Takes the place of CubiAI's ``build_default_stages``."""

    own: Callable[..., Sequence[HostStage]]
    host: Host

    def __call__(self, config: Any, workspace: Any) -> list[HostStage]:
        """CubiAI's stages; where the backend is ours, three of them are exchanged."""
        stages = list(self.own(config=config, workspace=workspace))
        if config.segmentation.backend != BACKEND:
            return stages
        by_name = {stage.name: stage for stage in stages}
        for name in (SegmentationStage.name, PngExportStage.name, PsdExportStage.name):
            if name not in by_name:
                raise unfit(f"stage {name}")
        by_name |= {
            SegmentationStage.name: SegmentationStage(self.host, config.segmentation),
            PngExportStage.name: PngExportStage(self.host, by_name[PngExportStage.name]),
            PsdExportStage.name: PsdExportStage(self.host, by_name[PsdExportStage.name]),
        }
        return list(by_name.values())


def register() -> None:
    """Plug the backend into the CubiAI of this process; once more changes nothing.

    Two attributes are set: ``cubiai.config.loader.AppConfig`` and ``cubiai.pipeline.runner.build_default_stages``.
    With another backend, CubiAI works and writes as before.

    Raises:
        CubisegError: there is no CubiAI, or one without the names that are needed; nothing is changed then.
    """
    config, stages = named(LOADER, "AppConfig"), named(RUNNER, "build_default_stages")
    host = Host.found()
    config = config if issubclass(config, Adapted) else adapted(config)
    stages = stages if isinstance(stages, Stages) else Stages(stages, host)
    module(LOADER).AppConfig, module(RUNNER).build_default_stages = config, stages


def main() -> None:
    """CubiAI's own command line, with the backend; exit code 2 and one line where it cannot be plugged in."""
    try:
        register()
        run = named("cubiai.__main__", "main")
    except CubisegError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    run()
