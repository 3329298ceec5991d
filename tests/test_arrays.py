"""NumPy archives are read safely and by any number of threads."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cubiseg.arrays import read_arrays


def test_threads_that_read_at_once_each_get_what_they_asked_for(tmp_path: Path) -> None:
    for number in range(8):
        np.savez_compressed(tmp_path / f"{number}.npz", a=np.full((3, number + 1), number), b=np.arange(number))

    def read(number: int) -> bool:
        found = read_arrays(tmp_path / f"{number % 8}.npz", "a", "c")
        return set(found) == {"a"} and np.array_equal(found["a"], np.full((3, number % 8 + 1), number % 8))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(200)))


def test_what_is_pickled_or_damaged_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "pickled.npz", a=np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_arrays(tmp_path / "pickled.npz", "a")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "pickled.npz").read_bytes()[:40])
    with pytest.raises(zipfile.BadZipFile):
        read_arrays(tmp_path / "cut.npz", "a")
