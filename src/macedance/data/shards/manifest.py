"""``manifest.json``: what a folder of shards holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from macedance.data.shards.index import ShardError, read_index
from macedance.whole_files import renamed_when_complete

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ShardEntry:
    """What the manifest tells of one shard: file name, samples, bytes and SHA-256 in hexadecimal."""

    name: str
    num_samples: int
    num_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A folder's shards and what they were made with.

    Attributes:
        shards: In the order of their names.
        statistics: Smallest and largest value of each channel of the training motion's representation
            (``motion_min``, ``motion_max``), where there is motion.
        settings: Whatever identifies the set.
    """

    shards: tuple[ShardEntry, ...]
    statistics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def write_manifest(folder: str | Path, *, statistics: dict[str, Any], settings: dict[str, Any]) -> Manifest:
    """Write the manifest of a folder from its shards' indices.

    Raises:
        ShardError: A shard or its index is damaged.
    """
    folder = Path(folder)
    entries = []
    for shard in sorted(path for path in folder.glob("*.tar") if path.name[0] != "."):
        index = read_index(shard)
        entries.append(ShardEntry(shard.name, len(index.samples), index.num_bytes, index.sha256))
    manifest = Manifest(tuple(entries), statistics, settings)
    with renamed_when_complete(folder / MANIFEST) as partial:
        partial.write_text(
            json.dumps({"schema_version": SCHEMA_VERSION, **asdict(manifest)}, indent=1) + "\n"
        )
    return manifest


def parse_manifest(data: bytes | str, name: str) -> Manifest:
    """The manifest that a file of it holds.

    Args:
        data: The file's content.
        name: What messages call it.

    Raises:
        ShardError: It is not a manifest of this version.
    """
    try:
        content = json.loads(data)
        version = content["schema_version"]
        entries = tuple(ShardEntry(**entry) for entry in content["shards"])
        for entry in entries:
            if Path(entry.name).name != entry.name or entry.name[:1] in ("", "."):
                raise ValueError(f"{entry.name!r} is not a shard of this folder")
            if not all(
                type(number) is int and number >= 0 for number in (entry.num_samples, entry.num_bytes)
            ):
                raise ValueError(f"{entry.name} has {entry.num_samples!r} samples, {entry.num_bytes!r} bytes")
        manifest = Manifest(entries, dict(content["statistics"]), dict(content["settings"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ShardError(f"{name} is not a whole manifest ({error!r}); make it again") from error
    if version != SCHEMA_VERSION:
        raise ShardError(f"{name} has schema version {version}, this macedance reads {SCHEMA_VERSION}")
    return manifest


def read_manifest(folder: str | Path) -> Manifest | None:
    """The manifest of a local folder, if it has one.

    Raises:
        ShardError: It is damaged.
    """
    path = Path(folder) / MANIFEST
    return parse_manifest(path.read_bytes(), str(path)) if path.is_file() else None
