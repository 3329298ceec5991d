"""Lost data of a JPEG is told, odd headers that cost no pixel are not, and neither hides the other."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from cubiseg.picture_files import jpeg


def encoded(mode: str = "RGB", **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, len(mode)), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, "JPEG", quality=80, **options)
    return file.getvalue()


def of_jfif_9(data: bytes) -> bytes:
    place = data.index(b"JFIF\0") + 5
    return data[:place] + b"\x09" + data[place + 1 :]


def with_bad_icc(data: bytes) -> bytes:
    return data[:2] + b"\xff\xe2\x00\x14ICC_PROFILE\0\x05\x02abcd" + data[2:]


def with_odd_scan(data: bytes) -> bytes:
    place = data.index(b"\xff\xda")
    end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return data[: end - 3] + b"\0\0\0" + data[end:]


def cut(data: bytes) -> bytes:
    return data[:-300]


def garbled(data: bytes) -> bytes:
    middle = len(data) * 3 // 4
    return data[:middle] + b"\xff\xd3" + data[middle + 2 :]


CASES = [("RGB", of_jfif_9), *((mode, odd) for mode in ("RGB", "CMYK") for odd in (bytes, with_bad_icc, with_odd_scan))]


@pytest.mark.parametrize(("mode", "odd"), CASES, ids=[f"{mode}-{odd.__name__}" for mode, odd in CASES])
def test_odd_headers_are_no_damage_and_hide_none(mode: str, odd: Callable[[bytes], bytes]) -> None:
    data = encoded(mode)
    assert jpeg.damage_in(odd(data), mode == "CMYK") == ""
    for lost in (cut, garbled):
        told = jpeg.damage_in(odd(lost(data)), mode == "CMYK")
        assert told, "the pixels are not whole"
        assert "ICC" not in told and "JFIF" not in told and "SOS" not in told


def test_scans_of_single_channels_are_put_right_too() -> None:
    data = encoded(progressive=True)
    assert jpeg.damage_in(data, False) == ""
    assert jpeg.damage_in(cut(data), False)


def test_of_what_this_libjpeg_cannot_read_nothing_is_told() -> None:
    data = encoded()
    tables = data.index(b"\xff\xdb")
    without = data[:tables] + data[tables + 2 + int.from_bytes(data[tables + 2 : tables + 4], "big") :]
    assert jpeg.damage_in(without, False) is None


def test_a_warning_that_nobody_listed_counts_as_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "_LOSS", ("nothing",))
    assert jpeg.damage_in(cut(encoded()), False) == "Premature end of JPEG file"
