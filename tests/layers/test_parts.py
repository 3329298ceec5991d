"""Layers by part: whatever classes and parts a label map holds, each is a layer, stacked and named as it should be."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.inference import Segmentation
from cubiseg.label_maps import colourise, resized
from cubiseg.layers import PROFILES, Layer, LayerParams, Manifest, cut, recompose, write_layers
from cubiseg.layers.check import check_psd
from cubiseg.layers.dust import least_area
from cubiseg.layers.layer import MOST_LAYERS, MOST_PIECES
from cubiseg.layers.merge import merged
from cubiseg.layers.preview import owners
from cubiseg.layers.sharpen import KEPT, SEEN, sharpen
from cubiseg.portraits import draw
from tests.inference.palette import portrait_parts
from tests.layers.samplers import dust, fringe_pixels, inside, open_pixels
from tests.layers.test_profiles import SEE_THROUGH_3, tree

ID = taxonomy.PART_ID


def told(label: np.ndarray, cell: float = 1.0) -> Segmentation:
    """What a model of parts gives."""
    classes = taxonomy.CLASS_OF[label]
    return Segmentation(classes, np.full(label.shape, 0.75, np.float32), "a", "a", (), cell, label)


def write(folder: Path, picture: Picture, label: np.ndarray, cell: float = 1.0, **params: object) -> Manifest:
    return write_layers(folder, picture, told(label, cell), LayerParams(**params))[1]


def by_name(layers: list[Layer]) -> dict[str, Layer]:
    return {layer.name: layer for layer in layers}


def exact(layers: list[Layer], picture: Picture) -> bool:
    return np.array_equal(recompose(layers, picture.size), picture.rgba())


@pytest.mark.parametrize("cell", [1.0, 2.0])
@pytest.mark.parametrize("index", [0, 2, 5])
def test_each_part_of_a_portrait_is_a_layer_and_nothing_is_lost_at_its_borders(index: int, cell: float) -> None:
    drawn = draw(78, index, 384, 1, {"crop": {"upper body": 0, "cowboy shot": 0, "whole figure": 0}})
    picture = Picture(drawn.image)
    small = resized(drawn.parts, (round(384 / cell), round(384 / cell)))
    label = resized(small, drawn.parts.shape)
    layers = cut(picture, label, soft_edges=True, cell=cell)
    names = [layer.name for layer in layers]
    assert names == sorted(names, key=taxonomy.STACK_ORDER.index) and exact(layers, picture)
    seen = {taxonomy.PART_NAME[i] for i, n in enumerate(np.bincount(label.ravel())) if n >= 4 * least_area(label.shape)}
    assert seen <= set(names) <= {taxonomy.PART_NAME[i] for i in np.unique(label)}
    assert any(name not in taxonomy.NAMES for name in names)
    canvases, solid = [layer.on_canvas(picture.size) for layer in layers], inside(picture.rgba()[..., 3])
    bare = [canvas * (canvas[..., 3:] > 0) for canvas in canvases]
    assert open_pixels(canvases, solid) == 0
    assert fringe_pixels(canvases, solid) < 0.1 * fringe_pixels(bare, solid)
    assert [dust(layer.rgba[..., 3], 9) for layer in layers] == [(0, 0)] * len(layers)


def test_no_piece_of_a_part_shrinks_below_the_stated_share() -> None:
    for index in range(0, 24, 2):
        drawn = draw(24, index, 384)
        seen = np.kron(resized(drawn.parts, (128, 128)), np.ones((3, 3), np.uint8))
        moved = sharpen(drawn.image, seen, 3.0)
        for part in np.unique(seen):
            _, _, stats, _ = cv2.connectedComponentsWithStats((seen == part).view(np.uint8), connectivity=8)
            area = sum(size for size in stats[1:, cv2.CC_STAT_AREA] if size >= SEEN * 9)
            assert np.count_nonzero(moved == part) >= KEPT * area, (index, taxonomy.PART_NAME[part])


def test_classes_and_parts_lie_side_by_side_and_a_class_id_is_a_layer_of_its_own() -> None:
    label = portrait_parts(320, 256)
    rows = np.arange(320)[:, None]
    mixed = np.where(rows % 64 < 32, label, taxonomy.CLASS_OF[label]).astype(np.uint8)
    picture = Picture(colourise(mixed))
    layers = cut(picture, mixed, 0)
    assert {layer.name for layer in layers} == {taxonomy.PART_NAME[i] for i in np.unique(mixed)}
    assert {"hair", "hair_front", "clothes", "skin"} < {layer.name for layer in layers} and exact(layers, picture)
    assert (owners(layers, picture.size) == mixed).mean() > 0.99, "but for dust"


def test_the_stack_has_every_class_and_part_once_in_both_orders() -> None:
    assert sorted(taxonomy.STACK_ORDER) == sorted(ID)
    assert tuple(name for name in taxonomy.STACK_ORDER if name in taxonomy.NAMES) == taxonomy.LAYER_ORDER
    assert tuple(name for name in taxonomy.STACK_ORDER if name in taxonomy.LEAVES) == taxonomy.PART_ORDER


def eye(size: int = 240) -> np.ndarray:
    """A face with an eye and an open mouth, parts as drawings have them."""
    label = np.full((size, size), ID["face"], np.uint8)
    cv2.ellipse(label, (120, 90), (60, 34), 0, 0, 360, ID["eye_left_white"], -1)
    cv2.circle(label, (120, 90), 30, ID["eye_left_iris"], -1)
    label[:78][np.isin(label[:78], (ID["eye_left_white"], ID["eye_left_iris"]))] = ID["eye_left_lashes"]
    cv2.ellipse(label, (120, 180), (40, 22), 0, 0, 360, ID["lips"], -1)
    cv2.ellipse(label, (120, 180), (32, 12), 0, 0, 360, ID["mouth_inside"], -1)
    return label


def test_what_lies_on_the_face_hides_face_and_the_iris_hides_white_and_lids_and_lips_go_over_what_they_frame() -> None:
    label = eye()
    picture = Picture(colourise(label))
    layers = by_name(cut(picture, label))
    solid = {name: layer.on_canvas(label.shape)[..., 3] == 255 for name, layer in layers.items()}
    assert solid["face"].all(), "the face goes on beneath eye and mouth"
    iris = cv2.erode((label == ID["eye_left_iris"]).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert solid["eye_left_white"][iris].all(), "the white goes on beneath the iris"
    above = label == ID["eye_left_lashes"]
    for name, frame in (("eye_left_white", above), ("eye_left_iris", above), ("mouth_inside", label == ID["lips"])):
        rim = cv2.dilate((label == ID[name]).view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert np.count_nonzero(solid[name] & frame & rim) > 0.7 * np.count_nonzero(frame & rim), name
    painted = layers["eye_left_white"].on_canvas(label.shape)[iris, :3].astype(int)
    assert np.abs(painted - taxonomy.COLOURS[ID["eye_left_white"]]).max() <= 2


def test_the_face_goes_on_beneath_a_mask_that_is_worn_and_not_beneath_one_pushed_aside() -> None:
    label = np.zeros((300, 300), np.uint8)
    cv2.circle(label, (150, 150), 100, ID["hair_back"], -1)
    cv2.circle(label, (150, 160), 70, ID["face"], -1)
    worn, aside = label.copy(), label.copy()
    worn[150:][worn[150:] == ID["face"]] = ID["facewear"]
    aside[60:80, 60:240] = ID["facewear"]
    for some, least, most in ((worn, 0.95, 1), (aside, 0, 0.3)):
        face = by_name(cut(Picture(colourise(some)), some))["face"].on_canvas(some.shape)[..., 3] > 0
        mask = cv2.erode((some == ID["facewear"]).view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert least <= face[mask].mean() <= most


def test_see_through_gets_its_own_names_flat_and_an_arm_is_one_with_its_sleeve(tmp_path: Path) -> None:
    label = portrait_parts(480, 384)
    picture = Picture(colourise(label))
    manifest = write(tmp_path / "out", picture, label, profile="see-through")
    names = [entry.name for entry in manifest.layers]
    assert len(set(names)) == len(names) and {n.removesuffix("-l").removesuffix("-r") for n in names} <= SEE_THROUGH_3
    assert {"front hair", "back hair", "eyewhite-l", "irides-r", "eyelash-l", "ears-l", "handwear-l"} <= set(names)
    psd = PSDImage.open(tmp_path / "out/layers.psd")
    assert [layer.name for layer in psd] == names and not any(layer.is_group() for layer in psd)
    assert not psd[0].visible and psd[0].name == "background" and all(layer.visible for layer in psd[1:])
    assert (np.array(psd.topil().convert("RGBA"))[label == 0, 3] == 0).all(), "nothing opaque behind the figure"
    arm = next(entry for entry in manifest.layers if entry.name == "handwear-l")
    assert arm.parts == ("arm_left", "sleeve_left") and arm.class_name == "clothes"
    hidden = [entry.name for entry in manifest.layers if not entry.visible]
    check = check_psd(tmp_path / "out/layers.psd", picture, hidden)
    assert check.exact and check.findings == []


@pytest.mark.parametrize("arms", [True, False])
def test_a_glove_is_handwear_of_the_side_of_its_arm(arms: bool) -> None:
    label = np.zeros((100, 200), np.uint8)
    label[60:, 60:140] = ID["topwear"]
    label[20:60, 90:110] = ID["face"]
    right, left = (slice(50, 60), slice(40, 55)), (slice(50, 60), slice(150, 160))
    if arms:  # crossed: the hand on the picture's right is that of the right arm
        label[62:70, 60:150], label[80:90, 60:70] = ID["sleeve_right"], ID["arm_left"]
        right, left = (slice(50, 60), slice(150, 160)), (slice(90, 95), slice(58, 64))
    label[right] = label[left] = ID["handwear"]
    found, holds = merged(label, PROFILES["see-through"])
    names = PROFILES["see-through"].names
    assert {names[taxonomy.PART_NAME[i]] for i in np.unique(found[right])} == {"handwear-r"}
    assert {names[taxonomy.PART_NAME[i]] for i in np.unique(found[left])} == {"handwear-l"}
    of = {side: (f"arm_{side}", f"sleeve_{side}") for side in ("left", "right")}
    for side, at in (("left", left), ("right", right)):
        parts = holds[taxonomy.PART_NAME[int(found[at].max())]]
        assert "handwear" in parts and set(parts) <= {"handwear", *of[side]} and (len(parts) > 1) == arms
    assert np.array_equal(merged(label, PROFILES["flat"])[0], label)


def test_cubism_s_groups_are_those_of_live2d_s_samples(tmp_path: Path) -> None:
    label = portrait_parts(480, 384)
    picture = Picture(colourise(label))
    manifest = write(tmp_path / "out", picture, label, profile="cubism")
    psd = PSDImage.open(tmp_path / "out/layers.psd")
    paths = tree(psd)
    assert [(*entry.folders, entry.name) for entry in manifest.layers] == paths
    for path in (
        *(("Hair", "HairFront"), ("Hair", "HairSideL"), ("Hair Back", "HairBack"), ("Eyes", "Eye L", "LashL")),
        *(("Eyes", "Eye L", "IrisL"), ("Eyes", "Eye L", "WhiteL"), ("Face", "Mouth", "Lips"), ("Face", "FaceBase")),
        *(("Ear", "EarR"), ("Body", "Neck", "NeckSkin"), ("Arm L", "ArmL"), ("Arm L", "SleeveL"), ("Leg", "LegL")),
        *(("Body", "Topwear"), ("Accessory", "Headwear")),
    ):
        assert path in paths
    every = [layer.name for layer in psd.descendants()]
    assert len(set(every)) == len(every) and all(map(str.isascii, every)) and max(map(len, paths)) <= 5
    for file in ("layers.psd", "material_separation.psd"):
        check = check_psd(tmp_path / "out" / file, picture, ["Background", "BackgroundBeneath"])
        assert check.exact and check.findings == []


def test_groups_have_one_name_each_where_classes_and_parts_lie_side_by_side(tmp_path: Path) -> None:
    label = portrait_parts(320, 256)
    label[:, ::2] = taxonomy.CLASS_OF[label[:, ::2]]
    label = label[:, np.arange(256) // 2]
    picture = Picture(colourise(label))
    write(tmp_path / "out", picture, label, profile="cubism")
    every = [layer.name for layer in PSDImage.open(tmp_path / "out/layers.psd").descendants()]
    assert len(set(every)) == len(every) and {"Hair", "Hair 2", "Mouth"} <= set(every)


def test_files_are_named_by_class_or_by_part_as_the_level_says(tmp_path: Path) -> None:
    label = portrait_parts(320, 256)
    picture = Picture(colourise(label))
    by_class = write(tmp_path / "class", picture, label, level="class")
    by_part = write(tmp_path / "part", picture, label)
    files = [{entry.file for entry in manifest.layers} for manifest in (by_class, by_part)]
    assert {"png/hair_001.png", "png/eyesL_001.png", "png/skin_001.png"} < files[0]
    assert {"png/hair_front_001.png", "png/eye_left_iris_001.png", "png/browsL_001.png"} < files[1]
    assert all("parts" not in layer for layer in by_class.as_json()["layers"])
    front = next(layer for layer in by_part.as_json()["layers"] if layer["name"] == "hair_front")
    assert front["class"] == "hair" and front["parts"] == ["hair_front"]


def test_the_preview_shows_every_part_in_its_colour_on_a_sheet_that_is_no_strip(tmp_path: Path) -> None:
    label = portrait_parts(480, 384)
    manifest = write(tmp_path / "out", Picture(colourise(label)), label, profile="flat")
    with Image.open(tmp_path / "out/preview.png") as image:
        sheet = np.array(image.convert("RGB"))
    assert len(manifest.layers) > 30 and 0.5 < sheet.shape[1] / sheet.shape[0] < 2
    for entry in manifest.layers[1:]:
        assert (sheet == taxonomy.COLOURS[ID[entry.name]]).all(-1).any(), entry.name
    page = (tmp_path / "out/preview.html").read_text()
    assert all("#{:02x}{:02x}{:02x}".format(*taxonomy.COLOURS[ID[entry.name]]) in page for entry in manifest.layers)


def test_any_part_splits_into_pieces_of_stable_numbers_and_a_class_stands_for_its_parts() -> None:
    label = np.full((120, 120), ID["hair_back"], np.uint8)
    for number, side in enumerate((10, 18, 14)):
        label[10 : 10 + side, 10 + 36 * number : 10 + 36 * number + side] = ID["hair_front"]
        label[70 : 70 + side, 10 + 36 * number : 10 + 36 * number + side] = ID["headwear"]
    picture = Picture(colourise(label))
    for names in (("hair_front",), ("hair",)):
        pieces = [layer for layer in cut(picture, label, 0, split=names) if layer.piece]
        assert [(p.name, p.piece, int(p.own.sum())) for p in pieces] == [
            *(("hair_front", 1, 324), ("hair_front", 2, 196), ("hair_front", 3, 100)),
        ]
        assert [PROFILES["cubism"].layer_name(p) for p in pieces] == ["HairFront_001", "HairFront_002", "HairFront_003"]


def test_pieces_are_fewer_where_there_would_be_more_layers_than_live2d_s_free_editor_takes() -> None:
    ids = sorted(ID.values())[1:]
    label = np.zeros((16 * len(ids), 16 * 9), np.uint8)
    for row, number in enumerate(ids):
        for column in range(9):
            label[16 * row + 2 : 16 * row + 12, 16 * column + 2 : 16 * column + 12] = number
    picture = Picture(colourise(label))
    layers = cut(picture, label, 0, split=taxonomy.NAMES)
    assert len(layers) <= MOST_LAYERS and {layer.piece for layer in layers} == {0, 1, 2}
    few = cut(picture, label, 0, split=("hair_front",))
    assert sum(layer.name == "hair_front" for layer in few) == MOST_PIECES


@pytest.mark.parametrize(("profile", "expected"), [("see-through", "hide"), ("cubism", "hide"), ("flat", "keep")])
def test_the_background_is_hidden_where_its_consumers_want_none(profile: str, expected: str) -> None:
    assert LayerParams(profile=profile).backdrop == expected
    assert LayerParams(profile=profile, background="keep").backdrop == "keep"


def test_a_split_of_what_is_no_part_is_refused() -> None:
    with pytest.raises(ValueError, match="'fringe' is no class or part"):
        LayerParams(split=("fringe",))
