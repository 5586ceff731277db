"""How deep a body sinks into the floor and how high it hovers (after PhysDiff: Yuan et al., ICCV 2023).

Axis letters: T frames, J joints, P points of the body. SMPL joint order, metres, y up.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from macedance.geometry.skeleton import NUM_JOINTS, rest_joints
from macedance.metrics.functional.joint_positions import check_joint_positions

TOLERANCE_METRES = 0.005
_KNEES, _ANKLES, _TOES = [4, 5], [7, 8], [10, 11]
_SOLE_METRES = 0.027
_FLESH_METRES = (
    0.09, 0.08, 0.08, 0.09, 0.045, 0.045, 0.09, 0.035, 0.035, 0.09, _SOLE_METRES, _SOLE_METRES, 0.05, 0.05,
    0.05, 0.09, 0.05, 0.05, 0.035, 0.035, 0.025, 0.025, 0.02, 0.02,
)  # fmt: skip


def floor_penetration(
    joints: Tensor, floor_height_metres: float | None = None, tolerance_metres: float = TOLERANCE_METRES
) -> Tensor:
    """Depth in metres of the body's lowest point below the floor, mean over frames, a float64 scalar.

    Args:
        joints: (T, J, 3) positions, J at least 24. No frames, or a NaN, give NaN.
        floor_height_metres: Where the floor is; None estimates it, see :func:`estimate_floor_height`.
        tolerance_metres: Depths up to it count as none.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> from macedance.geometry.motion import Motion
    >>> joints = Motion(torch.zeros(4, 24, 3), torch.zeros(4, 3)).joints()
    >>> floor_height = float(lowest_points(joints)[0]) + 0.05
    >>> floor_penetration(joints, floor_height)
    tensor(0.0500, dtype=torch.float64)
    """
    return _mean_beyond(-_heights(joints, floor_height_metres), tolerance_metres)


def floor_float(
    joints: Tensor, floor_height_metres: float | None = None, tolerance_metres: float = TOLERANCE_METRES
) -> Tensor:
    """Height in metres of the body's lowest point above the floor, mean over frames, a float64 scalar.

    Jumps count, since nothing in a clip tells one from hovering: compare with the ground truth's own value.

    Args:
        joints: (T, J, 3) positions, J at least 24. No frames, or a NaN, give NaN.
        floor_height_metres: Where the floor is; None estimates it, see :func:`estimate_floor_height`.
        tolerance_metres: Heights up to it count as none.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> from macedance.geometry.motion import Motion
    >>> trans = torch.zeros(4, 3)
    >>> trans[3, 1] = 0.4  # a jump in one frame of four
    >>> floor_float(Motion(torch.zeros(4, 24, 3), trans).joints())
    tensor(0.1000, dtype=torch.float64)
    """
    return _mean_beyond(_heights(joints, floor_height_metres), tolerance_metres)


def estimate_floor_height(joints: Tensor) -> Tensor:
    """Height in metres at which the body's lowest point most often is, a float64 scalar, NaN without frames.

    It is the median of the shortest interval that holds half of the frames' lowest points, so jumps, stumbles
    and noise in the other half do not move it, nor does which part of the body is down. What shifts a whole
    clip shifts the estimate: that a body hovers or is sunk throughout shows only against a known floor.

    Args:
        joints: (T, J, 3) positions, J at least 24.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> joints = torch.zeros(9, 24, 3)
    >>> joints[:4, :, 1] = torch.tensor([0.5, 0.9, -0.7, -0.2])[:, None]
    >>> bool(estimate_floor_height(joints) == lowest_points(joints)[8])
    True
    """
    heights = lowest_points(joints).sort().values
    if not len(heights):
        return heights.new_tensor(torch.nan)
    half = len(heights) // 2
    first = int((heights[half:] - heights[: len(heights) - half]).argmin())
    return heights[first : first + half + 1].median()


def lowest_points(joints: Tensor) -> Tensor:
    """Height in metres of each frame's lowest point of the body, float64 (T,).

    Joints lie inside the body: each stands for a ball of flesh around it, a little thinner than in life, so
    that a hand, knee or hip on the floor is on it and not in it. The sole is 2.7 cm below the joint of the
    toes, between bare feet and shoes, and the heel on the line of the shin beyond the ankle, as far as lets
    heels and toes of the rest pose stand on one level.

    Args:
        joints: (T, J, 3) positions, J at least 24.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> lowest_points(torch.zeros(1, 24, 3))
    tensor([-0.0900], dtype=torch.float64)
    """
    check_joint_positions(joints, fps=1.0, min_joints=NUM_JOINTS)  # at any rate
    joints = joints[:, :NUM_JOINTS].double()
    flesh = joints[..., 1] - joints.new_tensor(_FLESH_METRES)
    rest = torch.from_numpy(rest_joints()).to(joints)
    heel_lengths = (rest[_ANKLES, 1] - rest[_TOES, 1] + _SOLE_METRES) / -_shin_slopes(rest)
    heels = joints[:, _ANKLES, 1] + heel_lengths * _shin_slopes(joints)
    return torch.cat([flesh, heels], dim=1).amin(dim=1)


def _shin_slopes(joints: Tensor) -> Tensor:
    """Up component (..., 2) of the unit vectors from knee to ankle."""
    return F.normalize(joints[..., _ANKLES, :] - joints[..., _KNEES, :], dim=-1)[..., 1]


def _heights(joints: Tensor, floor_height_metres: float | None) -> Tensor:
    """Height (T,) of the lowest point above the floor."""
    floor = estimate_floor_height(joints) if floor_height_metres is None else floor_height_metres
    return lowest_points(joints) - floor


def _mean_beyond(distances: Tensor, tolerance: float) -> Tensor:
    return distances.masked_fill(distances <= tolerance, 0.0).mean()
