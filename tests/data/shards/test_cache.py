from __future__ import annotations

import errno
import os
import pickle
import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from macedance.data.shards import OpenShard, ShardError, ShardLocation, ShardReader, locate_shards
from macedance.data.shards.background import BackgroundJobs
from macedance.data.shards.cache import GIB, ShardCache, needed_bytes
from macedance.data.shards.order import SampleOrder
from macedance.data.shards.samples import ShardSamples

Fetched = list[str]
Finish = Callable[[ShardCache], None]


@pytest.fixture
def shards(write_set: Callable[..., list[Path]]) -> Iterator[list[ShardLocation]]:
    """Six shards of two samples and of equal size, in memory."""
    folder = write_set(*[2] * 6)[0].parent
    remote = fsspec.filesystem("memory")
    remote.put(str(folder), "/cached", recursive=True)
    located = locate_shards("memory://cached")
    assert len({shard.num_bytes for shard in located}) == 1
    yield located
    remote.rm("/cached", recursive=True)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Fetched:
    """Names of the shards that were fetched."""
    names: Fetched = []
    get_file = MemoryFileSystem.get_file

    def recorded(self: MemoryFileSystem, source: str, target: str, **options: Any) -> None:
        names.append(source.rpartition("/")[2])
        get_file(self, source, target, **options)

    monkeypatch.setattr(MemoryFileSystem, "get_file", recorded)
    return names


@pytest.fixture
def cache_of(
    tmp_path: Path, shards: list[ShardLocation], finish: Finish
) -> Iterator[Callable[[float], ShardCache]]:
    """A cache for so many of the shards."""
    caches: list[ShardCache] = []

    def make(num_shards: float) -> ShardCache:
        caches.append(ShardCache(tmp_path / "cache", num_shards * (shards[0].num_bytes or 0) / GIB))
        return caches[-1]

    yield make
    for cache in caches:
        finish(cache)


def kept(cache: ShardCache) -> list[str]:
    """Numbers of the shards in the cache; there is nothing else in it."""
    names = [path.name for path in cache.folder.iterdir() if path.name != ".lock"]
    assert sorted(name[:-4] for name in names) == sorted(2 * [n[:-4] for n in names if n.endswith(".tar")])
    return sorted(name[-5] for name in names if name.endswith(".tar"))


