"""Whether the dancer of a video is where the motion wants the dancer. Axis letters: F frames, P points (20)."""

from __future__ import annotations

import numpy as np
import torch

from macedance.metrics.functional.keypoint_accuracy import keypoint_accuracy
from macedance.projection.pose_sequence import PoseSequence


def pose_fidelity(detected: PoseSequence, driving: PoseSequence) -> float:
    """Share of the driving points (PCK@0.2 of the torso) that were found in the video where they should be.

    The driving points are taken at the video's frame times and in the pixels of its size. They are compared as
    long as both last. NaN if no driving point is visible.
    """
    wanted = _at_times_of(driving, detected)
    found = detected.points[: len(wanted)]
    return float(keypoint_accuracy(torch.from_numpy(found), torch.from_numpy(wanted)))


def _at_times_of(driving: PoseSequence, detected: PoseSequence) -> np.ndarray:
    """Driving points (F, 20, 3) at the frames of the video that they have a time for, scaled to its size."""
    times = np.arange(detected.num_frames) / detected.fps * driving.fps
    times = times[times <= driving.num_frames - 1 + 1e-6].clip(max=driving.num_frames - 1)
    before = np.floor(times + 1e-6).astype(int)
    after = np.minimum(before + 1, driving.num_frames - 1)
    share = (times - before).clip(min=0)[:, None, None].astype(np.float32)
    # At a frame's own time the next one does not count.
    after = np.where(share[:, 0, 0] < 1e-6, before, after)
    points = (1 - share) * driving.points[before] + share * driving.points[after]
    points[..., 2] = np.minimum(driving.points[before, :, 2], driving.points[after, :, 2])
    scale = np.divide(detected.size_px, driving.size_px, dtype=np.float32)
    points[..., :2] *= scale
    return points
