"""What stages share."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cubiai.config.models import AppConfig
from cubiai.workspace import Workspace


@dataclass
class PipelineContext:
    config: AppConfig
    workspace: Workspace
    data: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Path] = field(default_factory=dict)
    diagnostics: dict[str, Any] = field(default_factory=dict)

    def record_output(self, name: str, value: Path) -> None:
        self.outputs[name] = value

    def record_diagnostic(self, stage: str, payload: Any) -> None:
        self.diagnostics.setdefault("stages", {})[stage] = payload
