"""Rows are added to the user's table and none is lost, however a run ends and however many there are."""

import subprocess
import sys
from pathlib import Path

import pytest

from cubiseg.archives import table
from cubiseg.archives.portraits import take_portraits
from cubiseg.archives.posts import Wish
from cubiseg.archives.table import add_rows, added_rows
from cubiseg.archives.taking import Share
from cubiseg.errors import CubisegError
from cubiseg.sources.params import ReferencesParams
from cubiseg.sources.references import Row, copy_all
from tests.archives.archives import picture, rows_of, write_folder, write_tar


def test_the_table_keeps_what_a_person_wrote(tmp_path: Path) -> None:
    table = tmp_path / "samples.csv"
    table.write_text("file,licence,group\nmine.png,CC0,me\nset/1.jpg,,mine\n", encoding="utf-8")
    add_rows(table, [Row(file="set/1.jpg", group="danbooru-1", rating="general"), Row(file="b")])
    assert table.read_text(encoding="utf-8").splitlines() == [
        "file,licence,rating,group,artist",
        "mine.png,CC0,,me,",
        "set/1.jpg,,general,mine,",
        "b,,,,",
    ]
    for text in ("file,who\na,b\n", "file\na\na\n", "file\na,b\n"):
        table.write_text(text)
        with pytest.raises(CubisegError, match=r"samples\.csv: "):
            add_rows(table, [Row(file="b")])
        assert table.read_text() == text


def test_an_empty_table_is_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").touch()
    add_rows(tmp_path / "samples.csv", [Row(file="a.png", rating="general")])
    assert rows_of(tmp_path)["a.png"]["rating"] == "general"


def test_the_table_is_replaced_once_however_many_rows_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    replace = table.write_csv
    monkeypatch.setattr(table, "write_csv", lambda path, *what: (written.append(path), replace(path, *what)))
    with added_rows(tmp_path, "set") as add:
        for number in range(3000):
            add(Row(file=f"set/{number}.jpg"))
        assert written == []
    assert written == [tmp_path / "samples.csv"] and len(rows_of(tmp_path)) == 3000
    assert [path.name for path in tmp_path.iterdir()] == ["samples.csv"]


def test_a_run_that_ends_in_an_error_has_told_all_that_it_took(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), added_rows(tmp_path, "set") as add:
        add(Row(file="set/1.jpg", artist="someone"))
        raise KeyboardInterrupt
    assert rows_of(tmp_path)["1.jpg"]["artist"] == "someone"


KILLED = """
import os, signal, sys
from pathlib import Path
from cubiseg.archives.table import added_rows
from cubiseg.sources.references import Row
with added_rows(Path(sys.argv[1]), "set") as add:
    for number in (1, 2):
        add(Row(file=f"set/{number}.jpg", rating="explicit"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_has_told_is_kept_and_nothing_is_prepared_without_it(tmp_path: Path) -> None:
    content = {f"{number}.jpg": picture(number) for number in (1, 2, 3)}
    write_folder(tmp_path / "in/images/set", {"1.jpg": content["1.jpg"]})
    (tmp_path / "in/samples.csv").write_text("file,licence\nset/1.jpg,CC0\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "in")], check=False)
    assert done.returncode < 0
    (journal,) = (path for path in (tmp_path / "in").iterdir() if path.name.startswith("."))
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"file": "set/9')  # the row at which it was killed
    with pytest.raises(CubisegError, match=r"-set\.jsonl: pictures are being taken.*run the same command again"):
        copy_all(tmp_path / "in", tmp_path / "prepared", ReferencesParams())
    archive = write_tar(tmp_path / "a.tar", content)
    take_portraits(archive, Share(tmp_path / "in", "set", None, "whole", Wish()), 1)
    rows = rows_of(tmp_path / "in")
    assert {name: row["rating"] for name, row in rows.items()} == {
        "1.jpg": "explicit",
        "2.jpg": "explicit",
        "3.jpg": "",
    }
    assert rows["1.jpg"]["licence"] == "CC0" and not journal.exists()
    assert len(copy_all(tmp_path / "in", tmp_path / "prepared", ReferencesParams()).samples) == 3


def test_a_table_that_cannot_be_read_is_told_before_the_first_picture(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "a.tar", {"1.jpg": picture(1)})
    table = write_folder(tmp_path / "out", {"samples.csv": b"file,who\na,b\n"}) / "samples.csv"
    with pytest.raises(CubisegError, match=r"samples\.csv: has the columns file, who"):
        take_portraits(archive, Share(tmp_path / "out", "set", None, "whole", Wish()), 1, tmp_path / "no metadata")
    assert list((tmp_path / "out").iterdir()) == [table]
