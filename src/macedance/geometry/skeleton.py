"""SMPL's 24 joints and their forward kinematics.

J joints (24). Metres, y up; the rest pose is a T facing +z, with the dancer's left at +x.
"""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

NUM_JOINTS = 24

JOINT_NAMES: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
    "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand",
    "right_hand",
)  # fmt: skip

PARENTS: tuple[int, ...] = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
)  # fmt: skip
"""Index of each joint's parent; -1 for the root."""

MIRRORED_JOINTS: tuple[int, ...] = tuple(
    JOINT_NAMES.index(
        name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")
    )
    for name in JOINT_NAMES
)
"""For each joint, the one that a mirror exchanges it with."""

FOOT_JOINTS: tuple[int, ...] = (7, 8, 10, 11)
"""Left and right ankle, left and right foot: the joints that foot contacts speak of."""

REST_PELVIS = np.array([-0.0018, -0.2233, 0.0282])
"""Where the pelvis joint rests (3,): a motion's `trans` moves the model's origin, not the pelvis."""

REST_OFFSETS = np.array(
    [
        REST_PELVIS,
        [0.05858135, -0.08228004, -0.01766408],
        [-0.06030973, -0.09051332, -0.01354254],
        [0.00443945, 0.12440352, -0.03838522],
        [0.04345142, -0.38646945, 0.00803700],
        [-0.04325663, -0.38368791, -0.00484304],
        [0.00448844, 0.13795640, 0.02682033],
        [-0.01479032, -0.42687458, -0.03742800],
        [0.01905555, -0.42004550, -0.03456167],
        [-0.00226458, 0.05603239, 0.00285505],
        [0.04105436, -0.06028581, 0.12204243],
        [-0.03483987, -0.06210566, 0.13032329],
        [-0.01339020, 0.21163553, -0.03346758],
        [0.07170245, 0.11399969, -0.01889817],
        [-0.08295366, 0.11247234, -0.02370739],
        [0.01011321, 0.08893734, 0.05040987],
        [0.12292141, 0.04520509, -0.01904600],
        [-0.11322832, 0.04685326, -0.00847207],
        [0.25533190, -0.01564902, -0.02294649],
        [-0.26012748, -0.01436928, -0.03126873],
        [0.26570925, 0.01269811, -0.00737473],
        [-0.26910836, 0.00679372, -0.00602676],
        [0.08669055, -0.01063603, -0.01559429],
        [-0.08875370, -0.00865157, -0.01010708],
    ]
)
"""Rest position of each joint seen from its parent (24, 3), of SMPL's mean shape; row 0 is REST_PELVIS."""


def forward_kinematics(rotations: Tensor, pelvis: Tensor) -> Tensor:
    """Joint positions (..., 24, 3) in metres of the mean-shape skeleton.

    Args:
        rotations: Matrices (..., 24, 3, 3), each joint's rotation relative to its parent.
        pelvis: Position of the pelvis joint (..., 3), REST_PELVIS included.
    """
    positions = [pelvis[..., None, :]]
    orientations = rotations[..., :1, :, :]
    for level in _levels(rotations.dtype, rotations.device):
        orientations_of_parents = orientations.index_select(-3, level.parents)
        steps = (orientations_of_parents @ level.offsets[..., None]).squeeze(-1)
        positions.append(positions[-1].index_select(-2, level.parents) + steps)
        orientations = orientations_of_parents @ rotations.index_select(-3, level.joints)
    return torch.cat(positions, dim=-2).index_select(-2, _level_ranks(rotations.device))


def rest_pelvis(like: Tensor) -> Tensor:
    """REST_PELVIS (3,) with the type and on the device of another tensor."""
    return _rest_pelvis(like.dtype, like.device)


def rest_joints() -> np.ndarray:
    """Positions of the joints in the rest pose (24, 3), in metres from the model's origin.

    >>> rest_joints()[0]
    array([-0.0018, -0.2233,  0.0282])
    """
    joints = np.zeros_like(REST_OFFSETS)
    for joint, parent in enumerate(PARENTS):
        joints[joint] = REST_OFFSETS[joint] + (joints[parent] if parent >= 0 else 0)
    return joints


class _Level(NamedTuple):
    """The joints at one depth of the tree; `parents` counts within the level above."""

    joints: Tensor
    parents: Tensor
    offsets: Tensor


@functools.cache
def _joints_by_depth() -> tuple[tuple[int, ...], ...]:
    depths = [0] * NUM_JOINTS
    for joint, parent in enumerate(PARENTS[1:], start=1):
        depths[joint] = depths[parent] + 1
    return tuple(tuple(j for j in range(NUM_JOINTS) if depths[j] == d) for d in range(max(depths) + 1))


@functools.cache
def _rest_pelvis(dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        return torch.tensor(REST_PELVIS, dtype=dtype, device=device)


@functools.cache
def _levels(dtype: torch.dtype, device: torch.device) -> tuple[_Level, ...]:
    by_depth = _joints_by_depth()
    with torch.inference_mode(False):  # what is kept here must also serve a later backward pass
        return tuple(
            _Level(
                torch.tensor(joints, device=device),
                torch.tensor([above.index(PARENTS[j]) for j in joints], device=device),
                torch.tensor(REST_OFFSETS[list(joints)], dtype=dtype, device=device),
            )
            for above, joints in itertools.pairwise(by_depth)
        )


@functools.cache
def _level_ranks(device: torch.device) -> Tensor:
    """Where each joint stands among the joints ordered by depth."""
    order = [joint for level in _joints_by_depth() for joint in level]
    with torch.inference_mode(False):
        return torch.tensor([order.index(joint) for joint in range(NUM_JOINTS)], device=device)
