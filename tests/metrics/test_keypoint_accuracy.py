from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics import KeypointAccuracy
from macedance.metrics.functional import keypoint_accuracy
from macedance.projection.keypoint_formats import VITPOSE_NAMES, to_body_points

SHOULDERS, HIPS = [2, 5], [8, 11]


def driving_points(num_frames: int, num_points: int = 20, seed: int = 0) -> Tensor:
    """Points about anywhere, of confidences from 0 to 1, with a torso in most frames."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(num_frames, num_points, 3, generator=generator, dtype=torch.float64)
    points[..., :2] *= 200
    return points


def with_neck_between_shoulders(points: np.ndarray) -> np.ndarray:
    points = points.copy()
    points[:, 1, :2] = points[:, SHOULDERS, :2].mean(axis=1)
    points[:, 1, 2] = points[:, SHOULDERS, 2].min(axis=1)
    return points


def plain_accuracy(found: np.ndarray, driving: np.ndarray, threshold: float) -> float:
    found, driving = with_neck_between_shoulders(found), with_neck_between_shoulders(driving)
    lengths = []
    for frame in driving:
        if min(frame[[*SHOULDERS, *HIPS], 2]) >= 0.5:
            lengths.append(np.linalg.norm(frame[SHOULDERS, :2].mean(axis=0) - frame[HIPS, :2].mean(axis=0)))
    torso = sorted(lengths)[(len(lengths) - 1) // 2]
    met = []
    for frame, wanted in zip(found, driving, strict=True):
        for point, goal in zip(frame, wanted, strict=True):
            if goal[2] >= 0.5:
                near = np.hypot(point[0] - goal[0], point[1] - goal[1]) <= threshold * torso
                met.append(near and point[2] >= 0.3)
    return float(np.mean(met))


@pytest.mark.parametrize("threshold", [0.2, 0.4, 1.0])
def test_equals_the_share_counted_point_by_point(threshold: float) -> None:
    driving = driving_points(40)
    found = driving_points(40, seed=1)
    found[..., :2] = driving[..., :2] + 0.15 * (found[..., :2] - 100)
    accuracy = keypoint_accuracy(found, driving, threshold)
    assert 0.05 < accuracy < 0.75
    np.testing.assert_allclose(accuracy, plain_accuracy(found.numpy(), driving.numpy(), threshold))


def test_of_vitposes_points_the_body_points_count() -> None:
    driving = driving_points(30, len(VITPOSE_NAMES))
    found = driving + 5 * driving_points(30, len(VITPOSE_NAMES), seed=1) / 100
    body = [torch.from_numpy(to_body_points(points.numpy())) for points in (found, driving)]
    assert 0 < keypoint_accuracy(found, driving, 0.05) < 1
    assert keypoint_accuracy(found, driving, 0.05) == keypoint_accuracy(*body, 0.05)


@pytest.mark.parametrize(("confidence", "accuracy"), [(0.29, 0.0), (0.3, 1.0)])
def test_points_that_are_not_found_are_wrong(confidence: float, accuracy: float) -> None:
    driving = driving_points(3)
    driving[..., 2] = 0.5
    found = driving.clone()
    found[..., 2] = confidence
    assert keypoint_accuracy(found, driving) == accuracy


def test_clips_that_nothing_drives_are_left_out() -> None:
    driving = driving_points(3)
    driving[..., 2] = 1
    hidden, without_hips, in_one_point = driving.clone(), driving.clone(), driving.clone()
    hidden[..., 2] = 0.49
    without_hips[:, HIPS, 2] = 0
    in_one_point[..., :2] = 7
    drivings = [driving, hidden, without_hips, in_one_point, driving[:0]]
    metric = KeypointAccuracy(threshold=0.1)
    metric.update(drivings, drivings)
    np.testing.assert_array_equal(metric.clip_values, [1, *[np.nan] * 4])
    assert metric.compute() == 1


def test_the_threshold_is_the_metrics() -> None:
    driving = driving_points(8)
    driving[..., 2] = 1
    shifted = driving + torch.tensor([12.0, 0.0, 0.0])
    values = []
    for threshold in (1e-3, 0.5):
        metric = KeypointAccuracy(threshold)
        metric.update([shifted], [driving])
        values.append(metric.compute().item())
    assert values[0] == 0
    assert values[1] > 0.5


def test_errors_name_the_argument() -> None:
    driving = driving_points(3)
    with pytest.raises(ValueError, match=r"of as many frames and points, got \(2, 20, 3\) and \(3, 20, 3\)"):
        keypoint_accuracy(driving[:2], driving)
    with pytest.raises(ValueError, match="keypoints must be 17, 20, 25, 133 or have names, got 19"):
        keypoint_accuracy(driving[:, :19], driving[:, :19])
    with pytest.raises(
        ValueError, match="drivings must hold one tensor for each clip in keypoints, got 1 for 2"
    ):
        KeypointAccuracy().update([driving, driving], [driving])
