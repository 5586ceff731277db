"""Positions as the kinetic and geometric features of a protocol see them.

Axis letters: T frames, J joints, K key-points.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.interpolate import make_interp_spline
from torch import Tensor

from macedance.metrics.functional.joint_positions import check_joint_positions
from macedance.metrics.functional.keypoints import NUM_COCO, keypoint_joints, xy
from macedance.metrics.functional.protocols import MotionProtocol

MIN_FRAMES = 4
NUM_SHARED_JOINTS = 22
"""Joints of all SMPL models, hands left out."""


def feature_joints(joints: Tensor, fps: float, form: MotionProtocol) -> tuple[Tensor, float]:
    """Positions float64 on the CPU, in a protocol's frame of reference, and their frame rate.

    Args:
        joints: (T, J, 3) metres, or (T, K, 2) or (T, K, 3) key-points for a 2D protocol.
        fps: Frames per second.
        form: The protocol.

    Raises:
        ValueError: ``joints`` is no such clip, shorter than four frames or not finite, or ``fps`` is not positive.
    """
    if form.dimensions == 2:
        positions = _keypoints(joints, fps, form)
    else:
        check_joint_positions(joints, fps, min_joints=max(form.num_joints, NUM_SHARED_JOINTS))
        positions = joints.detach().double().cpu()
        if not positions.isfinite().all():
            raise ValueError("joints must be finite to take features of; repair or drop the frames with NaN")
    if len(positions) < MIN_FRAMES:
        raise ValueError(f"joints must have at least {MIN_FRAMES} frames for features, got {len(positions)}")
    if form.resample_fps is not None:
        positions = resampled(positions[:, : form.num_joints], fps, form.resample_fps)
        fps = form.resample_fps
    return _in_frame_of_reference(positions, form), fps


def resampled(positions: Tensor, fps: float, target_fps: float) -> Tensor:
    """Positions at another rate on the cubic spline through the frames, from the first to the last.

    >>> resampled(torch.arange(5.0)[:, None, None], 30.0, 60.0).flatten()[:3]
    tensor([0.0000, 0.5000, 1.0000], dtype=torch.float64)
    """
    if fps == target_fps:
        return positions
    frames = np.arange(len(positions))
    num_targets = int((len(positions) - 1) * target_fps / fps + 1e-6) + 1
    spline = make_interp_spline(frames, positions.double().flatten(1).numpy(), k=3)
    targets = np.minimum(np.arange(num_targets) * (fps / target_fps), frames[-1])
    return torch.from_numpy(spline(targets)).reshape(num_targets, *positions.shape[1:])


def _keypoints(keypoints: Tensor, fps: float, form: MotionProtocol) -> Tensor:
    """Key-points in pixels, all that the protocol has; or, in torso lengths, the joints that they stand for."""
    positions = xy(keypoints, fps).double().cpu()
    if form.keypoint_unit == "torso":
        return keypoint_joints(positions)
    if positions.shape[1] != form.num_joints:
        raise ValueError(
            f"{form.name} takes {form.num_joints} key-points, got {positions.shape[1]}; default-2d takes COCO's "
            f"{NUM_COCO} and any that follow"
        )
    return positions


def _in_frame_of_reference(positions: Tensor, form: MotionProtocol) -> Tensor:
    if form.root == "start":
        return positions - positions[:1, :1]
    if form.root == "relative":
        root = positions[:, :1]
        return torch.cat([root - root[:1], positions[:, 1 : form.num_joints] - root], dim=1)
    return positions
