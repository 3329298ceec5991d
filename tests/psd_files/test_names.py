import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg.psd_files.names import _words, ascii_name, decoded, plain_fault, renamed

UNSAFE = ["", " ", ".", "..", "a/b", "a\\b", "a:b", "a*b?", '"a"', "a<b>|", "dot.", "space ", " space", "a\nb", "CON"]


@pytest.mark.parametrize("name", [*UNSAFE, "nul", "com1", "LPT9", "aux.png", "x" * 256, "é", "髪"])
def test_a_name_that_some_file_system_or_importer_does_not_take_is_not_plain(name: str) -> None:
    assert plain_fault(name) and plain_fault(name).isascii() and "\n" not in plain_fault(name)


@pytest.mark.parametrize("name", ["hair", "eyesL", "front hair", "irides-l", "a_1", "x" * 255, "Console", "com"])
def test_a_name_in_letters_digits_space_and_dashes_is_plain(name: str) -> None:
    assert plain_fault(name) == ""


@given(st.text(max_size=80))
def test_whatever_a_name_is_its_new_one_is_plain_or_nothing(name: str) -> None:
    made = ascii_name(name)
    assert made == "" or plain_fault(made) == ""


@given(st.lists(st.tuples(st.sampled_from(["eye", "Eye", "髪", "..", "", "a:b", "eye_2"]), st.booleans()), max_size=12))
def test_all_new_names_are_plain_and_no_two_layers_differ_by_case_alone(drawn: list[tuple[str, bool]]) -> None:
    paths = [(name,) if at_top else ("L", name) for name, at_top in drawn]
    names = renamed(paths, [False] * len(paths))
    assert len({name.lower() for name in names}) == len(names)
    assert all(plain_fault(name) == "" for name in names)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("眼鏡", "glasses"),
        ("笑顔", "smile"),
        ("目_開き", "eye_open"),
        ("目_閉じ", "eye_closed"),
        ("左目", "L_eye"),
        ("まつ毛_上", "eyelash_upper"),
        ("口（閉じ）", "mouth_closed"),
        ("レイヤー 3 のコピー", "layer_3_copy"),
        ("刘海", "bangs"),
        ("闭眼", "closed_eye"),
        ("阴影", "shadow"),
        ("왼쪽 눈썹", "L_eyebrow"),
        ("목걸이", "necklace"),
        ("Левый глаз", "L_eye"),
        ("волосы_R", "hair_R"),
        ("arm.L", "arm_L"),
    ],
)
def test_usual_names_of_parts_keep_their_meaning_longest_first(name: str, meaning: str) -> None:
    assert ascii_name(name) == meaning


def test_every_word_of_the_dictionary_gets_its_own_meaning_alone() -> None:
    assert {word: ascii_name(word) for word in _words()} == {word: made.strip("_") for word, made in _words().items()}


@pytest.mark.parametrize(
    ("name", "spelt"), [("目次", "MuCi"), ("우산", "USan"), ("поворот", "povorot"), ("雪だるま", "Xuedaruma")]
)
def test_what_the_dictionary_does_not_know_is_spelt_not_dropped_nor_half_translated(name: str, spelt: str) -> None:
    assert ascii_name(name) == spelt


def test_groups_tell_equal_names_apart_and_numbers_only_where_they_cannot() -> None:
    paths = [
        ("左", "目"),
        ("右", "目"),
        ("hair",),
        ("Hair",),
        ("L", "eyes", "iris"),
        ("R", "eyes", "iris"),
        ("x",),
        ("x",),
    ]
    expected = ["L_eye", "R_eye", "hair", "Hair_2", "L_eyes_iris", "R_eyes_iris", "x", "x_2"]
    assert renamed(paths, [False] * len(paths)) == expected
    assert renamed([("Face", "eye"), ("目",), ("R", "目")], [False] * 3) == ["eye", "eye_2", "R_eye"]
    assert renamed([("Face",), ("Face",), ("Face", "Face")], [True, True, False]) == ["Face"] * 3


@pytest.mark.parametrize("name", ["前髪", "レイヤー 1", "左目", "ﾚｲﾔｰ", "線画A"])
def test_names_stored_in_shift_jis_are_read(name: str) -> None:
    assert decoded(name.encode("shift_jis").decode("mac_roman")) == name
    assert decoded(name.encode().decode("mac_roman")) == name


@pytest.mark.parametrize("name", ["Café", "Ébène", "Größe", "œil", "niño", "Ås", "hair", "100 %"])
def test_accented_names_of_western_macs_stay_as_they_are(name: str) -> None:
    assert decoded(name) == name
