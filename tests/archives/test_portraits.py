"""Portraits come out of an archive by chance and unharmed, with what is known of them, and nothing else does."""

import io
import logging
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from cubiseg.archives.portraits import take_portraits
from cubiseg.archives.posts import Rating, Wish
from cubiseg.archives.taking import Share
from cubiseg.errors import CubisegError
from cubiseg.sources.params import ReferencesParams
from cubiseg.sources.references import copy_all
from tests.archives.archives import lines, picture, record_2019, rows_of, write_folder, write_tar, write_zip
from tests.conftest import ROOT

CONTENT = {f"portraits/{933190 + i // 2}{i % 2}.jpg": picture(i) for i in range(40)}
WRITE = pytest.mark.parametrize("write", [write_folder, write_tar, write_zip])


def order(out: Path, count: int | None = 300, **wish) -> Share:
    return Share(out, "set", count, "whole", Wish(**wish))


def names(files: list[Path]) -> set[str]:
    return {path.name for path in files}


@WRITE
def test_a_share_is_drawn_as_it_is_and_the_same_again(write, tmp_path: Path) -> None:
    archive = write(tmp_path / "archive", CONTENT)
    taken = take_portraits(archive, order(tmp_path / "a", 7), 1).files
    assert len(taken) == 7
    assert all(path.read_bytes() == CONTENT[f"portraits/{path.name}"] for path in taken)
    assert names(take_portraits(archive, order(tmp_path / "b", 7), 1).files) == names(taken)
    assert names(take_portraits(archive, order(tmp_path / "a", 12), 1).files) > names(taken)
    assert names(take_portraits(archive, order(tmp_path / "c", 7), 2).files) != names(taken)
    assert len(take_portraits(archive, order(tmp_path / "d", None), 1).files) == 40


def test_the_share_is_the_same_however_the_archive_is_packed(tmp_path: Path) -> None:
    paths = [
        write_zip(tmp_path / "z", CONTENT),
        write_folder(tmp_path / "f", {f"p/{k}": v for k, v in CONTENT.items()}),
    ]
    first, second = (take_portraits(p, order(tmp_path / f"{p.name}-out", 9), 3).files for p in paths)
    assert names(first) == names(second)


@WRITE
def test_nothing_is_written_but_pictures_and_the_table(write, tmp_path: Path) -> None:
    bad = {"a/run.sh": b"echo", "a/empty.jpg": b"", "a/broken.jpg": b"\xff\xd8 no more", "a/x.jpg": picture(5)[:300]}
    if write is not write_folder:
        bad |= {"../up.jpg": picture(1), "/abs.jpg": picture(2), "a/../../b.jpg": picture(3), "bad\\c.jpg": picture(4)}
    archive = write(tmp_path / "archive", {**bad, "ok/1.jpg": picture(7)})
    before = set(tmp_path.rglob("*"))
    out = tmp_path / "in"
    taken = take_portraits(archive, order(out), 1).files
    assert len(taken) == (1 if write is write_folder else 5)
    new = {*taken, out, out / "images", out / "images/set", out / "samples.csv"}
    assert set(tmp_path.rglob("*")) - before == new


def test_pictures_that_cannot_be_taken_are_made_up_for_by_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = {f"{i}.jpg": picture(i) if i % 2 else picture(i)[:-40] for i in range(20)}
    content["huge.png"] = picture(1, "PNG", (64, 8300))
    archive = write_zip(tmp_path / "a.zip", content)
    with caplog.at_level(logging.WARNING):
        assert len(take_portraits(archive, order(tmp_path / "out", 9), 1).files) == 9
    assert any("is damaged (Premature end of JPEG file)" in line for line in caplog.messages)


@WRITE
def test_what_is_there_is_kept_and_nothing_of_the_user_s_is_replaced(write, tmp_path: Path) -> None:
    archive = write(tmp_path / "a", CONTENT)
    taken = take_portraits(archive, order(tmp_path / "out", 10), 1).files
    longer, other = taken[:2]
    longer.write_bytes(b"mine")
    changed = bytearray(other.read_bytes())
    changed[len(changed) // 2] ^= 1
    other.write_bytes(changed)
    stamps = {path: path.stat().st_mtime_ns for path in taken}
    again = take_portraits(archive, order(tmp_path / "out", 10), 1)
    assert {path: path.stat().st_mtime_ns for path in taken} == stamps
    assert not {longer, other} & set(again.files)
    assert sorted(again.passed.named) == sorted(
        f"portraits/{mine.name}: another picture is there as {mine.name}; move that elsewhere"
        for mine in (longer, other)
    )
    assert len(again.files) == 10, "two more make up for them"


def test_a_folder_in_a_picture_s_place_is_told(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "a", {"1.jpg": picture(1), "2.jpg": picture(2)})
    (tmp_path / "out/images/set/1.jpg").mkdir(parents=True)
    taken = take_portraits(archive, order(tmp_path / "out"), 1)
    assert names(taken.files) == {"2.jpg"} and "another picture is there as 1.jpg" in taken.passed.named[0]


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
    "…png.png",
)


