"""Reading every sample of a set, whatever is wrong with others."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from macedance.data.inspection.opening import open_shard
from macedance.data.inspection.report import ClipFacts, InspectionReport, Problem, ShardFacts
from macedance.data.inspection.samples import check_sample
from macedance.data.inspection.shard_set import ShardSet, find_shards
from macedance.data.shards import OpenShard, ShardError
from macedance.data.shards.cache import ShardCache
from macedance.data.shards.locations import is_remote

OnProgress = Callable[[int, int], None]


def inspect_shards(
    path: str | Path,
    *,
    verify: bool = False,
    num_workers: int = 1,
    cache: ShardCache | None = None,
    on_progress: OnProgress = lambda num_bytes, total_bytes: None,
) -> InspectionReport:
    """Read every sample of a folder of shards, a glob pattern or one shard, and report what there is and is wrong.

    Args:
        path: Local, or a URL for fsspec.
        verify: Also compare checksums of whole shards, and decode every frame of every video.
        num_workers: Threads.
        cache: Keeps remote shards.
        on_progress: Called with the bytes that were read and those that there are to read.

    Raises:
        FileNotFoundError: There is no shard.
        ConnectionError: A remote place cannot be reached.
    """
    inspection = _Inspection(find_shards(str(path)), verify, cache or ShardCache(), on_progress)
    executor = ThreadPoolExecutor(num_workers, "macedance-inspection")
    try:
        inspection.run(executor)
    finally:
        executor.shutdown(cancel_futures=True)
    return InspectionReport(
        str(path), tuple(inspection.shards), tuple(inspection.clips), tuple(inspection.problems)
    )


class _Inspection:
    def __init__(self, shard_set: ShardSet, verify: bool, cache: ShardCache, on_progress: OnProgress) -> None:
        self.urls, self.entries, self.problems = shard_set.urls, shard_set.entries, shard_set.problems
        self.verify, self.cache = verify, cache
        self.shards: list[ShardFacts] = []
        self.clips: list[ClipFacts] = []
        self._shard_of_key: dict[tuple[str, str, str], str] = {}
        self._progress = _Progress({url: self._num_bytes(url) or 0 for url in self.urls}, on_progress)

    def run(self, executor: ThreadPoolExecutor) -> None:
        for url, opening in _one_ahead(executor, self._open, self.urls):
            opened, reasons = opening.result()
            self.problems += [Problem(url, None, reason) for reason in reasons]
            if opened is None:
                self.shards.append(ShardFacts(url, None, self._num_bytes(url)))
            else:
                self.shards.append(ShardFacts(url, len(opened), opened.index.num_bytes))
                self._progress.measure(url, opened.index.num_bytes)
                try:
                    self._check_samples(executor, opened)
                finally:
                    opened.close()
            self._progress.complete(url)

    def _open(self, url: str) -> tuple[OpenShard | None, list[str]]:
        reasons: list[str] = []
        try:
            opened: OpenShard | None = open_shard(
                url, self.entries.get(url), cache=self.cache, verify=self.verify, on_problem=reasons.append
            )
        except ShardError as error:
            reasons.append(str(error))
            opened = None
        return opened, [reason.removeprefix(url).lstrip(": ") for reason in reasons]

    def _check_samples(self, executor: ThreadPoolExecutor, opened: OpenShard) -> None:
        def check(number: int) -> tuple[ClipFacts, list[str]]:
            return check_sample(opened, number, decode_videos=self.verify)

        for clip, reasons in executor.map(check, range(len(opened))):
            self.clips.append(clip)
            self.problems += [Problem(clip.shard, clip.key, reason) for reason in reasons]
            self._require_unique(clip)
            spans = opened.index.samples[clip.key].values()
            self._progress.advance(clip.shard, sum(num_bytes for _, num_bytes, _ in spans))

    def _require_unique(self, clip: ClipFacts) -> None:
        place = (posixpath.dirname(clip.shard), clip.split, clip.key)
        other = self._shard_of_key.setdefault(place, clip.shard)
        if other != clip.shard:
            self.problems.append(
                Problem(clip.shard, clip.key, f"the same key is in {posixpath.basename(other)}")
            )

    def _num_bytes(self, url: str) -> int | None:
        if url in self.entries:
            return self.entries[url].num_bytes
        return Path(url).stat().st_size if not is_remote(url) and Path(url).is_file() else None


def _one_ahead(
    executor: ThreadPoolExecutor,
    open_: Callable[[str], tuple[OpenShard | None, list[str]]],
    urls: Sequence[str],
) -> Iterator[tuple[str, Future[tuple[OpenShard | None, list[str]]]]]:
    """Each shard with its opening, while the next is being opened."""
    openings = [executor.submit(open_, url) for url in urls[:1]]
    for place, url in enumerate(urls):
        openings += [executor.submit(open_, later) for later in urls[place + 1 : place + 2]]
        yield url, openings.pop(0)


class _Progress:
    """Bytes read of all shards, by the samples that were; a shard counts whole when it is done."""

    def __init__(self, sizes: dict[str, int], on_progress: OnProgress) -> None:
        self._sizes, self._on_progress = sizes, on_progress
        self._total = sum(sizes.values())
        self._done, self._done_here = 0, 0
        self._report()

    def measure(self, url: str, num_bytes: int) -> None:
        """Tell a shard's size, which may not have been known."""
        self._total += num_bytes - self._sizes[url]
        self._sizes[url] = num_bytes

    def advance(self, url: str, num_bytes: int) -> None:
        self._done_here = min(self._done_here + num_bytes, self._sizes[url])
        self._report()

    def complete(self, url: str) -> None:
        self._done, self._done_here = self._done + self._sizes[url], 0
        self._report()

    def _report(self) -> None:
        self._on_progress(self._done + self._done_here, self._total)
