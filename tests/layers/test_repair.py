import io
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Clipping, Compression, Resource, Tag
from psd_tools.psd.descriptor import Descriptor, DescriptorBlock, Double
from psd_tools.psd.tagged_blocks import TaggedBlock

from cubiseg.errors import CubisegError
from cubiseg.layers.lint import RULES, lint, lint_bytes
from cubiseg.layers.rendering import looks_equal
from cubiseg.layers.repair import repair
from cubiseg.psd_files.names import ascii_name
from tests.layers.test_lint import (
    SQUARE,
    as_large,
    content,
    document,
    effects_block,
    old_effects_block,
    put,
    speckled,
)

pytestmark = pytest.mark.slow


def broken() -> PSDImage:
    """A document with one of each fault that can be mended."""
    psd = document()
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)
    psd.create_pixel_layer(Image.fromarray(noise), name="hair")  # a duplicate
    for left in (9, 20):
        psd.create_pixel_layer(SQUARE, left=left).name = "右目"
    psd.create_pixel_layer(SQUARE, name="masked").create_mask(Image.new("L", (30, 20), 255))
    psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="empty")
    psd.create_pixel_layer(SQUARE, name="filled").fill_opacity = 128
    group = psd
    for number in range(6):
        group = group.create_group(name=f"g{number}")
    group.create_pixel_layer(SQUARE, name="deep", top=7)
    del psd.image_resources[Resource.ICC_PROFILE]
    return psd


def save(psd: PSDImage, path: Path) -> Path:
    path.write_bytes(content(psd))
    return path


def pixels(path: Path) -> list[tuple[int, int, bytes]]:
    """Place and pixels of every layer that has any."""
    found = []
    for layer in PSDImage.open(path).descendants():
        image = None if layer.is_group() else layer.topil(apply_icc=False)
        if image is not None and image.getchannel("A").getextrema()[1] > 0:
            found.append((layer.left, layer.top, image.tobytes()))
    return found


def composed(path: Path) -> np.ndarray:
    return np.array(PSDImage.open(path).composite(ignore_preview=True, apply_icc=False)).astype(int)


def test_what_can_be_mended_is_mended_and_no_pixel_changes(tmp_path: Path) -> None:
    path = save(broken(), tmp_path / "art.psd")
    before_bytes = path.read_bytes()
    done = repair(path, tmp_path / "fixed.psd")
    before, after = done.before, done.after
    assert {f.code for f in before} == {"L003", "L004", "L006", "L010", "L011", "L012", "L013"}
    assert after == [] == lint(tmp_path / "fixed.psd")
    assert path.read_bytes() == before_bytes
    assert pixels(tmp_path / "fixed.psd") == pixels(path)
    assert np.abs(composed(tmp_path / "fixed.psd") - composed(path)).max() <= 1
    names = {layer.name for layer in PSDImage.open(tmp_path / "fixed.psd").descendants()}
    assert {"hair", "hair_2", "R_eye", "R_eye_2", "masked", "filled", "deep", "Face", "eyesL"} <= names
    assert "empty" not in names
    repair(path, tmp_path / "again.psd")
    assert (tmp_path / "again.psd").read_bytes() == (tmp_path / "fixed.psd").read_bytes()


def test_what_would_change_the_picture_is_left_and_stays_a_finding(tmp_path: Path) -> None:
    psd = document()
    half = Image.new("L", (30, 20), 255)
    half.paste(0, (0, 0, 10, 20))
    psd[0].create_mask(half)
    psd[1][0].blend_mode = BlendMode.PIN_LIGHT
    path = save(psd, tmp_path / "art.psd")
    done = repair(path, tmp_path / "fixed.psd")
    before, after = done.before, done.after
    assert {f.code for f in after} == {f.code for f in before} == {"L005", "L006"}
    assert done.changes == [] and not (tmp_path / "fixed.psd").exists()


