"""Reading a picture from its bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cubiseg.imaging import Picture, read_picture


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Picture]:
    """What ``read_picture`` makes of a file with these bytes."""

    def call(content: bytes) -> Picture:
        (tmp_path / "x").write_bytes(content)
        return read_picture(tmp_path / "x")

    return call
