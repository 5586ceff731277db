from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import torch

from macedance.metrics.ordered_work import Abandoned, in_order


@pytest.mark.parametrize("in_threads", [False, True])
def test_results_come_in_the_order_of_the_jobs(in_threads: bool) -> None:
    def square(number: int, look: Callable[[], None]) -> int:
        time.sleep(0.01 * (5 - number))
        return number**2

    num_threads = torch.get_num_threads()
    assert list(in_order(square, range(5), in_threads=in_threads)) == [0, 1, 4, 9, 16]
    assert torch.get_num_threads() == num_threads


def test_torch_takes_one_thread_for_each_job() -> None:
    found = list(in_order(lambda job, look: torch.get_num_threads(), range(3), in_threads=True))
    assert found == [1, 1, 1]


@pytest.fixture
def _two_threads() -> Iterator[None]:
    num_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(num_threads)


@pytest.mark.usefixtures("_two_threads")
def test_when_one_fails_the_others_end() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(job: int, look: Callable[[], None]) -> None:
        if job == 0:
            assert begun.wait(10)
            raise ValueError("no such video")
        begun.set()
        try:
            while True:
                look()
                time.sleep(0.005)
        except Abandoned:
            ended.set()
            raise

    with pytest.raises(ValueError, match="no such video"):
        list(in_order(work, range(2), in_threads=True))
    assert ended.is_set()
