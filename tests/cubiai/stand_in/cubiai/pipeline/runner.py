"""Runs the stages in order."""

from collections.abc import Iterable
from pathlib import Path

from cubiai.config.models import AppConfig
from cubiai.errors import CubiAIError, PipelineStageError
from cubiai.pipeline.context import PipelineContext
from cubiai.pipeline.stages import PipelineStage, build_default_stages
from cubiai.workspace import Workspace


class PipelineRunner:
    def __init__(self, config: AppConfig, workspace: Workspace, stages: Iterable[PipelineStage] | None = None) -> None:
        self.config, self.workspace = config, workspace
        self.stages = list(stages or build_default_stages(config=config, workspace=workspace))

    def run(self) -> dict[str, Path]:
        context = PipelineContext(self.config, self.workspace)
        for stage in self.stages:
            try:
                stage.run(context)
            except CubiAIError:
                raise
            except Exception as error:
                raise PipelineStageError(stage.name, "Unexpected error", cause=error) from error
        self.workspace.save_metadata("diagnostics.json", context.diagnostics)
        return context.outputs
