from pathlib import Path

import numpy as np
import pytest
from psd_tools import PSDImage

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.layers import PROFILES, cut
from cubiseg.layers.check import check_psd
from cubiseg.psd_files.importers import IMPORTERS
from tests.inference.palette import portrait
from tests.layers.test_export import write

SEE_THROUGH_3 = {
    "front hair", "back hair", "headwear", "face", "irides", "eyebrow", "eyewhite", "eyelash", "eyewear", "ears",
    "earwear", "nose", "mouth", "neck", "neckwear", "topwear", "handwear", "bottomwear", "legwear", "footwear", "tail",
    "wings", "objects", "background",
}  # fmt: skip


SIDED = {"irides", "eyebrow", "eyewhite", "eyelash", "ears", "handwear"}


def tree(psd: PSDImage) -> list[tuple[str, ...]]:
    """Path of each layer, bottom to top."""
    paths = []
    for layer in psd.descendants():
        if not layer.is_group():
            path, parent = (layer.name,), layer.parent
            while parent is not psd:
                path, parent = (parent.name, *path), parent.parent
            paths.append(path)
    return paths


@pytest.mark.parametrize("profile", list(PROFILES))
def test_every_class_and_part_has_an_ascii_name_and_classes_one_of_their_own(profile: str) -> None:
    names, sided = PROFILES[profile].names, PROFILES[profile].sided
    assert {*names, *sided} == set(taxonomy.PART_ID)
    assert all(name.isascii() and name.isprintable() for name in names.values())
    for level in (taxonomy.NAMES, () if profile == "see-through" else taxonomy.STACK_ORDER):
        files = {names[name].lower() for name in level}
        assert len(files) == len(level), "some file systems do not tell cases apart"


def test_see_through_s_names_are_those_of_its_version_3_with_sides() -> None:
    names = set(PROFILES["see-through"].names.values())
    assert {name.removesuffix("-l").removesuffix("-r") for name in names} == SEE_THROUGH_3
    assert {name[:-2] for name in names if name.endswith("-l")} == SIDED
    assert {name[:-2] for name in names if name.endswith("-r")} == SIDED


def test_cubism_s_groups_are_parts_with_folders_for_left_and_right(tmp_path: Path) -> None:
    picture, label = portrait(200, 160)
    write(tmp_path / "out", picture, label, profile="cubism")
    psd = PSDImage.open(tmp_path / "out/layers.psd")
    assert tree(psd) == [
        ("Backdrop", "Background"), ("Body", "Skin"), ("Clothes", "Cloth"), ("Face", "FaceBase"), ("Face", "Nose"),
        ("Face", "Mouth"), ("Eyes", "Eye R", "EyeR"), ("Eyes", "Eye L", "EyeL"),
        ("Eyebrows", "Eyebrow R", "BrowR"), ("Eyebrows", "Eyebrow L", "BrowL"), ("Hairs", "Hair"),
        ("Accessories", "Accessory"),
    ]  # fmt: skip
    every = [layer.name for layer in psd.descendants()]
    assert len(set(every)) == len(every), "Parts and layers have ids of their own"
    left = next(psd.find(name) for name in ("EyeL",))
    assert left.left > 80, "the character's left is on the picture's right"


def test_the_material_separation_psd_keeps_painting_apart_and_the_input_hidden(tmp_path: Path) -> None:
    picture, label = portrait(200, 160)
    write(tmp_path / "out", picture, label, profile="cubism")
    path = tmp_path / "out/material_separation.psd"
    psd = PSDImage.open(path)
    paths = tree(psd)
    assert ("Face", "FaceBaseBeneath") in paths and ("Face", "FaceBase") in paths
    assert paths.index(("Face", "FaceBaseBeneath")) < paths.index(("Face", "FaceBase"))
    reference = psd[-1]
    assert reference.name == "Reference" and not reference.visible
    assert np.array_equal(np.array(reference.topil(apply_icc=False).convert("RGB")), picture.rgb)
    check = check_psd(path, picture, ["Background", "BackgroundBeneath"])
    assert check.exact and check.findings == []


def test_pieces_are_numbered_by_size_and_crumbs_stay_with_the_largest() -> None:
    label = np.full((100, 100), taxonomy.ID["hair"], np.uint8)
    for number, side in enumerate((12, 20, 16)):
        label[10 : 10 + side, 10 + 30 * number : 10 + 30 * number + side] = taxonomy.ID["accessories"]
    label[80:83, 80:83] = taxonomy.ID["accessories"]
    rgb = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    layers = cut(Picture(rgb), label, 0, split=("accessories",))
    pieces = [layer for layer in layers if layer.class_name == "accessories"]
    assert [(layer.piece, int(layer.own.sum())) for layer in pieces] == [(1, 409), (2, 256), (3, 144)]
    names = [PROFILES["cubiai"].layer_name(layer) for layer in pieces]
    assert names == ["accessories_001", "accessories_002", "accessories_003"]
    assert PROFILES["cubiai"].file_name(pieces[1]) == "accessories_002.png"
    whole = cut(Picture(rgb), label, 0)
    assert [layer.piece for layer in whole] == [0, 0]
    assert PROFILES["cubiai"].file_name(whole[-1]) == "accessories_001.png"


def test_the_table_of_names_that_programs_know_is_true() -> None:
    text = (Path(__file__).parents[2] / "docs/other-tools.md").read_text(encoding="utf-8")
    unknown = {}
    for profile in PROFILES.values():
        names = set(profile.names.values())
        unknown[profile.name] = [{n for n in names if not importer.part_of(n)} for importer in IMPORTERS.values()]
        told = " | ".join(f"{len(names) - len(missing)} of {len(names)}" for missing in unknown[profile.name])
        assert f"| `{profile.name}` | {told} |" in text
    cubism, psd2live, anime, see_through = unknown["see-through"]
    assert (cubism, psd2live, see_through) == (set(), {"background"}, {"background"})
    assert {name.removesuffix("-l").removesuffix("-r") for name in anime} == {"background", "objects", *SIDED}
    assert {IMPORTERS["psd2live"].part_of(f"eye_left_{part}") for part in ("white", "lashes")} == {"irides"}


def test_the_profile_see_through_is_known_for_what_it_is() -> None:
    for name in PROFILES["see-through"].names.values():
        tag = name.removesuffix("-l").removesuffix("-r")
        assert IMPORTERS["psd2live"].part_of(name) in (tag, "") and IMPORTERS["see-through"].part_of(name) in (tag, "")