def test_masks_are_applied_on_request_where_the_drawing_looks_the_same(tmp_path: Path) -> None:
    psd = document()
    ramp = np.repeat(np.linspace(0, 255, 16).astype(np.uint8)[None], 12, axis=0)
    psd[0].create_mask(Image.fromarray(ramp), left=5, top=-3)
    psd.create_pixel_layer(SQUARE, name="clipped", left=3).clipping = True
    path = save(psd, tmp_path / "art.psd")
    assert {f.code for f in repair(path, tmp_path / "no.psd").after} == {"L006", "L007"}
    done = repair(path, tmp_path / "fixed.psd", apply_masks=True)
    assert [(c.layer, c.what, c.new) for c in done.changes] == [("hair", "mask", "applied")]
    assert {f.code for f in done.after} == {"L007"}
    assert np.abs(composed(tmp_path / "fixed.psd") - composed(path)).max() <= 1
    alpha = np.asarray(PSDImage.open(tmp_path / "fixed.psd")[0].topil().getchannel("A"))
    assert alpha[:9, 5:21].max() > 150 and (alpha[9:] == 0).all(), "outside of its box the mask is black"


def test_masks_are_applied_though_that_leaves_specks_which_go_next_on_request(tmp_path: Path) -> None:
    psd = document()
    mask = np.full((20, 30), 255, np.uint8)
    mask[:, 20:24] = 0
    mask[3:, 24:] = 0
    mask[:, 26:] = 0
    psd[0].create_mask(Image.fromarray(mask))
    path = save(psd, tmp_path / "art.psd")
    done = repair(path, tmp_path / "fixed.psd", apply_masks=True)
    assert {f.code for f in done.after} == {"L018"} and done.mended == 1 and (tmp_path / "fixed.psd").exists()
    done = repair(path, tmp_path / "clean.psd", apply_masks=True, remove_dust=True)
    assert done.after == [] and [c.what for c in done.changes] == ["mask", "dust"]


def test_a_mask_whose_layer_has_a_style_stays(tmp_path: Path) -> None:
    psd = document()
    psd[0].create_mask(Image.new("L", (10, 10), 255))
    put(psd[0], effects_block(present=None))
    path = save(psd, tmp_path / "art.psd")
    assert {f.code for f in repair(path, tmp_path / "fixed.psd", apply_masks=True).after} == {"L006", "L008"}


def test_dust_is_erased_on_request_and_nothing_else(tmp_path: Path) -> None:
    psd = document()
    psd.create_pixel_layer(speckled(), name="speckled", left=6, top=9)
    path = save(psd, tmp_path / "art.psd")
    assert {f.code for f in repair(path, tmp_path / "no.psd").after} == {"L018"}
    done = repair(path, tmp_path / "fixed.psd", remove_dust=True)
    assert done.after == [] and [c.what for c in done.changes] == ["dust"]
    left = np.asarray(PSDImage.open(tmp_path / "fixed.psd")[2].topil())
    expected = np.asarray(speckled()).copy()
    expected[(np.asarray(speckled())[..., 3] != 200), 3] = 0
    assert np.array_equal(left, expected)


def test_an_empty_layer_that_others_are_clipped_to_is_kept(tmp_path: Path) -> None:
    psd = document()
    psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="base")
    psd.create_pixel_layer(SQUARE, name="clipped").clipping = True
    path = save(psd, tmp_path / "art.psd")
    after = repair(path, tmp_path / "fixed.psd").after
    assert {f.code for f in after} == {"L007", "L011"}


def test_the_file_itself_is_never_the_target(tmp_path: Path) -> None:
    path = save(broken(), tmp_path / "art.psd")
    with pytest.raises(CubisegError, match="not overwritten"):
        repair(path, path)
    link = tmp_path / "link.psd"
    link.symlink_to(path)
    with pytest.raises(CubisegError, match="not overwritten"):
        repair(path, link)
    with pytest.raises(CubisegError, match="is not there"):
        repair(tmp_path / "none.psd", tmp_path / "x.psd")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("前髪", "front_hair"),
        ("目 左", "eye_L"),
        ("Café", "Cafe"),
        ("髪\n影", "hair_shadow"),
        ("😀", "grinning"),
        ("ＡＢ", "AB"),
    ],
)
def test_names_become_ascii_and_keep_what_they_mean(name: str, plain: str) -> None:
    assert ascii_name(name) == plain


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_mended_or_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    draw = random.Random(seed)
    data = bytearray(WHOLE)
    for _ in range(draw.randrange(1, 20)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "art.psd").write_bytes(bytes(data))
    try:
        left = repair(folder / "art.psd", folder / "fixed.psd").after
    except CubisegError as error:
        assert "\n" not in str(error)
        return
    assert {f.code for f in left} <= set(RULES)


