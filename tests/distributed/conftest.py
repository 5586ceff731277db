from __future__ import annotations

from pathlib import Path

import pytest

from macedance.data.shards import read_shards, write_shard
from macedance.data.shards.members import encode_sample


@pytest.fixture(scope="session")
def shards(motion_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven training clips in three shards: an epoch of five batches of four windows leaves one window out."""
    folder = tmp_path_factory.mktemp("resume-shards")
    clips = list(read_shards(motion_shards, split="train"))
    clips += [{**clips[0], "__key__": "one-more"}]
    encoded = [
        encode_sample(clip["__key__"], clip["json"], motion=clip["motion.npz"], music=clip["music.npy"])
        for clip in clips
    ]
    for number, part in enumerate((encoded[:2], encoded[2:5], encoded[5:])):
        write_shard(folder / f"train-{number:06d}.tar", part)
    write_shard(folder / "val-000000.tar", encoded[:2])
    return folder
