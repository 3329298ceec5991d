"""Pictures come out of an archive by chance and unharmed, and nothing else does."""

import io
import logging
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cubiseg.errors import CubisegError
from cubiseg.sources.archive import draw_pictures


def picture(i: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), i, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


CONTENT = {f"portraits/{i % 10:04}/{i}.jpg": picture(i) for i in range(40)}


def write_tar(path: Path, content: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("portraits/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path


def write_zip(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_a_share_is_drawn_as_it_is_and_the_same_again(write, tmp_path: Path) -> None:
    archive = write(tmp_path / "archive", CONTENT)
    taken = draw_pictures(archive, 7, 1, tmp_path / "a")
    assert len(taken) == 7
    assert all(path.read_bytes() == CONTENT[f"portraits/{int(path.stem) % 10:04}/{path.name}"] for path in taken)
    names = {p.name for p in taken}
    assert {p.name for p in draw_pictures(archive, 7, 1, tmp_path / "b")} == names
    assert {p.name for p in draw_pictures(archive, 12, 1, tmp_path / "a")} > names
    assert {p.name for p in draw_pictures(archive, 7, 2, tmp_path / "c")} != names
    assert len(draw_pictures(archive, 1000, 1, tmp_path / "d")) == 40


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_nothing_is_written_outside_the_folder(write, tmp_path: Path) -> None:
    bad = {"../up.jpg": picture(1), "/abs.jpg": picture(2), "a/../../b.jpg": picture(3), "bad\\name.jpg": picture(4),
           "x/.jpg": picture(5), "x/run.sh": b"echo", "x/empty.jpg": b"", "x/ü.jpg": picture(6)}  # fmt: skip
    archive = write(tmp_path / "archive", {**bad, "ok/1.jpg": picture(7)})
    before = set(tmp_path.rglob("*"))
    taken = draw_pictures(archive, 100, 1, tmp_path / "in" / "images")
    assert {p.name for p in taken} >= {"up.jpg", "abs.jpg", "b.jpg", "1.jpg"} and len(taken) == 6
    assert set(tmp_path.rglob("*")) - before == {*taken, tmp_path / "in", tmp_path / "in" / "images"}


def test_another_picture_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "a.tar", {"x/1.jpg": picture(1)})
    draw_pictures(archive, 1, 1, tmp_path / "out")
    (tmp_path / "out" / "1.jpg").write_bytes(b"mine")
    with pytest.raises(CubisegError, match="is another picture"):
        draw_pictures(archive, 1, 1, tmp_path / "out")
    assert (tmp_path / "out" / "1.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize("content", [b"", b"no archive" * 100])
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(CubisegError, match=r"x\.tar"):
        draw_pictures(path, 1, 1, tmp_path / "out")
    with pytest.raises(CubisegError, match=r"missing\.tar"):
        draw_pictures(tmp_path / "missing.tar", 1, 1, tmp_path / "out")


ODD = (
    "My OC (final) v1.2.png",
    "立ち絵 01.png",
    "立ち絵 02.png",
    "dots.in.name.png",
    "[tag]_x.png",
    "o'neil.png",
    "sub dir/b c.png",
    "a/same.png",
    "b/Same.png",
    "b/same.jpg",
    "con.png",
    "x" * 200 + ".png",
    "dir\\name.PNG",
    "…png.png",
)


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_a_picture_of_any_name_is_taken_under_a_safe_name_of_its_own_and_the_same_again(write, tmp_path: Path) -> None:
    content = {name: picture(i) for i, name in enumerate((*ODD, "plain.png"))}
    archive = write(tmp_path / "archive", content)
    taken = draw_pictures(archive, 100, 1, tmp_path / "out")
    assert sorted(p.read_bytes() for p in taken) == sorted(content.values())
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,100}\.(png|PNG|jpg)", p.name) for p in taken)
    assert len({p.stem.casefold() for p in taken}) == len(content), "also where a stem decides, and case does not"
    names = {p.name for p in taken}
    assert "plain.png" in names and "con.png" not in names
    assert {p.name for p in draw_pictures(archive, 5, 1, tmp_path / "few")} < names
    assert {p.name for p in draw_pictures(archive, 100, 2, tmp_path / "out")} == names, "by the name, not by the choice"


def test_names_that_are_no_utf_8_are_taken_too(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", encoding="shift-jis", errors="strict") as tar:
        info = tarfile.TarInfo("立ち絵.png")
        info.size = len(picture(1))
        tar.addfile(info, io.BytesIO(picture(1)))
    (taken,) = draw_pictures(tmp_path / "a.tar", 1, 1, tmp_path / "out")
    assert taken.read_bytes() == picture(1) and taken.name.isascii()


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_what_is_passed_over_is_counted_and_the_first_of_it_named(
    write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = {f"{i:02}.txt": b"text" for i in range(30)}
    content |= {"__MACOSX/._1.jpg": b"x", ".DS_Store": b"x", "1.jpg": picture(1)}
    archive = write(tmp_path / "archive", {"e/empty.jpg": b"", "e/.hidden.png": b"x", "new\nline.gif": b"x", **content})
    with caplog.at_level(logging.WARNING):
        assert len(draw_pictures(archive, 100, 1, tmp_path / "out")) == 1
    lines = caplog.messages
    links = 1 if write is write_tar else 0
    assert lines[0] == f"{archive}: {33 + links} files passed over"
    assert "  e/empty.jpg: is empty" in lines and any("e/.hidden.png: is hidden" in line for line in lines)
    assert "  new\\nline.gif: is not PNG, JPEG or WebP by its name" in lines
    assert f"  … and {23 + links} more" in lines and "besides, 2 of the operating system" in lines[-1]
    assert len(lines) == 13


def test_a_picture_that_cannot_be_unpacked_is_named_and_the_others_are_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_zip(tmp_path / "a.zip", {"good.jpg": picture(1)})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("locked.jpg", picture(2))
        archive.writestr("broken.jpg", b"B" * 100)
        archive.writestr("packed.jpg", b"P" * 100)
        archive.writestr("twice.jpg", picture(3))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("twice.jpg", picture(4))
    data = bytearray(path.read_bytes().replace(b"B" * 100, b"C" * 100))
    entries = {name: data.rindex(name.encode()) - 46 for name in ("locked.jpg", "packed.jpg")}
    data[entries["locked.jpg"] + 8] |= 1  # the flag of encryption
    data[entries["packed.jpg"] + 10] = 97  # a way of packing that Python does not know
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        taken = draw_pictures(path, 100, 1, tmp_path / "out")
    assert {p.name for p in taken if not p.name.startswith("twice")} == {"good.jpg"} and len(taken) == 2
    for name, reason in {"locked": "encrypted", "broken": "CRC", "packed": "unpacked", "twice": "twice"}.items():
        assert sum(f"{name}.jpg: " in line and reason in line for line in caplog.messages) == 1, caplog.messages
