"""Models of Cubism 3 to 5 (``.moc3``), by Live2D's Cubism Core, which live2d-py brings.

Its C interface is that of Live2D's "Cubism Core API Reference". Core checks a model's bytes itself before it is used.
"""

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.sources.live2d.package import core, hushed
from cubiseg.sources.live2d.rig import Blending, Drawable, RigParameter, front_facing, inside

_ALIGN_MOC, _ALIGN_MODEL = 64, 16
_ADDS, _MULTIPLIES, _TWO_SIDED, _INVERTED = 1, 2, 4, 8
"""Bits of ``csmConstantFlags``."""
_VISIBLE = 1
"""Bit of ``csmDynamicFlags``."""
_LEAST_OPACITY = 0.001
_MAX_GROUPS = 32


class Cubism3:
    """A model of Cubism 3 to 5; a :class:`cubiseg.sources.live2d.rig.Rig`."""

    def __init__(self, content: bytes, names: Mapping[str, str]) -> None:
        """Read a ``.moc3``; see :class:`cubiseg.sources.live2d.rig.Rig`."""
        self._core = core()
        self._moc_memory, moc = _aligned(len(content), _ALIGN_MOC)
        ctypes.memmove(moc, content, len(content))
        size = ctypes.c_uint32(len(content))
        if len(content) < _ALIGN_MOC or not self._call(
            "csmHasMocConsistency", ctypes.c_int, ctypes.c_void_p(moc), size
        ):
            raise CubisegError("is no model of Cubism 3 to 5, or damaged; export it again")
        with hushed():
            revived = self._call("csmReviveMocInPlace", ctypes.c_void_p, ctypes.c_void_p(moc), size)
        if not revived:
            raise CubisegError("is a model of a later Cubism than live2d-py knows; update live2d-py")
        length = self._call("csmGetSizeofModel", ctypes.c_uint32, ctypes.c_void_p(revived))
        self._memory, place = _aligned(length, _ALIGN_MODEL)
        model = self._call(
            "csmInitializeModelInPlace",
            ctypes.c_void_p,
            ctypes.c_void_p(revived),
            ctypes.c_void_p(place),
            ctypes.c_uint32(length),
        )
        if not model:
            raise CubisegError("cannot be set up by Cubism Core; export it again")
        self._model = ctypes.c_void_p(model)
        self._read_constants(names)

    def _read_constants(self, names: Mapping[str, str]) -> None:
        size, origin, unit = (ctypes.c_float * 2)(), (ctypes.c_float * 2)(), ctypes.c_float()
        self._call("csmReadCanvasInfo", None, self._model, size, origin, ctypes.byref(unit))
        self._size, self._origin, self._unit = (size[0], size[1]), (origin[0], origin[1]), unit.value
        self._count = self._call("csmGetDrawableCount", ctypes.c_int, self._model)
        parameters = self._call("csmGetParameterCount", ctypes.c_int, self._model)
        self._values = self._floats("csmGetParameterValues", parameters)
        ranges = [
            self._floats(f"csmGetParameter{what}Values", parameters) for what in ("Minimum", "Maximum", "Default")
        ]
        self._parameters = {
            name: RigParameter(float(least), float(most), float(default))
            for name, least, most, default in zip(self._ids("Parameter", parameters), *ranges, strict=True)
        }
        parts = self._call("csmGetPartCount", ctypes.c_int, self._model)
        self._parts = self._ids("Part", parts)
        self._opacities = self._floats("csmGetPartOpacities", parts)
        self._own_opacities = self._opacities.copy()
        above = self._ints("csmGetPartParentPartIndices", parts)
        self._around = self._ints("csmGetDrawableParentPartIndices", self._count)
        self._above = above
        called = [names.get(part, part) for part in self._parts]
        ids = self._ids("Drawable", self._count)
        self._paths = [
            (*(called[part] for part in reversed(self._chain(drawable))), ids[drawable])
            for drawable in range(self._count)
        ]

    def _chain(self, drawable: int) -> list[int]:
        """Parts around a drawable, the innermost first."""
        chain: list[int] = []
        part = int(self._around[drawable])
        while 0 <= part < len(self._parts) and len(chain) < _MAX_GROUPS:
            chain.append(part)
            part = int(self._above[part])
        return chain

    @property
    def size(self) -> tuple[float, float]:
        """As of the rig."""
        return self._size

    @property
    def parameters(self) -> Mapping[str, RigParameter]:
        """As of the rig."""
        return self._parameters

    def posed(self, values: Mapping[str, float], opacities: Mapping[str, float]) -> tuple[list[Drawable], list[int]]:
        """As of the rig."""
        for number, (name, parameter) in enumerate(self._parameters.items()):
            self._values[number] = parameter.clipped(values.get(name, parameter.default))
        for number, part in enumerate(self._parts):
            self._opacities[number] = opacities.get(part, self._own_opacities[number])
        self._call("csmUpdateModel", None, self._model)
        told = {
            "order": self._ints("csmGetRenderOrders", self._count),
            "texture": self._ints("csmGetDrawableTextureIndices", self._count),
            "opacity": self._floats("csmGetDrawableOpacities", self._count),
            "fixed": self._array("csmGetDrawableConstantFlags", ctypes.c_uint8, self._count),
            "moving": self._array("csmGetDrawableDynamicFlags", ctypes.c_uint8, self._count),
            "multiply": self._floats("csmGetDrawableMultiplyColors", 4 * self._count).reshape(-1, 4),
            "screen": self._floats("csmGetDrawableScreenColors", 4 * self._count).reshape(-1, 4),
        }
        meshes = self._meshes()
        drawables = [self._drawable(n, told, meshes) for n in range(self._count)]
        visible = told["moving"] & _VISIBLE > 0
        shown = [n for n, d in enumerate(drawables) if visible[n] and d.opacity >= _LEAST_OPACITY and len(d.triangles)]
        return drawables, sorted(shown, key=lambda n: int(told["order"][n]))

    def _meshes(self) -> dict[str, list[np.ndarray]]:
        points = self._rows("csmGetDrawableVertexPositions", "csmGetDrawableVertexCounts", ctypes.c_float, 2)
        uvs = self._rows("csmGetDrawableVertexUvs", "csmGetDrawableVertexCounts", ctypes.c_float, 2)
        triangles = self._rows("csmGetDrawableIndices", "csmGetDrawableIndexCounts", ctypes.c_uint16, 1)
        masks = self._rows("csmGetDrawableMasks", "csmGetDrawableMaskCounts", ctypes.c_int, 1)
        return {"points": points, "uvs": uvs, "triangles": triangles, "masks": masks}

    def _drawable(self, n: int, told: Mapping[str, np.ndarray], meshes: Mapping[str, list[np.ndarray]]) -> Drawable:
        points = meshes["points"][n].reshape(-1, 2) * np.array([self._unit, -self._unit]) + np.array(self._origin)
        uvs = meshes["uvs"][n].reshape(-1, 2) * np.array([1, -1]) + np.array([0, 1])  # rows count from the bottom
        triangles = meshes["triangles"][n].astype(np.int64).reshape(-1, 3)
        triangles = triangles[(triangles < len(points)).all(axis=1)]
        fixed = int(told["fixed"][n])
        if not fixed & _TWO_SIDED:
            triangles = front_facing(points, triangles, clockwise=False)
        own = float(told["opacity"][n]) * float(np.prod([self._opacities[part] for part in self._chain(n)]))
        blending = Blending.ADD if fixed & _ADDS else Blending.MULTIPLY if fixed & _MULTIPLIES else Blending.NORMAL
        return Drawable(
            path=self._paths[n],
            texture=int(told["texture"][n]),
            points=points.astype(np.float32),
            uvs=uvs.astype(np.float32),
            triangles=triangles,
            opacity=min(max(own, 0.0), 1.0),
            masks=inside(self._count, meshes["masks"][n].ravel().tolist()),
            inverted=bool(fixed & _INVERTED),
            blending=blending,
            multiply=told["multiply"][n, :3].copy(),
            screen=told["screen"][n, :3].copy(),
        )

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(self._core, name)
        function.restype = result
        return function(*arguments)

    def _array(self, name: str, kind: Any, count: int) -> np.ndarray:
        """Core's own array of numbers; writing into it changes the model."""
        if not count:
            return np.zeros(0, np.dtype(kind))
        pointer = self._call(name, ctypes.POINTER(kind), self._model)
        return np.ctypeslib.as_array(pointer, shape=(count,))

    def _floats(self, name: str, count: int) -> np.ndarray:
        return self._array(name, ctypes.c_float, count)

    def _ints(self, name: str, count: int) -> np.ndarray:
        return self._array(name, ctypes.c_int, count)

    def _rows(self, name: str, counts: str, kind: Any, width: int) -> list[np.ndarray]:
        """A row of numbers for each drawable."""
        lengths = self._ints(counts, self._count)
        pointers = self._call(name, ctypes.POINTER(ctypes.POINTER(kind)), self._model)
        empty = np.zeros(0, np.dtype(kind))
        return [
            np.ctypeslib.as_array(pointers[n], shape=(int(lengths[n]) * width,)).copy() if lengths[n] > 0 else empty
            for n in range(self._count)
        ]

    def _ids(self, what: str, count: int) -> Sequence[str]:
        pointers = self._call(f"csmGet{what}Ids", ctypes.POINTER(ctypes.c_char_p), self._model)
        return [(pointers[n] or b"").decode("utf-8", "replace") for n in range(count)]


def _aligned(length: int, alignment: int) -> tuple[Any, int]:
    """Memory that is held as long as the first of both is kept, and an aligned place in it."""
    memory = ctypes.create_string_buffer(length + alignment)
    address = ctypes.addressof(memory)
    return memory, address + (-address) % alignment
