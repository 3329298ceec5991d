"""Every architecture learns by a recipe of its own, and its optimizer does what the recipe says."""

from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine import Config
from mmengine.optim import build_optim_wrapper

from cubiseg.segmentors.build import architectures, build_segmentor, describe, load_config
from cubiseg.training.config import assemble
from tests.training.tiny_set import CONFIGS, params


def whole(architecture: str, checkpoint: Path | None = None, factor: float | None = None, **changes: Any) -> Config:
    """Config of a training whose encoder has this checkpoint, and whose recipe this factor where it starts without."""
    unset = {"learning_rate": None, "weight_decay": None, "warm_up": None}
    chosen = params(architecture=architecture, **{**unset, "batch_size": 8, "max_iters": 600, **changes})
    config = load_config(architecture, CONFIGS)
    config.model.checkpoint = None if checkpoint is None else str(checkpoint)
    config.recipe.pop("from_scratch", None)
    if factor is not None:
        config.recipe.from_scratch = factor
    return assemble(config, chosen, describe(config, architecture, 64), Path("data"), Path("work"))


@pytest.mark.parametrize("architecture", architectures(CONFIGS))
def test_every_config_names_its_recipe_and_where_it_is_from(architecture: str) -> None:
    text = (CONFIGS / f"{architecture}.py").read_text()
    above = text.partition("\nrecipe = dict(")[0].splitlines()
    # An optimizer of its own may stand between the comment and the recipe.
    assert "\nrecipe = dict(" in text and any(line.startswith("# ") for line in above[-2:])
    recipe = load_config(architecture, CONFIGS).recipe
    assert set(recipe) - {"from_scratch"} == {"learning_rate", "batch", "weight_decay", "warm_up", "rates"}
    assert set(recipe.warm_up) == {"share", "start"} and set(recipe.rates) <= {"backbone", "decode_head"}


@pytest.mark.parametrize(
    ("architecture", "rate", "decay"),
    [
        ("anime-unet", 0.003, 0.01),
        ("anime-unet-lite1", 0.003, 0.01),
        ("anime-unet-lite2", 0.003, 0.01),
        ("anime-transformer", 0.00006 / 2**0.5, 0.01),
        ("anime-swin", 0.00006 / 2**0.5, 0.01),
        ("anime-unet-convnext", 0.0001 / 2**0.5, 0.05),
        ("anime-unetformer", 0.006, 0.01),
        ("anime-unet-plain", 0.005, 0.0005),
    ],
)
def test_a_config_s_rate_is_its_paper_s_at_the_batch_of_training(architecture: str, rate: float, decay: float) -> None:
    optimizer = whole(architecture).optim_wrapper.optimizer
    assert optimizer.lr == pytest.approx(rate) and optimizer.weight_decay == decay
    given = whole(architecture, learning_rate=0.5, weight_decay=0.25).optim_wrapper.optimizer
    assert (given.lr, given.weight_decay) == (0.5, 0.25)


def test_a_recipe_may_be_quicker_where_the_encoder_starts_from_nothing(tmp_path: Path) -> None:
    own, weights = 0.00006 / 2**0.5, tmp_path / "encoder.pth"

    def rate(**given: Any) -> float:
        return whole("anime-swin", factor=10.0, **given).optim_wrapper.optimizer.lr

    assert rate() == rate(checkpoint=weights) == pytest.approx(10 * own)  # no such file
    weights.write_bytes(b"weights")
    assert rate(checkpoint=weights) == pytest.approx(own)
    assert rate(checkpoint=weights, start="scratch") == pytest.approx(10 * own)
    assert rate(learning_rate=0.5) == 0.5
    assert whole("anime-swin").optim_wrapper.optimizer.lr == pytest.approx(own)


@pytest.mark.parametrize("architecture", architectures(CONFIGS))
def test_norms_biases_and_tables_of_positions_never_decay_whatever_their_rate(architecture: str) -> None:
    config = whole(architecture)
    model = build_segmentor(config)
    groups = build_optim_wrapper(model, config.optim_wrapper).optimizer.param_groups
    assert groups[0]["lr"] == config.optim_wrapper.optimizer.lr
    given = {id(p): group for group in groups for p in group["params"]}
    assert len(given) == sum(len(g["params"]) for g in groups) == len(list(model.parameters()))
    norms = (torch.nn.modules.batchnorm._BatchNorm, torch.nn.LayerNorm)
    spared = {id(p) for m in model.modules() if isinstance(m, norms) for p in m.parameters()}
    for name, value in model.named_parameters():
        group = given[id(value)]
        keep = id(value) in spared or name.endswith((".bias", "position_bias_table"))
        if keep:
            assert group["weight_decay"] == 0, name
        elif value.ndim > 1:
            assert group["weight_decay"] == config.recipe.weight_decay, name
        factor = config.recipe.rates.get(name.partition(".")[0], 1.0)
        assert group["lr"] == pytest.approx(config.optim_wrapper.optimizer.lr * factor), name


def rates(config: Config) -> list[float]:
    """Learning rate of each step, as a share of the peak."""
    from mmengine.optim import OptimWrapper
    from mmengine.registry import PARAM_SCHEDULERS

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    wrapper = OptimWrapper(optimizer)
    schedules = [PARAM_SCHEDULERS.build({**s, "optimizer": wrapper}) for s in config.param_scheduler]
    out = []
    for _ in range(600):
        out.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        for schedule in schedules:
            schedule.step()
    return out


def test_the_rate_warms_up_as_the_recipe_or_the_params_say_and_decays() -> None:
    usual = rates(whole("anime-unet"))
    assert usual[0] == pytest.approx(0.05) and max(usual) == pytest.approx(usual[30]) == pytest.approx(1.0)
    assert usual[-1] < 0.011
    none = rates(whole("anime-unet", warm_up=0.0))
    assert none[0] == 1.0 and none == sorted(none, reverse=True)
    longer = rates(whole("anime-unetformer", warm_up=0.5))
    assert longer[0] == pytest.approx(0.05) and max(longer) == pytest.approx(longer[300])
    assert rates(whole("anime-unetformer"))[0] == 1.0
