"""Start a whole network from weights of cubiseg, also where they tell parts and the network classes, or the reverse.

The outputs of a network of parts begin with those of the classes. So either starts the other with exactly the same
class probabilities: outputs of parts are new where the weights have none, and left out where the network has none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.weights import UNUSED, read_weights

_REMEDY = "set train.start to imagenet, release, scratch, or a file that the stage train or export wrote"
_LAST = "decode_head.conv_seg."
"""Prefix of the last layer's tensors, whose outputs are classes or parts; all heads of MMSegmentation name it so."""

_CLASSES, _OUTPUTS = taxonomy.NUM_CLASSES, len(taxonomy.OUTPUT_IDS)


def check(path: Path, architecture: str) -> ModelInfo:
    """What a weights file says of itself, checked before anything is built.

    Raises:
        CubisegError: missing, damaged, or weights of another architecture.
    """
    _, info = read_weights(path, _REMEDY)
    if info.architecture != architecture:
        raise CubisegError(
            f"{path}: holds {info.architecture}, but train.architecture is {architecture}; "
            f"make them equal, or {_REMEDY}"
        )
    return info


def load_whole(segmentor: Any, path: Path) -> None:
    """Put the weights of a file into encoder and decoder; what trains only (auxiliary heads) is left as it is.

    Args:
        segmentor: MMSegmentation's EncoderDecoder, initialised.
        path: weights or ONNX file of the same architecture, of parts or of classes.

    Raises:
        CubisegError: missing or damaged, or its tensors do not fit.
    """
    tensors, _ = read_weights(path, _REMEDY)
    own = {k: v for k, v in segmentor.state_dict().items() if k.startswith(("backbone.", "decode_head."))}
    fitted = fit_outputs(tensors, own)
    wrong = sorted(
        name
        for name in {n for n in own if not n.endswith(UNUSED)} | fitted.keys()
        if name not in own or name not in fitted or own[name].shape != fitted[name].shape
    )
    if wrong:
        raise CubisegError(f"{path}: {len(wrong)} tensors, first {wrong[0]}, do not fit the architecture; {_REMEDY}")
    segmentor.load_state_dict({k: v.to(own[k].dtype) for k, v in fitted.items()}, strict=False)


def fit_outputs(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors with the last layer turned to that of a network of the other vocabulary; others are passed on.

    Args:
        tensors: of the file, by name.
        own: the network's, by the same names; what the file does not tell of its last layer is taken from them.
    """
    out = dict(tensors)
    for name, value in tensors.items():
        wanted = own.get(name)
        if wanted is None or not name.startswith(_LAST) or wanted.ndim != value.ndim or wanted.shape == value.shape:
            continue
        # A transposed convolution has its outputs second; a sub-pixel classifier has several values an output, which
        # lie together.
        axis = next(i for i in range(value.ndim) if value.shape[i] != wanted.shape[i])
        several = wanted.shape[axis] // (_CLASSES if wanted.shape[axis] < value.shape[axis] else _OUTPUTS)
        classes = _CLASSES * several
        if {value.shape[axis], wanted.shape[axis]} != {classes, _OUTPUTS * several}:
            continue
        if wanted.shape[axis] == classes:
            out[name] = value.narrow(axis, 0, classes)
        else:
            parts = wanted.narrow(axis, classes, wanted.shape[axis] - classes)
            out[name] = torch.cat([value.to(wanted.dtype), parts], axis)
    return out
