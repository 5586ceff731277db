"""Key-points of a person in an image, in ViTPose's order: COCO's 17, then head, neck and six of the feet.

Axis letters: T frames, K key-points.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

KEYPOINT_NAMES: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle", "head_top", "neck", "left_big_toe", "left_small_toe",
    "left_heel", "right_big_toe", "right_small_toe", "right_heel",
)  # fmt: skip
NUM_COCO = 17
_SHOULDERS, _HIPS = [5, 6], [11, 12]
_TORSO_METRES = 0.564
_JOINT_SOURCES: tuple[tuple[str, ...], ...] = (
    ("left_hip", "right_hip"), ("left_hip",), ("right_hip",), ("left_hip", "right_hip"), ("left_knee",),
    ("right_knee",), ("left_hip", "right_hip"), ("left_ankle",), ("right_ankle",),
    ("left_shoulder", "right_shoulder"), ("left_big_toe",), ("right_big_toe",),
    ("left_shoulder", "right_shoulder"), ("left_shoulder",), ("right_shoulder",), ("nose",),
    ("left_shoulder",), ("right_shoulder",), ("left_elbow",), ("right_elbow",), ("left_wrist",),
    ("right_wrist",), ("left_wrist",), ("right_wrist",),
)  # fmt: skip
"""For each of SMPL's 24 joints, the key-points whose mean stands for it."""


def xy(keypoints: Tensor, fps: float) -> Tensor:
    """Image coordinates (T, K, 2) of key-points with or without a confidence.

    Raises:
        ValueError: The shape is another, a coordinate is not finite, or ``fps`` is not positive.
    """
    if keypoints.ndim != 3 or keypoints.shape[1] < NUM_COCO or keypoints.shape[2] not in (2, 3):
        raise ValueError(
            f"key-points must be one clip (T, K, 2) or (T, K, 3) in ViTPose's order with K at least {NUM_COCO}, "
            f"got {tuple(keypoints.shape)}"
        )
    if not 0 < fps < math.inf:
        raise ValueError(f"fps must be positive, got {fps}; give the video's frames per second")
    positions = keypoints[..., :2].detach()
    if not positions.isfinite().all():
        raise ValueError(
            "key-points must be finite; interpolate or drop the frames in which a point is missing"
        )
    return positions


def hip_centre(positions: Tensor) -> Tensor:
    """Mean of the two hips in every frame (T, 1, 2)."""
    return positions[:, _HIPS].mean(dim=1, keepdim=True)


def keypoint_joints(positions: Tensor) -> Tensor:
    """SMPL's 24 joints in the image plane (T, 24, 3), in metres as if the torso were of mean length, y up.

    Each frame's mid-hip is the origin. The scale is the median over frames of the distance between mid-hip
    and mid-shoulder, so that a dancer who bends or turns keeps it. z is 0. With other than 25 points, ankles
    stand for toes.

    Raises:
        ValueError: Hips and shoulders coincide throughout.
    """
    torso = positions[:, _SHOULDERS].mean(dim=1) - positions[:, _HIPS].mean(dim=1)
    length = torso.norm(dim=-1).median()
    if length <= 0:
        raise ValueError("key-points must show a torso, but hips and shoulders coincide in most frames")
    centred = (positions - hip_centre(positions)) * (_TORSO_METRES / length)
    joints = torch.stack([_mean_of(centred, names) for names in _JOINT_SOURCES], dim=1)
    return torch.stack([joints[..., 0], -joints[..., 1], torch.zeros_like(joints[..., 0])], dim=-1)


def _mean_of(positions: Tensor, names: tuple[str, ...]) -> Tensor:
    indices = [KEYPOINT_NAMES.index(name) for name in names]
    if positions.shape[1] != len(KEYPOINT_NAMES):  # what follows COCO's 17 are other points, or none
        indices = [KEYPOINT_NAMES.index(name.replace("big_toe", "ankle")) for name in names]
    return positions[:, indices].mean(dim=1)
