"""Metadata never refuses a picture, and what decoders keep to themselves becomes a warning."""

import contextlib
import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture, read_picture
from cubiseg.picture_files import scan
from tests.picture_files.files import SIGNATURE, chunk, encode, with_chunks, with_segments

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (70, 90, 3), np.uint8)
SMOOTH = np.asarray(Image.fromarray(RGB).resize((400, 300), Image.Resampling.BICUBIC))
PNG, JPEG = encode(Image.fromarray(RGB), "PNG"), encode(Image.fromarray(RGB), "JPEG")
LONG = b"node " * 600_000
Read = Callable[..., Picture]


def itxt(keyword: bytes, text: bytes, packed: bool = True) -> bytes:
    return chunk(
        b"iTXt", keyword + b"\0" + (b"\1\0\0\0" if packed else b"\0\0\0\0") + (zlib.compress(text) if packed else text)
    )


def xmp(orientation: int, padding: int = 0) -> bytes:
    return b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/>' % orientation + b" " * padding + b"</x:xmpmeta>"


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"tEXt", b"workflow\0" + LONG)],
        [chunk(b"zTXt", b"workflow\0\0" + zlib.compress(LONG))],
        [itxt(b"workflow", LONG)],
        [itxt(b"XML:com.adobe.xmp", xmp(1, 3_000_000))],
        [chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(LONG))],
        [chunk(b"zTXt", b"k%d\0\0" % i + zlib.compress(LONG[:900_000])) for i in range(80)],
        [chunk(b"tEXt", b"k\0v")] * 20_000,
        [chunk(b"tEXt", b"transparency\0\1"), chunk(b"tEXt", b"icc_profile\0x"), chunk(b"tEXt", b"exif\0x")],
        [chunk(b"zTXt", b"a\0\7packed in no way that is known"), chunk(b"zTXt", b""), chunk(b"iTXt", b"x")],
        [chunk(b"eXIf", bytes(20_000_000))],
        [chunk(b"pHYs", b""), chunk(b"tIME", b""), chunk(b"bKGD", b""), chunk(b"abCd", b"")],
    ],
)
def test_no_text_of_any_size_or_number_refuses_a_png(read: Read, chunks: list[bytes], behind: bool) -> None:
    picture = read(with_chunks(PNG, *chunks, behind=behind))
    assert np.array_equal(picture.rgb, RGB) and picture.alpha is None and picture.warnings == ()


def test_memory_does_not_grow_with_metadata(tmp_path: Path) -> None:
    text = bytes(1_000_000)
    path = tmp_path / "x.png"
    path.write_bytes(with_chunks(PNG, *[chunk(b"tEXt", b"k\0" + text)] * 60))
    tracemalloc.start()
    with path.open("rb") as file:
        contents = scan(file)
        kept = sum(iter(lambda: len(contents.kept.read(4096)), 0))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept == len(PNG) and most < 40 * 2**20


