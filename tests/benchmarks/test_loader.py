"""The benchmark of the loader times steps of a real training."""

from pathlib import Path

import pytest

from benchmarks.loader import compare, measure, share
from tests.training.tiny_set import CONFIGS, params, write_dataset


def test_waiting_is_a_part_of_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path)
    # Samples that are made between steps are waited for.
    monkeypatch.setenv("CUBISEG_WORKERS", "0")
    waited, steps = measure(params(), CONFIGS, tmp_path, steps=3, warm_up=1)
    assert len(waited) == len(steps) == 3
    assert all(0 < w < s for w, s in zip(waited, steps, strict=True))
    assert 0 < share(waited, steps) < 1


def test_shards_and_files_are_compared_on_the_same_draws(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    found = compare(params(), CONFIGS, tmp_path, draws=2, rounds=3)
    assert found.keys() == {"read", "made"}
    assert all(rate > 0 and ratio > 0 for rate, ratio in found.values())
    assert not (tmp_path / "shards").exists()
