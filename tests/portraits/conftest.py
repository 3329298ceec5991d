"""Portraits that several tests look at."""

import pytest

from cubiseg.portraits import Portrait, draw

SIZE = 192


@pytest.fixture(scope="session")
def portraits() -> list[Portrait]:
    """48 characters, each once."""
    return [draw(3, index, SIZE, 1) for index in range(48)]
