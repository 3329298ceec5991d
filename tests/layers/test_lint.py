import io
import os
import random
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Clipping, Compression, EffectOSType, Resource, Tag
from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2
from psd_tools.psd.effects_layer import CommonStateInfo, EffectsLayer, ShadowInfo
from psd_tools.psd.image_resources import ImageResource
from psd_tools.psd.tagged_blocks import TaggedBlock

from cubiseg.layers.lint import CUBISM_5_3, RULES, Finding, lint, lint_bytes
from cubiseg.layers.psd import srgb_profile

SQUARE = Image.fromarray(np.full((20, 30, 4), 200, np.uint8))


def document(mode: str = "RGBA", **kwargs: object) -> PSDImage:
    """A document that lint has nothing against: two layers, one of them in a group."""
    psd = PSDImage.new(mode, (64, 48), **kwargs)
    psd.create_pixel_layer(SQUARE, name="hair")
    psd.create_group(name="Face").create_pixel_layer(SQUARE, name="eyesL", top=4)
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=srgb_profile())
    return psd


def content(psd: PSDImage) -> bytes:
    file = io.BytesIO()
    psd._record.write(file)
    return file.getvalue()


def as_large(psd: PSDImage) -> PSDImage:
    """A document made a large one (PSB), whose lengths are wider, with all pixels as they were."""
    header, record = psd._record.header, psd._record
    planes = record.image_data.get_data(header)
    pixels = [
        (info, channel, channel.get_data(layer.width, layer.height, header.depth))
        for layer in psd.descendants()
        if not layer.is_group()
        for info, channel in zip(layer._record.channel_info, layer._channels, strict=True)
    ]
    header.version = 2
    record.image_data.set_data(planes, header)
    for info, channel, data in pixels:
        channel.compression, channel.data = Compression.RAW, data
        info.length = len(data) + 2
    return psd


def findings(psd: PSDImage) -> list[Finding]:
    return lint_bytes(content(psd))


def test_a_document_that_follows_the_rules_has_no_findings() -> None:
    assert findings(document()) == []


def _six_deep(psd: PSDImage) -> None:
    group = psd
    for number in range(5):
        group = group.create_group(name=f"g{number}")
    group.create_pixel_layer(SQUARE, name="deep")


def _too_many(psd: PSDImage) -> None:
    dot = SQUARE.resize((3, 3))
    for number in range(101):
        psd.create_pixel_layer(dot, name=f"dot{number}")


def speckled() -> Image.Image:
    """A disc with two specks and something faint beside it."""
    rgba = np.zeros((30, 40, 4), np.uint8)
    rgba[4:20, 4:20] = 200
    rgba[2, 30] = rgba[25:27, 30] = 255
    rgba[24:28, 2:6, 3] = 5
    return Image.fromarray(rgba)


def _adjustment(psd: PSDImage) -> None:
    psd[0].tagged_blocks.set_data(Tag.INVERT)


BREAK = {
    "L003": lambda psd: setattr(psd[0], "name", "eyesL"),
    "L004": lambda psd: setattr(psd[0], "name", "髪"),
    "L005": lambda psd: setattr(psd[0], "blend_mode", BlendMode.VIVID_LIGHT),
    "L006": lambda psd: psd[0].create_mask(Image.new("L", (20, 30), 255)),
    "L007": lambda psd: setattr(psd[1], "clipping", True) or setattr(psd[1][0], "clipping", True),
    "L009": _adjustment,
    "L010": _six_deep,
    "L011": lambda psd: psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="empty"),
    "L012": lambda psd: psd.image_resources.pop(Resource.ICC_PROFILE),
    "L013": lambda psd: setattr(psd[0], "fill_opacity", 128),
    "L015": _too_many,
    "L017": lambda psd: setattr(psd[0], "blend_mode", BlendMode.SCREEN),
    "L018": lambda psd: psd.create_pixel_layer(speckled(), name="speckled"),
    "L020": lambda psd: psd.create_pixel_layer(Image.new("RGB", psd.size, "white"), name="paper"),
}


@pytest.mark.parametrize("code", BREAK)
def test_each_broken_rule_has_its_code_and_no_other(code: str) -> None:
    psd = document()
    BREAK[code](psd)
    assert {f.code for f in findings(psd)} == {code}


def test_dust_is_counted_and_what_a_part_is_made_of_is_none() -> None:
    psd = document()
    psd.create_pixel_layer(speckled(), name="speckled")
    nose = np.zeros((3, 12, 4), np.uint8)
    nose[:2, :2] = nose[:2, 8:] = 255  # two dots
    psd.create_pixel_layer(Image.fromarray(nose), name="nose")
    shadow = np.zeros((20, 20, 4), np.uint8)
    shadow[..., 3] = np.minimum(np.arange(20), 12)  # fades out
    psd.create_pixel_layer(Image.fromarray(shadow), name="shadow")
    (found,) = findings(psd)
    assert (found.code, found.layer) == ("L018", "speckled")
    assert "2 detached specks, 3 px and 16 px of alpha 1 to 8" in found.message


