"""Pictures whose tags are wanted come out of shards of every shape, checked, and nothing else does."""

import hashlib
import json
import logging
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cubiseg import imaging
from cubiseg.archives import reading, taking
from cubiseg.archives.choice import Candidate
from cubiseg.archives.posts import Rating, Wish, parse_post
from cubiseg.archives.reading import Member, open_archive
from cubiseg.archives.shards import take_posts
from cubiseg.archives.taking import Share
from cubiseg.errors import CubisegError
from cubiseg.workers import memory
from tests.archives.archives import lines, picture, record_2023, rows_of, write_folder, write_index, write_tar
from tests.conftest import ROOT

PICTURES = {post: picture(post // 1000, "WEBP") for post in range(1, 12_001, 1000)}
WISH = Wish(frozenset({Rating.GENERAL}), frozenset({"solo"}), frozenset({"comic"}))
RECORDS = [
    *(record_2023(post, artist="someone") for post in range(1, 6001, 1000)),
    record_2023(6001, "s"),
    record_2023(7001, tags="solo comic"),
    record_2023(8001, tags="1girl"),
    record_2023(9001, image_width=60),
    record_2023(10_001, is_deleted=True),
]


def order(out: Path, count: int | None = None, wish: Wish = WISH) -> Share:
    return Share(out, "set", count, "whole", wish)


def posts(files: list[Path]) -> set[int]:
    return {int(path.stem) for path in files}


def originals(path: Path) -> Path:
    """A shard of the originals, with whatever else lies in one."""
    content = {f"./{post}.jpg": picture(post // 1000) for post in PICTURES}
    rest = {
        "./5.gif": b"GIF89a",
        "./6.mp4": b"x",
        "./7.webm": b"x",
        "./8.zip": b"x",
        "./9.swf": b"x",
        "./2946001.": b"",
    }
    return write_tar(path, {**content, **rest})


def webp_set(path: Path) -> Path:
    """A shard of the WebP set, with its index."""
    tar = write_tar(path, {f"{post}.webp": data for post, data in PICTURES.items()})
    write_index(tar)
    return tar


def in_a_folder(path: Path) -> Path:
    return write_tar(path, {f"1/{post}.webp": data for post, data in PICTURES.items()})


@pytest.fixture
def metadata(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "meta", {"posts.json": lines(*RECORDS)}) / "posts.json"


@pytest.mark.parametrize("shape", [originals, webp_set, in_a_folder])
def test_wanted_posts_are_taken_from_every_shape(
    shape, tmp_path: Path, metadata: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shard = shape(tmp_path / "data-0001.tar")
    with caplog.at_level(logging.INFO):
        taken = take_posts([shard], order(tmp_path / "out"), 1, metadata).files
    assert posts(taken) == set(range(1, 6001, 1000))
    row = rows_of(tmp_path / "out")[taken[0].name]
    assert (row["rating"], row["group"], row["artist"]) == ("general", f"danbooru-{taken[0].stem}", "someone")
    (line,) = (line for line in caplog.messages if "are not wanted" in line)
    for reason in ("rated sensitive", "with comic", "without solo", "under 64 px", "deleted", "not in the metadata"):
        assert f"1 {reason}" in line
    assert {p.suffix for p in (tmp_path / "out").rglob("*.*")} == {taken[0].suffix, ".csv"}


def test_the_same_posts_are_drawn_again_from_every_shape(tmp_path: Path) -> None:
    shards = [shape(tmp_path / f"{shape.__name__}.tar") for shape in (originals, webp_set, in_a_folder)]
    drawn = [posts(take_posts([s], order(tmp_path / s.stem, 5, Wish()), 3).files) for s in shards]
    assert drawn[0] == drawn[1] == drawn[2] and len(drawn[0]) == 5
    assert posts(take_posts([shards[0]], order(tmp_path / "more", 8, Wish()), 3).files) > drawn[0]
    assert posts(take_posts([shards[0]], order(tmp_path / "other", 5, Wish()), 4).files) != drawn[0]


def test_a_webdataset_s_own_json_is_its_metadata(tmp_path: Path) -> None:
    content: dict[str, bytes] = {}
    for i, record in enumerate(RECORDS):
        content[f"{i:08}.webp"] = PICTURES[record["id"]]
        content[f"{i:08}.json"] = json.dumps(record).encode() if i else b"{no json"
    taken = take_posts([write_tar(tmp_path / "00000.tar", content)], order(tmp_path / "out"), 1).files
    assert posts(taken) == set(range(1001, 6001, 1000)), "named by posts, not by their place in the tar"


def test_without_metadata_nothing_unseen_is_taken_unless_that_is_said(tmp_path: Path) -> None:
    shard = originals(tmp_path / "data-0001.tar")
    with pytest.raises(CubisegError, match=r"--metadata FILE.*--unfiltered"):
        take_posts([shard], order(tmp_path / "out"), 1)
    assert len(take_posts([shard], order(tmp_path / "out", wish=Wish()), 1).files) == len(PICTURES)
    assert rows_of(tmp_path / "out")["1.jpg"]["rating"] == ""


def test_an_index_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tar = webp_set(tmp_path / "data-0001.tar")
    index = json.loads(tar.with_suffix(".json").read_text())
    files = index["files"]
    files["1.webp"]["offset"] = 0
    files["1001.webp"]["size"] += 10
    files["2001.webp"]["sha256"] = "0" * 64
    files["3001.webp"]["size"] = 2**40
    files["../../4.webp"] = files.pop("4001.webp")
    files["5001.webp"]["sha256"] = hashlib.sha256(b"").hexdigest()
    tar.with_suffix(".json").write_text(json.dumps(index))
    with caplog.at_level(logging.WARNING):
        taken = take_posts([tar], order(tmp_path / "out", wish=Wish()), 1).files
    assert posts(taken) == {4, *range(6001, 12_001, 1000)}
    told = "\n".join(caplog.messages)
    assert told.count("SHA-256") == 4 and told.count("cut off") == 1
    assert not list(tmp_path.parent.glob("4.webp"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {"a": {"offset": -1, "size": 2}}}', '{"files": 3}'])
def test_what_is_no_index_is_one_line_and_other_shards_are_done(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = webp_set(tmp_path / "data-0001.tar"), in_a_folder(tmp_path / "data-0002.tar")
    bad.with_suffix(".json").write_text(text)
    with caplog.at_level(logging.WARNING):
        taken = take_posts([bad, tmp_path / "missing.tar", good], order(tmp_path / "out", wish=Wish()), 1).files
    assert len(taken) == len(PICTURES)
    assert sum("data-0001.json: is no index" in line and "\n" not in line for line in caplog.messages) == 1
    assert sum("missing.tar: no such file" in line for line in caplog.messages) == 1


def test_an_index_may_be_named(tmp_path: Path) -> None:
    tar = webp_set(tmp_path / "data-0001.tar")
    index = tar.with_suffix(".json").rename(tmp_path / "elsewhere.json")
    assert take_posts([tar], order(tmp_path / "out", 1, Wish()), 1, indexes=[index]).files
    other = in_a_folder(tmp_path / "data-0002.tar")
    with pytest.raises(CubisegError, match=r"elsewhere\.json: is no shard's index"):
        take_posts([tar, other], order(tmp_path / "out", 1, Wish()), 1, indexes=[index])


def test_an_original_must_be_what_the_metadata_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = {post: picture(60 * post, size=(80, 70)) for post in range(1, 5)}
    shard = write_tar(tmp_path / "a.tar", {f"{post}.jpg": data for post, data in content.items()})
    md5 = {post: hashlib.md5(data).hexdigest() for post, data in content.items()}
    size = {"image_width": 70, "image_height": 80}
    records = [
        record_2023(1, md5=md5[1], **size),
        record_2023(2, md5=md5[3], **size),
        record_2023(3, md5=md5[3], image_width=700, image_height=800),
        record_2023(4, md5=md5[3], file_ext="png"),
    ]
    meta = write_folder(tmp_path / "m", {"posts.json": lines(*records)})
    with caplog.at_level(logging.WARNING):
        assert posts(take_posts([shard], order(tmp_path / "out"), 1, meta).files) == {1, 4}
    told = "\n".join(caplog.messages)
    assert "2.jpg: is not what the metadata says (MD5)" in told and "3.jpg: is 70x80, not 700x800" in told


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = originals(tmp_path / "a.tar")
    read = reading.Tar.content
    left = iter(range(4))

    def stops(self: reading.Tar, member: reading.Member) -> bytes:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return read(self, member)

    monkeypatch.setattr(reading.Tar, "content", stops)
    with pytest.raises(KeyboardInterrupt):
        take_posts([shard], order(tmp_path / "out", wish=Wish()), 1)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out/images/set").iterdir()}
    assert 0 < len(before) <= 4 and all(p.suffix == ".jpg" for p in before)
    assert set(rows_of(tmp_path / "out")) <= {p.name for p in before}
    monkeypatch.setattr(reading.Tar, "content", read)
    taken = take_posts([shard], order(tmp_path / "out", wish=Wish()), 1).files
    assert len(taken) == len(PICTURES) == len(rows_of(tmp_path / "out"))
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_what_is_there_is_checked_by_the_index_and_the_metadata_without_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    webp = webp_set(tmp_path / "data-0001.tar")
    original = write_tar(tmp_path / "b.tar", {"7.jpg": picture(7), "8.jpg": picture(8)})
    records = [record_2023(n, md5=hashlib.md5(picture(n)).hexdigest(), image_width=0) for n in (7, 8)]
    meta = write_folder(tmp_path / "m", {"posts.json": lines(*records, *RECORDS)})
    taken = take_posts([webp, original], order(tmp_path / "out", wish=Wish()), 1, meta).files
    assert posts(taken) >= {1, 1001, 7, 8}
    for post in ("1.webp", "7.jpg"):
        mine = tmp_path / "out/images/set" / post
        mine.write_bytes(mine.read_bytes()[:-1] + b"?")
    monkeypatch.setattr(reading.Tar, "content", lambda *_: pytest.fail("the archive was read"))
    again = take_posts([webp, original], order(tmp_path / "out", wish=Wish()), 1, meta)
    assert posts(taken) - posts(again.files) == {1, 7}
    assert sum("another picture is there" in line for line in again.passed.named) == 2


def test_no_more_large_pictures_are_decoded_at_once_than_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = write_tar(tmp_path / "a.tar", {f"{n}.png": _png(np.zeros((64, 64, 3), np.uint8), n) for n in range(12)})
    busy, most = 0, []
    lock = threading.Lock()
    write = taking._write

    def watched(*arguments) -> None:
        nonlocal busy
        with lock:
            busy += 1
            most.append(busy)
        time.sleep(0.02)
        write(*arguments)
        with lock:
            busy -= 1

    monkeypatch.setattr(taking, "_write", watched)
    monkeypatch.setenv("CUBISEG_WORKERS", "6")
    largest = taking.BYTES_A_PIXEL * imaging.MAX_SIDE**2
    for fitting in (2, 1):
        free = int((fitting + 0.5) * largest / 0.8)
        monkeypatch.setattr(memory, "available_memory", lambda free=free: free)
        most.clear()
        out = tmp_path / f"out{fitting}"
        assert len(take_posts([shard], order(out, wish=Wish()), 1).files) == 12
        assert max(most) <= fitting
    small = record_2023(1, file_ext="png", md5="0" * 32, image_width=64, image_height=64)
    one = Candidate(open_archive(shard), Member("1.png", 0, 100), "1", 1, original=True)
    assert taking._memory({1: parse_post(small, 2023)}, one) < 2**20 < taking._memory({}, one)


def test_heads_are_cut_out_where_the_model_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cubiseg.boxes import Box
    from cubiseg.imaging import read_picture
    from cubiseg.sources.looking import Seen

    seen = {
        1: Seen(0.9, (Box(100, 20, 180, 100), Box(0, 0, 9, 9))),
        2: Seen(0.1, (Box(0, 0, 90, 90),)),
        3: Seen(0.9, ()),
    }
    rng = np.random.default_rng(0)
    content = {f"{n}.png": _png(rng.integers(0, 256, (200, 300, 3), np.uint8), n) for n in seen}
    monkeypatch.setattr(taking, "find_looker", lambda: Path("model.onnx"))
    monkeypatch.setattr(taking, "look_at", lambda _, picture: seen[int(picture.rgb[0, 0, 0])])
    shard = write_tar(tmp_path / "a.tar", content)
    wanted = Share(tmp_path / "out", "set", None, "head", Wish())
    taken = take_posts([shard], wanted, 1)
    assert [p.name for p in taken.files] == ["1-head.png"] and taken.passed.count == 2
    head, whole = read_picture(taken.files[0]).rgb, read_picture(write_folder(tmp_path, content) / "1.png").rgb
    assert np.array_equal(head, whole[:120, 80:200]), "a quarter of its side around it, moved into the picture"
    assert rows_of(tmp_path / "out")["1-head.png"]["group"] == "danbooru-1"


def _png(pixels: np.ndarray, mark: int) -> bytes:
    import io

    from PIL import Image

    pixels[0, 0] = mark
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.slow
def test_the_script_takes_comma_lists_and_ends_in_one_line(run, tmp_path: Path, metadata: Path) -> None:
    shard = originals(tmp_path / "data-0001.tar")
    script = ["python", str(ROOT / "data/extract_danbooru2023_subset.py"), str(shard)]
    here = {"cwd": tmp_path, "PYTHONPATH": str(ROOT)}
    options = ["--metadata", str(metadata), "--min-side", "64", "--out", "mine", "--rating", "general,sensitive"]
    done = run(*script, *options, "--with", "", "--without", "comic,4koma", **here)
    assert done.stdout.startswith(f"8 pictures in {Path('mine/images/danbooru2023')}")
    done = run(*script, "--min-side", "64", "--out", "all", "--unfiltered", "--metadata", str(metadata), **here)
    assert done.stdout.startswith(f"{len(PICTURES) - 1} pictures in"), "one was taken down, one is too small"
    done = run(*script, "--unfiltered", "--rating", "general", check=False, **here)
    assert done.returncode == 2 and "--unfiltered takes any, and --rating only some" in done.stderr
    for wrong, said in (("--rating=safe", "'safe' is none of"), ("--with=comic", "tag comic is in --with and")):
        done = run(*script, *options, wrong, check=False, **here)
        assert done.returncode in (1, 2) and said in done.stderr
