"""The folder that fetched shards are kept in: who may write to it, and what has to go."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from macedance.data.shards.index import ShardError, ShardIndex, index_path, parse_index
from macedance.data.shards.locations import ShardLocation
from macedance.data.shards.remote import DISK_ERRORS
from macedance.whole_files import renamed_when_complete

_HIDDEN = re.compile(r"\.(\d+\.)?(?P<name>.+\.tar)(\.lock)?")


@dataclass(frozen=True)
class Copy:
    """A local copy of a shard: the open file, which can be read though it went, the index, and where it is."""

    file: IO[bytes]
    index: ShardIndex
    path: Path


class Shelf:
    """Copies of shards in a folder that all processes of a machine share, and their bound.

    A copy has its name only when it is whole. Those that were not used for longest go before the folder grows past
    its bound, which only shards on their way, and one that is larger than it, may pass.

    Whoever makes a copy holds ``.NAME.lock`` and removes it at the end. One that nobody holds is left over from a
    killed process, and so is what that process had of the copy, ``.PID.NAME``: both go when the next copy is made.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self._housekeeping = folder / ".lock"

    def find(self, shard: ShardLocation) -> Copy | None:
        """The copy of a shard, if there is one that is whole; now it is the last one used."""
        if shard.sha256 is None:  # it may be that of an older shard
            return None
        path = self._path(shard)
        try:
            index = parse_index(index_path(path).read_bytes(), str(index_path(path)))
            file = path.open("rb", buffering=0)
        except (FileNotFoundError, NotADirectoryError, PermissionError, ShardError):
            return None
        if os.fstat(file.fileno()).st_size != index.num_bytes:
            file.close()
            return None
        with suppress(OSError):  # another user's, or removed just now
            _mark_used(path)
        return Copy(file, index, path)

    @contextmanager
    def sole_maker(self, shard: ShardLocation, *, wait: bool) -> Iterator[bool]:
        """Keep others from making the copy of a shard; False if somebody does, and we do not wait.

        Raises:
            ValueError: The folder cannot be written to.
        """
        self._require_folder()
        lock_path = _lock_path(self._path(shard))
        with ExitStack() as while_made:
            # Whoever looks for left-overs holds locks for a moment, which is not to be taken for making.
            with nullcontext() if wait else _lock(self._housekeeping):
                is_ours = while_made.enter_context(_lock(lock_path, wait=wait))
            yield is_ours

    def make(self, shard: ShardLocation, write: Callable[[Path], ShardIndex]) -> Copy:
        """Make the copy of a shard; only for its sole maker.

        Args:
            shard: Which.
            write: Writes it to a path and returns its index.

        Raises:
            OSError: The disk is full. ``write`` may raise others.
        """
        path = self._path(shard)
        try:
            with ExitStack() as until_renamed:
                with _lock(self._housekeeping):
                    _remove_left_overs_of(path)
                    self._remove_left_overs()
                    self._make_room(shard.num_bytes or 0)
                with renamed_when_complete(path) as incomplete:
                    index = write(incomplete)
                    until_renamed.enter_context(_lock(self._housekeeping))
                    self._make_room(index.num_bytes)
                    index.save(index_path(path))
                    _mark_used(incomplete)
                    file = incomplete.open("rb", buffering=0)
            return Copy(file, index, path)
        except OSError as error:
            if error.errno not in DISK_ERRORS:
                raise
            raise self._disk_full(shard, error) from error

    def _path(self, shard: ShardLocation) -> Path:
        identity = hashlib.sha256(f"{shard.url} {shard.sha256}".encode()).hexdigest()[:16]
        return self.folder / f"{identity}-{shard.name}"

    def _require_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            problem = "" if os.access(self.folder, os.W_OK | os.X_OK) else "Permission denied"
        except OSError as error:
            problem = error.strerror or str(error)
        if problem:
            raise ValueError(
                "cache_dir must be a folder to keep remote shards in, "
                f"{self.folder} cannot be written to ({problem}); choose another"
            )

    def _disk_full(self, shard: ShardLocation, error: OSError) -> OSError:
        reason = (
            f"cache_dir: {shard.shown} cannot be kept ({error.strerror}); "
            "free some space, lower cache_gib or choose another folder"
        )
        return OSError(error.errno, reason, str(self.folder))

    def _make_room(self, num_bytes: int) -> None:
        """Remove what was not used for longest until so many bytes more are within the bound."""
        kept = sorted((*_last_use_and_size(path), path) for path in self.folder.glob("[!.]*.tar"))
        room = self.max_bytes - num_bytes - sum(size for _, size, _ in kept)
        for _, size, path in kept:
            if room >= 0:
                break
            path.unlink(missing_ok=True)
            index_path(path).unlink(missing_ok=True)
            room += size

    def _remove_left_overs(self) -> None:
        hidden = [_HIDDEN.fullmatch(path.name) for path in self.folder.glob(".*")]
        for path in {self.folder / match["name"] for match in hidden if match}:
            with _lock(_lock_path(path), wait=False) as nobody_makes_it:
                if nobody_makes_it:
                    _remove_left_overs_of(path)


@contextmanager
def _lock(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file, removed at the end; False if somebody else holds it and we do not wait."""
    lock = FileLock(path)
    try:
        lock.acquire(blocking=wait)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def _lock_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _remove_left_overs_of(path: Path) -> None:
    for whole in (path, index_path(path)):
        for left_over in path.parent.glob(f".[0-9]*.{glob.escape(whole.name)}"):
            left_over.unlink(missing_ok=True)


def _mark_used(path: Path) -> None:
    """Note that a copy was used now, more finely than a file system does by itself."""
    os.utime(path, ns=(time.time_ns(), time.time_ns()))


def _last_use_and_size(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
