"""Randomness that is a function of a seed and a number, for code that only knows global generators."""

import os
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.utils.data import get_worker_info


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
    # Processes that load samples are forked, and CUDA refuses to be asked there for its state.
    with torch.random.fork_rng([] if get_worker_info() else None):
        random.seed(int(words[0]))
        np.random.seed(int(words[1]))  # noqa: NPY002
        torch.manual_seed(int(words[2]))
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)  # noqa: NPY002


@contextmanager
def repeatable(device: str) -> Iterator[None]:
    """Let an accelerator sum in one order inside the block, where torch has such a kernel; a CPU does so anyway.

    Args:
        device: torch's device type.
    """
    if device == "cpu":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read at the first matrix product
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation")
        torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
