"""The Motion Expert's representation: 151 numbers a frame, in metres, y up.

T frames, J joints (24). Channels: 4 foot contacts, 3 of the pelvis joint's position, 24 × 6 of the rotations
(MACE-Dance, arXiv 2512.18181, and EDGE before it).
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.geometry.motion import Motion
from macedance.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_rotation_6d,
    rotation_6d_to_axis_angle,
    rotation_6d_to_matrix,
)
from macedance.geometry.skeleton import FOOT_JOINTS, NUM_JOINTS, forward_kinematics, rest_pelvis

MOTION_DIM = 151
CONTACT_CHANNELS = slice(0, 4)
PELVIS_CHANNELS = slice(4, 7)
ROTATION_CHANNELS = slice(7, 151)

CONTACT_MAX_STEP_METRES = 0.01
"""A foot joint that moves less than this until the next frame is in contact, at 30 fps."""


def encode_motion(poses: Tensor, trans: Tensor) -> Tensor:
    """Features (..., T, 151) of a motion at 30 fps, y up.

    Args:
        poses: Rotation vectors (..., T, 24, 3).
        trans: SMPL's model translation (..., T, 3); it enters as the pelvis joint's position.

    Raises:
        ValueError: There are fewer than two frames.
    """
    if trans.shape[-2] < 2:
        raise ValueError(
            f"trans: must have at least 2 frames to tell contacts, has {trans.shape[-2]}; take a longer clip"
        )
    rotations = axis_angle_to_matrix(poses)
    pelvis = trans + rest_pelvis(trans)
    contacts = foot_contacts(forward_kinematics(rotations, pelvis))
    return torch.cat([contacts, pelvis, matrix_to_rotation_6d(rotations).flatten(-2)], dim=-1)


def decode_motion(features: Tensor, fps: float = 30.0) -> Motion:
    """The motion that features (T, 151) stand for; the contacts are dropped."""
    pelvis = features[:, PELVIS_CHANNELS]
    return Motion(representation_poses(features), pelvis - rest_pelvis(pelvis), fps=fps)


def representation_poses(features: Tensor) -> Tensor:
    """Rotation vectors (..., T, 24, 3) in radians of features (..., T, 151)."""
    return rotation_6d_to_axis_angle(_rotations_6d(features))


def representation_joints(features: Tensor) -> Tensor:
    """Joint positions (..., T, 24, 3) in metres of features (..., T, 151), differentiable.

    They are computed in the features' own precision, under autocast too.
    """
    with torch.autocast(features.device.type, enabled=False):
        rotations = rotation_6d_to_matrix(_rotations_6d(features))
        return forward_kinematics(rotations, features[..., PELVIS_CHANNELS])


def foot_contacts(joints: Tensor) -> Tensor:
    """1 where a foot joint stays, 0 where it moves (..., T, 4), of joint positions (..., T, 24, 3).

    The last frame, which has no next one, repeats the one before.
    """
    feet = joints[..., list(FOOT_JOINTS), :]
    steps = torch.linalg.vector_norm(feet[..., 1:, :, :] - feet[..., :-1, :, :], dim=-1)
    steps = torch.cat([steps, steps[..., -1:, :]], dim=-2)
    return (steps < CONTACT_MAX_STEP_METRES).to(joints.dtype)


def _rotations_6d(features: Tensor) -> Tensor:
    return features[..., ROTATION_CHANNELS].unflatten(-1, (NUM_JOINTS, 6))
