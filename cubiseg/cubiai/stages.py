"""The three stages that take the place of CubiAI's where the backend is ours."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.markup import escape

from cubiseg.cubiai.config import BACKEND, Settings
from cubiseg.cubiai.host import BLOCK, Context, Host, HostStage
from cubiseg.cubiai.segmenting import CanvasLayer, Result, segment, to_picture
from cubiseg.imaging import Picture, write_png
from cubiseg.layers.psd import PsdLayer, write_psd
from cubiseg.psd_files.names import renamed


class SegmentationStage:
    """Takes the place of CubiAI's stage of that name where the backend is ours."""

    name = "Segmentation"

    def __init__(self, host: Host, settings: Any) -> None:
        self._host, self._settings = host, settings
        self._block: Settings = settings.anime_advanced
        self._logger = logging.getLogger(self.name)

    def run(self, ctx: Context) -> None:
        """Set ``layers`` and ``classes``, write the layers, record diagnostics."""
        warnings: list[str] = []
        with self._host.telling(self.name, ctx):
            result = segment(ctx.data["image"], self._with_asset(ctx.config), layer=self._host.layer)
        backend = BACKEND if result.face else self._take_over(ctx, warnings) or BACKEND
        if backend == BACKEND:
            with self._host.telling(self.name, ctx):
                self._keep(result, ctx, warnings)
        for warning in warnings:
            self._logger.warning(escape(warning))  # CubiAI's handler reads markup: a [/x] would end the run
        layers = ctx.data["layers"]
        ctx.data["classes"] = list(result.classes)
        ctx.record_diagnostic(
            self.name,
            {
                "layer_count": len(layers),
                "settings": self._settings.model_dump(),
                "backend": backend,
                "requested": BACKEND,
                "architecture": result.architecture,
                "face": result.face,
                "confidence": result.confidence,
                "classes": list(result.classes),
                "layers": [{"name": one.name, "bbox": list(one.bbox), **one.metadata} for one in layers],
                "warnings": warnings,
            },
        )

    def _with_asset(self, config: Any) -> Settings:
        """The block, with the model that ``models.assets`` names where the block names none."""
        named = self._block.model or next((one.path for one in config.models.assets if one.name == BACKEND), None)
        return self._block.model_copy(update={"model": named})

    def _take_over(self, ctx: Context, warnings: list[str]) -> str | None:
        """The first of CubiAI's backends that made layers of a picture without a face; None where none did."""
        for name in self._block.fallback:
            ctx.data.pop("layers", None)
            settings = self._settings.model_copy(update={"backend": name})
            try:
                self._host.segmentation(settings=settings, workspace=ctx.workspace).run(ctx)
            except Exception as error:  # of any class: packages, weights, network, no masks
                told = error.message if isinstance(error, self._host.stage_error) else str(error)
                warnings.append(f"{name} could not run: {_first_line(told) or type(error).__name__}")
                continue
            if ctx.data.get("layers"):
                warnings.append(f"no anime face was found; {name} took over")
                return name
            warnings.append(f"{name} could not run: it made no layers")
        return None

    def _keep(self, result: Result, ctx: Context, warnings: list[str]) -> None:
        """Make our layers those of the run, and write them."""
        if not result.face and all(one.metadata["class"] == "background" for one in result.layers):
            told = "; ".join(("no part of a character was found", *warnings))
            message = f"{told}; choose another picture, or a backend for {BLOCK}.fallback that can run"
            raise self._host.stage_error(stage=self.name, message=message)
        warnings += result.warnings
        root = ctx.workspace.root
        for one in result.layers:
            write_png(root / "layers" / f"{one.name}.png", _crop(one))
            if ctx.workspace.keep_intermediate:
                write_png(root / "masks" / f"{one.name}_mask.png", np.asarray(one.mask))
        ctx.data["layers"] = list(result.layers)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _crop(layer: CanvasLayer) -> np.ndarray:
    """What is visible of a layer: (h, w, 4) uint8."""
    return np.asarray(layer.image.crop(layer.bbox))


def _are_ours(layers: Sequence[CanvasLayer]) -> bool:
    """Whether layers were made here, and not by one of CubiAI's backends that took over."""
    return all("file" in one.metadata for one in layers)


class PngExportStage:
    """``png/hair_001.png``, …; what a fallback made, and switched off, is left to CubiAI's own stage."""

    name = "PNGExport"

    def __init__(self, host: Host, own: HostStage) -> None:
        self._host, self._own = host, own

    def run(self, ctx: Context) -> None:
        """Write a PNG of each layer, cut to its box."""
        layers: list[CanvasLayer] = ctx.data.get("layers", [])
        if not ctx.config.export.png.enabled or not layers or not _are_ours(layers):
            self._own.run(ctx)
            return
        root = ctx.workspace.root
        files = [root / one.metadata["file"] for one in layers]
        with self._host.telling(self.name, ctx):
            for one, file in zip(layers, files, strict=True):
                write_png(file, _crop(one))
        ctx.data["png_dir"] = root / "png"
        ctx.record_output("png_layers", root / "png")
        ctx.record_diagnostic(self.name, {"files": [str(file) for file in files]})


class PsdExportStage:
    """``layers/layers.psd`` of the picture's size; CubiAI's own puts every layer at the top left, by file name."""

    name = "PSDExport"

    def __init__(self, host: Host, own: HostStage) -> None:
        self._host, self._own = host, own

    def run(self, ctx: Context) -> None:
        """Write the layers of this run, whatever lies in ``png/``."""
        layers: list[CanvasLayer] = ctx.data.get("layers", [])
        if not ctx.config.export.psd.enabled or not layers:
            self._own.run(ctx)
            return
        path = ctx.workspace.root / "layers" / "layers.psd"
        with self._host.telling(self.name, ctx):
            if _are_ours(layers):
                stack = [PsdLayer(one.name, (), 0, 0, np.asarray(one.image)) for one in layers]
                write_psd(path, to_picture(ctx.data["image"]), stack)
            else:
                _write_foreign(path, layers)
        ctx.record_output("psd", path)
        ctx.record_diagnostic(self.name, {"path": str(path), "layer_count": len(layers)})


def _write_foreign(path: Path, layers: Sequence[CanvasLayer]) -> None:
    """A PSD of what a fallback made: each layer in its place, the largest at the bottom."""
    stack = sorted(layers, key=_area, reverse=True)
    shown = Image.new("RGBA", stack[0].image.size)
    for one in stack:
        shown.alpha_composite(one.image)
    pixels = np.asarray(shown)
    names = renamed([(one.name,) for one in stack], [False] * len(stack))
    write_psd(
        path,
        Picture(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])),
        [PsdLayer(name, (), *one.bbox[:2], _crop(one)) for name, one in zip(names, stack, strict=True)],
    )


def _area(layer: CanvasLayer) -> int:
    """Pixels of a layer, as its backend counted them, or else by its mask."""
    told = layer.metadata.get("area", layer.metadata.get("pixel_count"))
    return int(told) if told is not None else sum(layer.mask.histogram()[128:])
