"""The folder of one run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Workspace:
    input_path: Path
    root: Path
    keep_intermediate: bool = False

    @classmethod
    def create(cls, *, input_path: Path, root: Path, keep_intermediate: bool = False) -> "Workspace":
        for name in ("layers", "masks", "Live2D", "logs", "png"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return cls(input_path, root, keep_intermediate)

    def save_metadata(self, filename: str, payload: Any) -> Path:
        path = self.root / filename
        path.write_text(json.dumps(payload, indent=2))  # plain: a Path or a NumPy number raises TypeError
        return path
