"""MACE-Dance's relations between key-points in an image.

Of the 32 relations (:mod:`~macedance.metrics.functional.joint_relations`) its published evaluation of videos
keeps the columns and simplifies the rest: distances from planes never hold (columns 3, 4, 9, 15 to 19, 28, 30
and 31); a movement along a direction is the mere displacement of its first point; displacements are pixels a
frame, compared with lengths in pixels; hl and sw are both the shoulder width of frame 0.

Axis letters: T frames, K key-points, R relations of one kind.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.joint_relations import NUM_RELATIONS
from macedance.metrics.functional.keypoints import KEYPOINT_NAMES

_EPS = 1e-6
_POINTS = (*KEYPOINT_NAMES, "hips", "shoulders", "origin", "down")
_DISPLACEMENTS = (
    (1, "shoulders", 1.8), (2, "shoulders", 1.8), (5, "hips", 1.8), (6, "hips", 1.8), (10, "left_wrist", 1.4),
    (11, "right_wrist", 1.4), (12, "left_wrist", 1.4), (13, "right_wrist", 2.5), (14, "left_wrist", 2.5),
    (22, "right_ankle", 2.5), (23, "left_ankle", 2.5), (32, "hips", 2.3),
)  # fmt: skip
"""Number from 1, point, least displacement a frame in shoulder widths."""

_ANGLES = (
    (7, "right_elbow right_shoulder right_elbow right_wrist", 0, 110),
    (8, "left_elbow left_shoulder left_elbow left_wrist", 0, 110),
    (20, "right_knee right_hip right_knee right_ankle", 0, 110),
    (21, "left_knee left_hip left_knee left_ankle", 0, 110),
    (24, "shoulders hips right_shoulder right_elbow", 25, 180),
    (25, "shoulders hips left_shoulder left_elbow", 25, 180),
    (26, "shoulders hips right_hip right_knee", 50, 180),
    (27, "shoulders hips left_hip left_knee", 50, 180),
    (29, "shoulders hips origin down", 70, 110),
)
"""Number from 1; a, b, c, d; bounds in degrees, both included, of the angle between b − a and d − c."""


def image_relations(positions: Tensor) -> Tensor:
    """Boolean (T − 1, 32): which relations hold in frames 1 … T − 1.

    Args:
        positions: (T, 25, 2) pixels, y down, in ViTPose's order.
    """
    points = _with_landmarks(positions)
    left, right = (positions[0, KEYPOINT_NAMES.index(f"{side}_shoulder")] for side in ("left", "right"))
    shoulder_width = (left - right).norm() + _EPS
    holds = torch.zeros(len(positions) - 1, NUM_RELATIONS, dtype=torch.bool)

    numbers, names, least = zip(*_DISPLACEMENTS, strict=True)
    displacement = points[:, [_POINTS.index(name) for name in names]].diff(dim=0).norm(dim=-1)
    holds[:, torch.tensor(numbers) - 1] = displacement > shoulder_width * torch.tensor(least)

    numbers, quadruples, lower, upper = zip(*_ANGLES, strict=True)
    indices = [
        [_POINTS.index(name) for name in names] for names in zip(*map(str.split, quadruples), strict=True)
    ]
    a, b, c, d = (points[1:, index] for index in indices)
    degrees = (_direction(b - a) * _direction(d - c)).sum(dim=-1).clamp(-1, 1).arccos().rad2deg()
    holds[:, torch.tensor(numbers) - 1] = (degrees >= torch.tensor(lower)) & (degrees <= torch.tensor(upper))
    return holds


def _with_landmarks(positions: Tensor) -> Tensor:
    """Positions with mid-hip, mid-shoulder, the origin and (0, 1) added, (T, 29, 2)."""
    landmarks = positions.new_zeros(len(positions), 4, 2)
    for row, name in enumerate(("hip", "shoulder")):
        sides = [KEYPOINT_NAMES.index(f"{side}_{name}") for side in ("left", "right")]
        landmarks[:, row] = positions[:, sides].mean(dim=1)
    landmarks[:, 3, 1] = 1
    return torch.cat([positions, landmarks], dim=1)


def _direction(vector: Tensor) -> Tensor:
    return vector / (vector.norm(dim=-1, keepdim=True) + _EPS)
