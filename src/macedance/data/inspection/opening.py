"""Opening a shard in spite of what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from macedance.data.shards import (
    MANIFEST,
    OpenShard,
    ShardError,
    ShardIndex,
    ShardLocation,
    read_index,
    scan_shard,
)
from macedance.data.shards.cache import ShardCache
from macedance.data.shards.index import Span, index_path
from macedance.data.shards.locations import is_remote
from macedance.data.shards.manifest import ShardEntry


def open_shard(
    url: str,
    entry: ShardEntry | None = None,
    *,
    cache: ShardCache | None = None,
    verify: bool = False,
    on_problem: Callable[[str], None] = lambda reason: None,
) -> OpenShard:
    """A shard, open for reading as far as it can be read.

    A damaged or outdated index beside it is a problem, and the tar is read in its place.

    Args:
        url: Path or URL.
        entry: What a manifest tells of it; differences are problems.
        cache: Fetches it if it is remote.
        verify: Read all of it to compare its SHA-256 and its index with its content.
        on_problem: Called with each problem.

    Raises:
        ShardError: It cannot be read at all.
    """
    try:
        path, index = _local(url, entry, cache)
        if entry is not None and path.stat().st_size != entry.num_bytes:
            on_problem(f"it has {path.stat().st_size} bytes, {MANIFEST} tells {entry.num_bytes}")
        index = _up_to_date(path, index or _index(path, on_problem), on_problem)
        if verify:
            index = _verified(path, index, entry, on_problem)
        opened = OpenShard(path, index)
    except OSError as error:
        raise ShardError(f"{url} cannot be read ({error})") from error
    opened.path = url
    if entry is not None and len(opened) != entry.num_samples:
        on_problem(f"it holds {len(opened)} samples, {MANIFEST} tells {entry.num_samples}")
    if not len(opened):
        on_problem("it holds no sample")
    return opened


def _local(url: str, entry: ShardEntry | None, cache: ShardCache | None) -> tuple[Path, ShardIndex | None]:
    if is_remote(url):
        told = (entry.num_samples, entry.num_bytes, entry.sha256) if entry else (0, None, None)
        return (cache or ShardCache()).fetch(ShardLocation(url, *told))
    if not Path(url).is_file():  # opening a pipe would wait for a writer
        raise ShardError(f"{url} is not a file")
    return Path(url), None


def _index(path: Path, on_problem: Callable[[str], None]) -> ShardIndex:
    try:
        return read_index(path)
    except ShardError as error:
        if not index_path(path).is_file():
            raise
        on_problem(str(error))
        return scan_shard(path)


def _up_to_date(path: Path, index: ShardIndex, on_problem: Callable[[str], None]) -> ShardIndex:
    """The index, or if it is of another size than the tar, what the tar tells, as far as it is whole."""
    if index.num_bytes == path.stat().st_size:
        return index
    on_problem(f"its index is of {index.num_bytes} bytes, it has {path.stat().st_size}")
    try:
        return scan_shard(path)
    except ShardError as error:
        on_problem(str(error))
        return index


def _verified(
    path: Path, index: ShardIndex, entry: ShardEntry | None, on_problem: Callable[[str], None]
) -> ShardIndex:
    try:
        scanned = scan_shard(path)
    except ShardError as error:
        on_problem(str(error))
        return index
    for name, told in (("its index", index.sha256), (MANIFEST, entry.sha256 if entry else None)):
        if told is not None and told != scanned.sha256:
            on_problem(f"its SHA-256 is not the one that {name} tells")
    if _places(scanned) != _places(index):
        on_problem("its index tells of other samples; make it again with 'macedance data index'")
        return scanned
    return index  # whose checksums tell which sample is damaged


def _places(index: ShardIndex) -> dict[str, dict[str, Span]]:
    return {key: {name: span[:2] for name, span in members.items()} for key, members in index.samples.items()}
