from pathlib import Path

import numpy as np
import pytest
import torch

from cubiseg.completion_training import recipe
from cubiseg.completion_training.data import Crops, open_crops
from cubiseg.completion_training.losses import losses
from cubiseg.completion_training.network import PARTS, CompletionNetwork, continued
from cubiseg.errors import CubisegError
from tests.completion_training.tiny import params


@pytest.fixture(scope="module")
def crops(drawn: Path) -> tuple[Crops, Crops]:
    return open_crops(params().draw, drawn)


def test_a_run_that_was_killed_ends_as_one_that_was_not(
    crops: tuple[Crops, Crops], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = params().train
    monkeypatch.setattr(recipe, "SAVE_EVERY", 2)
    whole = recipe.train(learn, *crops, tmp_path / "whole")

    killed = recipe.Run.learn

    def until(self: recipe.Run, batch: recipe.Batch) -> tuple[float, float]:
        if self.step == 3:
            raise KeyboardInterrupt
        return killed(self, batch)

    with monkeypatch.context() as once:
        once.setattr(recipe.Run, "learn", until)
        with pytest.raises(KeyboardInterrupt):
            recipe.train(learn, *crops, tmp_path / "parts")
    assert recipe.begin(learn, tmp_path / "parts").step == 2
    again = recipe.train(learn, *crops, tmp_path / "parts")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


def test_training_fits_what_it_sees(crops: tuple[Crops, Crops], tmp_path: Path) -> None:
    learn = params(steps=60, augmentation=dict.fromkeys(params().train.augmentation.model_dump(), 0.0)).train
    run = recipe.begin(learn, tmp_path)
    batch = next(recipe._batches(learn, crops[0], 0))
    first, *_, last = [sum(run.learn(batch)) for _ in range(40)]
    assert last < 0.8 * first


def test_a_damaged_checkpoint_is_one_line(tmp_path: Path) -> None:
    (tmp_path / recipe.CHECKPOINT).write_bytes(b"cut")
    with pytest.raises(CubisegError, match="is damaged; remove it"):
        recipe.begin(params().train, tmp_path)


def test_runs_with_other_parameters_do_not_share_a_checkpoint(drawn: Path, crops: tuple[Crops, Crops]) -> None:
    folder = crops[0].folder
    one, other = (recipe.folder_of(params(steps=n), folder, drawn) for n in (6, 7))
    assert one != other and one == recipe.folder_of(params(), folder, drawn)
    with pytest.raises(CubisegError, match="has no crops"):
        recipe.folder_of(params(), drawn / "none", drawn)


def test_the_rate_rises_stays_and_falls() -> None:
    learn = params(steps=1000).train
    rates = [recipe.rate(learn, step) for step in (0, 50, 99, 400, 750, 999)]
    assert rates[0] < rates[1] < rates[2] == rates[3] == learn.learning_rate
    assert rates[4] == pytest.approx(learn.learning_rate / 2) and rates[5] == pytest.approx(learn.learning_rate / 100)


def test_rare_parts_are_drawn_more_often_than_they_occur(tmp_path: Path) -> None:
    crops = Crops(tmp_path, ("face",) * 9 + ("tail",), tuple((0, n) for n in range(10)))
    assert recipe._chances(crops, 0)[-1] == pytest.approx(0.1)
    assert recipe._chances(crops, 0.5)[-1] == pytest.approx(0.25)
    assert recipe._chances(crops, 1)[-1] == pytest.approx(0.5)


def test_a_perfect_answer_is_measured_as_one(crops: tuple[Crops, Crops]) -> None:
    class Knows(CompletionNetwork):
        def forward(self, image: torch.Tensor, *rest: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            *_, truth, alpha = recipe._tensors(np.stack([crops[1].load(n) for n in asked]), ["face"] * len(asked))
            return alpha.float() - 127.5, truth.float() / 255

    asked = list(range(len(crops[1])))
    found = recipe.measure(Knows((4, 8)), crops[1])
    assert found["hidden_iou"] == 1 and found["colour"] < 0.01 < found["colour_smooth"]
    untrained = recipe.measure(CompletionNetwork((4, 8)).eval(), crops[1])
    assert untrained["hidden_iou"] < 0.9 and set(untrained["by_part"]) <= set(PARTS)


def test_losses_vanish_at_the_truth_and_look_at_hidden_pixels_alone() -> None:
    torch.manual_seed(0)
    truth, alpha = torch.rand(2, 3, 16, 16), torch.zeros(2, 16, 16)
    alpha[:, 4:12] = 1
    masks = torch.zeros(2, 2, 16, 16)
    masks[:, 0, 4:8], masks[:, 1, 8:] = 1, 1
    right = losses(40 * (alpha - 0.5), truth, masks, truth, alpha)
    assert right.shape < 1e-3 and right.colour == 0
    elsewhere = truth.clone()
    elsewhere[:, :, :4] += 1
    assert losses(40 * (alpha - 0.5), elsewhere, masks, truth, alpha).colour == 0
    wrong = losses(-40 * (alpha - 0.5), 1 - truth, masks, truth, alpha)
    assert wrong.shape > 10 and wrong.colour > 0.3


def test_colours_are_continued_smoothly_from_what_is_seen() -> None:
    colours, known = torch.zeros(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    colours[:, 0, :, :8], colours[:, 1, :, 24:] = 1, 1
    known[..., :8], known[..., 24:] = 1, 1
    out = continued(colours, known)[0, :, 16]
    assert out[0, 3] > 0.99 and out[1, 28] > 0.99 and (out[0] + out[1] > 0.9).all()
    assert out[0, 10] > 0.6 > out[0, 16] > out[0, 21]
    assert torch.isfinite(continued(colours, torch.zeros_like(known))).all()
