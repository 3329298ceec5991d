"""Raw answers become class ids at the picture's size; doubt becomes 255."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg import imaging, label_maps, taxonomy
from cubiseg.cleaning.painted import read_painted
from cubiseg.cleaning.params import CleanParams
from tests.tiny import face, params

PARAMS = CleanParams.model_validate(params("clean"))


def save(path: Path, pixels: np.ndarray) -> Path:
    imaging.write_png(path, pixels)
    return path


def test_palette_colours_and_ids_read_alike(tmp_path: Path) -> None:
    for pixels in (label_maps.colourise(face()), face()):
        label, nearest = read_painted(save(tmp_path / "a.png", pixels), face().shape, PARAMS)
        assert np.array_equal(label, face())
        assert np.array_equal(nearest, face())


def test_an_answer_of_another_size_is_scaled_to_its_picture(tmp_path: Path) -> None:
    half = label_maps.colourise(face())[::2, ::2]
    label, _ = read_painted(save(tmp_path / "a.png", half), face().shape, PARAMS)
    assert label.shape == face().shape
    assert (label != face()).mean() < 0.02


def test_colours_that_are_none_or_lie_between_two_are_not_known(tmp_path: Path) -> None:
    hair, mouth = (np.array(taxonomy.PALETTE[taxonomy.ID[n]]) for n in ("hair", "mouth"))
    pixels = np.array([[hair, hair + np.array((-5, 4, 5)), (hair + mouth) // 2, (0, 255, 0), taxonomy.IGNORE_COLOUR]])
    label, nearest = read_painted(save(tmp_path / "a.png", pixels.astype(np.uint8)), (1, 5), PARAMS)
    assert label.tolist() == [[1, 1, 255, 255, 255]]
    assert nearest[0, 2] in (1, 8)


def test_ids_that_are_no_class_are_not_known(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 11, 12, 200, 255]], np.uint8)).save(tmp_path / "a.png")
    assert read_painted(tmp_path / "a.png", (1, 5), PARAMS)[0].tolist() == [[0, 11, 255, 255, 255]]


@pytest.mark.parametrize("size", [(128, 128), (64, 96), (300, 7)])
def test_aligning_invents_no_class(size: tuple[int, int]) -> None:
    assert label_maps.resized(face(), size).shape == size
    assert set(np.unique(label_maps.resized(face(), size))) <= set(np.unique(face()))
