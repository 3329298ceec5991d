"""Randomness that is a function of a seed and a number, for code that only knows global generators."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Seed the global generators of Python, NumPy and torch inside the block, and restore them after it.

    Transforms of MMSegmentation and dropout draw from global generators. Inside this block what they draw depends on
    ``key`` alone, so no random state needs to be stored to resume a run.

    Args:
        key: whole numbers from 0, such as the seed and the number of the draw.
    """
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    words = np.random.SeedSequence(key).generate_state(3)
    with torch.random.fork_rng():
        random.seed(int(words[0]))
        np.random.seed(int(words[1]))  # noqa: NPY002
        torch.manual_seed(int(words[2]))
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)  # noqa: NPY002
