"""Whether a body could stand as it does: where the floor would have to push, and where the soles are.

Axis letters: T frames, J joints, P points. SMPL joint order, metres, y up.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from macedance.geometry.center_of_mass import center_of_mass
from macedance.geometry.skeleton import NUM_JOINTS
from macedance.metrics.functional.floor_contact import estimate_floor_height
from macedance.metrics.functional.joint_positions import check_joint_positions

GRAVITY = 9.81
SMOOTHING_SECONDS = 0.1
SOLE_RADIUS_METRES = 0.045
_ANKLES, _TOES = [7, 8], [10, 11]
STANDING_TOES_METRES, STANDING_ANKLES_METRES = 0.045, 0.115
"""Below these heights over the floor toes and heel carry weight; where a sole stands they are at 3 and 9 cm."""

_HEEL_METRES, _TIP_METRES = 0.06, 0.07


def imbalance(
    joints: Tensor, fps: float, floor_height_metres: float | None = None, tolerance_metres: float = 0.05
) -> Tensor:
    """Share of frames in which the floor would have to push from outside the soles, a float64 scalar, 0 to 1.

    The point from which it pushes (the zero moment point) is the centre of mass on the floor, moved against its
    acceleration; it must lie within the hull of the soles that are down. Frames without a sole on the floor, in
    jumps, are not counted; nor is the ground that knees or hands touch, nor the first and last frames (two of each
    at 30 fps), whose acceleration is not known. Nothing to count gives NaN.

    Source: Vukobratovic and Borovac 2004, "Zero-moment point: thirty five years of its life".

    Args:
        joints: (T, J, 3) positions, J at least 24.
        fps: Frames per second.
        floor_height_metres: Where the floor is; None estimates it.
        tolerance_metres: How far outside counts as none.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> from macedance.geometry.motion import Motion
    >>> joints = Motion(torch.zeros(30, 24, 3), torch.zeros(30, 3)).joints()
    >>> imbalance(joints, fps=30.0)  # stands upright
    tensor(0., dtype=torch.float64)
    """
    check_joint_positions(joints, fps=fps, min_joints=NUM_JOINTS)
    joints = joints.double()
    floor = estimate_floor_height(joints) if floor_height_metres is None else floor_height_metres
    margin = _half_width(fps) + 1
    distance = support_distance(zero_moment_point(joints, fps, floor), joints, floor)[margin:-margin]
    is_down = distance.isfinite()
    return (distance[is_down] > tolerance_metres).double().mean()


def zero_moment_point(joints: Tensor, fps: float, floor_height_metres: Tensor | float = 0.0) -> Tensor:
    """Where a floor of some height would have to push, x and z (T, 2), of joints (T, J, 3)."""
    mass = _smoothed(center_of_mass(joints.double()), fps)
    speed = mass.diff(dim=0) * fps
    acceleration = F.pad(speed.diff(dim=0) * fps, (0, 0, 1, 1))
    lift = (acceleration[:, 1] + GRAVITY).clamp(min=0.3 * GRAVITY)
    height = mass[:, 1] - floor_height_metres
    return mass[:, [0, 2]] - (height / lift)[:, None] * acceleration[:, [0, 2]]


def support_distance(points: Tensor, joints: Tensor, floor_height_metres: Tensor | float) -> Tensor:
    """Distance (T,) of points (T, 2) from the hull of the soles on the floor, infinite where none is down."""
    ankles, toes = joints[:, _ANKLES].double(), joints[:, _TOES].double()
    toes_down = toes[..., 1] - floor_height_metres < STANDING_TOES_METRES
    heels_down = ankles[..., 1] - floor_height_metres < STANDING_ANKLES_METRES
    ankles, toes = ankles[..., [0, 2]], toes[..., [0, 2]]
    along = F.normalize(toes - ankles, dim=-1)
    corners = torch.cat([ankles - _HEEL_METRES * along, toes, toes + _TIP_METRES * along], dim=1)
    corner_is_down = torch.cat([heels_down, toes_down, toes_down], dim=1)
    distance = points.new_full((len(points),), torch.inf)
    for first, second in itertools.combinations_with_replacement(range(6), 2):
        both = corner_is_down[:, first] & corner_is_down[:, second]
        apart = _segment_distance(points, corners[:, first], corners[:, second])
        distance = torch.where(both, torch.minimum(distance, apart), distance)
    for triangle in itertools.combinations(range(6), 3):
        inside = _is_inside(points, *(corners[:, corner] for corner in triangle))
        inside &= corner_is_down[:, list(triangle)].all(dim=1)
        distance = torch.where(inside, 0.0, distance)
    return (distance - SOLE_RADIUS_METRES).clamp(min=0)


def _smoothed(values: Tensor, fps: float) -> Tensor:
    """Values (T, C) averaged over a tenth of a second, which takes noise out of accelerations."""
    half = _half_width(fps)
    padded = torch.cat([values[:1].expand(half, -1), values, values[-1:].expand(half, -1)])
    return padded.unfold(0, 2 * half + 1, 1).mean(dim=-1)


def _half_width(fps: float) -> int:
    """Frames on each side of the middle one that are averaged with it."""
    return max(round((SMOOTHING_SECONDS * fps - 1) / 2), 0)


def _segment_distance(points: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    along = ends - starts
    share = ((points - starts) * along).sum(-1) / along.square().sum(-1).clamp(min=1e-12)
    return (points - starts - share.clamp(0, 1)[:, None] * along).norm(dim=-1)


def _is_inside(points: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Whether points lie in triangles, turned either way."""

    def side(start: Tensor, end: Tensor) -> Tensor:
        edge, to_point = end - start, points - start
        return edge[:, 0] * to_point[:, 1] - edge[:, 1] * to_point[:, 0]

    sides = torch.stack([side(a, b), side(b, c), side(c, a)])
    return (sides >= 0).all(dim=0) | (sides <= 0).all(dim=0)
