"""The generator's parts: exact where it knows them, and never at odds with its classes."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import skia

from cubiseg import taxonomy
from cubiseg.portraits import DrawnLayer, Portrait, draw, told_apart
from cubiseg.portraits.accessories import ACCESSORIES
from cubiseg.portraits.accessories.table import part_of
from cubiseg.portraits.axes import Mix
from cubiseg.portraits.catalogue import AXES
from cubiseg.portraits.compose import label_map, part_map
from cubiseg.portraits.garments import GARMENTS
from cubiseg.portraits.hair.backs import BACKS
from cubiseg.portraits.hair.fringes import FRONTS
from cubiseg.portraits.hair.sides import SIDES
from cubiseg.portraits.hair.strands import Hair
from cubiseg.portraits.paint import Board, path
from cubiseg.portraits.portrait import compose_scene
from cubiseg.portraits.rng import stream
from tests.portraits.figures import head_of

PLAIN = Mix().only(AXES["turn"], "front").only(AXES["placement"], "centre").only(AXES["camera"], "level")


def _square(x0: float, y0: float, x1: float, y1: float) -> skia.Path:
    return path(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))


def _shares(board: Board) -> dict[str, np.ndarray]:
    alpha = board.rgba()[..., 3]
    shares = board.shares(alpha)
    assert np.array_equal(sum(s.astype(int) for s in shares.values()), alpha)
    return shares


def _centre(p: Portrait, name: str) -> float | None:
    columns = np.nonzero(p.parts == taxonomy.PART_ID[name])[1]
    return float(columns.mean()) if len(columns) > 8 else None


def test_a_part_lies_in_its_class_at_every_pixel(portraits: list[Portrait]) -> None:
    for p in portraits:
        assert p.parts.dtype == np.uint8
        assert np.array_equal(taxonomy.CLASS_OF[p.parts], p.label)


def test_every_pixel_of_a_class_with_parts_is_told_apart(portraits: list[Portrait]) -> None:
    whole = taxonomy.ids(*(name for name in taxonomy.NAMES if taxonomy.PARTS_OF[name]))
    assert not any(np.isin(p.parts, whole).any() for p in portraits)


def test_the_shares_of_a_layer_s_parts_add_up_to_its_alpha(portraits: list[Portrait]) -> None:
    for layer in (layer for p in portraits[:12] for layer in p.layers[1:] if layer.rgba[..., 3].any()):
        assert np.array_equal(sum(s.astype(int) for s in layer.parts.values()), layer.rgba[..., 3]), layer.name
        assert {taxonomy.NAMES[taxonomy.CLASS_OF[taxonomy.PART_ID[part]]] for part in layer.parts} == {layer.name}


def test_left_parts_lie_on_the_right_of_a_frontal_picture() -> None:
    seen = dict.fromkeys((p.name for p in taxonomy.PARTS if "_left" in p.name), 0)
    mixes = [
        PLAIN.only(AXES["crop"], crop).factors for crop in ("upper body", "upper body", "cowboy shot", "whole figure")
    ]
    arms = Mix(mixes[0]).only(AXES["arms"], "hanging").only(AXES["hands"], "none").only(AXES["lids"], "wide")
    for index in range(16):
        mix = {**mixes[index % 4], **{k: arms.factors[k] for k in ("arms", "hands", "lids")}}
        p = draw(8, index, 160, 1, mix)
        for name in seen:
            left, right = _centre(p, name), _centre(p, name.replace("left", "right"))
            if left is not None and right is not None:
                assert left > right, (index, name)
                seen[name] += 1
    assert all(seen.values()), seen


@pytest.mark.parametrize("kind", BACKS)
def test_back_hair_is_back_hair_or_hangs_loose_before_the_shoulders(kind: str) -> None:
    who, view = compose_scene(1, 4, 96, 1, PLAIN)
    hair = Hair()
    BACKS[kind][0](stream(1, kind), hair, head_of(who, view), 1.0)
    assert {s.part for s in hair.back} <= {"hair_back", None}
    assert {s.part for s in hair.mid} <= {"hair_back", "hair_side_left", "hair_side_right"}
    if hair.bound:  # tails, plaits and buns wherever they hang
        assert {s.part for s in hair.mid} <= {"hair_back"} or kind == "half_up"


@pytest.mark.parametrize("kind", SIDES)
def test_side_hair_is_of_the_side_that_it_hangs_on(kind: str) -> None:
    factors = PLAIN.only(AXES["hair side"], kind).only(AXES["crop"], "portrait").only(AXES["worn head"], "none").factors
    p = draw(2, 3, 128, 1, factors)
    left, right = _centre(p, "hair_side_left"), _centre(p, "hair_side_right")
    assert left is not None and right is not None and left > right + 20


@pytest.mark.parametrize("kind", FRONTS)
def test_every_fringe_is_front_hair(kind: str) -> None:
    who, view = compose_scene(1, 4, 96, 1, PLAIN)
    hair = Hair()
    FRONTS[kind][0](stream(1, kind), hair, head_of(who, view), 1.0)
    parts = {s.part for s in [*hair.front, *hair.top]}
    assert "hair_front" in parts
    assert parts <= {"hair_front", None} or kind == "blunt_steps"


@pytest.mark.parametrize(("place", "kind"), [(place, kind) for place, kinds in ACCESSORIES.items() for kind in kinds])
def test_every_accessory_is_a_part_of_its_class(place: str, kind: str) -> None:
    assert part_of(place, kind) in taxonomy.PARTS_OF["accessories"]


@pytest.mark.parametrize("kind", GARMENTS)
def test_every_garment_has_a_top_and_below_the_waist_something_else(kind: str) -> None:
    mix = PLAIN.only(AXES["garment"], kind).only(AXES["crop"], "whole figure").only(AXES["worn over clothes"], "none")
    parts = {taxonomy.PART_NAME[i] for i in np.unique(draw(4, 2, 192, 1, mix.factors).parts).tolist()}
    assert "topwear" in parts
    assert parts & {"bottomwear", "leg_left"}


def test_ties_and_scarves_are_neckwear_and_what_a_hand_holds_is_held() -> None:
    scarf = draw(4, 2, 128, 1, PLAIN.only(AXES["worn over clothes"], "scarf").only(AXES["crop"], "upper body").factors)
    assert (scarf.parts == taxonomy.PART_ID["neckwear"]).mean() > 0.005
    hold = PLAIN.only(AXES["hands"], "hold").only(AXES["crop"], "upper body")
    holding = [draw(4, i, 128, 1, hold.factors) for i in range(4)]
    assert all((p.parts == taxonomy.PART_ID["held"]).any() for p in holding)


def test_an_eye_has_white_iris_and_lashes_and_a_shut_one_lashes_alone() -> None:
    close = PLAIN.only(AXES["crop"], "close-up").only(AXES["hair front"], "bare").only(AXES["eye style"], "almond")
    for lids, parts in (("wide", {"white", "iris", "lashes"}), ("shut", {"lashes"})):
        p = draw(5, 1, 192, 1, close.only(AXES["lids"], lids).only(AXES["worn face"], "none").factors)
        seen = {taxonomy.PART_NAME[i] for i in np.unique(p.parts).tolist()}
        assert {name.removeprefix("eye_left_") for name in seen if name.startswith("eye_left_")} == parts


def test_a_class_seen_through_another_keeps_its_own_parts() -> None:
    def flat(name: str, **parts: int) -> DrawnLayer:
        shares = {part: np.full((2, 2), alpha, np.uint8) for part, alpha in parts.items()}
        return DrawnLayer(name, np.full((2, 2, 4), (9, 9, 9, sum(parts.values())), np.uint8), shares)

    layers = [
        flat("background", background=255),
        flat("eye_left", eye_left_white=100, eye_left_iris=155),
        flat("hair", hair_front=40),
        flat("hair", hair_side_left=50, hair_back=40),
    ]
    assert (part_map(layers, label_map(layers)) == taxonomy.PART_ID["eye_left_iris"]).all()
    layers.append(flat("hair", hair_back=30))
    layers.append(flat("hair", hair_back=30))
    assert (part_map(layers, label_map(layers)) == taxonomy.PART_ID["hair_back"]).all()
    bare = [replace(layer, parts={}) for layer in layers]
    assert np.array_equal(part_map(bare, label_map(bare)), label_map(bare))  # not told apart further


def test_what_is_painted_over_a_part_takes_its_pixels() -> None:
    board = Board(16, part="topwear")
    board.fill(_square(0, 0, 16, 16), (1, 0, 0))
    with board.on("neckwear"):
        board.fill(_square(4, 4, 12, 12), (0, 1, 0), 0.75)
    shares = _shares(board)
    assert list(shares) == ["topwear", "neckwear"]
    assert (shares["neckwear"][8, 8], shares["topwear"][8, 8]) == (191, 64)
    assert (shares["neckwear"][1, 1], shares["topwear"][1, 1]) == (0, 255)


def test_shadows_belong_to_what_they_lie_on() -> None:
    board = Board(16, part="eye_left_white")
    board.fill(_square(0, 0, 16, 16), (1, 1, 1))
    with board.on("eye_left_iris"):
        board.fill(_square(8, 0, 16, 16), (0, 0, 1))
        board.fill(_square(0, 0, 16, 16), (0, 0, 0), atop=True)
    with board.on(None):
        board.fill(_square(0, 0, 16, 16), (0, 0, 0))
    shares = _shares(board)
    assert (shares["eye_left_white"][:, :8] == 255).all() and (shares["eye_left_iris"][:, 8:] == 255).all()


def test_many_parts_a_clip_and_an_eraser_keep_the_count() -> None:
    board, names = Board(32, part="topwear"), [p.name for p in taxonomy.PARTS[20:28]]
    board.fill(_square(0, 0, 32, 32), (1, 0, 0))
    with board.clipped(_square(0, 0, 32, 16)):
        for k, name in enumerate(names):
            with board.on(name):
                board.fill(_square(4 * k, 0, 4 * k + 4, 32), (0, 0, 0))
    board.claim("torso", _square(0, 24, 32, 40))
    board.erase(_square(0, 28, 32, 32))
    shares = _shares(board)
    assert all((shares[name][:16, 4 * k : 4 * k + 4] == 255).all() for k, name in enumerate(names[1:], 1))
    assert (shares["topwear"][16:24] == 255).all() and (shares["torso"][24:28] == 255).all()
    assert not any(share[28:].any() for share in shares.values())


def test_a_part_painted_alone_is_complete_under_the_others_and_the_picture_stays() -> None:
    boards = [Board(16, part="topwear", alone=alone) for alone in (False, True)]
    for board in boards:
        board.fill(_square(0, 0, 16, 16), (1, 0, 0))
        with board.on("neckwear"):
            board.fill(_square(4, 4, 12, 12), (0, 1, 0))
        with board.moved(2, 0):
            board.fill(_square(2, 0, 4, 16), (0, 0, 1), atop=True)
        board.claim("torso", _square(0, 14, 16, 20))
        board.erase(_square(0, 0, 16, 2))
    assert boards[0].alone() == {} and np.array_equal(boards[0].rgba(), boards[1].rgba())
    alone = boards[1].alone()
    assert alone["topwear"][8, 8].tolist() == [255, 0, 0, 255]  # under the tie
    assert alone["neckwear"][8, 8].tolist() == [0, 255, 0, 255] and alone["neckwear"][8, 2, 3] == 0
    assert all(alone[part][8, 5].tolist() == [0, 0, 255, 255] for part in ("topwear", "neckwear"))  # the shadow
    assert alone["torso"][15, 8].tolist() == [255, 0, 0, 255] and alone["topwear"][15, 8, 3] == 0
    assert not alone["topwear"][:2, :, 3].any()


def test_a_picture_whose_parts_are_painted_alone_too_is_the_same_picture() -> None:
    one, two = (draw(3, 2, 96, 1, alone=alone) for alone in (False, True))
    assert np.array_equal(one.image, two.image) and np.array_equal(one.parts, two.parts)
    assert all(np.array_equal(a.rgba, b.rgba) and not a.alone for a, b in zip(one.layers, two.layers, strict=True))
    assert all(set(layer.alone) == set(layer.parts) for layer in two.layers[1:] if layer.alone)


def test_an_iris_alone_is_whole_beneath_lids_that_are_half_shut_and_its_layer_ends_with_the_eye() -> None:
    mix = PLAIN.only(AXES["crop"], "close-up").only(AXES["eye style"], "almond").only(AXES["iris"], "gradient")
    for lids in ("wide", "half"):
        p = draw(5, 1, 256, 1, mix.only(AXES["lids"], lids).factors, alone=True)
        eye = next(layer for layer in p.layers if layer.name == "eye_left" and layer.alone)
        alone = eye.alone["eye_left_iris"][..., 3]
        _, (w, h), _ = cv2.fitEllipse(max(cv2.findContours(alone // 128, 0, 1)[0], key=len))
        assert np.count_nonzero(alone > 127) == pytest.approx(np.pi * w * h / 4, rel=0.08), lids
        layer = next(one for one in told_apart(p.layers) if "eye_left_iris" in one.parts)
        assert (layer.rgba[..., 3] <= eye.rgba[..., 3]).all()
        if lids == "half":
            assert np.count_nonzero(alone > 127) > 1.15 * np.count_nonzero(layer.rgba[..., 3] > 127)


def test_the_picture_is_the_same_whoever_owns_it() -> None:
    one, two = Board(16, part="topwear"), Board(16, part="topwear")
    for board, part in ((one, "topwear"), (two, "neckwear")):
        with board.on(part):
            board.fill(_square(2, 2, 11.5, 9.3), (0.3, 0.2, 0.9), 0.7, blur=1.0)
            board.stroke(_square(2, 2, 11.5, 9.3), (0.1, 0.2, 0.0), 1.5)
        board.claim("torso", _square(0, 0, 8, 16))
    assert np.array_equal(one.rgba(), two.rgba())
