"""From the name of an architecture to its config and its network."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from mmengine import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from cubiseg import settings, taxonomy
from cubiseg.errors import CubisegError, brief
from cubiseg.model_info import PARTS_VOCABULARY, ModelInfo
from cubiseg.workers import cores


def architectures(configs: Path) -> list[str]:
    """Names of the architectures in a folder of configs, sorted."""
    return sorted(path.stem for path in configs.glob("*.py"))


def load_config(architecture: str, configs: Path, *, parts: bool = False) -> Config:
    """Read the config of an architecture and register what it names.

    Args:
        architecture: name of a file in ``configs``, without its suffix.
        configs: folder of the configs; they are Python and run, like the rest of the project's code.
        parts: whether the network tells parts apart.

    Returns:
        MMEngine config with ``model``, ``train_pipeline``, ``optim_wrapper``, ``recipe`` and ``export``; its heads
        have an output for each class, and for each part where they tell parts.

    Raises:
        CubisegError: there is no such architecture, or its config is broken.
    """
    known = architectures(configs)
    if architecture not in known:
        listed = ", ".join(known) or f"none: {configs} holds no configs"
        raise CubisegError(f"train.architecture: unknown architecture {architecture!r}; known are {listed}")
    path = configs / f"{architecture}.py"
    try:
        with quiet(), _bases_of_the_fork():
            config = Config.fromfile(path)
            init_default_scope(config.default_scope)
    except Exception as error:  # a config is code: anything may be wrong with it
        reason = brief(error, 160)
        raise CubisegError(
            f"{path}: cannot be used as a config ({type(error).__name__}: {reason}); correct it"
        ) from error
    for key in ("decode_head", "auxiliary_head"):
        if key in config.model:
            config.model[key].num_classes = len(taxonomy.OUTPUT_IDS) if parts else taxonomy.NUM_CLASSES
    return config


@contextlib.contextmanager
def _bases_of_the_fork() -> Iterator[None]:
    """Let ``mmseg::`` in a config find the installed package, whatever its distribution is called.

    MMEngine looks for a distribution named ``mmsegmentation``; the maintained fork has another name.
    """
    published = MODULE2PACKAGE["mmseg"]
    MODULE2PACKAGE["mmseg"] = "mmseg"
    try:
        yield
    finally:
        MODULE2PACKAGE["mmseg"] = published


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what MMSegmentation's import prints and warns of: optional parts that cubiseg does not use."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def use_threads(processes: int = 1) -> int:
    """Let torch use ``OMP_NUM_THREADS`` threads, or as many as this process may use cores; returns the number.

    Args:
        processes: number of processes that share the cores.
    """
    threads = settings.THREADS.read() or max(1, cores() // processes)
    torch.set_num_threads(threads)
    return threads


class Network(nn.Module):
    """A segmentor as a plain function of tensors, as it is evaluated and exported.

    Args:
        segmentor: MMSegmentation's EncoderDecoder.
    """

    def __init__(self, segmentor: Any) -> None:
        super().__init__()
        self.backbone = segmentor.backbone
        self.decode_head = segmentor.decode_head

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, H, W) float32, normalised -> logits (N, outputs, H, W) float32."""
        logits = self.decode_head(self.backbone(image))
        if logits.shape[2:] == image.shape[2:]:
            return logits
        return F.interpolate(logits, size=image.shape[2:], mode="bilinear", align_corners=False)


def build_segmentor(config: Config) -> Any:
    """MMSegmentation's model of a config, with random weights."""
    from mmseg.registry import MODELS

    with quiet():
        return MODELS.build(config.model)


def describe(config: Config, architecture: str, size: int, *, parts: bool = False) -> ModelInfo:
    """What a model file says of itself.

    Args:
        size: side of the square training crop, pixels.
        parts: whether the network tells parts apart.
    """
    preprocessor = config.model.data_preprocessor
    return ModelInfo(
        architecture=architecture,
        input_size=(size, size),
        dynamic=config.export.dynamic,
        multiple=config.export.multiple,
        mean=tuple(preprocessor.mean),
        std=tuple(preprocessor.std),
        **(PARTS_VOCABULARY if parts else {}),
    )


def parameter_count(module: nn.Module) -> int:
    """Number of trainable values."""
    return sum(p.numel() for p in module.parameters())
