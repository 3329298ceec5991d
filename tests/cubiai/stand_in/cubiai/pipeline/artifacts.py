"""What stages hand on."""

from dataclasses import dataclass, field
from typing import Any

from PIL import Image


@dataclass(slots=True)
class LayerArtifact:
    name: str
    image: Image.Image
    mask: Image.Image
    bbox: tuple[int, int, int, int]
    metadata: dict[str, Any] = field(default_factory=dict)
