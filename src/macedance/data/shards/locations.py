"""Finding shards: in folders, by glob pattern or list, on local disk or wherever fsspec reaches."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from macedance.data.shards.index import ShardError, ShardIndex, parse_index, read_index
from macedance.data.shards.manifest import MANIFEST, Manifest, ShardEntry, parse_manifest, read_manifest
from macedance.data.shards.remote import is_remote, is_web, list_files, read_file, without_credentials

NUM_THREADS = 16

Shards = str | Path | Sequence[str | Path]
"""A folder, a glob pattern, or a list of files; local paths or URLs."""


@dataclass(frozen=True)
class ShardLocation:
    """A shard, and what is known of it before it is read.

    Attributes:
        url: Local path, or a URL for fsspec.
        num_samples: Samples in it.
        num_bytes: Its size, if that is known.
        sha256: Its SHA-256 in hexadecimal, if that is known.
    """

    url: str
    num_samples: int
    num_bytes: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """File name without folder."""
        return posixpath.basename(self.url)

    @property
    def is_remote(self) -> bool:
        """Whether it has to be fetched."""
        return is_remote(self.url)

    @property
    def shown(self) -> str:
        """The URL as messages show it: without credentials."""
        return without_credentials(self.url)


def list_shards(shards: Shards, split: str | None = None) -> list[str]:
    """Paths or URLs of the shards in a folder, matched by a glob pattern, or listed, in the order of their names.

    A folder's manifest, where there is one, decides what belongs to it.

    Args:
        shards: Folder, glob pattern or list of files.
        split: Only shards of ``train``, ``val`` or ``test``: those whose names begin with it.

    Raises:
        FileNotFoundError: Nothing matches, or a shard that is listed does not exist.
        ShardError: The manifest is damaged.
    """
    return list(_entries(shards, split))


def locate_shards(shards: Shards, split: str | None = None) -> list[ShardLocation]:
    """The same with what is known of each: from the manifest, else from the shards' indices, else by reading them.

    Raises:
        FileNotFoundError: Nothing matches, or a shard that is listed does not exist.
        ShardError: A manifest or an index is damaged, or so is a shard that has no index; a remote shard has
            neither.
        ConnectionError: A remote place could not be reached, after some attempts.
        ModuleNotFoundError: fsspec needs a package for it that is not installed.
    """
    entries = _entries(shards, split)
    unknown = [url for url, entry in entries.items() if entry is None]
    with ThreadPoolExecutor(NUM_THREADS) as executor:
        indexed = dict(zip(unknown, executor.map(_entry_from_index, unknown), strict=True))
    known = {url: entry or indexed[url] for url, entry in entries.items()}
    return [ShardLocation(url, e.num_samples, e.num_bytes, e.sha256) for url, e in known.items()]


def find_manifest(folder: str | Path) -> Manifest | None:
    """The manifest of a local or remote folder, if it has one.

    Raises:
        ShardError: It is damaged.
    """
    if not is_remote(folder):
        return read_manifest(folder)
    url = posixpath.join(str(folder), MANIFEST)
    data = read_file(url)
    return None if data is None else parse_manifest(data, without_credentials(url))


def _entries(shards: Shards, split: str | None) -> dict[str, ShardEntry | None]:
    """By path or URL, what a manifest tells of each shard."""
    if not isinstance(shards, (str, Path)):
        found = dict.fromkeys(str(path) for path in shards)
        _require_all(list(found))
    elif _is_pattern(str(shards)):
        found = dict.fromkeys(match for match in _glob(str(shards)) if match.endswith(".tar"))
    elif str(shards).endswith(".tar"):
        found = {str(shards): None}
        _require_all(list(found))
    else:
        found = _in_folder(str(shards))
    chosen = {url: entry for url, entry in found.items() if _is_wanted(url, split)}
    if not chosen:
        raise FileNotFoundError(
            f"shards: no {f'{split} shards' if split else 'shards'} at {without_credentials(str(shards))}; "
            "make some with 'macedance data synthesize --out DIR' or 'macedance data pack'"
        )
    return chosen


def _is_pattern(shards: str) -> bool:
    if is_remote(shards):
        return any(sign in posixpath.basename(shards) for sign in "*?[")
    return any(sign in shards for sign in "*?[") and not Path(shards).exists()


def _is_wanted(url: str, split: str | None) -> bool:
    name = posixpath.basename(url)
    is_hidden = name.startswith(".")  # it is being written
    return not is_hidden and (split is None or name.startswith(f"{split}-"))


def _in_folder(folder: str) -> dict[str, ShardEntry | None]:
    manifest = find_manifest(folder)
    if manifest is None and is_web(folder):
        raise FileNotFoundError(
            f"shards: there is no {MANIFEST} at {without_credentials(folder)}, and a web server does not list its "
            f"files; run 'macedance data index' where the shards lie and upload {MANIFEST}"
        )
    if manifest is None:
        return dict.fromkeys(_glob(posixpath.join(folder, "*.tar")))
    found: dict[str, ShardEntry | None] = {posixpath.join(folder, e.name): e for e in manifest.shards}
    if not is_remote(folder):
        there = {path.name for path in Path(folder).iterdir()}
        missing = [entry.name for entry in manifest.shards if entry.name not in there]
        if missing:
            raise FileNotFoundError(
                f"shards: {folder}/{MANIFEST} lists {missing[0]}"
                f"{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}, which is not there; "
                "fetch or make it again"
            )
    return found


def _glob(pattern: str) -> list[str]:
    if is_remote(pattern):
        return list_files(pattern)
    path = Path(pattern)
    return sorted(str(match) for match in Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def _require_all(urls: Sequence[str]) -> None:
    for url in urls:
        if not is_remote(url) and not Path(url).is_file():
            raise FileNotFoundError(f"shards: no shard at {url}")


def index_of_remote(url: str) -> ShardIndex | None:
    """The index beside a remote shard, if there is one.

    Raises:
        ShardError: It is damaged. Others as for :func:`~macedance.data.shards.remote.read_file`.
    """
    beside = posixpath.splitext(url)[0] + ".idx"
    data = read_file(beside)
    return None if data is None else parse_index(data, without_credentials(beside))


def _entry_from_index(url: str) -> ShardEntry:
    index = index_of_remote(url) if is_remote(url) else read_index(url)
    if index is None:
        raise ShardError(
            f"{without_credentials(url)} has no index beside it; run 'macedance data index' where it lies"
        )
    return ShardEntry(posixpath.basename(url), len(index.samples), index.num_bytes, index.sha256)
