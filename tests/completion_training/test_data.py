import shutil
from pathlib import Path

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.completion_training.data import (
    ALPHA,
    INDEX,
    LABEL,
    MAY_HIDE,
    RGB,
    TRUTH,
    VISIBLE,
    draw_all,
    folder_of,
    open_crops,
)
from cubiseg.errors import CubisegError
from tests.completion_training.tiny import params


def test_a_crop_shows_a_part_and_its_truth_agrees_with_the_picture_where_it_is_seen(drawn: Path) -> None:
    train, validation = open_crops(params().draw, drawn)
    assert len(train) > 8 and len(validation) > 1 and {place[0] for place in validation.places} == {3}
    hidden, apart = 0, []
    for crops in (train, validation):
        for number in range(len(crops)):
            crop = crops.load(number)
            assert crop.shape == (10, 32, 32) and crop.dtype == np.uint8
            assert crop[VISIBLE].any()
            own = (crop[VISIBLE] == 255) & (crop[ALPHA] == 255)
            assert (crop[LABEL][own] == taxonomy.PART_ID[crops.names[number]]).all()
            apart.append(np.abs(crop[RGB].astype(int) - crop[TRUTH])[:, own].ravel())
            outside = crop[LABEL] == taxonomy.IGNORE_INDEX
            assert not crop[VISIBLE][outside].any() and not crop[MAY_HIDE][outside].any()
            hidden += int(((crop[MAY_HIDE] == 255) & (crop[ALPHA] > 128)).sum() > 4)
    assert hidden > (len(train) + len(validation)) / 2
    assert np.median(np.concatenate(apart)) <= 3


def test_drawing_goes_on_where_it_stopped_and_gives_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    whole = folder_of(params().draw, drawn)
    begun = folder_of(params().draw, tmp_path)
    begun.mkdir(parents=True)
    for picture in (0, 1, 3):
        shutil.copy(whole / f"{picture:06d}.npz", begun)
    kept = (begun / "000001.npz").stat().st_mtime_ns
    with pytest.raises(CubisegError, match="completion_training draw"):
        open_crops(params().draw, tmp_path)
    draw_all(params().draw, tmp_path)
    assert (begun / "000001.npz").stat().st_mtime_ns == kept
    assert {p.name: p.read_bytes() for p in whole.iterdir()} == {p.name: p.read_bytes() for p in begun.iterdir()}


def test_other_parameters_have_another_folder_and_a_damaged_crop_is_one_line(drawn: Path, tmp_path: Path) -> None:
    other = params().draw.model_copy(update={"seed": 3})
    assert folder_of(other, drawn) != folder_of(params().draw, drawn)
    begun = tmp_path / folder_of(params().draw, drawn).name
    shutil.copytree(folder_of(params().draw, drawn), begun)
    assert (begun / INDEX).is_file()
    (begun / "000000.npz").write_bytes(b"cut")
    crops, _ = open_crops(params().draw, tmp_path)
    with pytest.raises(CubisegError, match="draw the crops again"):
        crops.load(0)
