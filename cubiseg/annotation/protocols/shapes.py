"""Protocols ``polygon`` and ``box``: the answer gives coordinates. Vision models are poor at it; kept to show how poor.

Coordinates are shares of the picture's sides, times 1000.
"""

import io
import json
from typing import Any

import cv2
import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from cubiseg import label_maps, taxonomy
from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.base import OneQuestion, describe_classes
from cubiseg.annotation.protocols.errors import Errors
from cubiseg.answers.requests import Malformed

UNIT = 1000
CANVAS = 512
"""Side of the label map that shapes are drawn on, px; clean scales it to the picture."""

CORNERS = 0.02
"""How far a polygon may cut corners, in shares of its outline's length."""

LEAST = 12
"""Pixels of the smallest piece of a label map that gets a shape."""

_PAINTED = tuple(n for n in taxonomy.LAYER_ORDER if n != "background")

Point = list[float]


def _model(shape: Any) -> type[BaseModel]:
    fields: dict[str, Any] = {name: (list[shape], Field(default_factory=list)) for name in _PAINTED}
    return create_model("Answer", __config__=ConfigDict(extra="forbid"), **fields)


class Shapes(OneQuestion):
    """A protocol whose answer is shapes by class, drawn from the bottom layer to the top one."""

    version = 1
    suffix = ".png"

    def __init__(self, name: str) -> None:
        self.name = name
        self.boxes = name == "box"
        self.answer = _model(list[float] if self.boxes else list[Point])

    def prompt(self, codebook: Codebook) -> str:
        """The question: classes and rules, and the form of the answer."""
        form = "a box is [left, top, right, bottom]" if self.boxes else "a polygon is [[x, y], [x, y], ...]"
        return "\n".join(
            [
                f"Find the parts of this anime illustration. For each class give its {self.name}s; {form}, with "
                f"coordinates from 0 to {UNIT}, from the picture's left and top.",
                *describe_classes(codebook),
                f"Answer with JSON only: {json.dumps({n: [] for n in _PAINTED})} with the {self.name}s in the lists.",
            ]
        )

    def schema(self) -> dict[str, Any]:
        """JSON schema of the answer."""
        numbers: dict[str, Any] = {"type": "array", "items": {"type": "number"}}
        shape = numbers if self.boxes else {"type": "array", "items": numbers}
        return {
            "type": "object",
            "properties": {n: {"type": "array", "items": shape} for n in _PAINTED},
            "required": list(_PAINTED),
            "additionalProperties": False,
        }

    def answer_from_label(self, label: np.ndarray, errors: Errors) -> str:
        """Coarse outlines of each piece of each class."""
        height, width = label.shape
        shapes: dict[str, list] = {name: [] for name in _PAINTED}
        for name, found in shapes.items():
            mask = (label == taxonomy.ID[name]).astype(np.uint8)
            contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for contour in contours:
                x, y, w, h = cv2.boundingRect(contour)
                if cv2.contourArea(contour) < LEAST:
                    continue
                if self.boxes:
                    points = np.array([[x, y], [x + w, y + h]], float)
                else:
                    points = cv2.approxPolyDP(contour, CORNERS * cv2.arcLength(contour, True), True)[:, 0].astype(float)
                    if len(points) < 3:
                        continue
                scaled = np.round(errors.in_outline(points, max(w, h)) * (UNIT / width, UNIT / height), 1)
                found.append(scaled.ravel().tolist() if self.boxes else scaled.tolist())
        return json.dumps(shapes, separators=(",", ":"))

    def read(self, text: str) -> bytes:
        """The shapes as a label map, PNG."""
        try:
            answer = self.answer.model_validate_json(text).model_dump()
        except ValidationError:
            raise Malformed("not the form that was asked for") from None
        label: np.ndarray = np.zeros((CANVAS, CANVAS), np.uint8)
        for name in _PAINTED:
            for shape in answer[name]:
                points = _corners(shape) if self.boxes else shape
                if len(points) < 3 or any(len(p) != 2 for p in points):
                    raise Malformed("a shape without three corners")
                array = np.array(points, float)
                if not np.isfinite(array).all():
                    raise Malformed("a coordinate that is no number")
                place = np.clip(array, 0, UNIT) * (CANVAS / UNIT)
                cv2.fillPoly(label, [np.round(place).astype(np.int32)], taxonomy.ID[name])
        if not label.any():
            raise Malformed("no shapes")
        buffer = io.BytesIO()
        Image.fromarray(label_maps.colourise(label)).save(buffer, "PNG")
        return buffer.getvalue()


def _corners(box: list[float]) -> list[Point]:
    if len(box) != 4:
        return []
    left, top, right, bottom = box
    return [[left, top], [right, top], [right, bottom], [left, bottom]]
