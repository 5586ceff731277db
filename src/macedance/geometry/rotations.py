"""Conversions between rotation representations, batched over any leading dimensions.

Every function is differentiable, with finite gradients at the identity and at half turns. Quaternions are
(w, x, y, z); converted ones have w >= 0. A matrix acts on column vectors. 6D is the first two rows of the
matrix, flattened (Zhou et al., "On the Continuity of Rotation Representations in Neural Networks", CVPR 2019,
with rows in the place of columns).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SMALL_SINE = 1e-3  # below it, the series of arctan(x) / x is exact to float64's 1e-12


def axis_angle_to_quaternion(axis_angle: Tensor) -> Tensor:
    """Unit quaternions (..., 4) of rotation vectors (..., 3) in radians.

    Angles beyond a half turn are accepted and come back as the shorter turn the other way.

    >>> axis_angle_to_quaternion(torch.tensor([0.0, 0.0, torch.pi])).round(decimals=3).abs()
    tensor([0., 0., 0., 1.])
    """
    angle = torch.linalg.vector_norm(axis_angle, dim=-1, keepdim=True)
    vector = 0.5 * axis_angle * torch.sinc(angle / (2 * math.pi))
    return _with_positive_w(torch.cat([torch.cos(0.5 * angle), vector], dim=-1))


def quaternion_to_axis_angle(quaternion: Tensor) -> Tensor:
    """Rotation vectors (..., 3) of at most a half turn, of quaternions (..., 4) of any length but zero."""
    quaternion = _with_positive_w(F.normalize(quaternion, dim=-1))
    w, vector = quaternion[..., :1], quaternion[..., 1:]
    sine = torch.linalg.vector_norm(vector, dim=-1, keepdim=True)
    is_small = sine < SMALL_SINE
    tangent = torch.where(is_small, sine / torch.where(is_small, w, 1.0), 0.0)
    series = (1 - tangent**2 / 3) / torch.where(is_small, w, 1.0)
    exact = torch.atan2(sine, w) / torch.where(is_small, 1.0, sine)
    return 2 * torch.where(is_small, series, exact) * vector


def quaternion_to_matrix(quaternion: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) of quaternions (..., 4) of any length but zero."""
    w, x, y, z = F.normalize(quaternion, dim=-1).unbind(-1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], dim=-1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], dim=-1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], dim=-1),
    ]
    return torch.stack(rows, dim=-2)


def matrix_to_quaternion(matrix: Tensor) -> Tensor:
    """Unit quaternions (..., 4) with w >= 0 of rotation matrices (..., 3, 3).

    Sums and differences of the matrix' entries give four vectors, 4w·q, 4x·q, 4y·q and 4z·q. The longest is
    at least 2 long and is normalised, so nothing is ever divided by a small number.
    """
    xx, yy, zz = matrix.diagonal(dim1=-2, dim2=-1).unbind(-1)
    wx = matrix[..., 2, 1] - matrix[..., 1, 2]
    wy = matrix[..., 0, 2] - matrix[..., 2, 0]
    wz = matrix[..., 1, 0] - matrix[..., 0, 1]
    xy = matrix[..., 1, 0] + matrix[..., 0, 1]
    xz = matrix[..., 0, 2] + matrix[..., 2, 0]
    yz = matrix[..., 2, 1] + matrix[..., 1, 2]
    candidates = torch.stack(
        [
            torch.stack([1 + xx + yy + zz, wx, wy, wz], dim=-1),
            torch.stack([wx, 1 + xx - yy - zz, xy, xz], dim=-1),
            torch.stack([wy, xy, 1 - xx + yy - zz, yz], dim=-1),
            torch.stack([wz, xz, yz, 1 - xx - yy + zz], dim=-1),
        ],
        dim=-2,
    )
    longest = candidates.diagonal(dim1=-2, dim2=-1).argmax(dim=-1)
    index = longest[..., None, None].expand(*longest.shape, 1, 4)
    return _with_positive_w(F.normalize(candidates.gather(-2, index).squeeze(-2), dim=-1))


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) of rotation vectors (..., 3) in radians.

    >>> axis_angle_to_matrix(torch.zeros(3))
    tensor([[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 1.]])
    """
    return quaternion_to_matrix(axis_angle_to_quaternion(axis_angle))


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Rotation vectors (..., 3) of at most a half turn, of rotation matrices (..., 3, 3)."""
    return quaternion_to_axis_angle(matrix_to_quaternion(matrix))


def matrix_to_rotation_6d(matrix: Tensor) -> Tensor:
    """The first two rows (..., 6) of rotation matrices (..., 3, 3).

    >>> matrix_to_rotation_6d(torch.eye(3))
    tensor([1., 0., 0., 0., 1., 0.])
    """
    return matrix[..., :2, :].flatten(-2)


def rotation_6d_to_matrix(rotation_6d: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) by Gram-Schmidt from two rows (..., 6) that need not be orthonormal."""
    first = F.normalize(rotation_6d[..., :3], dim=-1)
    second = rotation_6d[..., 3:]
    second = F.normalize(second - (first * second).sum(dim=-1, keepdim=True) * first, dim=-1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], dim=-2)


def axis_angle_to_rotation_6d(axis_angle: Tensor) -> Tensor:
    """6D rotations (..., 6) of rotation vectors (..., 3) in radians."""
    return matrix_to_rotation_6d(axis_angle_to_matrix(axis_angle))


def rotation_6d_to_axis_angle(rotation_6d: Tensor) -> Tensor:
    """Rotation vectors (..., 3) of at most a half turn, of 6D rotations (..., 6)."""
    return matrix_to_axis_angle(rotation_6d_to_matrix(rotation_6d))


def slerp(start: Tensor, end: Tensor, weight: float | Tensor) -> Tensor:
    """Unit quaternions (..., 4) on the shorter arc between two unit quaternions.

    Args:
        start: Where weight 0 leads, (..., 4).
        end: Where weight 1 leads, (..., 4); an antipodal one counts as the same rotation.
        weight: A number, or a tensor that broadcasts against the leading dimensions.
    """
    end = torch.where((start * end).sum(dim=-1, keepdim=True) < 0, -end, end)
    chord = torch.linalg.vector_norm(end - start, dim=-1, keepdim=True)
    angle = 2 * torch.atan2(chord, torch.linalg.vector_norm(end + start, dim=-1, keepdim=True))
    weight = torch.as_tensor(weight, dtype=start.dtype, device=start.device)[..., None]
    return (_sine_ratio(1 - weight, angle) * start) + (_sine_ratio(weight, angle) * end)


def _sine_ratio(weight: Tensor, angle: Tensor) -> Tensor:
    """Give sin(weight · angle) / sin(angle), with its limit, weight, at angle 0; angles are at most π/2."""
    return weight * torch.sinc(weight * angle / math.pi) / torch.sinc(angle / math.pi)


def _with_positive_w(quaternion: Tensor) -> Tensor:
    return torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)
