"""Work shared out to processes, which end with this one.

The processes are spawned: a fork would copy locks of threads that torch has started.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def default_num_workers() -> int:
    """Processes to use if none are asked for: the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_in_processes(
    make: Callable[[Job], Result], jobs: Sequence[Job], num_workers: int
) -> Generator[Result, None, None]:
    """What ``make`` gives for each job, in this order, whichever process makes it.

    Close the generator to drop jobs that are not begun. What ``make`` raises is raised here.

    Args:
        make: Runs in other processes if there are several workers.
        jobs: Arguments for it.
        num_workers: Processes; 1 runs in this one.
    """
    num_workers = min(num_workers, len(jobs))
    if num_workers <= 1:
        yield from map(make, jobs)
        return
    # Unlike multiprocessing.Pool, an executor raises when one of its processes dies.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(num_workers, context, _begin_worker) as executor:
        yield from _in_order(executor, make, jobs, ahead=2 * num_workers)


def _begin_worker() -> None:
    """Leave interrupts to the parent, and end with it: an executor's processes outlive one that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_order(
    executor: ProcessPoolExecutor, make: Callable[[Job], Result], jobs: Iterable[Job], ahead: int
) -> Iterator[Result]:
    """Results in the order of the jobs, of which only some are made ahead: they may be large."""
    remaining = iter(jobs)
    running = [executor.submit(make, job) for job in itertools.islice(remaining, ahead)]
    try:
        while running:
            yield running.pop(0).result()
            running += [executor.submit(make, job) for job in itertools.islice(remaining, 1)]
    finally:
        for future in running:
            future.cancel()
