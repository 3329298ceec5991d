"""Threads that share the work on one picture."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

Result = TypeVar("Result")
Other = TypeVar("Other")

HUGE = 2**25
"""Pixels of a picture above which its work is done step by step: each takes several times the picture's memory."""


def threads_for(size: tuple[int, int]) -> int:
    """Threads that share the work on one picture: OpenCV's own number, which is 1 in a worker process.

    Args:
        size: height and width of the picture; a huge one gets a single thread.
    """
    import cv2

    return 1 if size[0] * size[1] > HUGE else max(1, cv2.getNumThreads())


def side_by_side(jobs: Sequence[Callable[[], Result]], size: tuple[int, int]) -> list[Result]:
    """Do a few jobs of one picture at once, where NumPy and OpenCV leave the interpreter's lock.

    >>> side_by_side([lambda: 1, lambda: 2], (512, 512))
    [1, 2]

    Args:
        jobs: they do not depend on each other.
        size: height and width of the picture (:func:`threads_for`).

    Returns:
        What they give, in their order.
    """
    threads = min(threads_for(size), len(jobs))
    if threads <= 1:
        return [job() for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


def both(one: Callable[[], Result], other: Callable[[], Other], size: tuple[int, int]) -> tuple[Result, Other]:
    """Do two jobs of one picture at once, as :func:`side_by_side` does, whatever each of them gives.

    >>> both(lambda: 1, lambda: "two", (512, 512))
    (1, 'two')
    """
    jobs: list[Callable[[], Result | Other]] = [one, other]
    first, second = side_by_side(jobs, size)
    return cast(Result, first), cast(Other, second)
