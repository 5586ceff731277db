"""Writing shards: tar files of samples, each with its index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import webdataset

from macedance.data.shards.index import ShardIndex, index_path, scan_shard
from macedance.whole_files import renamed_when_complete


def write_shard(path: str | Path, samples: Iterable[dict[str, Any]]) -> ShardIndex:
    """Write samples of :func:`~macedance.data.shards.members.encode_sample` as one shard, and its index.

    The shard has its final name only when both are whole.
    """
    with renamed_when_complete(path) as partial:
        with webdataset.TarWriter(str(partial), encoder=False, mtime=0, user="", group="") as writer:
            for sample in samples:
                writer.write(sample)
        index = scan_shard(partial)
        index.save(index_path(path))
    return index
