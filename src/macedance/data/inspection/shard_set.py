"""Which shards there are, and which there should be."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from macedance.data.inspection.report import Problem
from macedance.data.shards import MANIFEST, Manifest, ShardError, list_shards
from macedance.data.shards.locations import find_manifest, is_remote
from macedance.data.shards.manifest import ShardEntry


@dataclass
class ShardSet:
    """Shards to inspect.

    Attributes:
        urls: Paths or URLs, in the order of their names.
        entries: What manifests tell of each that they list.
        problems: Differences between folders and their manifests.
    """

    urls: list[str]
    entries: dict[str, ShardEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def find_shards(path: str) -> ShardSet:
    """The shards of a folder, that match a glob pattern, or one shard; unlike a reader's, whatever manifests tell.

    Raises:
        FileNotFoundError: There is no shard, and none is listed.
        ConnectionError: A remote place cannot be reached.
    """
    is_folder = not (
        path.endswith(".tar") or "*" in posixpath.basename(path) or "?" in posixpath.basename(path)
    )
    found = ShardSet([])
    manifests: dict[str, Manifest | None] = {}
    if is_folder:
        manifests[path] = _manifest(path, found)
        found.urls = _shards_in(path, manifests[path])
    else:
        found.urls = list_shards(path)
    for folder in dict.fromkeys(posixpath.dirname(url) for url in found.urls):
        if folder not in manifests and not is_folder:
            manifests[folder] = _manifest(folder or ".", found)
    for folder, manifest in manifests.items():
        if manifest is not None:
            _compare(folder, manifest, found, is_whole=is_folder)
    return found


def _manifest(folder: str, found: ShardSet) -> Manifest | None:
    try:
        return find_manifest(folder)
    except ShardError as error:
        found.problems.append(Problem(posixpath.join(folder, MANIFEST), None, str(error)))
        return None


def _shards_in(folder: str, manifest: Manifest | None) -> list[str]:
    if not is_remote(folder):
        there = Path(folder).glob("*.tar") if Path(folder).is_dir() else []
        urls = sorted(str(path) for path in there if path.name[0] != ".")
    else:
        try:
            urls = list_shards(posixpath.join(folder, "*.tar"))
        except FileNotFoundError:  # a plain web server cannot list a folder
            urls = [posixpath.join(folder, entry.name) for entry in manifest.shards] if manifest else []
    return urls if urls or (manifest and manifest.shards) else list_shards(folder)


def _compare(folder: str, manifest: Manifest, found: ShardSet, *, is_whole: bool) -> None:
    listed = {entry.name: entry for entry in manifest.shards}
    here = {
        posixpath.basename(url): url for url in found.urls if is_whole or posixpath.dirname(url) == folder
    }
    for name, url in here.items():
        if name in listed:
            found.entries[url] = listed[name]
        else:
            found.problems.append(Problem(url, None, f"it is not listed in {MANIFEST}"))
    if is_whole:
        found.problems += [
            Problem(posixpath.join(folder, name), None, f"{MANIFEST} lists it and it is not there")
            for name in listed
            if name not in here
        ]