def test_what_is_faint_as_a_whole_is_meant_and_makes_no_dust_of_the_rest() -> None:
    psd = document()
    glow = np.zeros((40, 40, 4), np.uint8)
    glow[..., 3] = 6
    psd.create_pixel_layer(Image.fromarray(glow), name="blush")
    dots = np.zeros((40, 60, 4), np.uint8)
    dots[:35, :35, 3] = 6
    dots[36:38, 40:44] = dots[36:38, 50:54] = 255
    psd.create_pixel_layer(Image.fromarray(dots), name="dots")
    assert findings(psd) == []


def test_blend_modes_that_cubism_has_since_5_3_are_told_from_those_that_become_normal() -> None:
    psd = document()
    for mode in BlendMode:
        if mode == BlendMode.PASS_THROUGH:
            continue
        psd[0].blend_mode = mode
        told = {BlendMode.NORMAL: set(), BlendMode.MULTIPLY: set()}
        assert {f.code for f in findings(psd)} == told.get(mode, {"L017" if mode.name in CUBISM_5_3 else "L005"})
    psd[0].blend_mode, psd[1].blend_mode = BlendMode.NORMAL, BlendMode.SCREEN
    assert {f.code for f in findings(psd)} == {"L005"}, "colour blends of groups are not imported"


def test_a_layer_hides_all_below_it_only_if_it_is_shown_opaque_and_not_the_lowest() -> None:
    psd = document()
    paper = psd.create_pixel_layer(Image.new("RGB", (psd.width + 5, psd.height + 3)), name="paper", left=-2, top=-1)
    assert [f.code for f in findings(psd)] == ["L020"]
    paper.opacity = 254
    assert findings(psd) == []
    paper.opacity, paper.visible = 255, False
    assert findings(psd) == []
    paper.visible, psd[0].visible, psd[1].visible = True, False, False
    assert findings(psd) == [], "nothing below it is shown"
    within = document()
    group = within.create_group(name="veil")
    group.create_pixel_layer(Image.new("RGB", within.size), name="paper")
    assert [f.code for f in findings(within)] == ["L020"]
    group.opacity = 60
    assert findings(within) == []
    lowest = PSDImage.new("RGBA", (64, 48))
    lowest.create_pixel_layer(Image.new("RGB", (64, 48)), name="paper")
    assert "L020" not in {f.code for f in findings(lowest)}


def test_names_that_a_program_will_not_know_are_told_for_that_program_alone() -> None:
    psd = document()
    psd.create_group(name="Odd one").create_pixel_layer(SQUARE, name="irides-l").visible = False
    told = {
        name: [(f.code, f.severity, f.layer, f.message) for f in lint_bytes(content(psd), [name])]
        for name in ("cubism", "psd2live", "anime2.5drig", "see-through")
    }
    title = "name tells the program no part"
    assert told == {
        "cubism": [],
        "psd2live": [("L021", "warning", "Face/eyesL", f"{title} (PSD2Live)")],
        "anime2.5drig": [("L021", "warning", "Face/eyesL", f"{title} (Anime2.5DRig)")],  # hidden layers are not its
        "see-through": [("L021", "warning", "Face/eyesL", f"{title} (See-through)")],
    }
    assert findings(psd) == [] and len(lint_bytes(content(psd), ["psd2live", "see-through"])) == 2


def test_an_odd_canvas_is_told() -> None:
    psd = PSDImage.new("RGBA", (63, 48))
    psd.create_pixel_layer(SQUARE, name="hair")
    assert "L019" in {f.code for f in findings(psd)}


def test_mode_depth_size_and_emptiness_of_the_document_have_codes() -> None:
    assert "L001" in {f.code for f in findings(document("CMYK"))}
    assert "L001" in {f.code for f in findings(document("L"))}
    assert {f.code for f in findings(document(depth=16))} == {"L002"}
    empty = document()
    empty.clear()
    assert {f.code for f in findings(empty)} == {"L016"}
    large = bytearray(content(document()))
    large[5] = 2
    assert {f.code for f in lint_bytes(bytes(large))} & {"L000", "L014"}


def test_multiply_and_a_hidden_or_half_opaque_layer_are_allowed() -> None:
    psd = document()
    psd[0].blend_mode, psd[0].visible, psd[0].opacity = BlendMode.MULTIPLY, False, 128
    assert findings(psd) == []


