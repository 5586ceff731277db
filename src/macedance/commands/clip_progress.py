"""The progress bar of commands that make clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def clip_progress(
    what: str, num_clips: int, clip_seconds: float | None = None, unit: str = "clips"
) -> Iterator[Callable[[int], None]]:
    """A bar with clips done, rate, time elapsed and left; it gives the function to call with clips newly done.

    The rate is in clips, or another ``unit``, a second, or, if all clips last ``clip_seconds``, in multiples of
    real time.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(escape(what)),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.1f} " + (f"{unit}/s" if clip_seconds is None else "x real time")),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=num_clips, rate=0.0)

        def advance(num_done: int) -> None:
            state = bar.tasks[task]
            speed = state.finished_speed or state.speed or 0.0
            bar.update(task, advance=num_done, rate=speed * (clip_seconds or 1.0))

        yield advance
