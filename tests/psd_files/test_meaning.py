"""What the names of layers mean."""

import pytest

from cubiseg import taxonomy
from cubiseg.layers.profiles import PROFILES
from cubiseg.psd_files.meaning import BASES, NameKind, _rules, dialect_of, meaning_of, without_side

PATHS = {
    "hair_front": ["前髪", "髪/前", "刘海", "Hair Front", "bangs", "hair_front 2", "前髪/線画", "前髪/影", "ahoge"],
    "hair_back": ["後ろ髪", "backhair", "Hair/Back", "ポニーテール", "后发"],
    "hair_side_left": ["HairSideL", "side hair L", "左/横髪"],
    "hair": ["髪", "头发/レイヤー 3", "hair"],
    "eye_left_white": ["左目/白目", "eyewhite-l", "EyeL/white", "左眼白", "目/左/eyeball"],
    "eye_left_iris": ["Eye_L/highlight", "irides-l", "左目/瞳孔", "左瞳"],
    "eye_right_lashes": ["右まつげ上", "eyelash-r", "Eyes/R/lash", "右目_閉じ", "睫毛 右"],
    "eyebrow_right": ["browsR", "眉毛_右", "右眉"],
    "eye_left": ["eyesL", "左目"],
    "mouth_inside": ["口/歯", "mouth/teeth", "嘴巴/舌头", "口内"],
    "lips": ["口/線", "upper lip", "嘴唇"],
    "face": ["輪郭", "顔", "FaceBase", "脸", "face/頬"],
    "headwear": ["髪/リボン", "hair ribbon", "帽子", "头饰", "Hairpin"],
    "animal_ears": ["猫耳/耳", "cat ears", "角"],
    "neckwear": ["ネクタイ", "领带", "襟"],
    "clothes": ["服/リボン", "衣服", "dress"],
    "arm_right": ["右腕/線画", "右手", "ArmR"],
    "sleeve_left": ["左袖", "衣服/袖子/左", "SleeveL"],
    "background": ["背景", "bg"],
}
KINDS = {
    NameKind.UNKNOWN: ["レイヤー 3", "ArtMesh12", "图层 1", "Группа 2", "目次", "铁"],
    NameKind.UNCLEAR: ["体", "Body/ribbon", "リボン", "顔/リボン", "upper body"],
    NameKind.BENEATH: ["前髪の影", "影", "hair shadow", "highlight", "線画"],
    NameKind.NOT_DRAWN: ["ラフ", "sketch", "参考/顔"],
}


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in PATHS.items() for path in paths])
def test_names_in_four_languages_tell_parts_and_groups_what_their_layers_do_not(name: str, path: str) -> None:
    assert meaning_of(path.split("/")).name == name


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in KINDS.items() for path in paths])
def test_what_is_not_certain_stays_open(kind: NameKind, path: str) -> None:
    assert meaning_of(path.split("/")).kind is kind


def test_every_name_of_the_taxonomy_and_of_our_profiles_comes_back() -> None:
    for name in taxonomy.PART_ID:
        assert meaning_of((name,)).name == name
    for part in taxonomy.PARTS:
        assert meaning_of((part.ja,)).name == meaning_of((part.zh,)).name == part.name
    for profile in (PROFILES["cubiai"], PROFILES["cubism"], PROFILES["flat"]):
        for name, title in profile.names.items():
            assert meaning_of((*profile.folders.get(name, ()), title)).name == name, (profile.name, title)


def test_see_through_s_layers_of_skin_and_cloth_are_not_taken_for_gloves() -> None:
    dialect = dialect_of(["front hair", "irides-l", "handwear-l"])
    assert meaning_of(("handwear-l",), dialect).kind is NameKind.UNCLEAR
    assert meaning_of(("irides-l",), dialect).name == "eye_left_iris"
    assert meaning_of(("handwear",)).name == "handwear"
    assert dialect_of(["hair", "前髪"]) == ""


def test_every_line_of_the_words_is_a_part_and_no_name_stands_there_twice() -> None:
    rules = _rules().rules
    assert {rule.found.base for rule in rules if rule.found.kind is NameKind.PART} <= BASES
    assert {without_side(name) for name in taxonomy.LEAVES} <= {rule.found.base for rule in rules}
    words = [rule.words for rule in rules]
    assert [sorted(w) for w in words if words.count(w) > 1] == []


def test_a_hostile_name_is_read_in_bounded_time() -> None:
    assert meaning_of(("left " * 50_000,) * 2000).kind is NameKind.UNKNOWN
    assert meaning_of(()).kind is NameKind.UNKNOWN
