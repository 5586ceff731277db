"""How well a dancer follows the key-points that drove the video.

Axis letters: T frames, K key-points.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.projection.body_points import point_index
from macedance.projection.body_proportions import KNOWN
from macedance.projection.keypoint_formats import to_body_points
from macedance.projection.pose_sequence import VISIBLE

THRESHOLD = 0.2
_SHOULDERS = point_index("right_shoulder", "left_shoulder")
_HIPS = point_index("right_hip", "left_hip")


def keypoint_accuracy(keypoints: Tensor, driving: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Share of the driving points that the dancer has near (PCK), a float64 scalar.

    Both are brought into the 20 points of a body, the neck being the middle of the shoulders. A driving point
    counts if its confidence is 0.5 or more, as it is drawn then. It is met by a point of confidence 0.3 or more
    within ``threshold`` times the length of the torso: the median distance between mid-shoulder and mid-hip,
    over the driving frames that show both.
    NaN where no driving point counts or no frame shows the torso.

    Args:
        keypoints: (T, K, 3) x, y in pixels and confidence, found in the video; K tells the convention, see
            :func:`~macedance.projection.keypoint_formats.to_body_points`.
        driving: (T, K, 3) those that the video was to follow, in its pixels.
        threshold: In lengths of the torso.

    Raises:
        ValueError: The two differ in shape, or K tells no convention.

    >>> driving = torch.rand(4, 20, 3, generator=torch.Generator().manual_seed(0)) * 100 + 1
    >>> keypoint_accuracy(driving, driving)
    tensor(1., dtype=torch.float64)
    """
    if keypoints.ndim != 3 or keypoints.shape[2] != 3 or keypoints.shape != driving.shape:
        raise ValueError(
            "keypoints and driving must be (T, K, 3) of as many frames and points, "
            f"got {tuple(keypoints.shape)} and {tuple(driving.shape)}"
        )
    found, driving = _body_points(keypoints), _body_points(driving)
    torso = _torso_length(driving)
    if not torso > 0:
        return torch.tensor(torch.nan, dtype=torch.float64)
    near = (found[..., :2] - driving[..., :2]).norm(dim=-1) <= threshold * torso
    met = near & (found[..., 2] >= KNOWN)
    return met[driving[..., 2] >= VISIBLE].double().mean()


def _body_points(keypoints: Tensor) -> Tensor:
    return torch.from_numpy(to_body_points(keypoints.detach().double().cpu().numpy()))


def _torso_length(points: Tensor) -> Tensor:
    """Median over the frames that show shoulders and hips, NaN without any."""
    shown = (points[:, [*_SHOULDERS, *_HIPS], 2] >= VISIBLE).all(dim=1)
    torso = points[shown][:, _SHOULDERS, :2].mean(dim=1) - points[shown][:, _HIPS, :2].mean(dim=1)
    return torso.norm(dim=-1).median() if shown.any() else torso.new_tensor(torch.nan)
