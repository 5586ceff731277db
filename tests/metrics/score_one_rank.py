"""Scores the clips of one rank: ``python score_one_rank.py FOLDER RANK``, used by test_two_ranks."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torchmetrics import Metric

from macedance.metrics import BeatAlignmentScore, FootSkatingRatio, MotionJerk


def score(metrics: tuple[Metric, ...], clips: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Updates the three metrics clip by clip and computes them."""
    beat_alignment, foot_skating, jerk = metrics
    for joints, music in clips:
        beat_alignment.update([torch.from_numpy(joints)], [music])
        foot_skating.update([torch.from_numpy(joints)])
        jerk.update([torch.from_numpy(joints)])
    result = {name: value.item() for name, value in beat_alignment.compute().items()}
    return result | {"foot_skating": foot_skating.compute().item(), "jerk": jerk.compute().item()}


def main(folder: Path, rank: int) -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message=".*before the ``update`` method")  # one rank has no clips
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    results = []
    for split in ("unequal", "one_rank_empty"):
        with np.load(folder / f"{split}-{rank}.npz", allow_pickle=False) as arrays:
            clips = [(arrays[f"joints-{i}"], arrays[f"music-{i}"]) for i in range(len(arrays.files) // 2)]
        metrics = (BeatAlignmentScore(), FootSkatingRatio("lodge"), MotionJerk())
        results.append(score(metrics, clips))
    (folder / f"result-{rank}.json").write_text(json.dumps(results))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
