"""Which poses and movements a dance consists of: the geometric features of dance evaluation.

After Müller et al., "Efficient content-based retrieval of motion capture data" (SIGGRAPH 2005), as AIST++ (Li
et al., ICCV 2021) and its successors compute them: 32 yes-or-no relations between joints, each averaged over
frames.

Axis letters: T frames, J joints, R relations of one kind.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.feature_joints import feature_joints
from macedance.metrics.functional.joint_relations import (
    FAST,
    INSIDE_ANGLE,
    MOVE_ALONG,
    MOVE_ALONG_NORMAL,
    NUM_RELATIONS,
    PLANE_DISTANCE,
    PLANE_DISTANCE_NORMAL,
    Relations,
)
from macedance.metrics.functional.keypoint_relations import image_relations
from macedance.metrics.functional.protocols import MotionProtocol, motion_protocol


def geometric_features(joints: Tensor, fps: float, protocol: str = "default") -> Tensor:
    """Share of frames 1 … T − 1 in which each of 32 relations holds, float64 (32,), 0 to 1.

    Which relations: :mod:`~macedance.metrics.functional.joint_relations`. Their thresholds are in lengths of
    a fixed body: metres, whoever dances. The protocols take displacements times 120 for speeds, whatever the
    frame rate; the default resamples to 60 Hz and uses true speeds. ``"mace-2d"`` knows only some of the
    relations, see :mod:`~macedance.metrics.functional.keypoint_relations`.

    Args:
        joints: (T, J, 3) positions in metres, y up, SMPL's order, or (T, K, 2) key-points in pixels for a 2D
            protocol.
        fps: Frames per second.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.

    Raises:
        ValueError: ``joints`` is no such clip, shorter than four frames or not finite, ``fps`` is not positive,
            or there is no such protocol.

    >>> from macedance.geometry.skeleton import rest_joints
    >>> standing = torch.from_numpy(rest_joints()).expand(30, 24, 3)
    >>> geometric_features(standing, fps=30.0).nonzero().flatten() + 1  # a T: hands apart, arms out
    tensor([ 9, 16, 24, 25])
    """
    form = motion_protocol(protocol)
    positions, fps = feature_joints(joints, fps, form)
    return geometric_features_of(positions, fps, form)


def geometric_features_of(positions: Tensor, fps: float, form: MotionProtocol) -> Tensor:
    """The features of joints that :func:`feature_joints` has prepared; float64 (32,)."""
    if positions.shape[-1] == 2:
        return image_relations(positions).double().mean(dim=0)
    holds = torch.zeros(len(positions) - 1, NUM_RELATIONS, dtype=torch.float64)
    points = _with_landmarks(positions)
    now, before = points[1:], points[:-1]
    speed_fps = fps if form.geometric_fps is None else form.geometric_fps
    for relations, values in (
        (PLANE_DISTANCE, _plane_distance(now, PLANE_DISTANCE)),
        (PLANE_DISTANCE_NORMAL, _plane_distance_normal(now, PLANE_DISTANCE_NORMAL)),
        (MOVE_ALONG, _move_along(now, before, MOVE_ALONG) * speed_fps),
        (MOVE_ALONG_NORMAL, _move_along_normal(now, before, MOVE_ALONG_NORMAL) * speed_fps),
        (FAST, _displacement(now, before, FAST.points[0]).norm(dim=-1) * speed_fps),
        (INSIDE_ANGLE, _angle_degrees(now, INSIDE_ANGLE)),
    ):
        holds[:, relations.columns] = ((values > relations.lower) & (values < relations.upper)).double()
    return holds.mean(dim=0)


def _with_landmarks(positions: Tensor) -> Tensor:
    """Positions (T, 28, 3) with joints made up to 24, then the origin, (0, 1, 0), (0, −1, 0), (0, lowest y, 0)."""
    missing = positions.new_zeros(len(positions), 24 - positions.shape[1], 3)
    landmarks = positions.new_zeros(len(positions), 4, 3)
    landmarks[:, 1, 1] = 1
    landmarks[:, 2, 1] = -1
    landmarks[:, 3, 1] = positions[..., 1].amin(dim=1)
    return torch.cat([positions, missing, landmarks], dim=1)


def _plane_distance(now: Tensor, relations: Relations) -> Tensor:
    """Signed distance (T − 1, R) of p from the plane through a, b and c, whose normal is (c − a) × (b − a)."""
    a, b, c, p = (now[:, index] for index in relations.points)
    return _along(p - a, (c - a).cross(b - a, dim=-1))


def _plane_distance_normal(now: Tensor, relations: Relations) -> Tensor:
    """Signed distance (T − 1, R) of p from a along n − m."""
    m, n, a, p = (now[:, index] for index in relations.points)
    return _along(p - a, n - m)


def _move_along(now: Tensor, before: Tensor, relations: Relations) -> Tensor:
    """Displacement (T − 1, R) of p relative to a along b − a."""
    a, b, p = relations.points
    return _along(_displacement(now, before, p) - _displacement(now, before, a), now[:, b] - now[:, a])


def _move_along_normal(now: Tensor, before: Tensor, relations: Relations) -> Tensor:
    """Displacement (T − 1, R) of p relative to a along (c − a) × (b − a)."""
    a, b, c, p = relations.points
    normal = (now[:, c] - now[:, a]).cross(now[:, b] - now[:, a], dim=-1)
    return _along(_displacement(now, before, p) - _displacement(now, before, a), normal)


def _angle_degrees(now: Tensor, relations: Relations) -> Tensor:
    """Angle (T − 1, R) between b − a and d − c."""
    a, b, c, d = (now[:, index] for index in relations.points)
    first, second = b - a, d - c
    cosine = (first * second).sum(dim=-1) / (first.norm(dim=-1) * second.norm(dim=-1))
    return cosine.clamp(-1, 1).arccos().rad2deg()


def _displacement(now: Tensor, before: Tensor, index: Tensor) -> Tensor:
    return now[:, index] - before[:, index]


def _along(vector: Tensor, direction: Tensor) -> Tensor:
    """Component along a direction; NaN, which exceeds no threshold, where there is none."""
    return (vector * direction).sum(dim=-1) / direction.norm(dim=-1)