def test_a_finding_says_where_why_and_what_to_do_on_one_line() -> None:
    psd = document()
    psd[1][0].name = "eye\nsL"
    (found,) = findings(psd)
    assert (found.code, found.severity, found.layer) == ("L004", "warning", "Face/eye\\nsL")
    assert found.message and found.remedy
    assert set(found.as_dict()) == {"code", "severity", "layer", "message", "remedy"}


def test_a_missing_file_and_a_folder_are_findings(tmp_path: Path) -> None:
    for path in (tmp_path / "none.psd", tmp_path):
        assert [f.code for f in lint(path)] == ["L000"]


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["cut", "changed", "both", "random"]))
def test_no_bytes_make_lint_crash(seed: int, kind: str) -> None:
    draw = random.Random(seed)
    data = bytearray(WHOLE)
    if kind == "random":
        data = bytearray(b"8BPS" + draw.randbytes(draw.randrange(200)))
    if kind in ("cut", "both"):
        del data[draw.randrange(len(data)) :]
    if kind in ("changed", "both"):
        for _ in range(draw.randrange(1, 30)):
            if data:
                data[draw.randrange(len(data))] = draw.randrange(256)
    for found in lint_bytes(bytes(data)):
        assert found.code in RULES and (found.message + found.layer + found.remedy).isprintable()


WHOLE = content(document())


def test_the_table_in_the_documents_lists_every_rule_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "docs/layers.md").read_text(encoding="utf-8")
    for code, rule in RULES.items():
        assert f"| {code} | {rule.severity} | {rule.what} | {rule.remedy} |" in text, code


def effects_block(*, present: bool | None, enabled: bool = True, master: bool = True) -> TaggedBlock:
    """A layer style with a drop shadow, as programs of different ages write it."""
    shadow, effects = Descriptor(name="", classID=b"DrSh"), DescriptorBlock2(version=1, data_version=16)
    shadow[b"enab"], effects[b"masterFXSwitch"] = Bool(enabled), Bool(master)
    if present is not None:
        shadow[b"present"] = Bool(present)
    effects[b"DrSh"] = shadow
    return TaggedBlock(key=Tag.OBJECT_BASED_EFFECTS_LAYER_INFO, data=effects)


def old_effects_block(enabled: int) -> TaggedBlock:
    """A layer style of Photoshop 5."""
    shadow = ShadowInfo(enabled=enabled)
    effects = EffectsLayer(
        version=0, items=[(EffectOSType.COMMON_STATE, CommonStateInfo()), (EffectOSType.DROP_SHADOW, shadow)]
    )
    return TaggedBlock(key=Tag.EFFECTS_LAYER, data=effects)


def put(layer: object, block: TaggedBlock) -> None:
    layer.tagged_blocks._items[block.key] = block


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (effects_block(present=None), {"L008"}),
        (effects_block(present=True), {"L008"}),
        (effects_block(present=False), set()),
        (effects_block(present=None, enabled=False), set()),
        (effects_block(present=None, master=False), set()),
        (old_effects_block(1), {"L008"}),
        (old_effects_block(0), set()),
    ],
)
def test_effects_are_found_however_old_the_program_that_wrote_them(block: TaggedBlock, found: set[str]) -> None:
    psd = document()
    put(psd[0], block)
    assert {f.code for f in findings(psd)} == found


@pytest.mark.parametrize("tag", [Tag.BRIGHTNESS_AND_CONTRAST, Tag.HUE_SATURATION_V4, Tag.CURVES])
def test_an_adjustment_is_not_a_pixel_layer_and_never_empty(tag: Tag) -> None:
    psd = document()
    layer = psd.create_pixel_layer(Image.new("RGBA", (1, 1)), name="adjusts")
    layer.tagged_blocks._items[tag] = TaggedBlock(key=tag, data=b"\0" * 8)
    assert {f.code for f in findings(psd)} == {"L009"}


def test_a_clipped_group_is_a_finding() -> None:
    psd = document()
    psd[1]._record.clipping = Clipping.NON_BASE
    assert [(f.code, f.layer) for f in findings(psd)] == [("L007", "Face")]


def test_a_name_that_ends_in_a_zero_is_the_name_without_it() -> None:
    psd = document()
    psd[0]._record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, "hair\0")
    assert findings(psd) == []


def test_names_that_differ_by_case_alone_are_findings() -> None:
    psd = document()
    psd.create_pixel_layer(SQUARE, name="Hair")
    assert [(f.code, f.layer) for f in findings(psd)] == [("L004", "hair"), ("L004", "Hair")]


def test_a_name_stored_in_shift_jis_is_read_as_it_was_written() -> None:
    psd = document()
    record = psd[0]._record
    record.name = "前髪".encode("shift_jis").decode("mac_roman")
    assert [(f.code, f.layer) for f in findings(psd)] == [("L004", "前髪")]


