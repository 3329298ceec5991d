"""PSDs as other programs write them, built here: whatever they hold, lint and its repair answer in findings."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, ChannelID, Tag
from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2
from psd_tools.psd.tagged_blocks import TaggedBlock

from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.layers.lint import RULES, lint, lint_bytes
from cubiseg.layers.repair import repair
from tests.layers.test_lint import as_large, content, document

pytestmark = pytest.mark.slow

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8))


def _mode(mode: str, depth: int = 8) -> PSDImage:
    psd = PSDImage.new(mode, (64, 48), depth=depth)
    psd.create_pixel_layer(NOISE.convert("RGB").convert(mode), name="hair")
    return psd


def _large() -> PSDImage:
    return as_large(document())


def _groups(depth: int) -> Callable[[], PSDImage]:
    def build() -> PSDImage:
        psd = document()
        group = psd
        for number in range(depth):
            group = group.create_group(name=f"folder {number}")
        group.create_pixel_layer(NOISE, name="deep")
        return psd

    return build


def _tagged(*tags: Tag) -> Callable[[], PSDImage]:
    """A layer with the blocks that mark it as another kind, as far as the kind is told by them."""

    def build() -> PSDImage:
        psd = document()
        layer = psd.create_pixel_layer(NOISE, name="special")
        for tag in tags:
            layer.tagged_blocks._items[tag] = TaggedBlock(key=tag, data=b"\0\1" * 8)  # only its presence is looked at
        return psd

    return build


def _shadowed() -> PSDImage:
    psd = document()
    shadow, effects = Descriptor(name="", classID=b"DrSh"), DescriptorBlock2(version=1, data_version=16)
    shadow[b"enab"] = shadow[b"present"] = effects[b"masterFXSwitch"] = Bool(True)
    effects[b"DrSh"] = shadow
    tag = Tag.OBJECT_BASED_EFFECTS_LAYER_INFO
    psd.create_pixel_layer(NOISE, name="shadowed").tagged_blocks._items[tag] = TaggedBlock(key=tag, data=effects)
    return psd


def _blended() -> PSDImage:
    psd = document()
    for mode in (BlendMode.SCREEN, BlendMode.OVERLAY, BlendMode.LUMINOSITY, BlendMode.DIVIDE):
        psd.create_pixel_layer(NOISE, name=mode.name).blend_mode = mode
    return psd


def _masked_and_clipped() -> PSDImage:
    psd = document()
    psd[0].create_mask(NOISE.getchannel("A"))
    psd.create_pixel_layer(NOISE, name="clipped").clipping = True
    return psd


def _named() -> PSDImage:
    psd = document()
    for name in ("", " ", "髪", "Фон", "a" * 255, "a\nb\x07", "é" * 40, "../../etc", "hair", "hair"):
        psd.create_pixel_layer(NOISE, name="x").name = name
    return psd


def _odd_sizes() -> PSDImage:
    """Layers off the canvas, of a pixel, clear, and without a transparency channel."""
    psd = document()
    psd.create_pixel_layer(NOISE, name="outside", top=-500, left=900)
    psd.create_pixel_layer(NOISE.resize((1, 1)), name="dot")
    psd.create_pixel_layer(Image.new("RGBA", (9, 9)), name="clear")
    solid = psd.create_pixel_layer(NOISE, name="solid")
    kept = [i for i, info in enumerate(solid._record.channel_info) if info.id != ChannelID.TRANSPARENCY_MASK]
    solid._record.channel_info = [solid._record.channel_info[i] for i in kept]
    solid._channels._items = [solid._channels._items[i] for i in kept]
    return psd


KINDS: dict[str, tuple[Callable[[], PSDImage], set[str]]] = {
    "16 bits": (lambda: _mode("RGB", 16), {"L002"}),
    "32 bits": (lambda: _mode("RGB", 32), {"L002"}),
    "CMYK": (lambda: _mode("CMYK"), {"L001"}),
    "CMYK, 16 bits": (lambda: _mode("CMYK", 16), {"L001", "L002"}),
    "greyscale": (lambda: _mode("L"), {"L001"}),
    "greyscale, 16 bits": (lambda: _mode("L", 16), {"L001", "L002"}),
    "large document": (_large, {"L014"}),
    "four groups": (_groups(4), set()),
    "six groups": (_groups(6), {"L010"}),
    "sixty groups": (_groups(60), {"L010"}),
    "inverting": (_tagged(Tag.INVERT), {"L009"}),
    "adjustments": (_tagged(Tag.LEVELS, Tag.CURVES, Tag.HUE_SATURATION), {"L009"}),
    "filled": (_tagged(Tag.SOLID_COLOR_SHEET_SETTING), {"L009"}),
    "text": (_tagged(Tag.TYPE_TOOL_OBJECT_SETTING), {"L009"}),
    "smart object": (_tagged(Tag.SMART_OBJECT_LAYER_DATA1), {"L009"}),
    "effects": (_shadowed, {"L008"}),
    "damaged effects": (_tagged(Tag.OBJECT_BASED_EFFECTS_LAYER_INFO), set()),
    "blend modes": (_blended, {"L005"}),
    "masked and clipped": (_masked_and_clipped, {"L006", "L007"}),
    "names": (_named, {"L003", "L004"}),
    "odd sizes": (_odd_sizes, {"L011"}),
}


def built(kind: str) -> bytes:
    """Bytes of a kind."""
    return content(KINDS[kind][0]())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_its_findings_and_mending_never_fails_in_more_than_a_line(tmp_path: Path, kind: str) -> None:
    data = built(kind)
    path, target = tmp_path / "art.psd", tmp_path / "fixed.psd"
    path.write_bytes(data)
    found = {f.code for f in lint(path)}
    assert found <= set(RULES) and KINDS[kind][1] <= found, found
    try:
        done = repair(path, target)
    except CubisegError as error:
        assert "\n" not in str(error) and not target.exists()
        return
    assert {f.code for f in done.after} <= {f.code for f in done.before} and len(done.after) <= len(done.before)
    assert path.read_bytes() == data
    mended = {"L003", "L004"} & {f.code for f in done.after}
    assert not mended, mended


@pytest.mark.parametrize("kind", ["16 bits", "CMYK", "six groups", "masked and clipped", "names", "inverting"])
def test_a_kind_cut_short_anywhere_or_with_changed_bytes_is_findings(tmp_path: Path, kind: str) -> None:
    data = built(kind)
    draw = random.Random(kind)
    path, target = tmp_path / "art.psd", tmp_path / "fixed.psd"
    cuts = {*range(0, 120, 7), *(len(data) * part // 25 for part in range(25))}
    spoilt = [data[:cut] for cut in sorted(cuts)]
    for _ in range(25):
        some = bytearray(data)
        for _ in range(draw.choice([1, 3, 20])):
            some[draw.randrange(min(len(some), draw.choice([200, 2000, len(some)])))] = draw.randrange(256)
        spoilt.append(bytes(some))
    for number, content_ in enumerate(spoilt):
        for found in lint_bytes(content_):
            assert found.code in RULES and (found.message + found.layer).isprintable()
        if number % 4 == 0:
            path.write_bytes(content_)
            try:
                repair(path, target, overwrite=True)
            except CubisegError as error:
                assert "\n" not in str(error)


def test_the_command_names_every_file_and_never_shows_a_traceback(tmp_path: Path) -> None:
    for number, kind in enumerate(KINDS):
        (tmp_path / f"{number:02}.psd").write_bytes(built(kind))
    (tmp_path / "cut.psd").write_bytes(content(document())[:300])
    (tmp_path / "empty.psd").write_bytes(b"")
    (tmp_path / "text.psd").write_text("no PSD")
    files = sorted(str(path) for path in tmp_path.iterdir())
    for arguments in (["lint", *files], ["lint", "--fix", *files]):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
        assert "Traceback" not in done.output and all(Path(name).stem in done.output for name in files)
        assert all(re.match(r"(error: )?\S*\.psd", line) for line in done.output.splitlines()), done.output
