"""The block train of params.yaml says what is wrong with it."""

from pathlib import Path

import pytest
import yaml

from cubiseg.errors import CubisegError
from cubiseg.params import read_block
from cubiseg.training.params import TrainParams
from tests import tiny


@pytest.mark.parametrize(("was", "instead"), [(True, "imagenet"), (False, "scratch")])
def test_the_old_key_is_told_with_what_to_write_instead(tmp_path: Path, was: bool, instead: str) -> None:
    block = {k: v for k, v in tiny.params("train").items() if k != "start"}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump({"train": {**block, "pretrained": was}}))
    with pytest.raises(CubisegError) as caught:
        read_block(path, "train", TrainParams)
    said = f"train.pretrained = {was}: Value error, was replaced; write `start: {instead}` instead of"
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
