"""Any encoder of timm, by its name there."""

from collections.abc import Sequence
from typing import Any

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from cubiseg.errors import CubisegError


@MODELS.register_module()
class TimmEncoder(BaseModule):
    """An encoder of timm as a pyramid of maps, finest first; a decoder's ``in_channels`` are :attr:`channels`.

    timm is the extra ``timm``; it needs torchvision, which the default path does without.

    Args:
        name: as ``timm.list_models()`` gives it.
        pretrained: start from timm's weights, which are fetched from a hub.
        out_indices: which maps to give, of those that timm lists; None for all.
        options: further arguments of ``timm.create_model``.

    Attributes:
        channels: number of channels of each map.
        strides: stride of each map.

    Raises:
        CubisegError: timm is not installed or cannot be imported.
    """

    def __init__(
        self, name: str, pretrained: bool = False, out_indices: Sequence[int] | None = None, **options: Any
    ) -> None:
        super().__init__()
        try:
            import timm
        except ImportError as error:
            raise CubisegError(
                f"{name}: needs timm ({error}); install it with torchvision: pip install 'cubiseg[timm]'"
            ) from error
        if out_indices is not None:
            options["out_indices"] = tuple(out_indices)
        self.model = timm.create_model(name, features_only=True, pretrained=pretrained, **options)
        self.channels = tuple(self.model.feature_info.channels())
        self.strides = tuple(self.model.feature_info.reduction())

    def translate(self, published: dict[str, Tensor]) -> dict[str, Tensor]:
        """State dict of this encoder from one of the same model by timm, whose features keep their names."""
        own = self.state_dict()
        return {name: published[theirs] for name in own if (theirs := name.removeprefix("model.")) in published}

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, H, W) -> maps (N, C, H / stride, W / stride), finest first."""
        return tuple(self.model(image))
