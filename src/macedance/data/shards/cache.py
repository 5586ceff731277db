"""Local copies of remote shards: fetched ahead, checked, and no more of them than fit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import platformdirs

from macedance.data.shards.background import BackgroundJobs, Job
from macedance.data.shards.index import ShardError, ShardIndex, scan_shard
from macedance.data.shards.locations import ShardLocation, index_of_remote
from macedance.data.shards.remote import download
from macedance.data.shards.shelf import Copy, Shelf

GIB = 2**30
NUM_THREADS = 2
"""How many shards each process fetches ahead at once."""


class ShardCache:
    """Remote shards in a folder that all processes of a machine share.

    A shard is fetched by one process while the others that need it wait; it is kept if its checksum is right.

    Args:
        folder: Where to keep them; the user's cache folder if None.
        max_gib: Bound in GiB, which only shards on their way pass. Should hold what is in use at once, see
            :func:`needed_bytes`.

    Raises:
        ValueError: ``max_gib`` is not positive.
    """

    def __init__(self, folder: str | Path | None = None, max_gib: float = 50.0) -> None:
        if not max_gib > 0:
            raise ValueError(f"cache_gib must be positive, got {max_gib}")
        self.folder = Path(folder) if folder else Path(platformdirs.user_cache_dir("macedance")) / "shards"
        self.max_bytes = int(max_gib * GIB)
        self._shelf = Shelf(self.folder, self.max_bytes)
        self._background = BackgroundJobs(NUM_THREADS, "macedance-prefetch")
        self._unusable: dict[ShardLocation, str] = {}

    def fetch(self, shard: ShardLocation) -> tuple[Path, ShardIndex]:
        """The local copy of a remote shard and its index, fetched now if need be.

        Raises:
            ShardError: See :meth:`open`, and for others.
        """
        copy = self.open(shard)
        copy.file.close()
        return copy.path, copy.index

    def open(self, shard: ShardLocation) -> Copy:
        """The local copy of a remote shard, fetched now if need be, open so that it can be read though it goes.

        Raises:
            ShardError: There is no such shard, it must not be read, or it is not what was announced. A process that
                found this out does not ask again.
            ConnectionError: It could not be reached, after some attempts.
            ValueError: The folder cannot be written to.
            OSError: The disk is full.
        """
        copy = self._open(shard, wait=True)
        assert copy is not None
        return copy

    def prefetch(self, shards: Sequence[ShardLocation], reader: Hashable = None) -> None:
        """Fetch remote shards in the background, the first ones first, as far as all of them fit into the bound.

        What a reader asked for before and has not come to its turn is forgotten. What fails is tried again, and told,
        when the shard is needed.
        """
        jobs: dict[Hashable, Job] = {}
        room = self.max_bytes
        for shard in (shard for shard in shards if shard.is_remote):
            room -= shard.num_bytes or 0
            if room < 0:
                break
            jobs[shard.url] = partial(self._fetch_quietly, shard)
        self._background.give(reader, jobs)

    def _fetch_quietly(self, shard: ShardLocation) -> None:
        with suppress(Exception):  # told when the shard is needed
            copy = self._open(shard, wait=False)
            if copy is not None:
                copy.file.close()

    def _open(self, shard: ShardLocation, *, wait: bool) -> Copy | None:
        """None if somebody else fetches it now and we do not wait."""
        if shard in self._unusable:
            raise ShardError(self._unusable[shard])
        try:
            announced = _announced(shard)
            copy = self._shelf.find(announced)
            if copy is None:
                with self._shelf.sole_maker(announced, wait=wait) as is_ours:
                    if is_ours:
                        fetch = partial(_fetch_checked, announced)
                        copy = self._shelf.find(announced) or self._shelf.make(announced, fetch)
            return copy
        except ShardError as error:
            self._unusable[shard] = str(error)
            raise


def needed_bytes(shards: Sequence[ShardLocation], window_shards: int) -> int:
    """What a cache must hold of a source for each shard to be fetched once a pass: three windows, at their largest.

    One is read and one fetched; with another, processes that are a little behind are not done.
    """
    sizes = sorted((shard.num_bytes or 0 for shard in shards if shard.is_remote), reverse=True)
    return sum(sizes[: 3 * window_shards])


def _announced(shard: ShardLocation) -> ShardLocation:
    """The same with size and checksum from its index, if nothing else told them and it has one."""
    if shard.sha256 is not None:
        return shard
    index = index_of_remote(shard.url)
    return shard if index is None else replace(shard, num_bytes=index.num_bytes, sha256=index.sha256)


def _fetch_checked(shard: ShardLocation, path: Path) -> ShardIndex:
    try:
        download(shard.url, path)
    except (FileNotFoundError, PermissionError) as error:
        raise ShardError(str(error)) from None
    num_bytes = path.stat().st_size
    if shard.num_bytes is not None and num_bytes != shard.num_bytes:
        raise ShardError(f"{shard.shown} has {num_bytes} bytes, {shard.num_bytes} were announced")
    try:
        index = scan_shard(path)
    except ShardError as error:
        raise ShardError(str(error).replace(str(path), shard.shown)) from None
    if shard.sha256 is not None and index.sha256 != shard.sha256:
        raise ShardError(f"{shard.shown} is not the shard that was announced: its SHA-256 differs")
    return index
