from pathlib import Path

import pytest

from cubiseg.completion_training.data import draw_all
from tests.completion_training.tiny import params


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with the crops of ``tiny.DRAW``."""
    work = tmp_path_factory.mktemp("work")
    draw_all(params().draw, work)
    return work