WHOLE = content(broken())


def foreign(tmp_path: Path, *arguments: str) -> Path:
    """A PSD that ImageMagick wrote."""
    path = tmp_path / f"{arguments[-1]}"
    subprocess.run(["convert", *arguments[:-1], str(path)], check=True, capture_output=True)
    return path


HAS_MAGICK = (
    shutil.which("convert") is not None
    and b"ImageMagick" in subprocess.run(["convert", "-version"], capture_output=True, check=False).stdout
)


@pytest.mark.skipif(not HAS_MAGICK, reason="ImageMagick is not installed")
@pytest.mark.parametrize("options", [("-depth", "16"), ("-colorspace", "CMYK"), ("-colorspace", "Gray"), ()])
@pytest.mark.parametrize("kind", ["psd", "psb"])
def test_files_of_imagemagick_never_crash_lint_nor_its_repair(
    tmp_path: Path, options: tuple[str, ...], kind: str
) -> None:
    circle = ("(", "xc:none", "-fill", "blue", "-draw", "circle 15,15 9,9", ")")
    path = foreign(tmp_path, "-size", "40x30", "xc:red", *circle, *options, f"a.{kind}")
    # Version 6 on Intel writes its blend modes backwards ("mron"), which is a finding; version 7 does not.
    found = {f.code for f in lint(path)}
    assert found <= set(RULES) and (found or (kind == "psd" and not options))
    try:
        left = repair(path, tmp_path / "fixed.psd").after
    except CubisegError as error:
        assert "L000" in found and "\n" not in str(error)
    else:
        assert not {f.code for f in left} & {"L003", "L004", "L011"}


@pytest.mark.parametrize("mode", ["CMYK", "L"])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("version", [1, 2])
def test_other_modes_depths_and_large_documents_are_findings_that_stay(
    tmp_path: Path, mode: str, depth: int, version: int
) -> None:
    psd = PSDImage.new(mode, (40, 30), depth=depth)
    psd.create_pixel_layer(SQUARE.convert("RGB").convert(mode)).name = "髪"
    if version == 2:
        as_large(psd)
    path = save(psd, tmp_path / "art.psd")
    expected = {"L001"} | ({"L002"} if depth == 16 else set()) | ({"L014"} if version == 2 else set())
    assert {f.code for f in lint(path)} >= expected | {"L004"}
    left = repair(path, tmp_path / "fixed.psd").after
    assert expected <= {f.code for f in left} and "L004" not in {f.code for f in left}


def test_text_adjustments_effects_and_shapes_are_findings_and_survive_mending(tmp_path: Path) -> None:
    psd = document()
    psd[0].tagged_blocks.set_data(Tag.INVERT)
    raw = psd.create_pixel_layer(SQUARE, name="text")
    raw.tagged_blocks.set_data(Tag.SOLID_COLOR_SHEET_SETTING)
    path = save(psd, tmp_path / "art.psd")
    found = [f for f in lint(path) if f.code == "L009"]
    assert {f.layer for f in found} >= {"hair"}
    done = repair(path, tmp_path / "fixed.psd")
    assert [f for f in done.after if f.code == "L009"] == found


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_a_finding(share: float) -> None:
    found = lint_bytes(WHOLE[: int(share * len(WHOLE))])
    assert all(f.code in RULES for f in found)
    assert io.BytesIO(WHOLE).read(4) == b"8BPS"


