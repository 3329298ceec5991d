"""The benchmark of the loader times steps of a real training."""

from pathlib import Path

import pytest

from benchmarks.loader import measure, share
from tests.training.tiny_set import CONFIGS, params, write_dataset


def test_waiting_is_a_part_of_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path)
    # Samples that are made between steps are waited for.
    monkeypatch.setenv("CUBISEG_WORKERS", "0")
    waited, steps = measure(params(), CONFIGS, tmp_path, steps=3, warm_up=1)
    assert len(waited) == len(steps) == 3
    assert all(0 < w < s for w, s in zip(waited, steps, strict=True))
    assert 0 < share(waited, steps) < 1
