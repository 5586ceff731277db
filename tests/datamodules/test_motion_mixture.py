from __future__ import annotations

from pathlib import Path

import torch

from macedance.data.motion_range import training_range
from macedance.data.shards import read_shards, write_manifest, write_shard
from macedance.data.shards.members import encode_sample
from macedance.datamodules import MotionData


def moved(source: Path, target: Path, metres: float) -> Path:
    """A set of the same clips, danced elsewhere."""
    for split in ("train", "val"):
        write_shard(
            target / f"{split}-000000.tar",
            (
                encode_sample(
                    clip["__key__"],
                    clip["json"],
                    motion={**clip["motion.npz"], "trans": clip["motion.npz"]["trans"] + metres},
                    music=clip["music.npy"],
                )
                for clip in read_shards(source, split=split)
            ),
        )
    return target


def test_the_range_of_a_mixture_holds_all_of_its_sets(motion_shards: Path, tmp_path: Path) -> None:
    far, near = moved(motion_shards, tmp_path / "far", 5.0), moved(motion_shards, tmp_path / "near", -0.5)
    told = {"motion_min": [-2.0] * 151, "motion_max": [0.25] * 151}
    write_manifest(near, statistics=told, settings={})  # one set tells its range, the other is read
    data = MotionData({str(far): 0.7, str(near): 0.3}, batch_size=10, window_frames=60)
    low, high = data.motion_range()
    far_low, far_high = training_range(far)
    torch.testing.assert_close(low, far_low.clamp(max=-2.0))
    torch.testing.assert_close(high, far_high.clamp(min=0.25))
    assert (low < far_low).any()
    assert (high > 0.25).any()