def unnamed_fault(psd: PSDImage) -> PSDImage:
    """The document with a fault that is always mended, so that a copy is written."""
    psd.create_pixel_layer(SQUARE, name="x").name = "髪"
    return psd


def layer_names(path: Path) -> list[str]:
    return [layer.name for layer in PSDImage.open(path).descendants()]


@pytest.mark.parametrize("tag", [Tag.INVERT, Tag.BRIGHTNESS_AND_CONTRAST, Tag.SOLID_COLOR_SHEET_SETTING])
def test_masks_of_adjustments_and_fills_stay_though_they_have_no_pixels(tmp_path: Path, tag: Tag) -> None:
    psd = unnamed_fault(document())
    layer = psd.create_pixel_layer(Image.new("RGBA", (1, 1)), name="adjusts")
    layer.create_mask(Image.new("L", (30, 20), 255))
    layer.tagged_blocks._items[tag] = TaggedBlock(key=tag, data=b"\0" * 8)
    repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    kept = PSDImage.open(tmp_path / "fixed.psd")[-1]
    assert kept.name == "adjusts" and kept.has_mask() and tag in kept.tagged_blocks


@pytest.mark.parametrize(
    "block",
    [
        effects_block(present=None),
        effects_block(present=True, enabled=False),
        effects_block(present=True, master=False),
        old_effects_block(1),
        TaggedBlock(key=Tag.OBJECT_BASED_EFFECTS_LAYER_INFO, data=b"unreadable"),
    ],
)
def test_fill_stays_fill_beneath_a_style_of_any_kind(tmp_path: Path, block: TaggedBlock) -> None:
    psd = unnamed_fault(document())
    layer = psd.create_pixel_layer(SQUARE, name="styled")
    layer.fill_opacity = 0
    put(layer, block)
    repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    kept = PSDImage.open(tmp_path / "fixed.psd")[-1]
    assert (kept.fill_opacity, kept.opacity) == (0, 255)


def test_what_others_are_clipped_to_stays_and_so_do_artboards_and_unknown_settings(tmp_path: Path) -> None:
    psd = unnamed_fault(document())
    psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="base")
    psd.create_group(name="clipped")._record.clipping = Clipping.NON_BASE
    psd[-1].create_pixel_layer(SQUARE, name="in it")
    board = psd.create_group(name="board")
    board.create_pixel_layer(Image.new("RGBA", (5, 5)), name="only one")
    sides, settings_ = Descriptor(name="", classID=b"classFloatRect"), DescriptorBlock(name="", classID=b"artboard")
    for side, value in ((b"Top ", 0), (b"Left", 0), (b"Btom", 48), (b"Rght", 64)):
        sides[side] = Double(float(value))
    settings_[b"artboardRect"] = sides
    board.tagged_blocks._items[Tag.ARTBOARD_DATA1] = TaggedBlock(key=Tag.ARTBOARD_DATA1, data=settings_)
    unknown = psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="unknown")
    unknown.tagged_blocks._items[b"xyzw"] = TaggedBlock(key=b"xyzw", data=b"\0" * 4)
    psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="dropped")
    done = repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    names = layer_names(tmp_path / "fixed.psd")
    assert {"base", "clipped", "board", "unknown"} <= set(names) and "dropped" not in names
    assert ("dropped", "layer") in {(change.layer, change.what) for change in done.changes}


def test_a_file_whose_layers_are_all_empty_keeps_them_and_gets_no_copy(tmp_path: Path) -> None:
    psd = document()
    psd.clear()
    for name in ("a", "b"):
        psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name=name)
    done = repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    assert done.changes == [] and done.mended == 0 and [f.code for f in done.after] == ["L011", "L011"]
    assert not (tmp_path / "fixed.psd").exists()


def test_a_group_that_was_empty_before_is_not_touched(tmp_path: Path) -> None:
    psd = unnamed_fault(document())
    psd.create_group(name="for later")
    repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    assert "for later" in layer_names(tmp_path / "fixed.psd")


