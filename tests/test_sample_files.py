"""A sample's file is found in either form, and an index that is wrong or hostile is one line."""

import json
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from cubiseg.errors import CubisegError
from cubiseg.imaging import read_picture, write_png
from cubiseg.label_maps import read_label, write_label
from cubiseg.packing import Pack, pack_samples
from cubiseg.sample_files import INDEX, PackedFile, find, packed_below
from tests.tiny import portraits, write_prepared


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    write_prepared(tmp_path)
    pack_samples(tmp_path, ("images", "labels"), Pack.SHARDS, 12)
    return tmp_path


def edit(folder: Path, **changes: Any) -> None:
    path = folder / INDEX
    (line,) = path.read_text().splitlines()
    path.write_text(json.dumps({**json.loads(line), **changes}) + "\n")


def test_pictures_and_label_maps_are_read_out_of_shards(packed: Path) -> None:
    for number, portrait in enumerate(portraits(12)):
        assert (read_picture(find(packed, f"images/p{number:02d}.png")).rgb == portrait.image).all()
        assert (read_label(find(packed, f"labels/p{number:02d}.png")) == portrait.label).all()
    assert packed_below(packed, "labels") == [f"labels/p{number:02d}.png" for number in range(12)]


def test_a_packed_file_behaves_as_a_path_does(packed: Path, tmp_path: Path) -> None:
    file = find(packed, "labels/p03.png")
    plain = tmp_path / "labels/p03.png"
    assert isinstance(file, PackedFile)
    assert (file.suffix, str(file)) == (plain.suffix, str(plain)) and file.is_file()
    assert file.resolve() == (packed / "shards/000000.tar").resolve() and file.stat().st_size > len(file.read_bytes())
    assert pickle.loads(pickle.dumps(file)) == file
    with file.open("rb") as opened:
        assert opened.read() == file.read_bytes()


def test_what_is_in_no_shard_is_a_file_beside_them(packed: Path) -> None:
    assert find(packed, "layers/p00.ora") == packed / "layers/p00.ora"
    assert find(packed, "labels/" + "x" * 500) == packed / "labels" / ("x" * 500)
    with pytest.raises(CubisegError, match=r"images/p99.png: no such file"):
        read_picture(find(packed, "images/p99.png"))


def test_a_folder_that_is_built_again_is_read_as_it_is_now(packed: Path) -> None:
    file, gone = find(packed, "labels/p03.png"), find(packed, "labels/p11.png")
    for path in (packed / "shards").iterdir():
        path.unlink()
    for number in range(1, 5):
        label = portraits(12)[0].label.copy()
        label[:9] = number
        write_label(packed / f"labels/p{number:02d}.png", label)
    pack_samples(packed, ("labels",), Pack.SHARDS, 4)
    assert (read_label(file)[:9] == 3).all()
    assert not gone.is_file()
    with pytest.raises(CubisegError, match=r"labels/p11.png: no such file"):
        read_label(gone)


def test_damage_in_a_jpeg_is_told_of_one_in_a_shard_too(tmp_path: Path) -> None:
    from PIL import Image

    write_png(tmp_path / "drawn.png", portraits(12)[4].image)
    (tmp_path / "images").mkdir()
    Image.open(tmp_path / "drawn.png").save(tmp_path / "images/a.jpg", quality=90)
    content = bytearray((tmp_path / "images/a.jpg").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    (tmp_path / "images/a.jpg").write_bytes(content)
    warnings = read_picture(tmp_path / "images/a.jpg").warnings
    pack_samples(tmp_path, ("images",), Pack.SHARDS, 1)
    assert warnings and read_picture(find(tmp_path, "images/a.jpg")).warnings == warnings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shard": "../000000.tar"}, "a shard is called"),
        ({"shard": "/etc/000000.tar"}, "a shard is called"),
        ({"shard": "000000.zip"}, "a shard is called"),
        ({"files": [["../../secret.png", 0, 1]]}, "a file is called"),
        ({"files": [["labels/../../x.png", 0, 1]]}, "a file is called"),
        ({"files": [["/labels/x.png", 0, 1]]}, "a file is called"),
        ({"files": [["labels/" + "x" * 20_000, 0, 1]]}, "a file is called"),
        ({"files": [["x" * 20_000 + "/x.png", 0, 1]]}, "a file is called"),
        ({"files": [["labels/" + "x" * 20_000 + "/x.png", 0, 1]]}, "a file is called"),
        ({"more": "x" * 2**22}, "the line is longer than"),
        ({"files": [["labels/x.png", -1, 1]]}, "lies outside"),
        ({"files": [["labels/x.png", 0, -1]]}, "lies outside"),
        ({"files": [["labels/x.png", 512, 10**12]]}, "lies outside"),
        ({"files": [["labels/x.png", 2**63 - 1, 2**63 - 1]]}, "lies outside"),
        ({"files": [["labels/x.png", 10**30, 1]]}, "whole numbers"),
        ({"files": [["labels/x.png", 0.5, 1]]}, "whole numbers"),
        ({"files": [["labels/x.png", "0", "1"]]}, "whole numbers"),
        ({"files": [["labels/x.png", 0]]}, "no record of a shard"),
        ({"files": [[["labels/x.png"], 0, 1]]}, "no record of a shard"),
        ({"files": 3}, "no record of a shard"),
        ({"size": True}, "whole numbers"),
        ({"size": 10**30, "files": [["labels/x.png", 0, 1]]}, "no record of a shard"),
        ({"files": [["labels/x.png", 0, 1], ["labels/x.png", 2, 1]]}, "names labels/x.png twice"),
    ],
)
def test_a_hostile_index_is_one_line(packed: Path, changes: dict[str, Any], message: str) -> None:
    edit(packed, **changes)
    with pytest.raises(CubisegError, match=message) as error:
        find(packed, "labels/p00.png").read_bytes()
    assert "index.jsonl" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("line", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"shard": "000000.tar"}', b"null"])
def test_an_index_of_something_else_is_one_line(packed: Path, line: bytes) -> None:
    (packed / INDEX).write_bytes(line + b"\n")
    with pytest.raises(CubisegError, match=r"index.jsonl:1: is no record of a shard .* run the stage"):
        find(packed, "labels/p00.png")


def test_an_index_takes_memory_in_proportion_to_its_size(packed: Path) -> None:
    longest = f"labels/{'t' * 64}/{'x' * 128}.segment"
    files = [[longest, 0, 1], *([f"l/{number:x}", 0, 1] for number in range(20_000))]
    edit(packed, files=files)
    tracemalloc.start()
    assert find(packed, longest).is_file()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * (packed / INDEX).stat().st_size
    files[0][0] = "labels/" + "x" * 20_000
    edit(packed, files=files)
    with pytest.raises(CubisegError, match=r"index.jsonl:1: is no record of a shard \(a file is called"):
        find(packed, longest)


def test_a_shard_named_twice_is_one_line(packed: Path) -> None:
    (line,) = (packed / INDEX).read_text().splitlines()
    (packed / INDEX).write_text(f"{line}\n{json.dumps({**json.loads(line), 'files': []})}\n")
    with pytest.raises(CubisegError, match="names a shard twice"):
        find(packed, "labels/p00.png")


def test_a_shard_that_is_cut_short_or_gone_is_one_line(packed: Path) -> None:
    shard = packed / "shards/000000.tar"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(CubisegError, match=r"000000.tar: is not as long as .*index.jsonl says; run the stage"):
        read_picture(find(packed, "images/p00.png"))
    shard.unlink()
    with pytest.raises(CubisegError, match=r"images/p00.png: no such file"):
        read_picture(find(packed, "images/p00.png"))