def bytes_kept(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.tar"))


def test_a_shard_is_fetched_once_and_equal(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched, tmp_path: Path
) -> None:
    for cache in (cache_of(6), cache_of(6)):
        path, index = cache.fetch(shards[0])
        assert path.read_bytes() == (tmp_path / "set" / shards[0].name).read_bytes()
        assert len(index.samples) == 2
    assert fetched == ["train-000000.tar"]
    assert kept(cache) == ["0"]


def test_a_cache_goes_to_other_processes(shards: list[ShardLocation], cache_of: Any, finish: Finish) -> None:
    cache = cache_of(6)
    cache.prefetch(shards[:1])
    reader = pickle.loads(pickle.dumps(ShardReader(shards, cache)))  # noqa: S301
    reader.turn_to([0], ahead=[1])
    assert reader.read(0, 0, ("json",))["__key__"] == "clip0-0"
    finish(reader.cache)


def test_what_was_not_used_for_longest_goes_first(shards: list[ShardLocation], cache_of: Any) -> None:
    cache = cache_of(3)
    for number, left in ((0, "0"), (1, "01"), (2, "012"), (0, "012"), (3, "023"), (4, "034")):
        cache.fetch(shards[number])
        assert "".join(kept(cache)) == left


def test_the_bound_holds_at_every_moment(
    shards: list[ShardLocation], cache_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, seen = cache_of(2.5), []
    get_file = MemoryFileSystem.get_file

    def watched(self: MemoryFileSystem, source: str, target: str, **options: Any) -> None:
        get_file(self, source, target, **options)
        seen.append(bytes_kept(cache.folder))

    monkeypatch.setattr(MemoryFileSystem, "get_file", watched)
    for shard in shards * 2:
        cache.fetch(shard)
        assert bytes_kept(cache.folder) <= cache.max_bytes
    assert max(seen) <= cache.max_bytes
    assert len(seen) == 12


def test_a_shard_beyond_the_whole_bound_is_read(shards: list[ShardLocation], cache_of: Any) -> None:
    cache = cache_of(0.5)
    reader = ShardReader(shards, cache)
    for number in range(3):
        assert reader.read(number, 1, ("json",))["json"]["fps"] == 30
        assert kept(cache) == [str(number)]


def test_an_open_shard_is_read_after_it_went(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched
) -> None:
    cache = cache_of(1)
    reader = ShardReader(shards, cache)
    for _ in range(2):
        for number in (0, 1):
            for sample in (0, 1):
                key = reader.read(number, sample, ("music.npy",))["__key__"]
                assert key == f"clip{number}-{sample}"
    assert fetched == ["train-000000.tar", "train-000001.tar"]
    assert kept(cache) == ["1"]


def test_a_window_that_does_not_fit_is_not_fetched_for_each_sample(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched
) -> None:
    order = SampleOrder([[2] * 6], repeats=4, window_shards=3)
    samples = ShardSamples(
        [ShardReader(shards, cache_of(1))],
        order,
        members=("json",),
        prepare=lambda sample, seed: {"key": sample["__key__"]},
    )
    keys = [samples[0, position].sample["key"] for position in range(len(order))]  # type: ignore[index]
    assert sorted(keys) == sorted(
        f"clip{shard}-{n}" for shard in range(6) for n in range(2) for _ in range(4)
    )
    assert max(fetched.count(shard.name) for shard in shards) <= 3  # and 8 samples each


def test_shards_behind_a_window_are_closed(
    shards: list[ShardLocation], cache_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(OpenShard, "close", lambda opened: closed.append(opened.path[-5]))
    reader = ShardReader(shards, cache_of(6))
    reader.turn_to([0, 1, 2], ahead=[3])
    for number in (0, 1, 2, 3):
        reader.read(number, 0, ("json",))
    reader.turn_to([2, 3], ahead=[4])
    assert sorted(closed) == ["0", "1"]


def test_what_a_cache_needs(shards: list[ShardLocation], tmp_path: Path) -> None:
    size = shards[0].num_bytes or 0
    assert needed_bytes(shards, 1) == 3 * size
    assert needed_bytes(shards, 8) == 6 * size
    assert needed_bytes(locate_shards(tmp_path / "set"), 8) == 0


def test_no_more_is_fetched_ahead_than_fits(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched, finish: Finish
) -> None:
    cache = cache_of(2.5)
    cache.prefetch(shards)
    finish(cache)
    assert sorted(fetched) == ["train-000000.tar", "train-000001.tar"]


def test_a_copy_that_was_cut_off_is_fetched_again(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched
) -> None:
    cache = cache_of(6)
    path, _ = cache.fetch(shards[0])
    os.truncate(path, 1000)
    cache.fetch(shards[0])
    assert path.stat().st_size == shards[0].num_bytes
    path.with_suffix(".idx").write_text("{")
    cache.fetch(shards[0])
    path.with_suffix(".idx").unlink()
    cache.fetch(shards[0])
    assert len(fetched) == 4
    assert kept(cache) == ["0"]


def test_a_full_disk_is_told_at_once(
    shards: list[ShardLocation], cache_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    def fill(self: MemoryFileSystem, source: str, target: str, **options: Any) -> None:
        attempts.append(source)
        Path(target).write_bytes(b"as far as it went")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(MemoryFileSystem, "get_file", fill)
    cache = cache_of(6)
    with pytest.raises(
        OSError, match=r"memory://.*000000\.tar cannot be kept \(No space left.*cache"
    ) as caught:
        cache.open(shards[0])
    assert caught.value.errno == errno.ENOSPC
    assert len(attempts) == 1
    assert kept(cache) == []


def test_a_folder_that_cannot_be_written_to_is_told(
    shards: list[ShardLocation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"cache_dir must be a folder.*/file cannot be written to"):
        ShardCache(tmp_path / "file").open(shards[0])
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match=r"cannot be written to \(Permission denied\); choose another"):
        ShardCache(tmp_path / "locked").open(shards[0])


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_of_another_user_can_be_read_only(
    shards: list[ShardLocation], tmp_path: Path
) -> None:  # pragma: no cover
    cache = ShardCache(tmp_path / "cache")
    cache.fetch(shards[0])
    cache.folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    cache.fetch(shards[0])
    with pytest.raises(ValueError, match="cannot be written to"):
        cache.fetch(shards[1])


def test_a_bound_must_be_positive() -> None:
    with pytest.raises(ValueError, match="cache_gib must be positive, got 0"):
        ShardCache(max_gib=0)


def test_a_shard_of_which_nothing_was_told_is_checked_by_its_index(
    shards: list[ShardLocation], cache_of: Any, fetched: Fetched
) -> None:
    cache, remote = cache_of(6), fsspec.filesystem("memory")
    unknown = ShardLocation(shards[0].url, 0)
    for _ in range(2):
        assert len(cache.fetch(unknown)[1].samples) == 2
    assert len(fetched) == 1
    remote.rm("/cached/train-000000.idx")
    for _ in range(2):
        assert len(cache.fetch(unknown)[1].samples) == 2
    assert len(fetched) == 3  # it may be another one by now


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:-512], r"has \d+ bytes, \d+ were announced"),
        (lambda data: data[:600] + b"?" + data[601:], "its SHA-256 differs"),
        (lambda data: bytes(len(data)), "its SHA-256 differs"),
    ],
)
def test_what_was_not_announced_is_not_kept(
    damage: Callable[[bytes], bytes],
    reason: str,
    shards: list[ShardLocation],
    cache_of: Any,
    fetched: Fetched,
) -> None:
    cache, remote = cache_of(6), fsspec.filesystem("memory")
    whole = remote.cat_file("/cached/train-000000.tar")
    remote.pipe("/cached/train-000000.tar", damage(whole))
    for _ in range(2):
        with pytest.raises(ShardError, match=rf"^memory://.*/train-000000\.tar .*{reason}"):
            cache.open(shards[0])
    assert kept(cache) == []
    assert len(fetched) == 1
    remote.pipe("/cached/train-000000.tar", whole)
    cache_of(6).open(shards[0]).file.close()


def test_jobs_are_done_once_and_in_order_unless_others_are_given() -> None:
    jobs, done = BackgroundJobs(1, "test"), []
    running, begin, end = threading.Event(), threading.Event(), threading.Event()

    def named(*names: int) -> dict[int, Callable[[], None]]:
        return {name: partial(done.append, name) for name in names}

    jobs.give("ann", {0: lambda: (running.set(), done.append(begin.wait(60)))})
    assert running.wait(60)
    jobs.give("ann", named(1, 2))
    jobs.give("bob", named(5))
    jobs.give("ann", named(2, 3, 0))
    jobs.give("last", {"end": end.set})
    begin.set()
    assert end.wait(60)
    assert done == [True, 5, 2, 3]


def test_a_forked_process_has_none_of_its_parents_jobs() -> None:
    jobs, begin, done = BackgroundJobs(1, "test"), threading.Event(), threading.Event()
    jobs.give("ann", {"blocks": lambda: begin.wait(60)})
    with jobs._lock:  # as if a thread had it at the moment of the fork
        process = os.fork()
        if process == 0:
            jobs.give("ann", {"blocks": done.set})
            os._exit(0 if done.wait(60) else 1)
    begin.set()
    assert os.waitpid(process, 0)[1] == 0
