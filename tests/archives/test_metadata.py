"""Metadata of any year and packing give the same posts, whatever their size takes no memory, and faults are told."""

import bz2
import gzip
import io
import json
import logging
import lzma
import resource
import sys
import tarfile
from pathlib import Path

import pytest

from cubiseg.archives import metadata
from cubiseg.archives.metadata import MOST_LINE, read_posts
from cubiseg.archives.posts import Post, Rating, parse_post, rating_of
from cubiseg.errors import CubisegError
from tests.archives.archives import lines, record_2019, record_2023, write_folder, write_tar

RECORDS = [record_2023(n, "gsqe"[n % 4], "1girl solo", f"artist_{n}", md5="ab" * 16) for n in range(1, 31)]
TEXT = lines(*RECORDS)
SPLIT = TEXT.index(b"\n", 5000) + 1
WANTED = {4, 5, 30}


def posts(path: Path, year: int = 2023, wanted: set[int] = WANTED) -> dict[int, Post]:
    return {post.id: post for post in read_posts(path, year, wanted.__contains__)}


def tar_of(path: Path, mode: str) -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, text in (("posts.json", TEXT[: len(TEXT) // 2]), ("more.json", TEXT[len(TEXT) // 2 :])):
            info = tarfile.TarInfo(f"posts/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return path


def parquet_of(path: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([{**record, "unused": "x" * 1000} for record in RECORDS])
    pyarrow.parquet.write_table(table, path, row_group_size=7)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


PACKINGS = {
    "plain": lambda p: written(p, TEXT),
    "gz": lambda p: written(p, gzip.compress(TEXT)),
    "bz2": lambda p: written(p, bz2.compress(TEXT)),
    "xz": lambda p: written(p, lzma.compress(TEXT)),
    "folder": lambda p: write_folder(
        p, {"2019000000000000": TEXT[:SPLIT], "a/2019000000000001": TEXT[SPLIT:], ".x": b"x"}
    ),
    "parquet": parquet_of,
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_packing_gives_the_same_posts(packing: str, tmp_path: Path) -> None:
    found = posts(PACKINGS[packing](tmp_path / "m"))
    assert set(found) == WANTED
    tags = frozenset({"1girl", "solo", "artist_5", "original", "highres"})
    assert found[5] == Post(5, Rating.SENSITIVE, "artist_5", tags, "ab" * 16, "jpg", 800, 900)
    assert [found[n].rating for n in (4, 30)] == [Rating.GENERAL, Rating.QUESTIONABLE]


def test_batches_without_a_wanted_row_are_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "ROWS", 2)
    assert set(posts(parquet_of(tmp_path / "m"))) == WANTED
    assert posts(parquet_of(tmp_path / "m"), wanted=set()) == {}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_tar_is_read_whatever_packs_it(mode: str, tmp_path: Path) -> None:
    # Half a record at the end of one file and half at the start of the next are no records.
    assert set(posts(tar_of(tmp_path / "posts.tar", mode))) >= WANTED - {15, 16}


def test_ratings_of_all_years_are_in_one_vocabulary() -> None:
    assert [str(rating_of(r, 2019)) for r in "sqe"] == ["general", "questionable", "explicit"]
    assert [str(rating_of(r, 2023)) for r in "gsqe"] == ["general", "sensitive", "questionable", "explicit"]
    assert rating_of("Explicit", 2021) is rating_of("e", 2022) is Rating.EXPLICIT
    assert rating_of("", 2019) is None
    with pytest.raises(CubisegError, match="2023"):
        rating_of("g", 2021)


def test_records_of_2019_say_the_same_as_those_of_2023() -> None:
    old = parse_post(record_2019(263167, "s", "some_artist"), 2019)
    tags = frozenset({"1girl", "some_song", "some_artist"})
    assert old == Post(263167, Rating.GENERAL, "some_artist", tags, "0" * 32, "jpg", 800, 900)
    assert parse_post({"id": "1", "is_deleted": "true", "tag_string_artist": "b a"}, 2019) == Post(
        1, artist="a+b", tags=frozenset("ab"), deleted=True
    )


@pytest.mark.parametrize(
    "facts",
    [
        [],
        "x",
        3,
        None,
        {},
        {"id": "x"},
        {"id": -1},
        {"id": 1e99},
        {"id": [1]},
        {"id": 1, "rating": "z"},
        {"id": 1, "image_width": [3]},
        {"id": True, "rating": ["s"]},
        {"id": 2**70},
    ],
)
def test_what_is_no_record_is_a_value_error(facts: object) -> None:
    with pytest.raises(ValueError, match=r"record|number|rating|invalid"):
        parse_post(facts, 2023)


def test_odd_lines_are_counted_and_the_others_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    odd = b'\n{"id": 7\nnull\n{"a": 1}\n' + b"[" * 100_000 + b"\n\xff\xfe\n" + b'{"tags": [{"id": "4"}], "id": 99}\n'
    with caplog.at_level(logging.WARNING):
        assert set(posts(written(tmp_path / "m", odd + TEXT))) == WANTED
    assert [m for m in caplog.messages if "5 lines are no record" in m]


@pytest.mark.parametrize("packing", ["gz", "xz", "parquet"])
def test_what_is_cut_off_gives_what_comes_before_or_a_line(
    packing: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = PACKINGS[packing](tmp_path / "m")
    path.write_bytes(path.read_bytes()[:-200])
    with caplog.at_level(logging.WARNING):
        try:
            posts(path)
        except CubisegError as error:
            assert "holds no record" in str(error) and "\n" not in str(error)
    assert any("ends early or is damaged" in line and "\n" not in line for line in caplog.messages)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"not json\n", b"[{}]\n", b"PAR1" + bytes(100)])
def test_what_is_no_metadata_is_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CubisegError, match="holds no record"):
        posts(written(tmp_path / "m", content))
    (tmp_path / "empty").mkdir()
    for missing in ("nothing", "empty"):
        with pytest.raises(CubisegError, match=f"{missing}: no such metadata"):
            posts(tmp_path / missing)


def test_links_in_a_folder_of_metadata_are_named_and_not_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_folder(tmp_path / "m", {"2019000000000000": TEXT})
    (folder / "2019000000000001").symlink_to(written(tmp_path / "other", TEXT))
    (folder / "more").symlink_to(write_folder(tmp_path / "others", {"x": TEXT}))
    with caplog.at_level(logging.WARNING):
        assert set(posts(folder)) == WANTED
    told = [line for line in caplog.messages if "is a link, which is not followed" in line]
    assert len(told) == 2 and "2019000000000001: " in told[0] and "more: " in told[1]


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bomb = tmp_path / "m.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        file.write(TEXT)
        for _ in range(40):
            file.write(b"x" * 2**20)
    with caplog.at_level(logging.WARNING):
        assert set(posts(bomb)) == WANTED
    assert any(f"a line of over {MOST_LINE >> 20} MB" in line for line in caplog.messages)


def test_a_tar_whose_header_promises_gigabytes_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 2**33
    good = write_tar(tmp_path / "a.tar", {"posts.json": TEXT}).read_bytes()
    end = good.rindex(b"}\n") + 2
    path = written(tmp_path / "m.tar", good[: -(-end // 512) * 512] + info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with caplog.at_level(logging.WARNING):
        assert set(posts(path)) == WANTED
    assert any("a header of 8589934592 bytes" in line for line in caplog.messages)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in another unit elsewhere")
def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    record = json.dumps(record_2023(0, tags=" ".join(f"tag_{i}" for i in range(120)))).encode() + b"\n"
    with gzip.open(tmp_path / "posts.json.gz", "wb", compresslevel=1) as file:
        for start in range(0, 150_000, 1000):
            block = (record.replace(b'"id": 0', b'"id": %d' % n) for n in range(start, start + 1000))
            file.write(b"".join(block))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(posts(tmp_path / "posts.json.gz", wanted=set(range(0, 150_000, 1000)))) == 150
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kB; the text has 500 MB
