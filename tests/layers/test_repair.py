import io
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Resource, Tag

from cubiseg.errors import CubisegError
from cubiseg.layers.lint import RULES, lint, lint_bytes
from cubiseg.layers.repair import ascii_name, repair
from tests.layers.test_lint import SQUARE, content, document


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
    before, after = repair(path, tmp_path / "fixed.psd")
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
    psd[1][0].blend_mode = BlendMode.SCREEN
    path = save(psd, tmp_path / "art.psd")
    before, after = repair(path, tmp_path / "fixed.psd")
    assert {f.code for f in after} == {f.code for f in before} == {"L005", "L006"}
    assert np.array_equal(composed(tmp_path / "fixed.psd"), composed(path))


def test_an_empty_layer_that_others_are_clipped_to_is_kept(tmp_path: Path) -> None:
    psd = document()
    psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="base")
    psd.create_pixel_layer(SQUARE, name="clipped").clipping = True
    path = save(psd, tmp_path / "art.psd")
    _, after = repair(path, tmp_path / "fixed.psd")
    assert {f.code for f in after} == {"L007", "L011"}


def test_the_file_itself_is_never_the_target(tmp_path: Path) -> None:
    path = save(broken(), tmp_path / "art.psd")
    with pytest.raises(CubisegError, match="not overwritten"):
        repair(path, path)
    link = tmp_path / "link.psd"
    link.symlink_to(path)
    with pytest.raises(CubisegError, match="not overwritten"):
        repair(path, link)
    with pytest.raises(CubisegError, match="cannot be read"):
        repair(tmp_path / "none.psd", tmp_path / "x.psd")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("前髪", "front_hair"),
        ("目 左", "eye_ _L"),
        ("Café", "Cafe"),
        ("髪\n影", "hair_shadow"),
        ("😀", ""),
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
        _, left = repair(folder / "art.psd", folder / "fixed.psd")
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
        _, left = repair(path, tmp_path / "fixed.psd")
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
    psd._record.header.version = version
    path = save(psd, tmp_path / "art.psd")
    expected = {"L001"} | ({"L002"} if depth == 16 else set()) | ({"L014"} if version == 2 else set())
    assert {f.code for f in lint(path)} >= expected | {"L004"}
    _, left = repair(path, tmp_path / "fixed.psd")
    assert expected <= {f.code for f in left} and "L004" not in {f.code for f in left}


def test_text_adjustments_effects_and_shapes_are_findings_and_survive_mending(tmp_path: Path) -> None:
    psd = document()
    psd[0].tagged_blocks.set_data(Tag.INVERT)
    raw = psd.create_pixel_layer(SQUARE, name="text")
    raw.tagged_blocks.set_data(Tag.SOLID_COLOR_SHEET_SETTING)
    path = save(psd, tmp_path / "art.psd")
    found = [f for f in lint(path) if f.code == "L009"]
    assert {f.layer for f in found} >= {"hair"}
    try:
        repair(path, tmp_path / "fixed.psd")
    except CubisegError:
        return
    assert {f.code for f in lint(tmp_path / "fixed.psd")} >= {"L009"}


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_a_finding(share: float) -> None:
    found = lint_bytes(WHOLE[: int(share * len(WHOLE))])
    assert all(f.code in RULES for f in found)
    assert io.BytesIO(WHOLE).read(4) == b"8BPS"
