"""A skeleton in the poses of a motion, with bones of the mean shape or of other lengths.

T frames, J joints (24). Metres, y up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from macedance.geometry.motion import Motion
from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import JOINT_NAMES, PARENTS, REST_OFFSETS, REST_PELVIS

FLOOR_PERCENTILE = 10.0
_FEET = [JOINT_NAMES.index(f"{side}_foot") for side in ("left", "right")]
_LEG = [JOINT_NAMES.index(name) for name in ("left_hip", "left_knee", "left_ankle", "left_foot")]


@dataclass(frozen=True, eq=False)
class PosedSkeleton:
    """Where the joints are, and how they are turned.

    Attributes:
        joints: Positions (T, 24, 3).
        orientations: Rotation matrices (T, 24, 3, 3) from each joint's frame to the world.
        head_scale: (3,) factors of the head's breadth, height and depth.
    """

    joints: np.ndarray
    orientations: np.ndarray
    head_scale: np.ndarray


def pose_skeleton(
    motion: Motion, *, offsets: np.ndarray = REST_OFFSETS, head_scale: np.ndarray | None = None
) -> PosedSkeleton:
    """The skeleton in every frame of a motion, y up.

    With other bones, the pelvis moves over the floor and above it in proportion to the legs' length, so that
    feet that stand stay where they are on the floor.

    Args:
        motion: With any axis up.
        offsets: Rest position of each joint seen from its parent (24, 3); the root's is not used.
        head_scale: (3,) factors of the head's size.
    """
    motion = motion.to_up_axis("y")
    rotations = axis_angle_to_matrix(motion.poses).numpy(force=True).astype(np.float64)
    pelvis = motion.trans.numpy(force=True).astype(np.float64) + REST_PELVIS
    head = np.ones(3) if head_scale is None else head_scale
    skeleton = _forward(rotations, pelvis, REST_OFFSETS, head)
    if offsets is REST_OFFSETS:
        return skeleton
    start = np.array([pelvis[0, 0], floor_height(skeleton.joints), pelvis[0, 2]])
    ratio = leg_length(offsets) / leg_length(REST_OFFSETS)
    return _forward(rotations, start + (pelvis - start) * ratio, offsets, head)


def standing_motion(like: Motion, heading_radians: float = 0.0) -> Motion:
    """One frame of the rest pose on the floor of a motion (y up), where it begins.

    Args:
        like: The motion.
        heading_radians: Where the body faces, about y: 0 is +z, positive towards +x.
    """
    floor = floor_height(pose_skeleton(like).joints)
    trans = like.trans[:1].clone()
    trans[0, 1] = floor + leg_length(REST_OFFSETS) - REST_PELVIS[1]
    poses = torch.zeros_like(like.poses[:1])
    poses[0, 0, 1] = heading_radians
    return Motion(poses=poses, trans=trans, fps=like.fps)


def floor_height(joints: np.ndarray) -> float:
    """About where the foot joints of (T, 24, 3) are when they stand."""
    return float(np.percentile(joints[:, _FEET, 1].min(axis=1), FLOOR_PERCENTILE))


def leg_length(offsets: np.ndarray) -> float:
    """How far the foot joint is below the pelvis in the rest pose."""
    return -float(offsets[_LEG, 1].sum())


def _forward(
    rotations: np.ndarray, pelvis: np.ndarray, offsets: np.ndarray, head_scale: np.ndarray
) -> PosedSkeleton:
    joints, orientations = np.empty((*rotations.shape[:2], 3)), np.empty_like(rotations)
    joints[:, 0], orientations[:, 0] = pelvis, rotations[:, 0]
    for joint, parent in enumerate(PARENTS[1:], start=1):
        joints[:, joint] = joints[:, parent] + orientations[:, parent] @ offsets[joint]
        orientations[:, joint] = orientations[:, parent] @ rotations[:, joint]
    return PosedSkeleton(joints, orientations, head_scale)
