"""The stages up to the PSD, with the faults that the adapter works around."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from PIL import Image
from psd_tools import PSDImage
from scipy.ndimage import gaussian_filter
from skimage.segmentation import slic

from cubiai.config.models import AppConfig, SegmentationSettings
from cubiai.errors import MissingDependencyError, PipelineStageError
from cubiai.pipeline.artifacts import LayerArtifact
from cubiai.pipeline.context import PipelineContext
from cubiai.workspace import Workspace


class PipelineStage(ABC):
    name: str

    @abstractmethod
    def run(self, ctx: PipelineContext) -> None: ...


class ImageLoaderStage(PipelineStage):
    name = "ImageLoader"

    def run(self, ctx: PipelineContext) -> None:
        with Image.open(ctx.workspace.input_path) as file:
            image = file.convert("RGBA")
        ctx.data.update(image=image, canvas_size=image.size)


class SegmentationStage(PipelineStage):
    name = "Segmentation"

    def __init__(self, settings: SegmentationSettings, workspace: Workspace) -> None:
        self.settings, self.workspace = settings, workspace

    def run(self, ctx: PipelineContext) -> None:
        backend = self.settings.backend
        if backend == "sam-hq-local":
            raise MissingDependencyError("transformers[torch] is required for the sam-hq-local backend.")
        if backend == "huggingface-sam":
            raise PipelineStageError(self.name, "Hugging Face configuration missing for huggingface-sam backend.")
        layers = self._superpixels(ctx.data["image"])
        if not layers:
            raise PipelineStageError(self.name, "Segmentation produced no layers")
        for layer in layers:
            layer.image.crop(layer.bbox).save(self.workspace.root / "layers" / f"{layer.name}.png")
            if self.workspace.keep_intermediate:
                layer.mask.save(self.workspace.root / "masks" / f"{layer.name}_mask.png")
        ctx.data["layers"] = layers
        found = {"layer_count": len(layers), "settings": self.settings.model_dump(), "backend": backend}
        ctx.record_diagnostic(self.name, found)

    def _superpixels(self, image: Image.Image) -> Sequence[LayerArtifact]:
        wanted = self.settings
        numbers = slic(np.asarray(image.convert("RGB")), wanted.num_segments, wanted.compactness, start_label=1)
        layers = []
        for number, count in enumerate(np.bincount(numbers.ravel())):
            if number == 0 or count < wanted.min_area_px:
                continue
            soft = gaussian_filter((numbers == number).astype(float), wanted.feather_radius)
            mask = (soft / soft.max() * 255).astype(np.uint8)
            pixels = np.array(image)
            pixels[..., 3] = (pixels[..., 3] / 255.0 * mask).astype(np.uint8)
            shape = Image.fromarray(mask)
            told = {"pixel_count": int(count)}
            layers.append(LayerArtifact(f"layer_{number:02}", Image.fromarray(pixels), shape, shape.getbbox(), told))
        return sorted(layers, key=lambda layer: -layer.metadata["pixel_count"])


class PNGExportStage(PipelineStage):
    name = "PNGExport"

    def __init__(self, workspace: Workspace, enabled: bool) -> None:
        self.workspace, self.enabled = workspace, enabled

    def run(self, ctx: PipelineContext) -> None:
        if not self.enabled:
            ctx.record_diagnostic(self.name, {"status": "skipped"})
            return
        folder = self.workspace.root / "png"
        files = []
        for number, layer in enumerate(ctx.data["layers"], 1):
            files.append(folder / f"{number:03}.png")
            layer.image.crop(layer.bbox).save(files[-1])
        ctx.data["png_dir"] = folder
        ctx.record_output("png_layers", folder)
        ctx.record_diagnostic(self.name, {"files": [str(file) for file in files]})


class PSDExportStage(PipelineStage):
    name = "PSDExport"

    def __init__(self, workspace: Workspace, enabled: bool, group_name: str) -> None:
        self.workspace, self.enabled, self.group_name = workspace, enabled, group_name

    def run(self, ctx: PipelineContext) -> None:
        """Stack the crops in the folder by name, all at (0, 0), on a canvas of the first one's size."""
        if not self.enabled:
            ctx.record_diagnostic(self.name, {"status": "skipped"})
            return
        crops = {
            path.stem: Image.open(path).convert("RGBA") for path in sorted((self.workspace.root / "png").glob("*.png"))
        }
        psd = PSDImage.new("RGBA", next(iter(crops.values())).size)
        for name, crop in crops.items():
            psd.create_pixel_layer(crop, name=name, top=0, left=0)
        path = self.workspace.root / "layers" / "layers.psd"
        psd.save(path)
        ctx.record_output("psd", path)
        ctx.record_diagnostic(self.name, {"path": str(path), "layer_count": len(crops)})


class SummaryStage(PipelineStage):
    name = "Summary"

    def run(self, ctx: PipelineContext) -> None:
        ctx.record_diagnostic(self.name, {"layer_count": len(ctx.data["layers"])})
        logging.getLogger(self.name).info("%s layers", len(ctx.data["layers"]))


def build_default_stages(config: AppConfig, workspace: Workspace) -> list[PipelineStage]:
    return [
        ImageLoaderStage(),
        SegmentationStage(settings=config.segmentation, workspace=workspace),
        PNGExportStage(workspace=workspace, enabled=config.export.png.enabled),
        PSDExportStage(workspace=workspace, enabled=config.export.psd.enabled, group_name=config.export.psd.group_name),
        SummaryStage(),
    ]
