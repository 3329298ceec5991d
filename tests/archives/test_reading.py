"""Whatever an archive does, what is wrong with it is one line, nothing of it is written, and the rest is read."""

import io
import logging
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubiseg.archives.portraits import take_portraits
from cubiseg.archives.posts import Wish
from cubiseg.archives.reading import MOST_BYTES, Folder, Tar, Zip, open_archive
from cubiseg.archives.taking import Share
from cubiseg.errors import CubisegError
from tests.archives.archives import picture, write_folder, write_tar, write_zip


def listed(path: Path) -> dict[str, str]:
    """Faults by name."""
    return {member.name: member.fault for member in open_archive(path).members()}


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("write", "kind"), [(write_folder, Folder), (write_tar, Tar), (write_zip, Zip)], ids=["folder", "tar", "zip"]
)
def test_folders_zips_and_tars_give_the_same(write, kind: type, tmp_path: Path) -> None:
    content = {"a/2.jpg": picture(2), "a/1.jpg": picture(1), "b.txt": b"text"}
    archive = open_archive(write(tmp_path / "x", content))
    assert isinstance(archive, kind)
    assert {m.name: archive.content(m) for m in archive.members()} == content
    assert archive.fault == ""


@pytest.mark.parametrize("content", [b"", b"no archive" * 100, b"\x1f\x8b\x08" + bytes(600), b"PK\3\4" + bytes(600)])
def test_what_is_no_archive_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(CubisegError, match=r"x\.tar: ") as caught:
        open_archive(path)
    assert "\n" not in str(caught.value)
    assert ("compressed" in str(caught.value)) == content.startswith(b"\x1f")


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tar")
    for name in ("pipe.tar", "missing.tar"):
        with pytest.raises(CubisegError, match=name):
            open_archive(tmp_path / name)


