"""Building a set of shards with many processes, in a folder where the work can be cut off and gone on with."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from filelock import FileLock, Timeout

from macedance.data.shards.index import index_path, scan_shard
from macedance.data.shards.manifest import MANIFEST, write_manifest
from macedance.data.shards.writing import write_shard
from macedance.data.worker_processes import map_in_processes
from macedance.whole_files import renamed_when_complete

_SETTINGS_FILE = ".settings.json"
_LOCK_FILE = ".writer.lock"

Job = TypeVar("Job")
Samples = Sequence[dict[str, Any]]


class ShardBuilder(Generic[Job]):
    """Writes a set of shards whose content is a function of its settings.

    Finished shards are not made again; nothing has its final name before it is whole.

    Args:
        folder: Where to.
        plan: The jobs of each shard, by its file name.
        settings: What determines the set, in values that JSON knows. Stored in the manifest.
    """

    def __init__(
        self, folder: str | Path, plan: Mapping[str, Sequence[Job]], settings: Mapping[str, Any]
    ) -> None:
        self.folder, self.plan = Path(folder), plan
        self.settings = json.loads(json.dumps(settings))

    def build(
        self,
        make: Callable[[Job], Samples],
        *,
        statistics: Callable[[], dict[str, Any]] = dict,
        num_workers: int = 1,
        overwrite: bool = False,
        on_progress: Callable[[Job], None] = lambda job: None,
    ) -> bool:
        """Write the set; return False if it was there already, whole and of the same settings.

        Args:
            make: The samples of a job, as :func:`~macedance.data.shards.members.encode_sample` gives them. Runs in
                other processes if there are several workers. The result must depend on the job alone.
            statistics: Called when all shards are there; what the manifest tells of the training motion.
            num_workers: Processes.
            overwrite: Replace a set of other settings.
            on_progress: Called with each job that is newly done, or found done.

        Raises:
            FileExistsError: The folder holds something else and ``overwrite`` is off, or another process writes
                to it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with _sole_writer(self.folder):
            if not self._claim(overwrite=overwrite):
                return False
            for name in self.plan:
                self._restore_index(self.folder / name)
            missing = [name for name in self.plan if not (self.folder / name).is_file()]
            for job in itertools.chain.from_iterable(
                self.plan[n] for n in self.plan if n not in set(missing)
            ):
                on_progress(job)
            jobs = [job for name in missing for job in self.plan[name]]
            with contextlib.closing(map_in_processes(make, jobs, num_workers)) as results:
                for name in missing:
                    write_shard(self.folder / name, self._samples(name, results, on_progress))
            write_manifest(self.folder, statistics=statistics(), settings=self.settings)
        return True

    def _samples(
        self, name: str, results: Iterator[Samples], on_progress: Callable[[Job], None]
    ) -> Iterator[dict[str, Any]]:
        for job in self.plan[name]:
            yield from next(results)
            on_progress(job)

    def _restore_index(self, shard: Path) -> None:
        """Make the index of a shard that lost it."""
        if shard.is_file() and not index_path(shard).is_file():
            scan_shard(shard).save(index_path(shard))

    def _claim(self, *, overwrite: bool) -> bool:
        """Mark the folder as ours; False if the set in it is whole."""
        mark = self.folder / _SETTINGS_FILE
        if any(path.name != _LOCK_FILE for path in self.folder.iterdir()):
            if mark.is_file() and json.loads(mark.read_text()) == self.settings:
                for left_over in self.folder.glob(".*.tar"):
                    left_over.unlink()
                indices = [index_path(name).name for name in self.plan]
                return not all((self.folder / name).is_file() for name in [MANIFEST, *self.plan, *indices])
            if not mark.is_file() or not overwrite:
                raise FileExistsError(
                    f"out: {self.folder} holds something else than this set; choose another folder"
                    + (", or replace the set in it with --overwrite" if mark.is_file() else "")
                )
            self._remove_set()
        with renamed_when_complete(mark) as partial:
            partial.write_text(json.dumps(self.settings))
        return True

    def _remove_set(self) -> None:
        (self.folder / MANIFEST).unlink(missing_ok=True)
        for shard in self.folder.glob("*.tar"):
            shard.unlink()
            index_path(shard).unlink(missing_ok=True)


@contextlib.contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / _LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise FileExistsError(f"out: another process is writing to {folder}; wait for it to end") from None
    try:
        yield
    finally:
        (folder / _LOCK_FILE).unlink(missing_ok=True)
        lock.release()
