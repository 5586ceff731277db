"""Jobs in the background that hold nothing up."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

Key = tuple[Hashable, Hashable]
Job = Callable[[], None]


class BackgroundJobs:
    """Does jobs in the order in which they were given, in a few threads.

    Unlike an executor's, the threads keep neither an interpreter nor a worker process from its end: what is not done
    by then is left. A forked process has none of its parent's jobs.

    Args:
        num_threads: How many jobs are done at once.
        name: Name of the threads.
    """

    def __init__(self, num_threads: int, name: str) -> None:
        self._num_threads, self._name = num_threads, name
        self._forget()

    def _forget(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._waiting: OrderedDict[Key, Job] = OrderedDict()
        self._running: set[Key] = set()
        self._num_alive = 0

    def __getstate__(self) -> dict[str, object]:
        return {"_num_threads": self._num_threads, "_name": self._name}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget()

    def give(self, owner: Hashable, jobs: Mapping[Hashable, Job]) -> None:
        """Do the jobs, by name, in the place of those of the same owner that wait.

        One of a name that runs is not done again. They must not raise.
        """
        if self._process != os.getpid():
            self._forget()
        with self._lock:
            for key in [key for key in self._waiting if key[0] == owner]:
                del self._waiting[key]
            new = {(owner, name): job for name, job in jobs.items()}
            self._waiting.update({key: job for key, job in new.items() if key not in self._running})
            while self._num_alive < min(self._num_threads, len(self._running) + len(self._waiting)):
                self._num_alive += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._num_alive -= 1
                    return
                key, job = self._waiting.popitem(last=False)
                self._running.add(key)
            try:
                job()
            finally:
                with self._lock:
                    self._running.discard(key)