@pytest.mark.parametrize(
    "text",
    [
        itxt(b"XML:com.adobe.xmp", xmp(6, 3_000_000)),
        itxt(b"XML:com.adobe.xmp", xmp(6), packed=False),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n      38\n" + (
            b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0").hex().encode() + b"\n")),
        chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("behind", [False, True])
def test_the_orientation_is_found_in_every_text_that_may_tell_it(read: Read, text: bytes, behind: bool) -> None:
    assert np.array_equal(read(with_chunks(PNG, text, behind=behind)).rgb, np.rot90(RGB, -1))


def test_a_jpeg_s_segments_refuse_no_picture_and_those_that_count_are_kept(read: Read) -> None:
    plain = read(JPEG).rgb
    comments = [(0xFE, bytes(65_000))] * 300
    applications = [(0xED, b"Photoshop 3.0\0" + bytes(50_000))] * 300 + [(0xE2, b"MPF\0junk"), (0xE1, b"x" * 60_000)]
    odd = [(0xE0, b"JFIF\0"), (0xEE, b"Adobe"), (0xE1, b"Exif\0\0junk")]
    for segments in (comments, applications, odd):
        picture = read(with_segments(JPEG, *segments))
        assert np.array_equal(picture.rgb, plain) and picture.warnings == ()
    turned = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
    assert read(with_segments(JPEG, *comments, (0xE1, turned))).size == (90, 70)
    assert read(with_segments(JPEG, (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(8)))).size == (90, 70)


def test_a_webp_s_metadata_refuses_no_picture(read: Read) -> None:
    options = {"lossless": True, "exact": True, "exif": b"Exif\0\0" + bytes(3_000_000), "xmp": bytes(8_000_000)}
    assert np.array_equal(read(encode(Image.fromarray(RGB), "WEBP", **options)).rgb, RGB)


def test_a_broken_structure_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (
        PNG[:2000],
        SIGNATURE + b"\xff" * 100,
        PNG[:33] + b"\0\0\0\4\1\2\3\4" + bytes(60) + PNG[33:],
        PNG[:33] + struct.pack(">I", 2**31) + b"tEXt" + PNG[33:],
        JPEG[:20],
        JPEG[:2] + b"\xff\xe1\0\0" + JPEG[2:],
    ):
        path.write_bytes(content)
        with path.open("rb") as file:
            kept = scan(file).kept.read()
        assert kept == content
        with contextlib.suppress(CubisegError):
            read_picture(path)


def zeroed(content: bytes, start: float, share: float) -> bytes:
    """A file of which a part is zero, as a copy that was cut off and went on leaves it."""
    first, last = int(len(content) * start), int(len(content) * (start + share))
    return content[:first] + bytes(last - first) + content[last:]


JPEGS = {
    "baseline": encode(Image.fromarray(SMOOTH), "JPEG", quality=92),
    "progressive": encode(Image.fromarray(SMOOTH), "JPEG", quality=92, progressive=True),
    "restarts": encode(Image.fromarray(SMOOTH), "JPEG", restart_marker_blocks=5),
    "grey": encode(Image.fromarray(SMOOTH).convert("L"), "JPEG"),
    "cmyk": encode(Image.fromarray(SMOOTH).convert("CMYK"), "JPEG"),
    "rgb": encode(Image.fromarray(SMOOTH), "JPEG", keep_rgb=True),
    "full colour": encode(Image.fromarray(SMOOTH), "JPEG", subsampling=0),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_a_damaged_jpeg_warns_and_a_whole_one_does_not(read: Read, kind: str) -> None:
    content = JPEGS[kind]
    assert read(content).warnings == ()
    assert read(content + b"extraneous " * 50).warnings == ()
    for start in (0.3, 0.45, 0.6):
        (warning,) = read(zeroed(content, start, 1 / 3)).warnings
        assert warning.startswith("the file is damaged (") and warning.endswith("fetch it again")


def test_a_jpeg_with_an_odd_header_is_not_called_damaged(read: Read) -> None:
    content = bytearray(JPEGS["baseline"])
    content[content.index(b"JFIF\0") + 5] = 9  # a revision that nobody knows
    assert read(bytes(content)).warnings == ()


def test_damaged_chunks_of_a_png_are_told(read: Read) -> None:
    def first(kind: bytes) -> bytes:
        place = PNG.index(kind) + 4 + int.from_bytes(PNG[(i := PNG.index(kind)) - 4 : i], "big")
        return PNG[:place] + bytes((PNG[place] ^ 1,)) + PNG[place + 1 :]

    (warning,) = read(first(b"IDAT")).warnings
    assert "checksum of its pixels is wrong" in warning
    with pytest.raises(CubisegError):
        read(first(b"IHDR"))
    text = with_chunks(PNG, *[chunk(kind, b"a\0b", wrong=1) for kind in (b"tEXt", b"tEXt", b"pHYs", b"tRNS", b"gAMA")])
    picture = read(text)
    assert np.array_equal(picture.rgb, RGB) and picture.alpha is None
    (warning,) = picture.warnings
    assert all(f"the checksum of {kind} is wrong" in warning for kind in ("tEXt", "pHYs", "tRNS", "gAMA"))


def test_what_follows_the_pixels_does_no_harm(read: Read) -> None:
    place = PNG.index(b"IDAT") - 4
    length = int.from_bytes(PNG[place : place + 4], "big")
    data = PNG[place + 8 : place + 8 + length]
    longer = PNG[:place] + chunk(b"IDAT", data + b"more than the picture needs") + PNG[place + 12 + length :]
    split = (
        PNG[:place]
        + b"".join(chunk(b"IDAT", data[i : i + 7]) for i in range(0, length, 7))
        + PNG[place + 12 + length :]
    )
    for content in (longer, split, PNG + b"junk" * 100):
        picture = read(content)
        assert np.array_equal(picture.rgb, RGB) and picture.warnings == ()


def animation(kind: str, count: int, **options: object) -> bytes:
    frames = [Image.new("RGB", (90, 70), (255 - 20 * i, 20 * i, 0)) for i in range(count)]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_the_first_frame_of_an_animation_is_taken_and_that_is_told(read: Read, kind: str, options: dict) -> None:
    picture = read(animation(kind, 3, **options))
    assert picture.rgb[0, 0].tolist() == [255, 0, 0]
    assert picture.warnings == ("is an animation of 3 frames; the first one is taken",)
    assert read(animation(kind, 1, **options)).warnings == ()


def test_a_still_picture_before_an_animation_is_taken_as_viewers_show_it(read: Read) -> None:
    picture = read(animation("PNG", 3, default_image=True))
    assert picture.rgb[0, 0].tolist() == [255, 0, 0]
    assert picture.warnings == ("is an animation of 2 frames; the still picture before them is taken",)


def test_broken_frames_of_an_animation_refuse_no_picture(read: Read) -> None:
    content = animation("PNG", 3)
    for junk in (chunk(b"fcTL", b"x"), chunk(b"fdAT", b""), chunk(b"acTL", b"")):
        picture = read(with_chunks(content, junk, behind=True))
        assert picture.rgb[0, 0].tolist() == [255, 0, 0] and len(picture.warnings) == 1
    assert read(with_chunks(PNG, chunk(b"acTL", bytes(8)), chunk(b"fcTL", bytes(26)))).warnings == ()
    cut = read(content[: content.rindex(b"fdAT") + 20])
    assert cut.rgb[0, 0].tolist() == [255, 0, 0] and "what follows the pixels" in cut.warnings[0]


def test_odd_bytes_between_the_segments_of_a_jpeg_are_searched_through_as_ever(read: Read) -> None:
    plain = read(JPEG).rgb
    for content in (
        JPEG[:2] + b"\xff\xfe\0\5a comment that is longer than it says" + JPEG[2:],
        JPEG[:2] + b"\xff" * 9 + JPEG[2:],
    ):
        assert np.array_equal(read(content).rgb, plain)


def test_transparency_counts_before_the_pixels_only(read: Read) -> None:
    clear = chunk(b"tRNS", struct.pack(">3H", *RGB[5, 6].tolist()))
    assert read(with_chunks(PNG, clear)).alpha is not None
    assert read(with_chunks(PNG, clear, behind=True)).alpha is None


def test_a_spliced_file_reads_like_any_other() -> None:
    contents = scan(io.BytesIO(with_chunks(PNG, chunk(b"tEXt", b"k\0v"), behind=True)))
    assert contents.kept.seek(-4, io.SEEK_END) == len(PNG) - 4 and contents.kept.read() == PNG[-4:]
    assert contents.kept.read() == b"" and contents.kept.seek(5) == 5 and contents.kept.read(3) == PNG[5:8]
