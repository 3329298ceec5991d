"""What a network sees is evened out over areas of one colour, and stays as it is where there are none."""

from dataclasses import replace

import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.inference.areas import areas, even_out
from cubiseg.inference.looks import Look, in_steps
from cubiseg.letterbox import Placement, largest, part_map

SIDE, GRID = 640, 160
HALF = GRID // 2
CLOTHES, SKIN, HAIR, EYE = (taxonomy.ID[name] for name in ("clothes", "skin", "hair", "eye_left"))
BLUE, RED, INK = (60, 90, 200), (190, 60, 70), (20, 20, 30)


def drawn(left: tuple[int, int, int], right: tuple[int, int, int], *, line: bool = True) -> np.ndarray:
    """Two areas beside each other, with a line of ink between them."""
    rgb = np.empty((SIDE, SIDE, 3), np.uint8)
    rgb[:, : SIDE // 2], rgb[:, SIDE // 2 :] = left, right
    if line:
        rgb[:, SIDE // 2 - 6 : SIDE // 2 + 6] = INK
    return rgb


def look(label: np.ndarray, sure: float | np.ndarray = 4.0) -> Look:
    """What a network sees, (h, w) ids of classes and parts, in the middle of a square input; ``sure``: their logits."""
    h, w = label.shape
    top = (GRID - h) // 2
    outputs = np.zeros((len(taxonomy.OUTPUT_IDS), GRID, w), np.float32)
    for plane, number in zip(outputs, taxonomy.OUTPUT_IDS, strict=True):
        plane[top : top + h] = sure * ((label == number) | (taxonomy.CLASS_OF[label] == number))
    size = SIDE * h // GRID, SIDE
    logits, parts = outputs[: taxonomy.NUM_CLASSES], in_steps(outputs[taxonomy.NUM_CLASSES :])
    return Look(Box(0, 0, size[1], size[0]), logits, Placement(size, (h, w), (top, 0)), parts=parts)


def seen_parts(shown: Look) -> np.ndarray:
    assert shown.parts is not None
    return part_map(shown.parts, replace(shown.placement, original=shown.placement.scaled), seen(shown))


def even(shown: Look, rgb: np.ndarray) -> None:
    even_out(shown.logits, shown.parts, shown.placement, areas(rgb, shown.placement.scaled))


def seen(shown: Look) -> np.ndarray:
    (h, w), (top, left) = shown.placement.scaled, shown.placement.offset
    return largest(shown.logits[: taxonomy.NUM_CLASSES, top : top + h, left : left + w])


def halves(left: int, right: int) -> np.ndarray:
    label = np.full((GRID, GRID), left, np.uint8)
    label[:, HALF:] = right
    return label


def test_a_patch_without_an_edge_goes_along_with_its_area_if_the_network_is_less_sure_of_it() -> None:
    truth = halves(CLOTHES, HAIR)
    wrong = truth.copy()
    wrong[40:90, 10:50] = SKIN
    wrong[100:130, 100:140] = taxonomy.ID["background"]
    shown = look(wrong, np.where(wrong == truth, 4.0, 1.0))
    even(shown, drawn(BLUE, RED))
    apart = np.abs(np.arange(GRID) - HALF) > 4
    assert np.array_equal(seen(shown)[:, apart], truth[:, apart])


def test_an_area_that_holds_two_classes_keeps_them() -> None:
    label = halves(CLOTHES, SKIN)
    shown = look(label)
    even(shown, drawn(BLUE, BLUE, line=False))
    assert np.array_equal(seen(shown), label)


def test_small_parts_of_a_face_stay() -> None:
    label = np.full((GRID, GRID), taxonomy.ID["face"], np.uint8)
    label[70:80, 60:75] = EYE
    shown = look(label)
    before = shown.logits[:, 70:80, 60:75].copy()
    even(shown, drawn(BLUE, BLUE, line=False))
    assert np.array_equal(seen(shown), label)
    assert np.array_equal(shown.logits[:, 70:80, 60:75], before)


def test_a_patch_of_another_garment_goes_along_with_its_area_and_locks_of_hair_stay() -> None:
    skirt, top, back, side = (taxonomy.PART_ID[n] for n in ("bottomwear", "topwear", "hair_back", "hair_side_left"))
    truth = halves(skirt, back)
    wrong = truth.copy()
    wrong[40:90, 10:50] = top
    wrong[40:90, 100:140] = side
    shown = look(wrong, np.where(wrong == truth, 4.0, 1.0))
    even(shown, drawn(BLUE, RED))
    assert (seen_parts(shown)[:, : HALF - 4] == skirt).all()
    assert np.array_equal(seen_parts(shown)[:, HALF + 4 :], wrong[:, HALF + 4 :])


def test_garments_that_no_line_parts_stay_apart_where_the_network_is_sure_of_both() -> None:
    label = halves(taxonomy.PART_ID["topwear"], taxonomy.PART_ID["bottomwear"])
    shown = look(label)
    even(shown, drawn(BLUE, BLUE, line=False))
    assert np.array_equal(seen_parts(shown), label)


def test_the_margin_stays() -> None:
    label = halves(taxonomy.PART_ID["topwear"], HAIR)[: GRID // 2]
    label[10:40, 10:40] = SKIN
    label[50:70, 10:40] = taxonomy.PART_ID["bottomwear"]
    shown = look(label)
    before = [plane.copy() for plane in shown.planes]
    even(shown, drawn(BLUE, RED)[: SIDE // 2])
    assert any((plane != was).any() for plane, was in zip(shown.planes, before, strict=True))
    margin = np.ones(GRID, bool)
    margin[GRID // 4 : GRID * 3 // 4] = False
    for plane, was in zip(shown.planes, before, strict=True):
        assert np.array_equal(plane[margin], was[margin])


def test_what_the_network_is_as_sure_of_as_of_the_rest_stays() -> None:
    label = halves(CLOTHES, HAIR)
    label[40:90, 10:50] = SKIN
    shown = look(label)
    even(shown, drawn(BLUE, RED))
    assert np.array_equal(seen(shown), label)


def test_a_picture_of_a_few_pixels_is_one_area() -> None:
    label = np.full((1, 3), CLOTHES, np.uint8)
    logits = np.zeros((taxonomy.NUM_CLASSES, 1, 3), np.float32)
    logits[CLOTHES] = 2
    shown = Look(Box(0, 0, 3, 1), logits, Placement((1, 3), (1, 3), (0, 0)))
    even(shown, np.zeros((1, 3, 3), np.uint8))
    assert np.array_equal(seen(shown), label)
