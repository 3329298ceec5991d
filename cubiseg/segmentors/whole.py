"""Start a whole network from weights of cubiseg, also where they tell parts and the network classes, or the reverse.

A class's probability is the sum of its parts'. So a network of classes starts one of parts exactly: each of a class's
``n`` parts takes the class's row of the last layer, less ``log n``, and their probabilities sum to the class's. The
reverse cannot be exact, as a sum of exponentials is not linear: a class takes the mean of its parts' rows plus
``log n``, which bounds it from below and is exact where the parts are alike.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.model_info import ModelInfo
from cubiseg.segmentors.weights import UNUSED, read_weights

_REMEDY = "set train.start to imagenet, release, scratch, or a weights file that the stage train wrote"
_LAST = "decode_head.conv_seg."
"""Prefix of the last layer's tensors, whose outputs are classes or parts; all heads of MMSegmentation name it so."""

_CLASSES, _LEAVES = taxonomy.NUM_CLASSES, len(taxonomy.LEAVES)
_CLASS_OF_LEAF = torch.from_numpy(taxonomy.CLASS_OF[taxonomy.LEAF_IDS]).long()
_LEAVES_OF_CLASS = torch.bincount(_CLASS_OF_LEAF, minlength=_CLASSES)


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
        segmentor: MMSegmentation's EncoderDecoder; whether it tells parts is seen from its decoder's outputs.
        path: weights file of the same architecture, of parts or of classes.

    Raises:
        CubisegError: missing or damaged, or its tensors do not fit.
    """
    tensors, _ = read_weights(path, _REMEDY)
    own = {k: v for k, v in segmentor.state_dict().items() if k.startswith(("backbone.", "decode_head."))}
    parts = segmentor.decode_head.num_classes == _LEAVES
    fitted = fit_outputs(tensors, own, parts)
    wrong = sorted(
        name
        for name in {n for n in own if not n.endswith(UNUSED)} | fitted.keys()
        if name not in own or name not in fitted or own[name].shape != fitted[name].shape
    )
    if wrong:
        raise CubisegError(f"{path}: {len(wrong)} tensors, first {wrong[0]}, do not fit the architecture; {_REMEDY}")
    segmentor.load_state_dict({k: v.to(own[k].dtype) for k, v in fitted.items()}, strict=False)


def fit_outputs(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor], parts: bool) -> dict[str, Tensor]:
    """Tensors of one vocabulary with the last layer turned to that of a network; others are passed on.

    Args:
        tensors: of the file, by name.
        own: the network's, by the same names.
        parts: whether the network tells parts.

    Returns:
        The tensors; those of the last layer float32 and of the network's shape where they were of the other vocabulary.
    """
    theirs, ours = (_CLASSES, _LEAVES) if parts else (_LEAVES, _CLASSES)
    out = dict(tensors)
    for name, value in tensors.items():
        wanted = own.get(name)
        if wanted is None or not name.startswith(_LAST) or wanted.ndim != value.ndim or wanted.shape == value.shape:
            continue
        # A sub-pixel classifier has several values an output, a transposed convolution its outputs second.
        axis = next(i for i in range(value.ndim) if value.shape[i] != wanted.shape[i])
        several = wanted.shape[axis] // ours
        if (value.shape[axis], wanted.shape[axis]) == (theirs * several, ours * several):
            split = value.float().unflatten(axis, (theirs, several)).movedim(axis, 0)
            turned = _to_leaves(split) if parts else _to_classes(split)
            if name.endswith(".bias"):
                turned = turned + (-1 if parts else 1) * _log_parts(parts).view(-1, *[1] * (turned.ndim - 1))
            out[name] = turned.movedim(0, axis).flatten(axis, axis + 1).contiguous()
    return out


def _to_leaves(rows: Tensor) -> Tensor:
    return rows[_CLASS_OF_LEAF]


def _to_classes(rows: Tensor) -> Tensor:
    sums = torch.zeros(_CLASSES, *rows.shape[1:]).index_add_(0, _CLASS_OF_LEAF, rows)
    return sums / _LEAVES_OF_CLASS.view(-1, *[1] * (rows.ndim - 1))


def _log_parts(parts: bool) -> Tensor:
    """Logarithm of how many parts the class of each output has; a class without parts is one."""
    counts = _LEAVES_OF_CLASS[_CLASS_OF_LEAF] if parts else _LEAVES_OF_CLASS
    return torch.tensor([math.log(n) for n in counts.tolist()])
