"""Protocol paint: what is asked, and what passes as an answer."""

import base64
import io
import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cubiseg import label_maps, taxonomy
from cubiseg.annotation.codebook import load_codebook
from cubiseg.annotation.protocols import find_protocol
from cubiseg.annotation.protocols.paint import Paint
from cubiseg.answers.requests import Malformed
from cubiseg.errors import CubisegError
from tests.conftest import ROOT
from tests.picture_files.files import chunk, with_chunks
from tests.tiny import face


def png(pixels: np.ndarray, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def answer(data: bytes) -> str:
    return json.dumps({"label_map": base64.b64encode(data).decode()})


def test_the_prompt_names_every_class_with_its_colour_and_rules() -> None:
    book = load_codebook(ROOT / "cubiseg" / "codebook.yaml")
    prompt = Paint().prompt(book)
    for c in taxonomy.CLASSES:
        assert f"- {c.name} #{c.colour[0]:02x}{c.colour[1]:02x}{c.colour[2]:02x}:" in prompt
        assert book.classes[c.name].not_[0] in prompt
    assert all(rule in prompt for rule in book.general)


def test_a_painted_answer_comes_back_as_the_bytes_that_were_sent() -> None:
    data = png(label_maps.colourise(face()))
    assert Paint().read(answer(data)) == data


def test_an_answer_with_much_text_in_its_png_is_paid_for_and_taken() -> None:
    data = with_chunks(png(label_maps.colourise(face())), chunk(b"tEXt", b"workflow\0" + b"x" * 2_000_000))
    text = chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"x" * 2_000_000))
    assert Paint().read(answer(data)) == data
    assert Paint().read(answer(with_chunks(data, text))) == with_chunks(data, text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("I cannot", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "no label_map"),
        ('{"mask": "x"}', "no label_map"),
        ('{"label_map": 5}', "no label_map"),
        ('{"label_map": "ä!"}', "not base64"),
        (answer(b"\x89PNG"), "not a whole PNG"),
        (answer(png(label_maps.colourise(face()))[:-200]), "not a whole PNG"),
        (answer(png(np.zeros((64, 64, 3), np.uint8), "BMP")), "not a whole PNG"),
        (answer(png(np.zeros((1, 1, 3), np.uint8))), "1x1 pixels"),
        (answer(png(np.zeros((16, 8200), np.uint8))), "8200x16 pixels"),
    ],
)
def test_anything_else_is_malformed(text: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Paint().read(text)


@given(st.text() | st.binary().map(answer))
def test_no_text_does_harm(text: str) -> None:
    with pytest.raises(Malformed):
        Paint().read(text)


def test_an_unknown_protocol_is_one_line_that_names_the_known_ones() -> None:
    with pytest.raises(CubisegError, match=r"'shout'.*choose one of: contact-sheet"):
        find_protocol("shout")