@pytest.mark.parametrize("compression", [Compression.RLE, Compression.ZIP])
def test_a_file_with_a_layer_that_cannot_be_read_is_not_mended(tmp_path: Path, compression: Compression) -> None:
    psd = unnamed_fault(document())
    layer = psd.create_pixel_layer(SQUARE, name="spoilt", compression=compression)
    layer._channels[0].data = b"\xff" * len(layer._channels[0].data)
    with pytest.raises(CubisegError, match=r"spoilt: .*pixels cannot be read"):
        repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd")
    assert not (tmp_path / "fixed.psd").exists()


def test_nothing_that_is_already_there_is_overwritten_unless_that_is_asked_for(tmp_path: Path) -> None:
    path, target = save(broken(), tmp_path / "art.psd"), tmp_path / "mine.psd"
    target.write_bytes(b"mine")
    with pytest.raises(CubisegError, match="already there; --overwrite"):
        repair(path, target)
    assert target.read_bytes() == b"mine"
    assert repair(path, target, overwrite=True).changes and target.read_bytes() != b"mine"
    with pytest.raises(CubisegError, match="not overwritten"):
        repair(path, path, overwrite=True)
    (tmp_path / "dangling.psd").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.psd").mkdir()
    for name, why in (
        ("dangling.psd", "already there"),
        ("folder.psd", "already there"),
        ("x" * 300, "cannot be written"),
    ):
        with pytest.raises(CubisegError, match=why):
            repair(path, tmp_path / name)
    with pytest.raises(CubisegError, match="is a folder"):
        repair(path, tmp_path / "folder.psd", overwrite=True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 256, "256 characters long"),
        *((name, "reserved on Windows") for name in ("CON", "nul", "Aux", "prn", "com1", "LPT9")),
        *((f"a{mark}b", f"holds {mark}") for mark in '/\\:*?"<>|'),
        ("hair.", "holds ."),
        ("hair ", "ends with a space"),
        ("EYESL", "differs by case alone"),
    ],
)
def test_names_that_files_or_exporters_refuse_are_told_and_given_others(tmp_path: Path, name: str, why: str) -> None:
    psd = document()
    psd[0]._record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, name)
    found = lint_bytes(content(psd))
    assert {f.code for f in found} == {"L004"} and any(why in f.message for f in found)
    assert repair(save(psd, tmp_path / "art.psd"), tmp_path / "fixed.psd").after == []


def test_every_change_is_told_old_and_new(tmp_path: Path) -> None:
    done = repair(save(broken(), tmp_path / "art.psd"), tmp_path / "fixed.psd")
    told = {(change.layer, change.what, change.old, change.new) for change in done.changes}
    assert {
        ("右目", "name", "右目", "R_eye"),
        ("hair", "name", "hair", "hair_2"),
        ("masked", "mask", "hides nothing", "removed"),
        ("empty", "layer", "holds no pixels", "removed"),
        ("filled", "Fill", "50 %, Opacity 100 %", "100 %, Opacity 50 %"),
        ("", "colour profile", "none", "sRGB"),
    } <= told
    assert sum(what == "group" for _, what, _, _ in told) == 2


def test_a_mend_that_cannot_be_proven_is_not_done_and_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubtful(_before: bytes, after: bytes, _tolerance: float) -> bool:
        return any(layer.name == "masked" and layer.has_mask() for layer in PSDImage.open(io.BytesIO(after)))

    monkeypatch.setattr("cubiseg.layers.repair.looks_equal", doubtful)
    done = repair(save(broken(), tmp_path / "art.psd"), tmp_path / "fixed.psd")
    assert {f.code for f in done.after} == {"L006"}
    monkeypatch.setattr("cubiseg.layers.repair.looks_equal", lambda _before, _after, _tolerance: False)
    done = repair(tmp_path / "art.psd", tmp_path / "names.psd")
    assert {change.what for change in done.changes} == {"name", "colour profile"}


def _shifted(psd: PSDImage) -> None:
    psd[0].left += 1


def _hidden_shifted(psd: PSDImage) -> None:
    psd[1].visible = False
    psd[1][0].left += 1


