import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cubiseg import imaging
from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture, distinct_stems, find_images, read_picture
from cubiseg.label_maps import read_label
from tests.picture_files.files import chunk, deep, encode, png, with_chunks

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (70, 90, 3), np.uint8)
ALPHA = RNG.integers(0, 256, (70, 90), np.uint8)
RGBA = np.dstack([RGB, ALPHA])


@pytest.fixture
def read(tmp_path: Path):
    def call(content: bytes, name: str = "x.png") -> Picture:
        path = tmp_path / name
        path.write_bytes(content)
        return read_picture(path)

    return call


def test_plain_pictures_keep_every_pixel(read) -> None:
    opaque = read(encode(Image.fromarray(RGB), "PNG"))
    assert np.array_equal(opaque.rgb, RGB) and opaque.alpha is None
    clear = read(encode(Image.fromarray(RGBA), "PNG"))
    assert np.array_equal(clear.rgb, RGB) and np.array_equal(clear.alpha, ALPHA)
    lossless = read(encode(Image.fromarray(RGBA), "WEBP", lossless=True, exact=True), "x.webp")
    assert np.array_equal(lossless.rgb, RGB) and np.array_equal(lossless.alpha, ALPHA)


def test_sixteen_bit_pictures_are_scaled_not_clipped(read) -> None:
    wide = RGB.astype(np.uint16) * 257
    assert np.array_equal(read(deep(wide, 2)).rgb, RGB)
    both = read(deep(np.dstack([wide, ALPHA.astype(np.uint16) * 257]), 6))
    assert np.array_equal(both.rgb, RGB) and np.array_equal(both.alpha, ALPHA)
    grey = read(deep(wide[..., :1], 0))
    assert np.array_equal(grey.rgb, RGB[..., :1].repeat(3, 2)) and grey.alpha is None
    grey_alpha = read(deep(np.dstack([wide[..., 0], ALPHA.astype(np.uint16) * 257]), 4))
    assert np.array_equal(grey_alpha.rgb[..., 0], RGB[..., 0]) and np.array_equal(grey_alpha.alpha, ALPHA)


def test_one_clear_grey_of_a_sixteen_bit_picture_is_clear(read) -> None:
    values = np.arange(70 * 90, dtype=np.uint16).reshape(70, 90, 1) * 10
    picture = read(deep(values, 0, chunk(b"tRNS", struct.pack(">H", 300))))
    assert picture.alpha is not None and np.array_equal(picture.alpha == 0, values[..., 0] == 300)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_one_clear_grey_is_clear_at_every_depth(read, depth: int) -> None:
    values = RNG.integers(0, min(2**depth, 16), (70, 96), np.uint8)
    bits = (values[..., None] >> np.arange(depth)[::-1]) & 1
    rows = b"".join(b"\0" + np.packbits(row.ravel()).tobytes() for row in bits)
    picture = read(png(96, 70, depth, 0, rows, chunk(b"tRNS", b"\0\1")))
    assert picture.alpha is not None and np.array_equal(picture.alpha == 0, values == 1)
    assert np.array_equal(picture.rgb[..., 0], values.astype(int) * 255 // (2**depth - 1))


def test_one_clear_colour_of_a_sixteen_bit_picture_is_clear(read) -> None:
    values = RGB.astype(np.uint16) * 256 + 7
    clear = struct.pack(">3H", *values[5, 6].tolist())
    picture = read(deep(values, 2, chunk(b"tRNS", clear)))
    assert picture.alpha is not None and np.array_equal(picture.alpha == 0, (RGB[5, 6] == RGB).all(2))


def test_greyscale_palette_and_their_transparency(read) -> None:
    grey = Image.fromarray(RGB[..., 0])
    assert np.array_equal(read(encode(grey, "PNG")).rgb, RGB[..., :1].repeat(3, 2))
    la = read(encode(Image.fromarray(RGBA).convert("LA"), "PNG"))
    assert np.array_equal(la.alpha, ALPHA)
    palette = Image.fromarray(RGB).quantize(16)
    flat = read(encode(palette, "PNG"))
    assert np.array_equal(flat.rgb, np.array(palette.convert("RGB"))) and flat.alpha is None
    clear = read(encode(palette, "PNG", transparency=3))
    assert np.array_equal(clear.alpha == 0, np.array(palette) == 3)
    bits = read(encode(Image.fromarray(ALPHA > 100), "PNG"))
    assert np.array_equal(bits.rgb[..., 0] == 255, ALPHA > 100)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright_by_their_exif_orientation(read, orientation: int) -> None:
    upright = np.zeros((80, 120, 3), np.uint8)
    upright[:40, :60] = (250, 20, 20)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's Transpose that turns upright into stored
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(encode(stored, "JPEG", exif=exif, quality=95, subsampling=0), "x.jpg")
    assert picture.size == (80, 120)
    assert np.abs(picture.rgb.astype(int) - upright).mean() < 3


def test_damaged_exif_is_no_reason_to_refuse_a_picture(read) -> None:
    picture = read(encode(Image.fromarray(RGB), "JPEG", exif=b"Exif\0\0garbage that is no TIFF"), "x.jpg")
    assert picture.size == (70, 90)


def test_cmyk_and_grey_jpegs_are_read(read) -> None:
    flat = Image.new("RGB", (90, 70), (200, 60, 40))
    cmyk = read(encode(flat.convert("CMYK"), "JPEG", quality=95), "x.jpg")
    assert np.abs(cmyk.rgb.astype(int) - (200, 60, 40)).max() < 6
    assert read(encode(flat.convert("L"), "JPEG"), "x.jpg").rgb.shape == (70, 90, 3)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty; fetch it again"),
        (b"\x80who knows", "is no PNG, JPEG or WebP picture"),
        (b"GIF89a" + bytes(100), "is a GIF picture; save it as PNG"),
        (encode(Image.fromarray(RGB), "BMP"), "is a BMP picture; save it as PNG"),
        (b'{"a": 1}', "is a JSON file"),
        (b"PK\3\4" + bytes(100), "is a ZIP archive; unpack it"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (encode(Image.fromarray(RGB), "PNG")[:4000], "cannot be read"),
        (encode(Image.fromarray(RGB), "JPEG")[:900], "cannot be read"),
        (encode(Image.fromarray(RGB), "WEBP")[:900], "picture|cannot be read"),
        (encode(Image.new("L", (63, 200)), "PNG"), "63x200 is under 64"),
        (png(60000, 60000, 8, 2, b""), "over 8192"),
        (png(9000, 70, 8, 2, b""), "9000x70 is over 8192"),
        (png(2**31 - 1, 2**31 - 1, 16, 6, b""), "over 8192"),
        (png(0, 0, 8, 2, b""), "cannot be read|is no|under 64"),
    ],
)
def test_a_picture_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(CubisegError, match=complaint) as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_missing_files_and_folders_with_a_pictures_name_are_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(CubisegError, match="no such file"):
        read_picture(tmp_path / "none.png")
    (tmp_path / "x.png").mkdir()
    with pytest.raises(CubisegError, match="is a folder"):
        read_picture(tmp_path / "x.png")


