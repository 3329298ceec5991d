"""Shards: plain tars whose bytes follow from the samples alone, in the form that WebDataset reads."""

import random
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from cubiseg import packing
from cubiseg.packing import AUTO_ABOVE, Pack, pack_samples
from cubiseg.sample_files import find, is_packed
from tests.tiny import bytes_of

KINDS = ("images", "labels")


def write_samples(folder: Path, ids: list[str], below: str = "", size: int = 700) -> dict[str, bytes]:
    """Pictures and label maps of random bytes, the last without a label map; returns them by path."""
    rng = random.Random(7)
    contents = {}
    for name in ids:
        for kind, suffix in zip(KINDS, (".webp", ".png"), strict=True):
            if name != ids[-1] or kind == "images":
                path = f"{kind}/{below}{name}{suffix}"
                contents[path] = rng.randbytes(rng.randint(0, size))
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(contents[path])
    return contents


def members(folder: Path) -> dict[str, list[str]]:
    """The names in each tar, as Python's own reader finds them."""
    found = {}
    for path in sorted((folder / "shards").rglob("*.tar")):
        with tarfile.open(path) as tar:
            found[path.relative_to(folder / "shards").as_posix()] = tar.getnames()
    return found


def test_every_file_reads_as_it_was_and_none_is_left(tmp_path: Path) -> None:
    ids = [f"p{i:03d}" for i in range(40)] + ["a.b", "a.c", "x" * 120]
    contents = write_samples(tmp_path, ids)
    (tmp_path / "samples.jsonl").write_text("{}\n")
    pack_samples(tmp_path, KINDS, Pack.SHARDS, len(ids))
    assert {path: find(tmp_path, path).read_bytes() for path in contents} == contents
    assert sorted(bytes_of(tmp_path)) == ["samples.jsonl", "shards/000000.tar", "shards/index.jsonl"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["samples.jsonl", "shards"]


def test_a_shard_is_a_plain_tar_that_tells_no_user_and_no_time(tmp_path: Path) -> None:
    contents = write_samples(tmp_path, ["b", "a"])
    pack_samples(tmp_path, KINDS, Pack.SHARDS, 2)
    with tarfile.open(tmp_path / "shards/000000.tar") as tar:
        facts = {(m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname, m.type) for m in tar}
        assert facts == {(0o644, 0, 0, 0, "", "", tarfile.REGTYPE)}
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["tar", "xf", tmp_path / "shards/000000.tar", "-C", out], check=True)
    assert bytes_of(out) == {
        "a.image.webp": contents["images/a.webp"],
        "b.image.webp": contents["images/b.webp"],
        "b.label.png": contents["labels/b.png"],
    }


def test_members_are_grouped_by_webdataset_s_key_in_order_of_id(tmp_path: Path) -> None:
    write_samples(tmp_path, ["a.c", "b", "a", "a.b"])
    pack_samples(tmp_path, KINDS, Pack.SHARDS, 4)
    (names,) = members(tmp_path).values()
    # WebDataset's key is what comes before the first dot; equal keys in a row are a sample.
    samples = [(key, [n.split(".", 1)[1] for n in group]) for key, group in groupby(names, lambda n: n.split(".")[0])]
    both = ["image.webp", "label.png"]
    assert samples == [("a", both), ("a%2Eb", ["image.webp"]), ("a%2Ec", both), ("b", both)]


def test_shards_hold_a_bounded_number_of_whole_samples_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "MOST_SAMPLES", 3)
    ids = [f"p{i}" for i in range(8)]
    write_samples(tmp_path / "few", ids)
    pack_samples(tmp_path / "few", KINDS, Pack.SHARDS, 8)
    assert [len({n.split(".")[0] for n in names}) for names in members(tmp_path / "few").values()] == [3, 3, 2]
    monkeypatch.setattr(packing, "MOST_BYTES", 900)
    contents = write_samples(tmp_path / "small", ids, "train/")
    pack_samples(tmp_path / "small", KINDS, Pack.SHARDS, 8)
    for name, inside in members(tmp_path / "small").items():
        keys = {n.split(".")[0] for n in inside}
        held = sum(len(content) for path, content in contents.items() if Path(path).stem in keys)
        assert name.startswith("train/") and (held <= 900 or len(keys) == 1)


def test_splits_have_shards_of_their_own(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_samples(tmp_path, [f"{split}-{i}" for i in range(3)], f"{split}/")
    pack_samples(tmp_path, KINDS, Pack.SHARDS, 6)
    assert {name: {n.split("-")[0] for n in inside} for name, inside in members(tmp_path).items()} == {
        "train/000000.tar": {"train"},
        "val/000000.tar": {"val"},
    }


def test_bytes_do_not_depend_on_the_order_of_writing_or_on_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "MOST_SAMPLES", 2)
    made = []
    for workers in (1, 3):
        monkeypatch.setenv("CUBISEG_WORKERS", str(workers))
        folder = tmp_path / str(workers)
        contents = write_samples(tmp_path / "source", [f"p{i:02d}" for i in range(40)])
        for path in sorted(contents, reverse=workers == 3):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(contents[path])
        pack_samples(folder, KINDS, Pack.SHARDS, 40)
        made.append(bytes_of(folder))
    assert len(made[0]) == 21 and made[0] == made[1]


def test_a_shard_whose_worker_died_before_it_told_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def each_twice(function: Callable[[Any], Any], items: Sequence[Any], what: str) -> Iterator[Any]:
        for item in items:
            function(item)
            yield function(item)

    monkeypatch.setattr(packing, "MOST_SAMPLES", 2)
    ids = [f"p{i}" for i in range(6)]
    for folder in ("once", "twice"):
        write_samples(tmp_path / folder, ids)
    pack_samples(tmp_path / "once", KINDS, Pack.SHARDS, 6)
    monkeypatch.setattr(packing, "each", each_twice)
    pack_samples(tmp_path / "twice", KINDS, Pack.SHARDS, 6)
    assert bytes_of(tmp_path / "twice") == bytes_of(tmp_path / "once")


@pytest.mark.parametrize(
    ("how", "samples", "packed"),
    [
        (Pack.FILES, 10**6, False),
        (Pack.SHARDS, 1, True),
        (Pack.AUTO, AUTO_ABOVE, False),
        (Pack.AUTO, AUTO_ABOVE + 1, True),
    ],
)
def test_auto_packs_many_samples(tmp_path: Path, how: Pack, samples: int, packed: bool) -> None:
    write_samples(tmp_path, ["a", "b"])
    before = bytes_of(tmp_path)
    pack_samples(tmp_path, KINDS, how, samples)
    assert is_packed(tmp_path) == packed and (bytes_of(tmp_path) == before) == (not packed)