NOISE = Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 50, 4), np.uint8))


def noisy(compression: Compression) -> PSDImage:
    psd = document()
    psd.create_pixel_layer(NOISE, name="noisy", compression=compression)
    return psd


@pytest.mark.parametrize("channel", range(4))
@pytest.mark.parametrize("compression", list(Compression))
@pytest.mark.parametrize("damage", ["cut", "zeros"])
def test_a_layer_whose_pixels_cannot_be_read_is_damaged_and_never_called_empty(
    compression: Compression, channel: int, damage: str
) -> None:
    psd = noisy(compression)
    assert findings(psd) == []
    layer = psd[2]
    data, info = layer._channels[channel], layer._record.channel_info[channel]
    if damage == "cut":
        data.data = data.data[: len(data.data) // 2]
    elif compression == Compression.RAW:
        return  # any bytes are pixels
    elif compression == Compression.RLE:
        data.data = data.data[: 2 * 40] + b"\x80" * (len(data.data) - 2 * 40)
    else:
        data.data = bytes(len(data.data))
    info.length = len(data.data) + 2
    found = findings(psd)
    assert [(f.code, f.layer) for f in found] == [("L000", "noisy")]
    assert "pixels" in found[0].message


def test_pixels_that_programs_code_loosely_are_no_damage() -> None:
    psd = noisy(Compression.RLE)
    channel, info = psd[2]._channels[1], psd[2]._record.channel_info[1]
    rows = [b"\x80" + bytes([256 - 60]) + bytes([y]) for y in range(40)]  # a pause, then 61 of 50 pixels
    channel.data = b"".join(len(row).to_bytes(2, "big") for row in rows) + b"".join(rows)
    info.length = len(channel.data) + 2
    assert findings(psd) == []


def test_the_parser_s_own_warnings_stay_off_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    psd = noisy(Compression.ZIP)
    psd[2]._channels[0].data = bytes(len(psd[2]._channels[0].data))
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        findings(psd)
    assert shown == [] and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_file_cut_short_inside_its_merged_picture_is_damaged(share: float) -> None:
    psd = document()
    planes = np.random.default_rng(1).integers(0, 256, (4, 48 * 64), np.uint8)
    psd._record.image_data.set_data([plane.tobytes() for plane in planes], psd._record.header)
    whole = content(psd)
    assert lint_bytes(whole) == []
    lost = int(share * len(psd._record.image_data.data))
    found = lint_bytes(whole[:-lost])
    assert [(f.code, f.layer) for f in found] == [("L000", "")] and "merged picture" in found[0].message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_psd_is_said_to_be_what_it_is_and_nothing_is_read_without_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.psd")
    SQUARE.save(tmp_path / "picture.png")
    (tmp_path / "page.psd").write_text("<html>")
    (tmp_path / "empty.psd").touch()
    expected = {
        tmp_path / "pipe.psd": "pipe",
        Path("/dev/zero"): "device",
        tmp_path: "folder",
        tmp_path / "none.psd": "not there",
        tmp_path / "picture.png" / "x": "not there",
        tmp_path / "picture.png": "PNG",
        tmp_path / "page.psd": "web page",
        tmp_path / "empty.psd": "empty",
        tmp_path / ("x" * 300): "cannot be read",
    }
    for path, word in expected.items():
        (found,) = lint(path)
        assert found.code == "L000" and word in found.message, found
        assert "damaged" not in found.message and "save it again" not in found.remedy


def test_messages_are_in_our_own_words() -> None:
    for cut in range(4, len(WHOLE) - 1, 37):
        for found in lint_bytes(WHOLE[:cut]):
            assert not re.search(r"[{}\[\]]|Error|_", found.message), found


def linear(profile: bytes) -> bytes:
    """A profile with its curves made straight, its name left as it is."""
    made = bytearray(profile)
    for entry in range(int.from_bytes(made[128:132], "big")):
        place = 132 + 12 * entry
        if made[place + 1 : place + 4] == b"TRC":
            start = int.from_bytes(made[place + 4 : place + 8], "big")
            made[start : start + 12] = b"curv" + bytes(8)
            made[place + 8 : place + 12] = (12).to_bytes(4, "big")
    return bytes(made)


def test_a_profile_is_srgb_by_its_colours_not_by_its_name() -> None:
    assert b"s\0R\0G\0B" in srgb_profile() or b"sRGB" in srgb_profile()
    psd = document()
    psd.image_resources[Resource.ICC_PROFILE] = ImageResource(key=Resource.ICC_PROFILE, data=linear(srgb_profile()))
    (found,) = findings(psd)
    assert found.code == "L012" and "levels off" in found.message