def test_what_the_system_refuses_is_no_fault_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ("x" * 300 + ".png")
    with pytest.raises(CubisegError, match="has a name that is too long for the file system"):
        read_picture(path)
    with pytest.raises(CubisegError, match=r"Not a directory|no such file"):
        (tmp_path / "file").write_bytes(b"")
        read_picture(tmp_path / "file" / "x.png")
    path = tmp_path / "x.png"
    path.write_bytes(WHOLE["png"])

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("PIL.Image.open", broken)
    with pytest.raises(CubisegError, match=r"x.png: cannot be read or written .Input/output error.; check the path"):
        read_picture(path)


def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(CubisegError, match="is no regular file"):
        read_picture(tmp_path / "x.png")


WHOLE = {
    "png": encode(Image.fromarray(RGBA), "PNG"),
    "jpg": encode(Image.fromarray(RGB), "JPEG"),
    "webp": encode(Image.fromarray(RGBA), "WEBP"),
    "palette": encode(Image.fromarray(RGB).quantize(16), "PNG", transparency=3),
}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([*WHOLE, "header"]),
    keep=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    header=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 17), st.integers(0, 7)),
)
def test_no_bytes_do_worse_than_one_line(
    tmp_path: Path, kind: str, keep: float, changes: list[tuple[float, int]], header: tuple[int, int, int, int]
) -> None:
    content = bytearray(png(*header, b"\0" * 50) if kind == "header" else WHOLE[kind])
    del content[int(keep * len(content)) + 1 :]
    for place, value in changes:
        content[int(place * len(content))] = value
    path = tmp_path / "x"
    path.write_bytes(bytes(content))
    for function in (read_picture, read_label):
        try:
            result = function(path)
        except CubisegError as error:
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
        else:
            pixels = result.rgb if isinstance(result, Picture) else result
            assert pixels.dtype == np.uint8 and max(pixels.shape) <= imaging.MAX_SIDE


def test_folders_stand_for_their_pictures_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", ".hidden.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c.png").mkdir()
    assert find_images([tmp_path]) == [tmp_path / "a.jpg", tmp_path / "b.PNG"]
    with pytest.raises(CubisegError, match="no pictures in this folder"):
        find_images([tmp_path / "c.png"])
    with pytest.raises(CubisegError, match="no such file"):
        find_images([tmp_path / "absent.png"])


def test_a_folder_without_pictures_says_what_it_holds_instead(tmp_path: Path) -> None:
    (tmp_path / "b.psd").write_bytes(b"8BPS" + bytes(30))
    (tmp_path / "a.bin").write_bytes(b"\x80who knows")
    with pytest.raises(CubisegError, match=r"\(b.psd is a Photoshop document; export it as PNG\)$"):
        find_images([tmp_path])


def test_output_names_are_distinct_or_refused(tmp_path: Path) -> None:
    a, b, c = tmp_path / "x.png", tmp_path / "X.jpg", tmp_path / "y.v2.png"
    assert distinct_stems([a, b, c, a]) == {a: "x_png", b: "X_jpg", c: "y.v2"}
    with pytest.raises(CubisegError, match="would be written to the same place"):
        distinct_stems([a, tmp_path / "sub/x.png"])


@given(rgb=st.integers(0, 255), alpha=st.integers(0, 255), paper=st.integers(0, 255))
def test_composing_over_a_colour_rounds_to_nearest(rgb: int, alpha: int, paper: int) -> None:
    picture = Picture(np.full((1, 1, 3), rgb, np.uint8), np.full((1, 1), alpha, np.uint8))
    exact = (rgb * alpha + paper * (255 - alpha)) / 255
    assert abs(int(picture.over((paper, paper, paper))[0, 0, 0]) - exact) <= 0.5


def test_memory_is_told_by_the_size_whatever_else_a_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    text = chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"x" * 3_000_000))  # Pillow refuses it, the work does not
    path.write_bytes(with_chunks(encode(Image.fromarray(RGB), "PNG"), text))
    assert imaging.picture_memory(path, 64) == 70 * 90 * 64
    path.write_bytes(b"no picture")
    assert imaging.picture_memory(path, 64) == imaging.picture_memory(tmp_path / "missing.png", 64) == 0