def test_links_and_devices_are_told_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.jpg")
            info.type, info.linkname = kind, str(secret)
            tar.addfile(info)
    assert len(listed(tmp_path / "a.tar")) == 5
    assert all("link or a special file" in fault for fault in listed(tmp_path / "a.tar").values())

    folder = write_folder(tmp_path / "f", {"ok.jpg": picture(1)})
    (folder / "link.jpg").symlink_to(secret)
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    faults = listed(folder)
    assert faults.pop("ok.jpg") == "" and set(faults) == {"link.jpg", "pipe.jpg", "round"} and all(faults.values())

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("link.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, str(secret))
    assert "link" in listed(tmp_path / "a.zip")["link.jpg"]


def test_folders_that_are_not_looked_into_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_folder(tmp_path / "f", {"1.jpg": picture(1), "gone/2.jpg": picture(2)})
    (folder / "linked").symlink_to(write_folder(tmp_path / "elsewhere", {"3.jpg": picture(3)}))
    members = open_archive(folder).members()
    listed = [next(members)]
    shutil.rmtree(folder / "gone")
    faults = {member.name: member.fault for member in [*listed, *members]}
    assert faults.pop("1.jpg") == ""
    assert "is a link to a folder, which is not followed" in faults.pop("linked")
    assert list(faults) == ["gone"] and "cannot be listed" in faults["gone"]
    with caplog.at_level(logging.WARNING):
        take_portraits(folder, Share(tmp_path / "out", "set", None, "whole", Wish()), 1)
    assert sum("linked: is a link to a folder" in line for line in caplog.messages) == 1


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    archive = open_archive(write_folder(tmp_path / "f", {"a.jpg": picture(1)}))
    (member,) = archive.members()
    (tmp_path / "f" / "a.jpg").unlink()
    (tmp_path / "f" / "a.jpg").symlink_to("/etc/hostname")
    with pytest.raises(CubisegError, match="cannot be read"):
        archive.content(member)


@pytest.mark.parametrize("cut", [300, 1100, 10_500])
def test_a_tar_that_is_cut_off_gives_what_comes_before(tmp_path: Path, cut: int) -> None:
    path = write_tar(tmp_path / "a.tar", {f"{i}.jpg": bytes(3000) for i in range(5)})
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    if cut < 512:
        with pytest.raises(CubisegError, match="fetch it again"):
            open_archive(path)
        return
    archive = open_archive(path)
    faults = [member.fault for member in archive.members()]
    assert "cut off" in archive.fault
    assert faults == {1100: ["is cut off"], 10_500: ["", "", "is cut off"]}[cut]


def test_a_tar_with_rubbish_in_the_middle_gives_what_comes_before(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", {f"{i}.jpg": bytes(500) for i in range(4)})
    data = bytearray(path.read_bytes())
    data[2048:2560] = b"\xff" * 512
    path.write_bytes(data)
    archive = open_archive(path)
    assert [m.name for m in archive.members()] == ["0.jpg", "1.jpg"]
    assert "damaged after 2 files" in archive.fault


@pytest.mark.parametrize(
    "bad",
    [
        header("x", 2**33, tarfile.GNUTYPE_LONGNAME),
        header("x", 2**33, tarfile.XHDTYPE),
        header("x", 2**33, tarfile.XGLTYPE),
        header("x", -1024),
        header("x", 20, tarfile.XHDTYPE) + b"20 size=-1024000000\n".ljust(512, b"\0") + header("x.jpg", 512),
        header("pax", 12, tarfile.XHDTYPE) * 3,
    ],
    ids=["long name", "pax", "global pax", "negative", "negative by pax", "pax of pax"],
)
def test_headers_that_promise_too_much_end_a_tar_in_one_line(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(header("ok.jpg", 512) + bytes(512) + bad + bytes(4096))
    archive = open_archive(path)
    assert [m.name for m in archive.members()][:1] == ["ok.jpg"]
    assert "\n" not in archive.fault and len(archive.fault) < 200


def test_a_bomb_is_unpacked_no_further_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", bytes(20 * 2**20))
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\1\2")
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")  # the size that the directory tells
    path.write_bytes(data)
    zipped = open_archive(path)
    (member,) = zipped.members()
    try:
        assert len(zipped.content(member)) <= 1001
    except CubisegError as error:  # its checksum is not that of the first thousand bytes
        assert "cannot be unpacked" in str(error)
    assert path.stat().st_size < 100_000 < MOST_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_a_hundred_thousand_members_take_little_time(write, tmp_path: Path) -> None:
    path = write(tmp_path / "a", {f"portraits/{i}0.jpg": b"x" for i in range(100_000)})
    assert sum(1 for _ in open_archive(path).members()) == 100_000


@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=40))
def test_whatever_bytes_are_changed_a_tar_ends_in_members_and_a_line(place: int, change: bytes) -> None:
    import tempfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for i in range(6):
            info = tarfile.TarInfo(f"{'é' * 60}{i}.jpg")
            info.size = 700
            tar.addfile(info, io.BytesIO(bytes(700)))
    data = bytearray(buffer.getvalue())
    data[place % len(data) : place % len(data) + len(change)] = change
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.tar")
        path.write_bytes(data)
        try:
            archive = open_archive(path)
            assert sum(1 for _ in archive.members()) <= 40
            assert "\n" not in archive.fault
        except CubisegError as error:
            assert "\n" not in str(error)


def test_a_sparse_file_is_one_line_and_what_comes_before_is_read(tmp_path: Path) -> None:
    """Its map of holes may go on in blocks that are not there."""
    sparse = bytearray(header("s.jpg", 0, tarfile.GNUTYPE_SPARSE))
    sparse[482] = 1
    sparse[148:155] = f"{tarfile.calc_chksums(bytes(sparse))[0]:06o}\0".encode()
    path = write_tar(tmp_path / "x.tar", {"a.jpg": picture(1)})
    whole = path.read_bytes().rstrip(b"\0")
    whole += bytes(-len(whole) % 512)
    path.write_bytes(whole + sparse)
    archive = open_archive(path)
    assert [m.name for m in archive.members()] == ["a.jpg"] and archive.fault
    path.write_bytes(sparse)
    with pytest.raises(CubisegError, match=r"x\.tar: "):
        list(open_archive(path).members())
