"""Measures with answers that are known."""

from dataclasses import replace

import numpy as np
import pytest

from cubiseg.completion.measures import Painted, better, compare, holes, score, similar_gradients, summary
from tests.completion.figures import FACE, HAIR, SIZE, WHOLE, behind_a_bar, disc, piece


def _whole(mask: np.ndarray, colour: tuple[int, int, int]) -> Painted:
    return Painted(WHOLE, mask.astype(np.float32), np.full((SIZE, SIZE, 3), colour, np.uint8))


def test_the_truth_itself_has_no_error() -> None:
    picture = behind_a_bar()
    figures = compare(picture.parts["face"], _whole(disc(32, 32, 20), FACE), (SIZE, SIZE)).figures()
    assert figures["hidden_iou"] == figures["amodal_iou"] == figures["painted"] == 1
    assert figures["alpha_error"] == 0 and figures["ciede2000"] == pytest.approx(0, abs=1e-6)
    assert figures["ssim"] == pytest.approx(1) and figures["edges"] == pytest.approx(1)
    assert figures["psnr"] > 60


def test_half_of_the_hidden_area_has_half_of_the_iou_and_of_the_alpha() -> None:
    picture = behind_a_bar()
    half = disc(32, 32, 20)
    half[32:38] = False  # the lower six of the bar's twelve rows
    counts = compare(picture.parts["face"], _whole(half, FACE), (SIZE, SIZE))
    assert counts.figures()["hidden_iou"] == pytest.approx(0.5, abs=0.03)
    assert counts.figures()["alpha_error"] == pytest.approx(0.5, abs=0.03)
    assert counts.figures()["amodal_iou"] == pytest.approx(1 - 0.5 * counts.hidden / disc(32, 32, 20).sum(), abs=0.02)


def test_too_much_costs_as_too_little_does_and_nothing_has_no_colour() -> None:
    picture = behind_a_bar()
    much = disc(32, 32, 20)
    much[26:38, 4:60] = True
    counts = compare(picture.parts["face"], _whole(much, FACE), (SIZE, SIZE))
    assert counts.both == counts.hidden and counts.figures()["hidden_iou"] == pytest.approx(counts.hidden / (12 * 56))
    none = compare(picture.parts["face"], None, (SIZE, SIZE)).figures()
    assert none["hidden_iou"] == none["amodal_iou"] == none["painted"] == 0 and np.isnan(none["ciede2000"])


def test_colour_counts_where_it_is_hidden_and_nowhere_else() -> None:
    picture = behind_a_bar()
    rgb = np.full((SIZE, SIZE, 3), FACE, np.uint8)
    rgb[26:38] = np.array(FACE) - 10
    wrong = Painted(WHOLE, disc(32, 32, 20).astype(np.float32), rgb)
    figures = compare(picture.parts["face"], wrong, (SIZE, SIZE)).figures()
    assert figures["psnr"] == pytest.approx(20 * np.log10(255 / 10))
    assert 2 < figures["ciede2000"] < 6 and figures["edges"] < 1
    rgb[:26] = 0
    same = compare(picture.parts["face"], replace(wrong, rgb=rgb), (SIZE, SIZE)).figures()
    assert same == figures


def test_a_line_in_another_place_is_seen_by_the_edges() -> None:
    one, two = np.full((2, 32, 32), 200, np.uint8)
    one[:, 10], two[:, 20] = 20, 20
    assert similar_gradients(one, one).min() == pytest.approx(1)
    assert similar_gradients(one, two)[:, [9, 11, 19, 21]].max() < 0.1
    assert similar_gradients(one, two)[:, 2].min() == pytest.approx(1)


def test_a_bar_that_moves_opens_what_is_not_painted_behind_it() -> None:
    picture = behind_a_bar()
    bar = piece("hair_front", picture.label == 20, HAIR)
    hair = Painted(bar.box, np.ones(bar.rgba.shape[:2], np.float32), bar.rgba[..., :3])
    seen = _whole((picture.label == 2), FACE)
    full = _whole(disc(32, 32, 20), FACE)
    width = 50.0  # moves of 1, 2 and 4 px
    true = picture.parts["face"], picture.parts["hair_front"]
    opened = [holes([(face, true[0]), (hair, true[1])], picture.figure, width) for face in (seen, full)]
    none, all_ = (one.clear for one in opened)
    area = picture.figure.sum()
    # Straight up or down, the whole width of the bar opens; with a whole face, its two ends beside the face alone.
    assert none["0.02"] * area * 8 == pytest.approx(_opened(picture, 1, whole=False))
    assert all_["0.02"] * area * 8 == pytest.approx(_opened(picture, 1, whole=True))
    assert all_["0.04"] < 0.75 * none["0.04"] and none["0.02"] < none["0.04"] < none["0.08"]
    assert opened[1].torn == {"0.02": 0, "0.04": 0, "0.08": 0}
    assert opened[0].torn["0.04"] == pytest.approx(none["0.04"] - all_["0.04"])


def _opened(picture: object, step: int, *, whole: bool) -> float:
    """Pixels that are opened, by brute force over both parts and eight directions."""
    bar, face = picture.label == 20, disc(32, 32, 20) if whole else picture.label == 2  # type: ignore[attr-defined]
    total = 0
    for y, x in ((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b):
        far = step if 0 in (x, y) else round(step / 2**0.5)
        for moved, stays in ((bar, face), (face, bar)):
            gone = np.roll(moved, (y * far, x * far), (0, 1))
            total += np.count_nonzero((bar | face) & ~(gone | stays))
    return total


def test_figures_are_means_over_parts_then_characters_with_intervals_over_characters() -> None:
    full, seen = disc(32, 32, 20), behind_a_bar().label == 2
    counts = {
        way: [score(behind_a_bar(who), {"face": _whole(mask, FACE)}) for who, mask in zip("abc", masks, strict=True)]
        for way, masks in {"good": (full, full, full), "mixed": (full, seen, seen)}.items()
    }
    told = summary(counts["mixed"])
    assert told.pictures == told.characters == 3
    assert told.figures["hidden_iou"] == pytest.approx(1 / 3, abs=1e-4) and told.parts["face"]["hidden_iou"] is not None
    low, high = told.intervals["hidden_iou"]
    assert low == 0 and high == 1 and told.by_character["a"]["hidden_iou"] == 1
    over = better(counts["good"], counts["mixed"], "hidden_iou")
    assert over.mean == pytest.approx(2 / 3, abs=1e-4) and over.better_in == pytest.approx(2 / 3, abs=1e-4)
    assert better(counts["good"], counts["mixed"], "torn 0.04").mean <= 0
    with pytest.raises(ValueError, match="different characters"):
        better(counts["good"], counts["mixed"][:2], "psnr")
