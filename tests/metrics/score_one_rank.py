"""Scores the clips of one rank: ``python score_one_rank.py FOLDER RANK``, used by test_two_ranks."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from macedance.metrics import MotionMetrics, VideoMeasurements, VideoMetrics

FEATURES = ("fid", "fvd")
PROTOCOLS = ("default", "lodge", "mace", "mace-2d", "default-2d")
Clip = dict[str, np.ndarray]


def keypoints(joints: torch.Tensor) -> torch.Tensor:
    """25 points in pixels (T, 25, 2) that have little to do with a body, but move and keep their distances."""
    spread = torch.arange(25.0)[:, None] * torch.tensor([0.05, -0.02])
    return 200 * (torch.cat([joints, joints[:, :1]], dim=1)[..., :2] + spread)


def scored(clips: list[Clip], protocol: str) -> MotionMetrics:
    """The collection after one update a clip; each clip has a real counterpart."""
    metrics = MotionMetrics(protocol)
    planar = protocol.endswith("2d")
    for clip in clips:
        positions = {name: torch.from_numpy(clip[name]) for name in ("joints", "real")}
        if planar:
            positions = {name: keypoints(joints) for name, joints in positions.items()}
        metrics.update_reference([positions["real"]])
        poses = None if planar else [torch.from_numpy(clip["poses"])]
        metrics.update([positions["joints"]], [clip["music"]], poses)
    return metrics


def scored_as_videos(clips: list[Clip]) -> VideoMetrics:
    """The collection after one update a clip, of features and numbers made up from its motion."""
    metrics = VideoMetrics(dict.fromkeys(FEATURES, "random"), num_features=dict.fromkeys(FEATURES, 6))
    keys = [name for name in metrics if name not in metrics.frechet_distances()]
    for clip in clips:
        for name, take in (("real", metrics.update_reference), ("joints", metrics.update)):
            features = torch.from_numpy(clip[name])[:, [15, 20], :].flatten(1)
            numbers = features.mean(dim=0)[: len(keys)].tolist()
            take(VideoMeasurements(features, features[::16], dict(zip(keys, numbers, strict=True))))
    return metrics


def scores(clips: list[Clip]) -> dict[str, float]:
    """Every score of motions under every protocol, and of videos."""
    results = {protocol: scored(clips, protocol).compute() for protocol in PROTOCOLS}
    results["videos"] = scored_as_videos(clips).compute()
    return {
        f"{kind} {name}": value.item() for kind, result in results.items() for name, value in result.items()
    }


def read_clips(path: Path) -> list[Clip]:
    with np.load(path, allow_pickle=False) as arrays:
        names = sorted({name.split("-")[1] for name in arrays.files}, key=int)
        return [
            {part: arrays[f"{part}-{name}"] for part in ("joints", "real", "poses", "music")}
            for name in names
        ]


def main(folder: Path, rank: int) -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message=".*before the ``update`` method")  # one rank has no clips
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    results = [scores(read_clips(folder / f"{split}-{rank}.npz")) for split in ("unequal", "one_rank_empty")]
    (folder / f"result-{rank}.json").write_text(json.dumps(results))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
