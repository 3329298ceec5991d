"""What is written is whole or not there."""

from pathlib import Path

import pytest

from cubiseg import files
from cubiseg.errors import CubisegError
from cubiseg.files import fresh_folder, write_csv


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    files.write_text(path, "old\n")
    with (
        pytest.raises(CubisegError, match=r"f.txt: cannot be written \(No space left"),
        files.atomic_write(path) as file,
    ):
        file.write(b"half")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old\n" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(CubisegError, match="cannot be written"):
        files.write_text(path / "below a file.txt", "x")


def test_names_at_the_file_systems_limit_can_be_written(tmp_path: Path) -> None:
    for name in ("n" * 251 + ".txt", "\udcff.txt"):
        files.write_text(tmp_path / name, "x\n")
        assert (tmp_path / name).read_text() == "x\n"


def test_a_folder_is_swapped_in_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with fresh_folder(target) as folder:
        files.write_text(folder / "a", "1")
    with fresh_folder(target) as folder:
        files.write_text(folder / "b", "2")
    assert [p.name for p in target.iterdir()] == ["b"]
    with pytest.raises(ValueError, match="a defect"), fresh_folder(target) as folder:
        files.write_text(folder / "c", "3")
        raise ValueError("a defect")
    assert [p.name for p in target.iterdir()] == ["b"] and list(tmp_path.iterdir()) == [target]
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CubisegError, match="is a file"), fresh_folder(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "mine"


def test_a_table_has_empty_cells_for_none_and_unix_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ["name", "score"], [("x, y", 0.5), ("z", None)])
    assert (tmp_path / "a.csv").read_bytes() == b'name,score\n"x, y",0.5\nz,\n'