def test_pictures_that_differ_by_a_pixel_or_in_a_hidden_layer_do_not_look_equal() -> None:
    hidden = document()
    hidden[1].visible = False
    whole = content(document())
    assert looks_equal(whole, whole)
    for base, change in ((document(), _shifted), (hidden, _hidden_shifted)):
        before = content(base)
        change(base)
        assert not looks_equal(before, content(base))
    assert not looks_equal(whole, whole[:200]) and not looks_equal(b"", b"")


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_a_drawing_is_made_of_its_mended_copy_composes_equal(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    path = save(drawn(random.Random(seed)), folder / "art.psd")
    done = repair(path, folder / "fixed.psd")
    assert (folder / "fixed.psd").exists() == bool(done.changes) == (done.mended > 0)
    if done.changes:
        for shown in (None, lambda layer: True):
            before, after = (seen(p, shown) for p in (path, folder / "fixed.psd"))
            assert np.abs(before - after).max() <= 1  # where 32 bits lie between two levels of 8


def seen(path: Path, shown: Callable[[object], bool] | None) -> np.ndarray:
    """What a PSD composes to, with the colour of clear pixels, which nobody sees, left out."""
    image = PSDImage.open(path).composite(ignore_preview=True, force=True, apply_icc=False, layer_filter=shown)
    rgba = np.array(image.convert("RGBA")).astype(int)
    rgba[rgba[..., 3] == 0] = 0
    return rgba


def drawn(draw: random.Random) -> PSDImage:
    """Layers and groups with anything that may tempt a mend."""
    psd = PSDImage.new("RGBA", (40, 30))
    groups = [psd]
    noise = np.random.default_rng(draw.randrange(1000))
    for number in range(draw.randrange(3, 12)):
        parent = draw.choice(groups[-3:])
        if draw.random() < 0.35:
            layer = parent.create_group(name="g")
            layer.name = draw.choice(["g", "目"])
            groups.append(layer)
            layer.blend_mode = draw.choice([BlendMode.PASS_THROUGH, BlendMode.NORMAL, BlendMode.MULTIPLY])
        else:
            pixels = noise.integers(0, 256, (20, 24, 4), np.uint8) * (draw.random() < 0.7)
            layer = parent.create_pixel_layer(Image.fromarray(pixels.astype(np.uint8)), name=f"l{number % 3}", left=4)
            layer.blend_mode = draw.choice([BlendMode.NORMAL, BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.SCREEN])
            layer.fill_opacity = draw.choice([255, 255, 128])
            if draw.random() < 0.15:
                layer.tagged_blocks.set_data(Tag.INVERT)
        layer.visible = draw.random() < 0.85
        layer.opacity = draw.choice([255, 255, 100])
        if draw.random() < 0.25:
            layer._record.clipping = Clipping.NON_BASE
        if not layer.is_group() and draw.random() < 0.3:
            layer.create_mask(Image.new("L", (draw.choice([10, 30]), 30), draw.choice([255, 255, 90])))
            layer.mask.disabled = draw.random() < 0.3
    psd._update_record()
    return psd


def test_without_scipy_one_line_says_what_composes_an_adjustment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psd = document()
    layer = psd.create_pixel_layer(Image.new("RGBA", (1, 1)), name="adjusts")
    ranges = [((0, 0, 0, 0), (0, 0, 0))] * 6
    layer.tagged_blocks.set_data(Tag.HUE_SATURATION, 2, 1, (0, 0, 0), (0, 30, 0), ranges)
    psd.create_pixel_layer(SQUARE, name="masked").create_mask(Image.new("L", (30, 20), 255))
    path = save(psd, tmp_path / "art.psd")
    mended = repair(path, tmp_path / "fixed.psd")
    assert "L006" in {f.code for f in mended.before} and "L006" not in {f.code for f in mended.after}
    monkeypatch.setattr("psd_tools.composite._compat.HAS_SCIPY", False)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(CubisegError, match=r"art\.psd: is not mended.*pip install scipy"):
        repair(path, tmp_path / "again.psd")
    assert not (tmp_path / "again.psd").exists()
