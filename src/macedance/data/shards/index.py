"""Where each member of each sample lies in a shard: ``NAME.idx`` beside ``NAME.tar``.

The file is JSON: ``num_bytes`` and ``sha256`` of the tar, and ``samples``: key, then member, then [offset, number
of bytes, CRC-32]. It is made from the tar, so a foreign shard needs none.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from macedance.whole_files import renamed_when_complete

SCHEMA_VERSION = 1
CHUNK_BYTES = 1 << 20
_KEY_AND_MEMBER = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)")

Span = list[int]
"""Offset in the tar, number of bytes, CRC-32."""


Item = TypeVar("Item")
Result = TypeVar("Result")
OnShardError = Callable[["ShardError"], None]


class ShardError(ValueError):
    """Something in a shard that cannot be used; the message names the shard and, where it is one's, the key."""


def each_usable(
    items: Iterable[Item], use: Callable[[Item], Result], on_error: OnShardError | None
) -> Iterator[Result]:
    """What ``use`` gives for each item; where it raises, ``on_error`` is told, or None raises it here.

    Raises:
        ShardError: An item cannot be used, if there is no ``on_error``.
    """
    for item in items:
        try:
            result = use(item)
        except ShardError as error:
            if on_error is None:
                raise
            on_error(error)
        else:
            yield result


@dataclass(frozen=True)
class ShardIndex:
    """The samples of a shard, in their order.

    Attributes:
        num_bytes: Size of the tar.
        sha256: Of the tar, in hexadecimal.
        samples: By key, the span of each member by its name.
    """

    num_bytes: int
    sha256: str
    samples: dict[str, dict[str, Span]]

    def save(self, path: str | Path) -> None:
        """Write the index, whole or not at all."""
        content = {
            "schema_version": SCHEMA_VERSION,
            "num_bytes": self.num_bytes,
            "sha256": self.sha256,
            "samples": self.samples,
        }
        with renamed_when_complete(path) as partial:
            partial.write_text(json.dumps(content, separators=(",", ":")))


def index_path(shard: str | Path) -> Path:
    """Where the index of a shard is: ``NAME.idx`` beside ``NAME.tar``."""
    return Path(shard).with_suffix(".idx")


def parse_index(data: bytes | str, name: str) -> ShardIndex:
    """The index that a file of it holds.

    Args:
        data: The file's content.
        name: What messages call it.

    Raises:
        ShardError: It is not an index of this version.
    """
    try:
        content = json.loads(data)
        version = content["schema_version"]
        index = ShardIndex(content["num_bytes"], content["sha256"], content["samples"])
        _check_spans(index)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ShardError(f"{name} is not a whole index ({error!r}); delete it or make it again") from error
    if version != SCHEMA_VERSION:
        raise ShardError(f"{name} has schema version {version}, this macedance reads {SCHEMA_VERSION}")
    return index


def read_index(shard: str | Path) -> ShardIndex:
    """The index of a local shard: of the file beside it, or of the tar itself.

    Raises:
        FileNotFoundError: There is no such shard.
        ShardError: The index or, where there is none, the tar is damaged.
    """
    beside = index_path(shard)
    if beside.is_file():
        return parse_index(beside.read_bytes(), str(beside))
    return scan_shard(shard)


def scan_shard(shard: str | Path) -> ShardIndex:
    """The index of a shard, made by reading all of it.

    Raises:
        FileNotFoundError: There is no such shard.
        ShardError: It is not a whole tar of regular files, or a name in it is not one of a sample's.
    """
    shard = Path(shard)
    with shard.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        num_bytes = file.tell()
        file.seek(0)
        try:
            samples = _scan(file, num_bytes)
        except tarfile.TarError as error:
            raise ShardError(f"{shard} is not a whole tar file ({error}); make or fetch it again") from error
        except ShardError as error:
            raise ShardError(f"{shard}: {error}") from error
    return ShardIndex(num_bytes, digest, samples)


def split_name(name: str) -> tuple[str, str] | None:
    """Key and member of a file's name in a tar, divided at the first dot after the folder; None if it has none.

    Raises:
        ShardError: The name climbs out of the folder it would be unpacked to.

    >>> split_name("clip7.motion.npz")
    ('clip7', 'motion.npz')
    >>> split_name("README")
    """
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/"):
        raise ShardError(f"{name!r} climbs out of the shard; do not use or unpack it")
    match = _KEY_AND_MEMBER.fullmatch(name)
    return (match[1], match[2].lower()) if match else None


def _scan(file: IO[bytes], num_bytes: int) -> dict[str, dict[str, Span]]:
    samples: dict[str, dict[str, Span]] = {}
    last_key = None
    with tarfile.open(fileobj=file, mode="r:") as tar:
        for entry in tar:
            name = split_name(entry.name)
            if entry.isdir() or name is None:
                continue
            if not entry.isreg():
                raise ShardError(f"{entry.name!r} is a link or device; a shard holds regular files")
            key, member = name
            if key in samples and (key != last_key or member in samples[key]):
                raise ShardError(f"{entry.name!r} comes twice; keys are unique")
            span = [entry.offset_data, entry.size, _crc32(file, entry.offset_data, entry.size)]
            samples.setdefault(key, {})[member] = span
            last_key = key
        end = tar.offset
    # A damaged header looks like the end to tarfile, which then passes over all that follows.
    file.seek(end)
    if end >= num_bytes or any(file.read(512)):
        raise tarfile.ReadError(f"damaged at byte {end} of {num_bytes}")
    return samples


def _crc32(file: IO[bytes], offset: int, num_bytes: int) -> int:
    file.seek(offset)
    checksum = 0
    while num_bytes:
        chunk = file.read(min(num_bytes, CHUNK_BYTES))
        if not chunk:
            raise tarfile.ReadError("unexpected end of data")
        checksum = zlib.crc32(chunk, checksum)
        num_bytes -= len(chunk)
    return checksum


def _check_spans(index: ShardIndex) -> None:
    def is_good(span: Any) -> bool:
        is_whole = len(span) == 3 and all(isinstance(number, int) for number in span)
        return is_whole and 0 <= span[0] <= span[0] + span[1] <= index.num_bytes

    for key, members in index.samples.items():
        split_name(f"{key}.json")
        if not all(is_good(span) for span in members.values()):
            raise ValueError(f"sample {key} lies outside the shard")
