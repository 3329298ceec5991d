"""The config's form; unknown keys of ``segmentation`` are dropped silently."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class SegmentationSettings(BaseModel):
    backend: Literal["slic", "huggingface-sam", "sam-hq-local"] = "slic"
    num_segments: int = 12
    compactness: float = 10.0
    min_area_px: int = 4096
    feather_radius: int = 2
    huggingface: dict[str, Any] | None = None
    sam_hq_local_model_id: str | None = "syscv-community/sam-hq-vit-base"
    sam_hq_local_device: str | None = None
    sam_hq_local_score_threshold: float = 0.0


class PSDExportSettings(BaseModel):
    enabled: bool = True
    group_name: str = "CubiAI Layers"


class PNGExportSettings(BaseModel):
    enabled: bool = True


class ExportSettings(BaseModel):
    psd: PSDExportSettings = Field(default_factory=PSDExportSettings)
    png: PNGExportSettings = Field(default_factory=PNGExportSettings)


class Asset(BaseModel):
    name: str
    path: str
    description: str | None = None


class ModelAssets(BaseModel):
    assets: list[Asset] = Field(default_factory=list)


class AppConfig(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str = "anime-default"
    segmentation: SegmentationSettings = Field(default_factory=SegmentationSettings)
    export: ExportSettings = Field(default_factory=ExportSettings)
    models: ModelAssets = Field(default_factory=ModelAssets)
    extras: dict[str, Any] = Field(default_factory=dict)
