"""The progress bar of commands that make one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[int, int], None]


@contextmanager
def work_progress(what: str, describe: Callable[[int, int], str] | None = None) -> Iterator[Show]:
    """A bar on stderr; it gives the function to call with the work done and the work in all.

    Args:
        what: Stands before the bar.
        describe: Gives what stands there once the work is known, of the work done and the work in all.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)

        def show(num_done: int, num_in_all: int) -> None:
            told = describe(num_done, num_in_all) if describe else what
            bar.update(task, completed=num_done, total=num_in_all, description=told)

        yield show