@WRITE
def test_a_picture_of_any_name_is_taken_under_a_safe_name_of_its_own_and_the_same_again(write, tmp_path: Path) -> None:
    content = {name: picture(i) for i, name in enumerate((*ODD, "plain.png"))}
    archive = write(tmp_path / "archive", content)
    taken = take_portraits(archive, order(tmp_path / "out"), 1).files
    assert sorted(p.read_bytes() for p in taken) == sorted(content.values())
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,100}\.(png|jpg)", p.name) for p in taken)
    assert len({p.stem.casefold() for p in taken}) == len(content), "also where a stem decides, and case does not"
    assert "plain.png" in names(taken) and "con.png" not in names(taken)
    assert names(take_portraits(archive, order(tmp_path / "few", 5), 1).files) < names(taken)
    assert names(take_portraits(archive, order(tmp_path / "out"), 2).files) == names(taken), "by the name alone"


def test_names_that_are_no_utf_8_are_taken_too(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", encoding="shift-jis", errors="strict") as tar:
        info = tarfile.TarInfo("立ち絵.png")
        info.size = len(picture(1))
        tar.addfile(info, io.BytesIO(picture(1)))
    (taken,) = take_portraits(tmp_path / "a.tar", order(tmp_path / "out"), 1).files
    assert taken.read_bytes() == picture(1) and taken.name.isascii()


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_what_is_passed_over_is_counted_and_the_first_of_it_named(
    write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = {f"{i:02}.txt": b"text" for i in range(30)}
    content |= {"__MACOSX/._1.jpg": b"x", ".DS_Store": b"x", "1.jpg": picture(1)}
    odd = {"e/empty.jpg": b"", "e/.hidden.png": b"x", "new\nline.gif": b"x"}
    archive = write(tmp_path / "archive", {**odd, **content})
    with caplog.at_level(logging.WARNING):
        assert len(take_portraits(archive, order(tmp_path / "out"), 1).files) == 1
    told = caplog.messages
    assert told[0] == f"{archive}: 33 files passed over"
    assert "  e/empty.jpg: is empty" in told and any("e/.hidden.png: is hidden" in line for line in told)
    assert "  new\\nline.gif: is not PNG, JPEG or WebP by its name" in told
    assert "  … and 23 more" in told and "besides, 2 of the operating system" in told[-1]
    assert len(told) == 13


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
        taken = take_portraits(path, order(tmp_path / "out"), 1).files
    assert names(taken) == {"good.jpg", "twice.jpg"}
    for name, reason in {"locked": "encrypted", "broken": "CRC", "packed": "unpacked", "twice": "twice"}.items():
        assert sum(f"{name}.jpg: " in line and reason in line for line in caplog.messages) == 1, caplog.messages


def test_an_archive_that_is_cut_off_is_told_and_what_comes_before_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_tar(tmp_path / "a.tar", CONTENT)
    path.write_bytes(path.read_bytes()[:20_000])
    with caplog.at_level(logging.WARNING):
        taken = take_portraits(path, order(tmp_path / "out"), 1).files
    assert 5 < len(taken) < 39
    assert sum("is cut off or damaged after" in line for line in caplog.messages) == 1


def test_crops_of_a_post_are_a_group_with_its_artist_and_rating(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "a.tar", {**CONTENT, "portraits/31.jpg": picture(50), "art/31.jpg": picture(51)})
    meta = write_folder(
        tmp_path / "metadata",
        {
            "2019000000000000": lines(record_2019(933190, "s", "some_artist")),
            "2019000000000001": lines(record_2019(933191, "q")),
        },
    )
    take_portraits(archive, order(tmp_path / "out"), 1, meta, 2019)
    rows = rows_of(tmp_path / "out")
    assert (rows["9331900.jpg"]["group"], rows["9331900.jpg"]["artist"]) == ("danbooru-933190", "some_artist")
    assert rows["9331901.jpg"] == {**rows["9331900.jpg"], "file": "set/9331901.jpg"}
    assert [rows[f"{n}0.jpg"]["rating"] for n in (933190, 933191, 933192)] == ["general", "questionable", ""]
    short = [row["group"] for name, row in rows.items() if name.startswith("31-")]
    assert sorted(short) == ["", "danbooru-3"], "a short number is a post's in portraits/ alone"

    samples = copy_all(tmp_path / "out", tmp_path / "prepared", ReferencesParams(rating="unrated")).samples
    known = {s.id: s for s in samples}
    one, other = (next(s for id, s in known.items() if f"933190{crop}" in id) for crop in (0, 1))
    assert one.group == other.group and one.artist == "some_artist" and one.rating == "general"
    assert '"artist":"some_artist"' in one.model_dump_json()
    assert '"artist"' not in next(s for s in samples if "933192" in s.id).model_dump_json()


def test_only_wanted_ratings_are_taken_and_ratings_of_another_year_are_refused(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", CONTENT)
    records = [record_2019(933190 + i, "sqe"[i % 3]) for i in range(10)]
    meta = write_folder(tmp_path / "m", {"posts.json": lines(*records)}) / "posts.json"
    wish = {"ratings": frozenset({Rating.GENERAL})}
    taken = take_portraits(archive, order(tmp_path / "out", None, **wish), 1, meta).files
    assert {int(p.stem[:-1]) for p in taken} == {933190, 933193, 933196, 933199}
    with pytest.raises(CubisegError, match="--metadata"):
        take_portraits(archive, order(tmp_path / "none", **wish), 1)
    meta.write_bytes(lines(record_2019(933190, "g")))
    with pytest.raises(CubisegError, match=r"posts\.json: rating 'g' is in no dump of 2019.*--year"):
        take_portraits(archive, order(tmp_path / "none"), 1, meta)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_the_script_ends_in_one_line(run, tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "portraits.tar", CONTENT)
    script = str(ROOT / "data/prepare_danbooru2019.py")
    done = run("python", script, str(archive), "--count", "3", "--out", "mine", cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert done.stdout.startswith(f"3 pictures in {Path('mine/images/danbooru2019')}") and done.stderr == ""
    done = run("python", script, "no.tar", cwd=tmp_path, check=False, PYTHONPATH=str(ROOT))
    assert (
        done.returncode == 1 and done.stderr.startswith("error: no.tar: no such file") and done.stderr.count("\n") == 1
    )


def test_a_crop_is_not_taken_for_the_picture_that_its_post_tells_of(tmp_path: Path) -> None:
    """Posts tell size and MD5 of the original, which the crop of a JPEG has not."""
    meta = tmp_path / "2019000000000000"
    meta.write_bytes(lines(*(record_2019(933190 + n) for n in range(20))))
    taken = take_portraits(write_tar(tmp_path / "a.tar", CONTENT), order(tmp_path / "out"), 1, meta, 2019)
    assert len(taken.files) == len(CONTENT)


def test_a_name_is_the_same_whether_or_not_the_archive_begins_it_with_a_dot(tmp_path: Path) -> None:
    content = {f"art {n}.jpg": picture(n) for n in range(9)}
    one = take_portraits(write_zip(tmp_path / "z", content), order(tmp_path / "a", 4), 1).files
    other = write_tar(tmp_path / "t", {f"./{name}": told for name, told in content.items()})
    assert names(one) == names(take_portraits(other, order(tmp_path / "b", 4), 1).files)


def test_a_jpeg_that_libjpeg_cannot_read_whole_is_not_taken_whatever_it_says_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = picture(1)
    tables, scan = good.index(b"\xff\xdb"), good.index(b"\xff\xda")
    end = scan + 2 + int.from_bytes(good[scan + 2 : scan + 4], "big")
    content = {
        "good.jpg": good,
        "no_tables.jpg": good[:tables] + good[tables + 2 + int.from_bytes(good[tables + 2 : tables + 4], "big") :],
        "odd.jpg": good[: end - 3] + bytes(3) + good[end:],
        "odd_and_cut.jpg": good[: end - 3] + bytes(3) + good[end:-40],
    }
    with caplog.at_level(logging.WARNING):
        taken = take_portraits(write_tar(tmp_path / "a.tar", content), order(tmp_path / "out"), 1)
    assert names(taken.files) == {"good.jpg", "odd.jpg"}
    assert sum("no_tables.jpg: cannot be read" in line for line in caplog.messages) == 1
    assert sum("odd_and_cut.jpg: is damaged (Premature end" in line for line in caplog.messages) == 1
