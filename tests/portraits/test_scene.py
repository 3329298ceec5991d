"""What is around the figure is background at every pixel, whatever it looks like."""

import numpy as np
import pytest

from cubiseg import taxonomy
from cubiseg.portraits import draw
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.background import BACKGROUND, _kinds
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.shadows import stands

CROPS = tuple(AXES["crop"].kinds)

FAR = Mix().only(AXES["crop"], CROPS[-1]).only(AXES["placement"], "centre")
CLEAR = FAR.only(AXES["ground shadow"], "none").only(AXES["halo"], "none").only(AXES["background"], "white")


def _whole(count: int) -> list[int]:
    """Indices of pictures that show a figure down to its feet."""
    found = [i for i in range(24) if stands((draw(9, i, 96, 1, CLEAR.factors).label > 0).astype(np.uint8) * 255)]
    assert len(found) >= count
    return found[:count]


@pytest.mark.parametrize("kind", ["companion", "sheet", "inset", "alike"])
def test_other_figures_and_drapes_are_background_at_every_pixel(kind: str) -> None:
    none = CLEAR.only(AXES["distractor"], "none")
    changed = 0
    for index in range(3):
        alone, p = (draw(9, index, 128, 1, mix.factors) for mix in (none, none.only(AXES["distractor"], kind)))
        assert np.array_equal(p.label, alone.label) and np.array_equal(p.parts, alone.parts)
        changed += int((p.clean != alone.clean).any(axis=2).sum())
        assert len(p.layers) == len(alone.layers)
    assert changed > 300


def test_a_companion_is_nearly_as_large_as_the_character() -> None:
    mixes = (CLEAR.only(AXES["distractor"], kind) for kind in ("none", "companion"))
    none, companion = ([draw(9, index, 128, 1, mix.factors) for index in range(4)] for mix in mixes)
    for a, b in zip(none, companion, strict=True):
        figure = (a.label > 0).sum()
        assert ((b.clean != a.clean).any(axis=2)).sum() > 0.05 * figure
    assert (
        max(
            ((b.clean != a.clean).any(axis=2)).sum() / (a.label > 0).sum() for a, b in zip(none, companion, strict=True)
        )
        > 0.4
    )


@pytest.mark.parametrize("kind", list(AXES["ground shadow"].kinds)[1:])
def test_a_ground_shadow_never_changes_a_label_and_lies_at_the_feet(kind: str) -> None:
    for index in _whole(2):
        none, p = (draw(9, index, 96, 1, m.factors) for m in (CLEAR, CLEAR.only(AXES["ground shadow"], kind)))
        assert np.array_equal(none.label, p.label) and np.array_equal(none.parts, p.parts)
        rows = np.flatnonzero((none.clean != p.clean).any(axis=(1, 2)))
        low = np.flatnonzero((none.label > 0).any(axis=1))[-1]
        assert len(rows) and rows[0] <= low + 2 and rows[-1] >= low - 12


def test_a_figure_that_the_edge_cuts_throws_no_shadow_on_the_ground() -> None:
    close = CLEAR.only(AXES["crop"], CROPS[1])
    one, two = (draw(9, 1, 96, 1, m.factors) for m in (close, close.only(AXES["ground shadow"], "pool")))
    assert np.array_equal(one.clean, two.clean)


@pytest.mark.parametrize("kind", list(AXES["caption"].kinds)[1:])
def test_bubbles_and_writing_are_background(kind: str) -> None:
    none = CLEAR.only(AXES["caption"], "none")
    pairs = [[draw(9, i, 96, 1, m.factors) for m in (none, none.only(AXES["caption"], kind))] for i in range(3)]
    assert all(np.array_equal(a.label, b.label) for a, b in pairs)
    assert any((a.clean != b.clean).any() for a, b in pairs)


def test_whole_figures_stand_on_plain_ground_half_the_time_and_pale_ones_on_white() -> None:
    def share(own: list[tuple[float, float, float]], whole: bool, *names: str) -> float:
        weights = _kinds(own, whole)
        assert set(weights) == set(BACKGROUND.kinds)
        return sum(weights[name] for name in names) / sum(weights.values())

    dark, pale = [(0.2, 0.2, 0.2)] * 4, [(0.2, 0.2, 0.2), (1, 0.9, 0.8), (0.97, 0.97, 0.97), (0.5, 0.2, 0.2)]
    plain = ("white", "off-white", "plain", "gradient", "radial", "sprite", "black", "checkerboard")
    assert 0.5 < share(dark, True, *plain) < 0.8 and share(dark, False, *plain) < 0.35
    assert share(pale, True, "white", "off-white") > 0.4 > share(dark, True, "white", "off-white") > 0.25


def test_a_spare_picture_leaves_much_of_it_empty() -> None:
    mixes = [CLEAR.only(AXES["placement"], kind) for kind in ("centre", "spare")]
    centre, spare = (np.mean([(draw(9, i, 96, 1, m.factors).label > 0).mean() for i in range(6)]) for m in mixes)
    assert spare < 0.6 * centre


@pytest.mark.parametrize("place", ["cut", "aside"])
def test_no_companion_is_more_central_than_the_character(place: str) -> None:
    none = CLEAR.only(AXES["placement"], place).only(AXES["distractor"], "none").only(AXES["crop"], CROPS[-2])
    for index in range(5):
        alone, p = (draw(9, index, 96, 1, m.factors) for m in (none, none.only(AXES["distractor"], "companion")))
        columns = np.nonzero((p.clean != alone.clean).any(axis=2))[1]
        face = np.nonzero(alone.label == taxonomy.ID["face"])[1]
        if len(columns):
            assert abs(np.median(columns) - 48) > 0.9 * abs(face.mean() - 48) or len(columns) < 40
        if not 14 < face.mean() < 82:
            assert not len(columns)
