"""Colours come out as the file means them, or a warning says that they do not."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from cubiseg.imaging import Picture
from cubiseg.picture_files.colour import PRIMARIES, TRANSFERS, Colour, to_srgb
from tests.picture_files.files import ADOBE_COLORANTS, chunk, deep, encode, profile, with_chunks

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (70, 90, 3), np.uint8)
RGB[:1, :64] = np.arange(256, dtype=np.uint8)[::4, None]
GREY = RGB[..., 0]
ALPHA = RNG.integers(0, 256, (70, 90), np.uint8)
PNG = encode(Image.fromarray(RGB), "PNG")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XY = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
Read = Callable[..., Picture]


def light(values: np.ndarray) -> np.ndarray:
    v = values / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def stored(values: np.ndarray) -> np.ndarray:
    v = np.clip(values, 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055) * 255


def from_p3(rgb: np.ndarray) -> np.ndarray:
    """Display P3 to sRGB by the matrix of CSS Color 4."""
    matrix = [[1.2249402, -0.2249402, 0], [-0.0420569, 1.0420569, 0], [-0.0196376, -0.0786361, 1.0982736]]
    return stored(light(rgb) @ np.array(matrix).T)


def gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def chrm(points: tuple[int, ...]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *points))


def iccp(content: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(content))


def near(got: np.ndarray, wanted: np.ndarray, levels: float) -> bool:
    return bool(np.abs(got.astype(float) - wanted).max() <= levels)


@pytest.mark.parametrize("power", [1.0, 1.8, 3.0])
def test_grey_profiles_are_applied_whatever_form_the_greys_have(read: Read, power: float) -> None:
    icc, wanted = profile(b"GRAY", "grey", power), stored((GREY / 255) ** power)
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 100})):
        picture = read(encode(Image.fromarray(GREY), kind, icc_profile=icc, **options))
        assert near(picture.rgb, wanted[..., None], 40 if kind == "JPEG" else 3) and not picture.warnings
    for kind in ("RGB", "RGBA", "P"):
        assert near(read(encode(Image.fromarray(GREY).convert(kind), "PNG", icc_profile=icc)).rgb, wanted[..., None], 3)
    both = read(encode(Image.fromarray(np.dstack([GREY, ALPHA])), "PNG", icc_profile=icc))
    assert near(both.rgb, wanted[..., None], 3) and np.array_equal(both.alpha, ALPHA)
    clear = read(encode(Image.fromarray(GREY), "PNG", icc_profile=icc, transparency=int(GREY[3, 3])))
    assert np.array_equal(clear.alpha == 0, GREY[3, 3] == GREY)


def test_sixteen_bits_of_grey_count_before_they_become_eight(read: Read) -> None:
    values = np.arange(70 * 90, dtype=np.uint16).reshape(70, 90) * 2  # a fifth of the range, dark
    picture = read(deep(values[..., None], 0, iccp(profile(b"GRAY", "linear", 1.0)), chunk(b"tRNS", b"\0\4")))
    assert near(picture.rgb, stored(values / 65535)[..., None], 3)
    assert len(np.unique(picture.rgb)) > 100
    assert picture.alpha is not None and np.array_equal(picture.alpha == 0, values == 4)
    assert near(read(deep(values[..., None], 0, gamma(100000))).rgb, stored(values / 65535)[..., None], 2)


@pytest.mark.parametrize("form", ["RGB", "RGBA", "LA"])
@pytest.mark.parametrize("means", ["profile", "gAMA", "cICP"])
def test_sixteen_bits_of_colour_count_before_they_become_eight(read: Read, form: str, means: str) -> None:
    grey = form == "LA"
    values = RNG.integers(0, 3000, (70, 90, 3), np.uint16)  # dark: 8 bits of it are a dozen levels
    values = values[..., :1].repeat(3, 2) if grey else values
    channels = values[..., :1] if grey else values
    alpha = RNG.integers(0, 65536, (70, 90, 1), np.uint16)
    chunks = {
        "profile": iccp(profile(b"GRAY" if grey else b"RGB ", "linear", 1.0)),
        "gAMA": gamma(100000),
        "cICP": chunk(b"cICP", bytes([1, 8, 0, 1])),
    }
    kind = {"RGB": 2, "RGBA": 6, "LA": 4}[form]
    turned = chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0")
    pixels = channels if form == "RGB" else np.concatenate([channels, alpha], 2)
    picture = read(deep(pixels, kind, chunks[means], turned))
    assert near(picture.rgb, np.rot90(stored(values / 65535), -1), 1.5) and not picture.warnings
    if form != "RGB":
        assert picture.alpha is not None and np.array_equal(picture.alpha, np.rot90(alpha[..., 0] >> 8, -1))
    p3 = read(deep(pixels * 20, kind, chunk(b"cICP", bytes([12, 13, 0, 1]))))
    off = np.abs(p3.rgb - from_p3(values * 20 / 257))
    assert off.mean() < 0.5 and np.quantile(off, 0.99) < 2  # more only where a channel is next to nothing


def test_a_profile_is_srgb_by_what_it_does_and_not_by_its_name(read: Read) -> None:
    linear = read(encode(Image.fromarray(RGB), "PNG", icc_profile=profile(b"RGB ", "sRGB-linear", 1.0)))
    assert near(linear.rgb, stored(RGB / 255), 4) and not linear.warnings
    clay = read(encode(Image.fromarray(RGB), "PNG", icc_profile=profile(b"RGB ", "Clay-srgbtrc", 2.2, ADOBE_COLORANTS)))
    assert np.abs(clay.rgb.astype(int) - RGB).max() > 20
    nameless = SRGB.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    assert nameless != SRGB
    for icc in (SRGB, nameless):
        for image in (Image.fromarray(RGB), Image.fromarray(np.dstack([RGB, ALPHA])), Image.fromarray(GREY)):
            plain = read(encode(image, "PNG"))
            same = read(encode(image, "PNG", icc_profile=icc))
            assert np.array_equal(plain.rgb, same.rgb) and not same.warnings


def test_indexed_pictures_are_converted_with_their_transparency(read: Read) -> None:
    indexed = Image.fromarray(RGB).quantize(16)
    picture = read(encode(indexed, "PNG", transparency=3, icc_profile=profile(b"RGB ", "linear", 1.0)))
    assert near(picture.rgb, stored(np.asarray(indexed.convert("RGB")) / 255), 4)
    assert np.array_equal(picture.alpha == 0, np.asarray(indexed) == 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_chunks(PNG, iccp(b"nonsense")), "is broken"),
        (with_chunks(PNG, iccp(SRGB[:200])), "is broken"),
        (with_chunks(PNG, chunk(b"iCCP", b"x\0\0junkjunkjunk")), "cannot be read"),
        (with_chunks(PNG, chunk(b"iCCP", b"x\0\7" + zlib.compress(SRGB))), "cannot be read"),
        (with_chunks(PNG, chunk(b"iCCP", b"")), "cannot be read"),
        (with_chunks(PNG, iccp(SRGB + bytes(40_000_000))), "cannot be read"),
        (with_chunks(PNG, iccp(profile(b"GRAY", "grey", 1.8))), "is for GRAY and the picture is RGB"),
        (with_chunks(PNG, gamma(0)), "gAMA makes no sense"),
        (with_chunks(PNG, chunk(b"gAMA", b"\0")), "gAMA makes no sense"),
        (with_chunks(PNG, chunk(b"cHRM", b"\0")), "cHRM is malformed"),
        (with_chunks(PNG, chrm((0,) * 8)), "cHRM makes no sense"),
        (with_chunks(PNG, chrm((1,) * 8)), "cHRM makes no sense"),
        (with_chunks(PNG, chunk(b"cICP", bytes([9, 16, 0, 1]))), "9/16/0/1 by its chunk cICP, PQ"),
        (with_chunks(PNG, chunk(b"cICP", bytes([9, 18, 0, 1]))), "9/18/0/1 by its chunk cICP, HLG"),
        (with_chunks(PNG, chunk(b"cICP", bytes([1, 13, 0, 0]))), "which is not supported"),
        (with_chunks(PNG, chunk(b"cICP", bytes([77, 13, 0, 1]))), "which is not supported"),
        (with_chunks(PNG, chunk(b"cICP", b"\1")), "cICP is malformed"),
        (encode(Image.fromarray(RGB), "WEBP", lossless=True, icc_profile=b"nonsense"), "is broken"),
    ],
)
def test_what_cannot_be_honoured_is_told_and_colours_stay(read: Read, content: bytes, reason: str) -> None:
    picture = read(content)
    assert np.array_equal(picture.rgb, RGB)
    (warning,) = picture.warnings
    assert reason in warning and "passed over" in warning


def test_a_jpeg_whose_profile_lacks_a_part_warns(read: Read) -> None:
    content = encode(Image.fromarray(RGB), "JPEG", icc_profile=profile(b"RGB ", "linear", 1.0) + bytes(100_000))
    place = content.index(b"ICC_PROFILE\0\2")
    (warning,) = read(content[:place] + b"ICC_PROFILF" + content[place + 11 :]).warnings
    assert "(ICC) cannot be read" in warning


def test_large_profiles_are_read(read: Read) -> None:
    icc = profile(b"RGB ", "linear", 1.0)
    icc = struct.pack(">I", len(icc) + 3_000_000) + icc[4:] + bytes(3_000_000)
    picture = read(with_chunks(PNG, iccp(icc)))
    assert near(picture.rgb, stored(RGB / 255), 4) and not picture.warnings


def test_gamma_is_honoured(read: Read) -> None:
    for value in (100000, 55556, 50000, 35000):
        wanted = stored((RGB / 255) ** (100000 / value))
        assert near(read(with_chunks(PNG, gamma(value))).rgb, wanted, 3)
        grey = read(with_chunks(encode(Image.fromarray(GREY), "PNG"), gamma(value)))
        assert near(grey.rgb, wanted[..., :1], 3) and (grey.rgb == grey.rgb[..., :1]).all()


def test_primaries_and_code_points_are_honoured(read: Read) -> None:
    wanted = from_p3(RGB)
    cicp = chunk(b"cICP", bytes([12, 13, 0, 1]))
    for chunks in ([gamma(45455), chrm(P3)], [chrm(P3)], [cicp]):
        picture = read(with_chunks(PNG, *chunks))
        assert near(picture.rgb, wanted, 2) and not picture.warnings
    linear = read(with_chunks(PNG, chunk(b"cICP", bytes([1, 8, 0, 1]))))
    assert near(linear.rgb, stored(RGB / 255), 3)


def test_what_means_srgb_changes_no_byte(read: Read) -> None:
    odd = tuple(v + d for v, d in zip(XY, (-1, -1, -1, 1, 1, 2, 0, 1), strict=True))
    cicp = chunk(b"cICP", bytes([1, 13, 0, 1]))
    for chunks in ([gamma(45455)], [gamma(45454), chrm(XY)], [gamma(45000), chrm(odd)], [chrm(XY)], [cicp]):
        picture = read(with_chunks(PNG, *chunks))
        assert np.array_equal(picture.rgb, RGB) and not picture.warnings


def test_the_order_of_the_png_specification_decides(read: Read) -> None:
    cicp, srgb, linear = chunk(b"cICP", bytes([1, 13, 0, 1])), chunk(b"sRGB", b"\0"), profile(b"RGB ", "linear", 1.0)
    hdr = chunk(b"cICP", bytes([9, 16, 0, 1]))
    assert np.array_equal(read(with_chunks(PNG, gamma(100000), iccp(linear), srgb, cicp)).rgb, RGB)
    assert near(read(with_chunks(PNG, gamma(45455), srgb, iccp(linear))).rgb, stored(RGB / 255), 4)
    assert np.array_equal(read(with_chunks(PNG, gamma(100000), chrm(P3), srgb)).rgb, RGB)
    second = read(with_chunks(PNG, hdr, iccp(linear)))
    assert near(second.rgb, stored(RGB / 255), 4) and "PQ" in second.warnings[0]
    assert near(read(with_chunks(PNG, iccp(b"broken"), gamma(100000))).rgb, stored(RGB / 255), 3)
    place = PNG.index(b"IDAT") - 4
    end = place + 12 + int.from_bytes(PNG[place : place + 4], "big")
    behind = PNG[:end] + gamma(100000) + PNG[end:]
    assert np.array_equal(read(behind).rgb, RGB)  # colour is told before the pixels


@pytest.mark.parametrize(("space", "index", "converted"), [(0xFFFF, "R03", True), (2, "R98", True), (1, "R98", False)])
def test_a_camera_s_mark_of_adobe_rgb_is_honoured(read: Read, space: int, index: str, converted: bool) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space
    exif.get_ifd(0x8769)[0xA005] = {1: index}
    flat = Image.new("RGB", (90, 70), (60, 200, 60))
    plain = read(encode(flat, "JPEG", quality=95)).rgb
    picture = read(encode(flat, "JPEG", quality=95, exif=exif.tobytes()))
    assert (np.abs(picture.rgb.astype(int) - plain).max() > 20) == converted


def test_every_code_point_gives_white_for_white_and_black_for_black() -> None:
    image = Image.fromarray(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8))
    for primaries in PRIMARIES:
        for transfer in TRANSFERS:
            converted, warnings = to_srgb(image, Colour(cicp=(primaries, transfer, 0, 1)))
            assert not warnings
            assert near(np.asarray(converted)[0], np.array([[0], [255]]), 1), (primaries, transfer)


def test_cmyk_is_converted_by_a_profile_for_cmyk_only(read: Read) -> None:
    flat = Image.new("CMYK", (90, 70), (10, 200, 100, 0))
    plain = read(encode(flat, "JPEG", quality=95))
    odd = read(encode(flat, "JPEG", quality=95, icc_profile=SRGB))
    assert np.array_equal(plain.rgb, odd.rgb) and "is for RGB and the picture is CMYK" in odd.warnings[0]
