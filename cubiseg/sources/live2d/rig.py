"""What a posed model is made of, whichever version of Cubism made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from cubiseg.older_python import StrEnum


class Blending(StrEnum):
    """How a drawable is laid on what lies beneath: ``normal``, or it adds its light, or darkens."""

    NORMAL = "normal"
    ADD = "add"
    MULTIPLY = "multiply"


@dataclass(frozen=True)
class RigParameter:
    """A range of values that moves the model."""

    least: float
    most: float
    default: float

    def clipped(self, value: float) -> float:
        """A value within the range."""
        return min(max(value, self.least), self.most)


@dataclass(frozen=True)
class Drawable:
    """A textured mesh in one pose.

    Attributes:
        path: names of the parts around it, the outermost first, then its own id.
        texture: number of its texture.
        points: (n, 2) float32, places in pixels of the model's canvas, y down.
        uvs: (n, 2) float32, places in the texture, 0..1, y down.
        triangles: (m, 3) int, points of each triangle.
        opacity: 0..1, with that of its parts.
        masks: numbers of the drawables that it is seen through; none: everywhere.
        inverted: whether it is seen beside its masks instead.
        blending: how it is laid on what lies beneath.
        multiply, screen: (3,) float32, colours that its own are multiplied by, and then screened by, 0..1.
    """

    path: tuple[str, ...]
    texture: int
    points: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    opacity: float
    masks: tuple[int, ...] = ()
    inverted: bool = False
    blending: Blending = Blending.NORMAL
    multiply: np.ndarray = field(default_factory=lambda: np.ones(3, np.float32))
    screen: np.ndarray = field(default_factory=lambda: np.zeros(3, np.float32))

    @property
    def id(self) -> str:
        """Its own name."""
        return self.path[-1]


class Rig(Protocol):
    """A model that can be posed.

    Each is made of the bytes of its file and of what parts are called, by id; a :class:`CubisegError` tells that the
    bytes are no such model, or that live2d-py is not there.
    """

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the canvas in its pixels."""

    @property
    def parameters(self) -> Mapping[str, RigParameter]:
        """What moves the model, by id."""

    def posed(self, values: Mapping[str, float], opacities: Mapping[str, float]) -> tuple[list[Drawable], list[int]]:
        """The model in a pose.

        Args:
            values: of parameters, by id; others keep their default. Ids that the model has not are passed over.
            opacities: of parts, by id, 0..1; others keep their own.

        Returns:
            All drawables in the model's own order, and the numbers of those that show, bottom to top.
        """


def front_facing(points: np.ndarray, triangles: np.ndarray, clockwise: bool) -> np.ndarray:
    """Triangles that are seen of a mesh that has a back.

    Args:
        points: (n, 2), y down.
        triangles: (m, 3) int.
        clockwise: how the corners of a triangle that faces the viewer run in the picture.

    Returns:
        (k, 3) int.
    """
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return triangles[(area > 0) == clockwise]


def inside(count: int, numbers: Sequence[int]) -> tuple[int, ...]:
    """Numbers of masks without those that name nothing."""
    return tuple(number for number in numbers if 0 <= number < count)
