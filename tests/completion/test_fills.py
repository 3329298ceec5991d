"""Plain fills: they paint what is wanted from what is known, and nothing else."""

import numpy as np
import pytest

from cubiseg.completion.fills import FILLS, Fill, continued, filled, seen_names, true_shape
from cubiseg.completion.measures import score
from tests.completion.figures import FACE, behind_a_bar


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
def test_a_flat_part_goes_on_flat_and_all_else_stays(fill: Fill) -> None:
    picture = behind_a_bar()
    painted = filled(picture.rgb, picture.label, lambda name: true_shape(picture, name), fill)
    assert list(painted) == ["face", "hair_front"]
    face = painted["face"]
    at = face.box.window
    hidden = true_shape(picture, "face")
    assert hidden is not None
    assert np.abs(face.rgb[hidden[at]].astype(int) - FACE).max() <= 4
    assert np.array_equal(face.rgb[~hidden[at]], picture.rgb[at][~hidden[at]])
    assert score(picture, painted).parts["face"].figures()["hidden_iou"] == 1


def _stripes(period: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Horizontal stripes on the left, nothing of them on the right."""
    rgb = np.full((48, 64, 3), 128, np.uint8)
    rgb[:, :44] = np.where((np.arange(48) // (period // 2) % 2)[:, None, None], 230, 40)
    known, wanted = np.zeros((2, 48, 64), bool)
    known[:, :44], wanted[8:40, 44:54] = True, True
    return rgb, known, wanted


@pytest.mark.parametrize("name", ["patches", "mirrored"])
def test_texture_goes_on_as_texture(name: str) -> None:
    rgb, known, wanted = _stripes()
    out = FILLS[name](rgb, known, wanted)
    expected = np.repeat(rgb[:, 20:21], 64, axis=1)
    assert np.abs(out[wanted].astype(int) - expected[wanted]).mean() < 25
    assert np.array_equal(out[~wanted], rgb[~wanted])


def test_large_areas_and_a_part_of_one_pixel_are_painted_too() -> None:
    rgb = np.zeros((160, 160, 3), np.uint8)
    rgb[80, 80] = (9, 99, 199)
    known, wanted = np.zeros((2, 160, 160), bool)
    known[80, 80] = True
    wanted[20:140, 20:140] = True
    wanted[80, 80] = False
    for name, fill in FILLS.items():
        out = fill(rgb, known, wanted)
        assert np.abs(out[wanted].astype(int) - (9, 99, 199)).max() <= 20, name


def test_what_goes_on_nowhere_and_what_touches_the_border_works() -> None:
    label = np.full((40, 40), 2, np.uint8)
    rgb = np.full((40, 40, 3), 77, np.uint8)
    assert seen_names(label) == ("face",) and seen_names(np.zeros((4, 4), np.uint8)) == ()
    painted = filled(rgb, label, lambda name: None, FILLS["telea"])["face"]
    assert (painted.alpha == 1).all() and np.array_equal(painted.rgb, rgb)
    label[:20] = 20
    again = continued(rgb, label == 2, label == 20, FILLS["mirrored"])
    assert (again.alpha == 1).all() and (again.rgb == 77).all()
