"""Pictures come out of an archive by chance and unharmed, and nothing else does."""

import io
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
    assert {p.name for p in taken} <= {"up.jpg", "abs.jpg", "b.jpg", "1.jpg"}
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
