"""Threads share the work on one picture, unless it is huge."""

import functools
import threading
from collections.abc import Iterator

import cv2
import pytest

from cubiseg.errors import CubisegError
from cubiseg.workers import HUGE, side_by_side, threads_for


@pytest.fixture
def _two_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("_two_threads")
def test_the_work_on_one_picture_is_shared_by_threads_and_that_on_a_huge_one_is_not() -> None:
    meeting = threading.Barrier(2)
    jobs = [functools.partial(meeting.wait, 60)] * 2
    assert sorted(side_by_side(jobs, (64, 64))) == [0, 1], "both wait for each other, so they run at once"
    huge = (HUGE // 1024 + 1, 1024)
    assert (threads_for((64, 64)), threads_for(huge)) == (2, 1)
    assert side_by_side([threading.get_ident] * 3, huge) == [threading.get_ident()] * 3
    cv2.setNumThreads(1)
    assert side_by_side([threading.get_ident] * 3, (64, 64)) == [threading.get_ident()] * 3


@pytest.mark.usefixtures("_two_threads")
def test_of_jobs_side_by_side_the_first_fault_is_told() -> None:
    with pytest.raises(CubisegError, match="seven"):
        side_by_side([functools.partial(_fail_at_seven, i) for i in (6, 7, 8)], (64, 64))


def _fail_at_seven(i: int) -> int:
    if i == 7:
        raise CubisegError("seven: cannot be done; leave it out")
    return i
