"""Models of Cubism 2 (``.moc``), by the reader of live2d-py, which is written in Python."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.sources.live2d.package import bounded_memory, module
from cubiseg.sources.live2d.rig import Blending, Drawable, RigParameter, front_facing, inside

_LEAST_OPACITY = 0.01
"""As Live2D's own renderer has it."""
_MAX_POINTS = 2_000_000
_MAX_ORDERS = 100_000
_MEMORY = 1 << 30
"""Bytes that reading a model takes at most; the largest take some 50 MB."""


class Cubism2:
    """A model of Cubism 2; a :class:`cubiseg.sources.live2d.rig.Rig`."""

    def __init__(self, content: bytes, names: Mapping[str, str]) -> None:
        """Read a ``.moc``; see :class:`cubiseg.sources.live2d.rig.Rig`."""
        try:
            with bounded_memory(_MEMORY):
                self._model = _loaded(content)
            self._context = self._model.modelContext
            points = sum(mesh.pointCount for mesh in self._context.drawDataList)
        except CubisegError:
            raise
        except Exception as error:  # a parser fed arbitrary bytes raises anything
            raise CubisegError(
                f"is no model of Cubism 2, or damaged ({type(error).__name__}); export it again"
            ) from error
        if points > _MAX_POINTS:
            raise CubisegError(f"holds {points} points, over {_MAX_POINTS}; export it with fewer")
        self._paths = [
            (*_called(str(part.id), names), str(mesh.getId()))
            for part in self._context.partsDataList
            for mesh in part.getDrawData()
        ]
        context = self._context
        # The reader has both lists the wrong way round, and means it: least and most are told by their values.
        self._parameters = {
            str(name): RigParameter(min(a, b), max(a, b), value)
            for name, a, b, value in zip(
                *(context.paramIdList, context.paramMinValues, context.paramMaxValues, context.paramValues), strict=True
            )
        }
        self._opacities = [part.partsOpacity for part in context.partsContextList]
        self._parts = {str(part.id): number for number, part in enumerate(context.partsDataList)}

    @property
    def size(self) -> tuple[float, float]:
        """As of the rig."""
        return float(self._model.getCanvasWidth()), float(self._model.getCanvasHeight())

    @property
    def parameters(self) -> Mapping[str, RigParameter]:
        """As of the rig."""
        return self._parameters

    def posed(self, values: Mapping[str, float], opacities: Mapping[str, float]) -> tuple[list[Drawable], list[int]]:
        """As of the rig."""
        context = self._context
        for number, (name, parameter) in enumerate(self._parameters.items()):
            context.paramValues[number] = parameter.clipped(values.get(name, parameter.default))
        for part, opacity in zip(context.partsContextList, self._opacities, strict=True):
            part.partsOpacity = opacity
        for name, opacity in opacities.items():
            if name in self._parts:
                context.partsContextList[self._parts[name]].partsOpacity = opacity
        try:
            with bounded_memory(_MEMORY):
                self._model.update()
        except Exception as error:  # what a damaged model moves may be anything
            raise CubisegError("is damaged, it cannot be posed; export it again") from error
        meshes, contexts = context.drawDataList, context.drawContextList
        numbers = {str(mesh.getId()): number for number, mesh in enumerate(meshes)}
        drawables = [
            self._drawable(n, mesh, at, numbers) for n, (mesh, at) in enumerate(zip(meshes, contexts, strict=True))
        ]
        shown = [n for n, d in enumerate(drawables) if d.opacity >= _LEAST_OPACITY and len(d.triangles)]
        return drawables, sorted(shown, key=lambda n: (int(np.floor(contexts[n].interpolatedDrawOrder)), n))

    def _drawable(self, number: int, mesh: Any, at: Any, numbers: Mapping[str, int]) -> Drawable:
        part = self._context.partsContextList[at.partsIndex]
        points = np.array(at.getTransformedPoints(), np.float32).reshape(-1, 2)
        uvs = np.array(mesh.getUvs(), np.float32).reshape(-1, 2)
        uvs[:, 1] = 1 - uvs[:, 1]  # the reader turns them for OpenGL
        triangles = np.array(mesh.indexArray, np.int64).reshape(-1, 3)
        triangles = triangles[(triangles >= 0).all(axis=1) & (triangles < len(points)).all(axis=1)]
        if mesh.culling:
            triangles = front_facing(points, triangles, clockwise=True)
        opacity = mesh.getOpacity(at) * part.partsOpacity * at.baseOpacity if at.isAvailable() else 0.0
        return Drawable(
            path=self._paths[number],
            texture=max(0, mesh.textureNo),
            points=points,
            uvs=uvs,
            triangles=triangles,
            opacity=float(min(max(opacity, 0.0), 1.0)),
            masks=inside(len(numbers), [numbers.get(name, -1) for name in mesh.getClipIDList() or ()]),
            blending={1: Blending.ADD, 2: Blending.MULTIPLY}.get(mesh.colorCompositionType, Blending.NORMAL),
        )


def _called(part: str, names: Mapping[str, str]) -> tuple[str, ...]:
    return (names[part],) if part in names else (part,)


def _loaded(content: bytes) -> Any:
    """The reader's own model, read with bounds: its arrays may be no longer than what is left of the file."""
    io_module, model_module = module(".v2.core.io"), module(".v2.core.alive2d_model")

    class Bounded(io_module.BinaryReader):  # type: ignore[name-defined]
        def _length(self, width: int) -> int:
            own: Any = self
            start, length = own.offset, int(own.readType())
            if length * width > len(own.buf) - own.offset:
                raise ValueError("an array is longer than the file")
            own.offset = start
            return length

        def readInt32Array(self) -> Any:
            self.checkBits()
            self._length(4)
            return super().readInt32Array()

        def readFloat32Array(self) -> Any:
            self.checkBits()
            self._length(4)
            return super().readFloat32Array()

        def readFloat64Array(self) -> Any:
            self.checkBits()
            self._length(8)
            return super().readFloat64Array()

    class Model(model_module.ALive2DModel):  # type: ignore[name-defined]
        def draw(self) -> None:
            """Nothing: drawing is ours."""

        def getDrawParam(self) -> None:
            """Nothing, as above."""

    if content[:3] != b"moc":
        raise ValueError("no such model")
    reader = Bounded(content[4:])
    if content[3] > model_module.LIVE2D_FORMAT_VERSION_AVAILABLE:
        raise ValueError("a later version")
    reader.setFormatVersion(content[3])
    model = Model()
    orders = module(".v2.core.draw").IDrawData  # the reader keeps the range of all models' draw orders here
    before = orders.totalMinOrder, orders.totalMaxOrder
    try:
        model.setModelImpl(reader.readObject())
        model.modelContext.init()
        if orders.totalMaxOrder - orders.totalMinOrder > _MAX_ORDERS:
            raise ValueError("draw orders out of any range")
    except Exception:
        orders.totalMinOrder, orders.totalMaxOrder = before
        raise
    return model
