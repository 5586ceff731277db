"""Local copies of remote shards: fetched ahead, checked, and no more of them than fit."""

from __future__ import annotations

import hashlib
import os
import posixpath
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import platformdirs
from filelock import FileLock

from macedance.data.shards.index import ShardError, ShardIndex, parse_index, scan_shard
from macedance.data.shards.locations import ShardLocation, fetch_small_file, unreachable
from macedance.whole_files import renamed_when_complete

NUM_ATTEMPTS = 3
RETRY_SECONDS = 1.0
GIB = 2**30


class ShardCache:
    """A folder of fetched shards that all processes of a machine share.

    A shard is fetched by one process while the others that need it wait; it has its name only when it is whole and
    its checksum right. When the folder grows past its bound, the shards that were not used for longest go. A shard
    that is open can be read to the end even so.

    Args:
        folder: Where to keep them; the user's cache folder if None.
        max_gib: Bound in GiB. Should hold a few times what is in use at once.

    Raises:
        ValueError: ``max_gib`` is not positive.
    """

    def __init__(self, folder: str | Path | None = None, max_gib: float = 50.0) -> None:
        if not max_gib > 0:
            raise ValueError(f"cache_gib must be positive, got {max_gib}")
        self.folder = Path(folder) if folder else Path(platformdirs.user_cache_dir("macedance")) / "shards"
        self.max_bytes = int(max_gib * GIB)
        self._reset()

    def _reset(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._pending: dict[str, Future[None]] = {}
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "max_bytes": self.max_bytes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def fetch(self, shard: ShardLocation) -> tuple[Path, ShardIndex]:
        """The local copy of a remote shard and its index, fetched now if need be.

        Raises:
            FileNotFoundError: There is no such shard.
            ConnectionError: It could not be fetched, after some attempts.
            ShardError: What was fetched is not what was announced.
        """
        path = self._path(shard)
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._lock_path(path)):
            if not path.is_file():
                self._make_room(shard.num_bytes or 0)
                self._download(shard, path)
            index_file = path.with_suffix(".idx")
            index = (
                parse_index(index_file.read_bytes(), str(index_file))
                if index_file.is_file()
                else scan_shard(path)
            )
            path.touch()
        return path, index

    def prefetch(self, shards: Sequence[ShardLocation]) -> None:
        """Fetch remote shards in the background; what fails there is tried, and told, when the shard is needed."""
        if self._process != os.getpid():  # threads do not survive a fork
            self._reset()
        for shard in shards:
            pending = self._pending.get(shard.url)
            if shard.is_remote and (pending is None or pending.done()) and not self._path(shard).is_file():
                self._executor = self._executor or ThreadPoolExecutor(2, "macedance-prefetch")
                self._pending[shard.url] = self._executor.submit(self._fetch_quietly, shard)

    def _fetch_quietly(self, shard: ShardLocation) -> None:
        try:
            self.fetch(shard)
        except (OSError, ShardError):
            return

    def _path(self, shard: ShardLocation) -> Path:
        identity = hashlib.sha256(f"{shard.url} {shard.sha256}".encode()).hexdigest()[:16]
        return self.folder / f"{identity}-{shard.name}"

    def _lock_path(self, path: Path) -> Path:
        return self.folder / f".{path.name}.lock"

    def _download(self, shard: ShardLocation, path: Path) -> None:
        for attempt in range(1, NUM_ATTEMPTS + 1):
            try:
                self._download_once(shard, path)
                return
            except FileNotFoundError:
                raise
            except (OSError, ShardError) as error:
                if attempt == NUM_ATTEMPTS or _is_full(error):
                    raise (
                        error
                        if isinstance(error, ShardError) or _is_full(error)
                        else unreachable(shard.url, error)
                    ) from error
                time.sleep(RETRY_SECONDS * attempt)

    def _download_once(self, shard: ShardLocation, path: Path) -> None:
        digest, num_bytes = hashlib.sha256(), 0
        with renamed_when_complete(path) as partial:
            with fsspec.open(shard.url, "rb") as source, partial.open("wb") as target:
                while chunk := source.read(1 << 22):
                    digest.update(chunk)
                    num_bytes += len(chunk)
                    target.write(chunk)
            if shard.num_bytes is not None and num_bytes != shard.num_bytes:
                raise ShardError(f"{shard.url} has {num_bytes} bytes, {shard.num_bytes} were announced")
            if shard.sha256 is not None and digest.hexdigest() != shard.sha256:
                raise ShardError(f"{shard.url} is not the shard that was announced: its SHA-256 differs")
            index = fetch_small_file(posixpath.splitext(shard.url)[0] + ".idx")
            if index is not None:
                with renamed_when_complete(path.with_suffix(".idx")) as partial_index:
                    partial_index.write_bytes(index)

    def _make_room(self, num_bytes: int) -> None:
        kept = []
        for path in self.folder.glob("*.tar"):
            try:
                kept.append((path.stat().st_mtime, path.stat().st_size, path))
            except FileNotFoundError:  # another process made room
                continue
        total = sum(size for _, size, _ in kept) + num_bytes
        for _, size, path in sorted(kept):
            if total <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            path.with_suffix(".idx").unlink(missing_ok=True)
            total -= size


def _is_full(error: Exception) -> bool:
    return getattr(error, "errno", None) == 28
