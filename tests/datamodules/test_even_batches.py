"""Under a strategy that shards weights, each rank evaluates equally many batches."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from macedance.datamodules import AppearanceData, MotionData
from macedance.datamodules.base import ShardData

from ..latent_shards import write_latent_shards


@pytest.fixture(scope="module")
def latents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_latent_shards(tmp_path_factory.mktemp("latents"), {"train": 2, "val": 5, "test": 3})


def on_ranks(data: ShardData, split: str, world_size: int, *, is_sharded: bool) -> list[list[list[str]]]:
    """Keys of each batch, of each rank."""
    strategy: Any = SimpleNamespace(needs_even_batches=True) if is_sharded else SimpleNamespace()
    connector = SimpleNamespace(use_distributed_sampler=False)
    stage = {"val": "validate", "test": "test"}[split]
    ranks = []
    for rank in range(world_size):
        data.trainer = SimpleNamespace(
            strategy=strategy, global_rank=rank, world_size=world_size, _accelerator_connector=connector
        )
        data.setup(stage)
        ranks.append([list(batch["key"]) for batch in data.evaluation_loader(split)])
    return ranks


@pytest.mark.parametrize("is_sharded", [True, False])
def test_a_validation_leaves_out_what_cannot_be_shared(latents: Path, is_sharded: bool) -> None:
    data = AppearanceData(latents, members=["latents.safetensors"], num_frames=9, eval_batch_size=2)
    if is_sharded:
        with pytest.warns(UserWarning, match="1 validation clips are left out"):
            ranks = on_ranks(data, "val", 2, is_sharded=True)
        assert [len(batches) for batches in ranks] == [1, 1]
    else:
        ranks = on_ranks(data, "val", 2, is_sharded=False)
        assert [len(batches) for batches in ranks] == [2, 1]
    keys = [key for batches in ranks for batch in batches for key in batch]
    assert len(set(keys)) == len(keys) == 5 - is_sharded


def test_a_test_leaves_nothing_out(latents: Path, motion_shards: Path) -> None:
    videos = AppearanceData(latents, members=["latents.safetensors"], num_frames=9)
    for data in (videos, MotionData(str(motion_shards), eval_batch_size=1)):
        assert sum(len(batches) for batches in on_ranks(data, "test", 3, is_sharded=True)) == 3
        with pytest.raises(ValueError, match=r"1 are left over; use --trainer\.devices 1"):
            on_ranks(data, "test", 2, is_sharded=True)
