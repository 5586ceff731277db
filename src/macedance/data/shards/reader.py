"""Reading samples of shards by their number."""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from macedance.data.shards.cache import ShardCache
from macedance.data.shards.index import (
    OnShardError,
    ShardError,
    ShardIndex,
    Span,
    each_usable,
    read_index,
)
from macedance.data.shards.locations import ShardLocation, Shards, locate_shards
from macedance.data.shards.members import decode_member

MAX_OPEN_SHARDS = 32


class OpenShard:
    """A local shard, open for reading any sample.

    Args:
        path: The tar.
        index: Its index; read from beside it, or made from it, if left out.
        file: The tar, if it is open already.

    Raises:
        FileNotFoundError: There is no such shard.
        ShardError: The index or, where there is none, the tar is damaged.
    """

    def __init__(
        self, path: str | Path, index: ShardIndex | None = None, file: IO[bytes] | None = None
    ) -> None:
        self.path = str(path)
        self.index = index or read_index(path)
        self.keys = list(self.index.samples)
        self._file = file or Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed by close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __len__(self) -> int:
        return len(self.keys)

    def read(
        self, number: int, members: Sequence[str] | None = None, *, decode: bool = True
    ) -> dict[str, Any]:
        """One sample's members, with ``__key__`` and ``__url__``.

        Args:
            number: Which sample.
            members: Names of the members that are needed; all if None.
            decode: Give their values; otherwise their bytes.

        Raises:
            ShardError: A member is missing, damaged or does not decode.
        """
        key = self.keys[number]
        spans = self.index.samples[key]
        sample: dict[str, Any] = {"__key__": key, "__url__": self.path}
        for name in spans if members is None else members:
            if name not in spans:
                raise ShardError(f"{self.path}: sample {key} has no member {name}")
            try:
                data = self._bytes(spans[name])
                sample[name] = decode_member(name, data) if decode else data
            except (ValueError, OSError) as error:
                raise ShardError(f"{self.path}: sample {key}: {error}") from error
        return sample

    def _bytes(self, span: Span) -> bytes:
        offset, num_bytes, checksum = span
        data = os.pread(self._file.fileno(), num_bytes, offset)
        if len(data) != num_bytes:
            raise ValueError(
                f"the shard ends after {os.fstat(self._file.fileno()).st_size} bytes; it is cut off"
            )
        if zlib.crc32(data) != checksum:
            raise ValueError(f"bytes {offset} to {offset + num_bytes} are not those that were written")
        return data


class ShardReader:
    """Reads samples of any of the given shards, wherever they lie; keeps a few open.

    Args:
        shards: Where the shards are.
        cache: Fetches those that are remote.
    """

    def __init__(self, shards: Sequence[ShardLocation], cache: ShardCache | None = None) -> None:
        self.shards, self.cache = shards, cache or ShardCache()
        self.has_remote = any(shard.is_remote for shard in shards)
        self._open: OrderedDict[int, OpenShard] = OrderedDict()
        self._max_open = MAX_OPEN_SHARDS

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": OrderedDict()}

    def read(
        self, shard: int, number: int, members: Sequence[str] | None = None, *, decode: bool = True
    ) -> dict[str, Any]:
        """The members of one sample, with ``__key__`` and ``__url__``.

        Args:
            shard: Which of the shards.
            number: Which sample in it.
            members: Names of the members that are needed; all if None.
            decode: Give their values; otherwise their bytes.

        Raises:
            ShardError: The shard, or the sample in it, is damaged or gone.
            ConnectionError: The shard is remote and could not be reached.
        """
        return self._opened(shard).read(number, members, decode=decode)

    def places(self) -> Iterator[tuple[int, int]]:
        """Shard and number of each sample, in their order."""
        for shard, location in enumerate(self.shards):
            yield from ((shard, number) for number in range(location.num_samples))

    def turn_to(self, shards: Sequence[int], ahead: Sequence[int] = ()) -> None:
        """Close all shards but these, so that the disk has the space of those that the cache removed.

        Remote ones, and after them those that come ahead, are fetched in the background.
        """
        self._max_open = max(MAX_OPEN_SHARDS, len(shards))
        for shard in self._open.keys() - set(shards):
            self._open.pop(shard).close()
        self.cache.prefetch([self.shards[shard] for shard in (*shards, *ahead)], reader=id(self))

    def _opened(self, shard: int) -> OpenShard:
        if shard in self._open:
            self._open.move_to_end(shard)
            return self._open[shard]
        opened = self._open[shard] = self._open_now(self.shards[shard])
        if len(self._open) > self._max_open:
            self._open.popitem(last=False)[1].close()
        return opened

    def _open_now(self, location: ShardLocation) -> OpenShard:
        try:
            if location.is_remote:
                copy = self.cache.open(location)
                opened = OpenShard(location.shown, copy.index, copy.file)
            else:
                opened = OpenShard(location.url)
        except (FileNotFoundError, PermissionError) as error:
            raise ShardError(
                f"{location.shown} cannot be read any more ({error}); fetch or make it again"
            ) from error
        if len(opened) != location.num_samples:
            opened.close()
            raise ShardError(
                f"{location.shown} holds {len(opened)} samples, {location.num_samples} were announced; "
                "make its index and manifest again with 'macedance data index'"
            )
        return opened


def read_shards(
    shards: Shards,
    members: Sequence[str] | None = ("json", "motion.npz", "music.npy"),
    split: str | None = None,
    on_error: OnShardError | None = None,
) -> Iterator[dict[str, Any]]:
    """Decoded samples in their order: ``__key__``, ``__url__`` (the shard) and the wanted members.

    Args:
        shards: Where they are.
        members: Names of the members that are needed; all if None.
        split: Only ``train``, ``val`` or ``test``.
        on_error: Called with what is wrong with a sample, which is then left out; None raises it.

    Raises:
        FileNotFoundError: No shard is there.
        ShardError: A shard is damaged, a sample lacks a member or one does not decode; shard and key are named.
    """
    reader = ShardReader(locate_shards(shards, split))
    return each_usable(reader.places(), lambda place: reader.read(*place, members), on_error)
