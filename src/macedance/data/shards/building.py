"""Building a set of shards with many processes, in a folder where the work can be cut off and gone on with.

Several runs, such as the ranks of a job, can share the shards of one set out among themselves.
"""

from __future__ import annotations

import contextlib
import glob
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
_CLAIM_LOCK = ".claim.lock"

Job = TypeVar("Job")
Samples = Sequence[dict[str, Any]]


class ShardBuilder(Generic[Job]):
    """Writes a set of shards whose content is a function of its settings.

    Finished shards are not made again; nothing has its final name before it is whole.

    Args:
        folder: Where to.
        plan: The jobs of each shard, by its file name.
        settings: What determines the set, in values that JSON knows. Stored in the manifest.
        share: (rank, number of ranks): each makes every so many-th shard, and the one that finds all of them
            there writes the manifest. Ranks need not know of each other, nor run at the same time.
    """

    def __init__(
        self,
        folder: str | Path,
        plan: Mapping[str, Sequence[Job]],
        settings: Mapping[str, Any],
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.folder, self.plan = Path(folder), plan
        self.settings = json.loads(json.dumps(settings))
        self.rank, num_ranks = share
        self.own = list(plan)[self.rank :: num_ranks]

    def build(
        self,
        make: Callable[[Job], Samples],
        *,
        statistics: Callable[[], dict[str, Any]] = dict,
        num_workers: int = 1,
        overwrite: bool = False,
        on_progress: Callable[[Job], None] = lambda job: None,
    ) -> bool:
        """Write this rank's shards; return False if the set was there already, whole and of the same settings.

        Args:
            make: The samples of a job, as :func:`~macedance.data.shards.members.encode_sample` gives them. Runs in
                other processes if there are several workers. The result must depend on the job alone.
            statistics: Called when all ranks' shards are there; what the manifest tells of the training motion.
            num_workers: Processes.
            overwrite: Replace a set of other settings.
            on_progress: Called with each job that is newly done, or found done.

        Raises:
            FileExistsError: The folder holds something else and ``overwrite`` is off, or another process writes
                to it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with _sole_writer(self.folder, self.rank):
            with _removed_lock(self.folder / _CLAIM_LOCK):
                if not self._claim(overwrite=overwrite):
                    return False
            for name in self.own:
                self._restore_index(self.folder / name)
            missing = [name for name in self.own if not (self.folder / name).is_file()]
            for job in itertools.chain.from_iterable(self.plan[n] for n in self.own if n not in set(missing)):
                on_progress(job)
            jobs = [job for name in missing for job in self.plan[name]]
            with contextlib.closing(map_in_processes(make, jobs, num_workers)) as results:
                for name in missing:
                    write_shard(self.folder / name, self._samples(name, results, on_progress))
            with _removed_lock(self.folder / _CLAIM_LOCK):
                if self._has_all_shards() and not (self.folder / MANIFEST).is_file():
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
        if any(path.name[0] != "." or path.suffix != ".lock" for path in self.folder.iterdir()):
            if mark.is_file() and json.loads(mark.read_text()) == self.settings:
                for left_over in itertools.chain.from_iterable(map(self._left_overs, self.own)):
                    left_over.unlink()
                if self._has_all_shards():
                    return not (self.folder / MANIFEST).is_file()
                (self.folder / MANIFEST).unlink(missing_ok=True)
                return True
            is_begun = any(self.folder.glob("*.tar")) or (self.folder / MANIFEST).is_file()
            if not mark.is_file() or (is_begun and not overwrite):
                raise FileExistsError(
                    f"out: {self.folder} holds a set of other settings, or of another version of macedance; choose "
                    "another folder, or replace the set with --overwrite"
                    if mark.is_file()
                    else f"out: {self.folder} holds something else than this set; choose another folder"
                )
            self._remove_set()
        with renamed_when_complete(mark) as partial:
            partial.write_text(json.dumps(self.settings))
        return True

    def _left_overs(self, name: str) -> Iterator[Path]:
        """What a writer of that shard left half-written when it was killed."""
        return self.folder.glob(f".*.{glob.escape(name)}")

    def _has_all_shards(self) -> bool:
        indices = [index_path(name).name for name in self.plan]
        return all((self.folder / name).is_file() for name in [*self.plan, *indices])

    def _remove_set(self) -> None:
        (self.folder / MANIFEST).unlink(missing_ok=True)
        for shard in self.folder.glob("*.tar"):
            shard.unlink()
            index_path(shard).unlink(missing_ok=True)


def fill_shards(
    split: str, jobs: Sequence[Job], num_samples: Sequence[int], samples_per_shard: int
) -> dict[str, list[Job]]:
    """The jobs of each shard of a split, by its file name: in their order, and so many that it is full.

    Args:
        split: ``train``, ``val`` or ``test``.
        jobs: All of the split's.
        num_samples: Of each job. One with more than a shard shall hold gets a shard of its own.
        samples_per_shard: In a shard, about.

    >>> fill_shards("val", "abcd", [1, 2, 2, 5], 3)
    {'val-000000.tar': ['a', 'b'], 'val-000001.tar': ['c'], 'val-000002.tar': ['d']}
    """
    shards: dict[str, list[Job]] = {}
    number, room = -1, 0
    for job, size in zip(jobs, num_samples, strict=True):
        if number < 0 or size > room:
            number, room = number + 1, samples_per_shard
        shards.setdefault(f"{split}-{number:06d}.tar", []).append(job)
        room -= size
    return shards


@contextlib.contextmanager
def _sole_writer(folder: Path, rank: int) -> Iterator[None]:
    """Refuse a second run of the same rank."""
    try:
        with _removed_lock(folder / f".writer-{rank}.lock", is_blocking=False):
            yield
    except Timeout:
        raise FileExistsError(f"out: another process is writing to {folder}; wait for it to end") from None


@contextlib.contextmanager
def _removed_lock(path: Path, *, is_blocking: bool = True) -> Iterator[None]:
    """Hold a lock whose file goes with it."""
    lock = FileLock(path)
    lock.acquire(blocking=is_blocking)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()
