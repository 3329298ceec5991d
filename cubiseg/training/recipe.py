"""How fast an architecture learns: its config's recipe, the params that take its place, and the optimizer of both."""

from typing import Any

from mmengine import Config
from mmengine.model import is_model_wrapper
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS
from torch import nn

from cubiseg.training.params import TrainParams

_TABLES = ("relative_position_bias_table", "absolute_pos_embed", "pos_embed")
"""Ends of the names of tables of positions, which are matrices but no weights of a layer."""


def learning_rate(config: Config, params: TrainParams, *, from_scratch: bool = False) -> float:
    """Peak of the learning rate: ``train.learning_rate``, or where that is null the recipe's at ``train.batch_size``.

    A paper's rate is mostly that of an encoder that starts from ImageNet. Where it starts from nothing, the recipe may
    name a factor on that rate, ``from_scratch``, which `benchmarks.learning_rates` looks for.

    With a batch ``k`` times as large SGD learns alike at ``k`` times the rate (Goyal et al. 2017), Adam and its kind at
    the square root of ``k`` times (Malladi et al. 2022).

    Args:
        config: of the architecture, with ``recipe``.
        params: what to train.
        from_scratch: whether the encoder starts from nothing.
    """
    if params.learning_rate is not None:
        return params.learning_rate
    recipe, ratio = config.recipe, params.batch_size / config.recipe.batch
    rate = recipe.learning_rate * (recipe.get("from_scratch", 1.0) if from_scratch else 1.0)
    return rate * (ratio if config.optim_wrapper.optimizer.type == "SGD" else ratio**0.5)


def starts_from_scratch(model: Any) -> bool:
    """Whether a network begins with neither weights of cubiseg nor its encoder's checkpoint.

    Args:
        model: config of the segmentor, as it is built.
    """
    # Late, for what it imports prints warnings unless silenced, as building a network does.
    from cubiseg.segmentors.started import is_at_hand

    checkpoint = model.get("checkpoint")
    at_hand = model.backbone.get("pretrained") or (checkpoint and is_at_hand(checkpoint))
    return not model.get("weights") and not at_hand


def put_recipe(config: Config, params: TrainParams) -> None:
    """Put optimizer and schedule of the learning rate into a config, from its recipe and the params.

    Args:
        config: of the architecture; changed in place.
        params: what to train.
    """
    recipe = config.recipe
    decay = recipe.weight_decay if params.weight_decay is None else params.weight_decay
    rate = learning_rate(config, params, from_scratch="from_scratch" in recipe and starts_from_scratch(config.model))
    config.optim_wrapper.optimizer.update(lr=rate, weight_decay=decay)
    config.optim_wrapper.paramwise_cfg = {"rates": dict(recipe.rates)}
    share = recipe.warm_up.share if params.warm_up is None else params.warm_up
    warm = round(share * params.max_iters)
    # A share that the recipe does not have starts where the default's does.
    start = recipe.warm_up.start if recipe.warm_up.share else 0.05
    begin = max(1, warm) if share else 0
    linear = {"type": "LinearLR", "start_factor": start, "by_epoch": False, "begin": 0, "end": begin}
    config.param_scheduler = [
        *([linear] if share else []),
        {
            "type": "CosineAnnealingLR",
            "eta_min_ratio": config.decay_to,
            "by_epoch": False,
            "begin": begin,
            "end": max(params.max_iters, begin + 1),
        },
    ]


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class RecipeConstructor(DefaultOptimWrapperConstructor):
    """An optimizer with factors on the rate by the beginning of names, and decay of matrices and kernels alone.

    MMEngine's own gives what has a factor the decay that norms and biases are to be spared.

    Args:
        optim_wrapper_cfg: config of the wrapper and its optimizer.
        paramwise_cfg: ``{"rates": {beginning of a name: factor}}``.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        super().__init__(optim_wrapper_cfg, {})
        self.rates: dict[str, float] = (paramwise_cfg or {}).get("rates", {})

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """The wrapper of an optimizer of a model's parameters; the first group has the rate without a factor."""
        inner: Any = model.module if is_model_wrapper(model) else model
        rate, decay = self.optimizer_cfg["lr"], self.optimizer_cfg["weight_decay"]
        groups: dict[tuple[float, float], list[nn.Parameter]] = {(rate, decay): []}
        for name, value in inner.named_parameters():
            if value.requires_grad:
                factor = next((f for start, f in self.rates.items() if name.startswith(f"{start}.")), 1.0)
                groups.setdefault((rate * factor, decay if _decays(name, value) else 0.0), []).append(value)
        chosen: dict[str, Any] = {**self.optimizer_cfg}
        chosen["params"] = [{"params": v, "lr": lr, "weight_decay": wd} for (lr, wd), v in groups.items()]
        return OPTIM_WRAPPERS.build({**self.optim_wrapper_cfg, "optimizer": OPTIMIZERS.build(chosen)})


def _decays(name: str, value: nn.Parameter) -> bool:
    return value.ndim > 1 and not name.endswith((".bias", *_TABLES))
