"""Doing the same for many things, side by side where that helps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Job = TypeVar("Job")
Result = TypeVar("Result")


class Abandoned(Exception):  # noqa: N818
    """Raised in work that nobody waits for any more."""


def in_order(
    work: Callable[[Job, Callable[[], None]], Result], jobs: Sequence[Job], *, in_threads: bool
) -> Generator[Result, None, None]:
    """Results in the order of the jobs.

    In threads, as many jobs are done at a time as torch has threads, and torch takes one for each: sums over small
    tensors are faster so. When one fails, or no more results are wanted, the others end as soon as they look.

    Args:
        work: What is done with a job; it calls its second argument now and then, which raises if it is to end.
        jobs: What there is to do.
        in_threads: Whether jobs are done side by side.
    """
    is_over = threading.Event()

    def look() -> None:
        if is_over.is_set():
            raise Abandoned

    if not in_threads:
        for job in jobs:
            yield work(job, look)
        return
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    executor = ThreadPoolExecutor(num_threads)
    try:
        futures = [executor.submit(work, job, look) for job in jobs]
        for future in futures:
            yield future.result()
    finally:
        is_over.set()
        executor.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(num_threads)
