"""Indices and a manifest for shards that have none, or were changed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from macedance.data.motion_statistics import motion_statistics
from macedance.data.shards import (
    Manifest,
    ShardError,
    ShardIndex,
    read_manifest,
    scan_shard,
    write_manifest,
)
from macedance.data.shards.index import index_path
from macedance.data.shards.locations import is_remote


@dataclass(frozen=True)
class Indexed:
    """What was made.

    Attributes:
        manifest: As it was written.
        replaced: What was wrong with the manifest that was there, if something was.
    """

    manifest: Manifest
    replaced: str | None


def index_folder(
    folder: str | Path,
    *,
    num_workers: int = 1,
    on_progress: Callable[[int, int], None] = lambda num_bytes, total_bytes: None,
) -> Indexed:
    """Write the index of every shard of a local folder, and the folder's manifest.

    Settings of a manifest that is there are kept, and so are its statistics while the training shards are those that
    it lists; otherwise they are made anew where there is motion to train on.

    Args:
        folder: Where the shards are.
        num_workers: Threads.
        on_progress: Called with the bytes that were read and those that there are to read.

    Raises:
        FileNotFoundError: There is no such folder, or no shard in it.
        ShardError: A shard is damaged, or a training sample's motion cannot be used.
    """
    shards = _shards_of(folder)
    old, replaced = _old_manifest(folder)
    indices = _scan_all(shards, num_workers, on_progress)
    for shard, index in indices.items():
        index.save(index_path(shard))
    statistics = _statistics(indices, old)
    manifest = write_manifest(folder, statistics=statistics, settings=old.settings if old else {})
    return Indexed(manifest, replaced)


def _shards_of(folder: str | Path) -> list[Path]:
    if is_remote(folder):
        raise ValueError(f"path must be a local folder, got {folder}; make the index where the shards lie")
    shards = sorted(path for path in Path(folder).glob("*.tar") if path.name[0] != "." and path.is_file())
    if not Path(folder).is_dir() or not shards:
        raise FileNotFoundError(f"path: no shards in {folder}; give a folder with .tar files")
    return shards


def _old_manifest(folder: str | Path) -> tuple[Manifest | None, str | None]:
    try:
        return read_manifest(folder), None
    except ShardError as error:
        return None, str(error)


def _scan_all(
    shards: list[Path], num_workers: int, on_progress: Callable[[int, int], None]
) -> dict[Path, ShardIndex]:
    total, done = sum(shard.stat().st_size for shard in shards), 0
    indices: dict[Path, ShardIndex] = {}
    on_progress(0, total)
    executor = ThreadPoolExecutor(num_workers, "macedance-index")
    try:
        for shard, index in zip(shards, executor.map(scan_shard, shards), strict=True):
            indices[shard] = index
            done += index.num_bytes
            on_progress(done, total)
    finally:
        executor.shutdown(cancel_futures=True)
    return indices


def _statistics(indices: dict[Path, ShardIndex], old: Manifest | None) -> dict[str, Any]:
    training = {shard: index for shard, index in indices.items() if shard.name.startswith("train-")}
    now = {shard.name: index.sha256 for shard, index in training.items()}
    before = {e.name: e.sha256 for e in old.shards if e.name.startswith("train-")} if old else {}
    if old and old.statistics and now == before:
        return old.statistics
    has_motion = any(
        "motion.npz" in sample for index in training.values() for sample in index.samples.values()
    )
    return dict(motion_statistics([str(shard) for shard in training])) if has_motion else {}
