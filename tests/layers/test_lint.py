import io
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Resource, Tag
from psd_tools.psd.image_resources import ImageResource

from cubiseg.layers.lint import RULES, Finding, lint, lint_bytes
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
    dot = SQUARE.resize((1, 1))
    for number in range(101):
        psd.create_pixel_layer(dot, name=f"dot{number}")


def _adjustment(psd: PSDImage) -> None:
    psd[0].tagged_blocks.set_data(Tag.INVERT)


BREAK = {
    "L003": lambda psd: setattr(psd[0], "name", "eyesL"),
    "L004": lambda psd: setattr(psd[0], "name", "髪"),
    "L005": lambda psd: setattr(psd[0], "blend_mode", BlendMode.SCREEN),
    "L006": lambda psd: psd[0].create_mask(Image.new("L", (20, 30), 255)),
    "L007": lambda psd: setattr(psd[1], "clipping", True) or setattr(psd[1][0], "clipping", True),
    "L009": _adjustment,
    "L010": _six_deep,
    "L011": lambda psd: psd.create_pixel_layer(Image.new("RGBA", (5, 5)), name="empty"),
    "L012": lambda psd: psd.image_resources.pop(Resource.ICC_PROFILE),
    "L013": lambda psd: setattr(psd[0], "fill_opacity", 128),
    "L015": _too_many,
}


@pytest.mark.parametrize("code", BREAK)
def test_each_broken_rule_has_its_code_and_no_other(code: str) -> None:
    psd = document()
    BREAK[code](psd)
    assert {f.code for f in findings(psd)} == {code}


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
