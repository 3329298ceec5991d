"""Which names each program knows, by what its own documents and tests say of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg.psd_files.importers import IMPORTERS, _words

PSD2LIVE = IMPORTERS["psd2live"].part_of
ANIME = IMPORTERS["anime2.5drig"].part_of
SEE_THROUGH = IMPORTERS["see-through"].part_of


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("eye", "irides"),
        ("eyelash-l", "eyelash"),
        ("eyelash_right", "eyelash"),
        ("l-eyelash", "eyelash"),
        ("left_arm", "handwear"),
        ("hair_1_l", "front hair"),
        ("eye(l)", "irides"),
        ("front hair 2", "front hair"),
        ("face copy 2", "face"),
        ("前发左1", "front hair"),
        ("眼睛（右）", "irides"),
        ("横髪右", "front hair"),
        ("白目(左)", "eyewhite"),
        ("눈l", "irides"),
        ("오른팔", "handwear"),
        ("顔 のコピー", "face"),
        ("TOOTH-T", "tooth-t"),
        ("hair_back", "back hair"),
        ("back hair lower", "back hair"),
        ("irides-r-2", "irides"),
    ],
)
def test_psd2live_knows_names_with_sides_numbers_and_copies_in_four_languages(name: str, part: str) -> None:
    assert PSD2LIVE(name) == part


@pytest.mark.parametrize("name", ["Layer 12", "EyeL", "HairBack", "skin", "animal_ears", "earplug", "front_hair", "l_"])
def test_psd2live_knows_no_name_that_only_looks_alike(name: str) -> None:
    assert PSD2LIVE(name) == ""


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("前髪2", "front hair"),
        ("Front_Hair", "front hair"),
        ("front hair 1", "front hair"),
        ("後ろ髪", "back hair"),
        ("閉じ目", "eye_close"),
        ("閉じ目2", "eye_close2"),
        ("eyeclose2", "eye_close2"),
        ("口", "mouth_open"),
        ("顔 のコピー", "face"),
        ("face copy 2", "face"),
        ("bottom wear", "bottomwear"),
        ("メガネ", "eyewear"),
        ("しっぽ", "tail"),
        ("ピアス", "earwear"),
        ("eyewhite_1", "eyewhite"),
    ],
)
def test_anime2_5drig_does_not_mind_case_hyphens_and_numbers(name: str, part: str) -> None:
    assert ANIME(name) == part


@pytest.mark.parametrize("name", ["layer 12", "mystery", "irides-l", "12", "EyeL"])
def test_anime2_5drig_names_no_marks_of_sides(name: str) -> None:
    assert ANIME(name) == ""


@pytest.mark.parametrize("name", ["front hair", "irides-l", "handwear-1", "handwear-1-r", "hairf", "objects"])
def test_see_through_knows_its_tags_and_what_it_splits_them_into(name: str) -> None:
    assert SEE_THROUGH(name)


@pytest.mark.parametrize("name", ["Front hair", "front_hair", "nose-l", "front hair 2", "irides-left", "skin", ""])
def test_see_through_knows_no_other_spelling(name: str) -> None:
    assert SEE_THROUGH(name) == ""


@given(st.text(max_size=60))
def test_whatever_a_name_is_it_is_known_or_not(name: str) -> None:
    assert all(isinstance(importer.part_of(name), str) for importer in IMPORTERS.values())


@pytest.mark.parametrize("importer", ["psd2live", "anime2.5drig"])
def test_every_name_that_a_program_calls_a_part_by_is_known_for_that_part(importer: str) -> None:
    for word, part in _words(importer).items():
        assert IMPORTERS[importer].part_of(word) == IMPORTERS[importer].part_of(part) == part, word
