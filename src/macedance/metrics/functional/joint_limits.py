"""How far joints turn beyond what a body can do.

Axis letters: S sides (the body and its mirror image), T frames, B ball joints (6), H hinges (2), L limited
joints (14). The tables' angles are in degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import MIRRORED_JOINTS, NUM_JOINTS

_Vector = tuple[float, float, float]
_Range = tuple[float, float]
_LEFT, _UP, _FRONT = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_DOWN, _BACK = (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)
_ANY = (-90.0, 90.0)
_NO_JOINT = NUM_JOINTS


class _Ball(NamedTuple):
    """A joint of several axes, or a chain that is measured as one.

    `bone` is the axis nearest to its direction in the rest pose. `left`, `up` and `front` bound how far it
    may point there: its angle out of the plane across each. `twist` bounds the turn about it; hips and
    shoulders turn outwards by negative ones.
    """

    chain: tuple[int, int, int]
    bone: _Vector
    left: _Range
    up: _Range
    front: _Range
    twist: _Range


class _Hinge(NamedTuple):
    """A joint that bends one way, set by how the ball joint above is turned about its bone.

    `sector` bounds that way: the turn about the ball joint's bone from `forward` towards `side`, seen in the
    frame that the swing alone of the ball joint carries along.
    """

    joint: int
    ball: int
    forward: _Vector
    side: _Vector
    sector: _Range
    twist: _Range


_BALLS = {
    "trunk": _Ball((3, 6, 9), _UP, (-40, 40), (-10, 90), (-30, 90), (-45, 45)),
    "neck": _Ball((12, 15, _NO_JOINT), _UP, (-45, 45), (10, 90), (-55, 90), (-80, 80)),
    "shoulder": _Ball((13, 16, _NO_JOINT), _LEFT, (-50, 90), _ANY, (-60, 90), (-110, 90)),
    "wrist": _Ball((20, _NO_JOINT, _NO_JOINT), _LEFT, (0, 90), (-80, 75), (-35, 30), (-90, 90)),
    "hip": _Ball((1, _NO_JOINT, _NO_JOINT), _DOWN, (-40, 90), (-90, 60), (-40, 90), (-70, 60)),
    "ankle": _Ball((7, _NO_JOINT, _NO_JOINT), _FRONT, (-40, 40), (-60, 40), (0, 90), (-40, 40)),
}
_HINGES = {
    "elbow": _Hinge(18, list(_BALLS).index("shoulder"), _FRONT, _DOWN, (-110, 90), (-160, 90)),
    "knee": _Hinge(4, list(_BALLS).index("hip"), _BACK, _LEFT, (-70, 60), (-45, 45)),
}
_READ_JOINTS = sorted(
    {joint for ball in _BALLS.values() for joint in ball.chain if joint != _NO_JOINT}
    | {hinge.joint for hinge in _HINGES.values()}
)
_ROWS = {joint: row for row, joint in enumerate((*_READ_JOINTS, _NO_JOINT))}
"""Where the rotation of each joint stands among those that are needed; the last one is none."""

_FLEXION_DEGREES = 150.0
_HYPEREXTENSION_DEGREES = 10.0
_NUM_CENTRAL = 2
_PAIRED = (*_BALLS, *_HINGES)[_NUM_CENTRAL:]

LIMITED_JOINTS: tuple[str, ...] = (
    *list(_BALLS)[:_NUM_CENTRAL],
    *(f"{side}_{name}" for side in ("left", "right") for name in _PAIRED),
)
"""The joints that have a range, in the order of `joint_limit_excess_degrees`."""


def joint_limit_violations(poses: Tensor, tolerance_degrees: float = 10.0) -> Tensor:
    """Share of (frame, limited joint) pairs beyond the joint's range by more than a tolerance, float64 scalar.

    Which joints and ranges: see :func:`joint_limit_excess_degrees`. No frames, or a NaN, give NaN.

    Args:
        poses: (T, 24, 3) rotation vectors in radians, SMPL joint order.
        tolerance_degrees: What an excess must exceed to count.

    Raises:
        ValueError: ``poses`` has another shape.

    >>> poses = torch.zeros(2, 24, 3)
    >>> poses[1, 4, 0] = -0.7  # in one of two frames the left knee bends the wrong way by 40 degrees
    >>> joint_limit_violations(poses) * 2 * len(LIMITED_JOINTS)
    tensor(1., dtype=torch.float64)
    """
    excess = joint_limit_excess_degrees(poses)
    return (excess > tolerance_degrees).double().where(~excess.isnan(), torch.nan).mean()


def joint_limit_excess_degrees(poses: Tensor) -> Tensor:
    """How far each of ``LIMITED_JOINTS`` is beyond its range, float64 (T, L) in degrees, 0 inside.

    Clinical ranges hold for what is measured as one: the trunk (three joints of SMPL), neck and head, collar
    and shoulder are composed first. A rotation is split into its swing, judged by where the bone points, and
    its twist about the bone.

    Knees and elbows bend one way. Which way depends on how the thigh or upper arm is turned about itself, and
    motion fitted to points hides that turn in the bend: a shin that leaves sideways in the thigh's frame is a
    thigh turned by 90 degrees. So a bend must lie, the ball joint's twist included, where some turn of thigh
    or upper arm within its range brings it; elsewhere it exceeds by its distance from there, less 10 degrees
    of ordinary hyperextension. The price: a bend the wrong way shows less, or not at all, below a thigh or
    upper arm that is turned so far that the opposite turn would explain it. A joint turned by more than a half
    turn counts as turned the shorter way.

    The ranges start from the normal ones of the American Academy of Orthopaedic Surgeons (Joint Motion, 1965):
    flexion of elbows and knees 150, hips 120; rotation of hips 45, shoulders 70 in and 90 out, trunk 45;
    wrists 80 and 70; extension of shoulders 60, hips 30. They are wider where dancers are (splits, turn-out,
    flexion of hips to 150) and for twists that fits put into a neighbouring joint.

    Args:
        poses: (T, 24, 3) rotation vectors in radians, SMPL joint order.

    Raises:
        ValueError: ``poses`` has another shape.

    >>> poses = torch.zeros(1, 24, 3)
    >>> poses[0, 15, 1] = torch.pi / 2  # the head turns by 90 degrees, of 80 that it can
    >>> joint_limit_excess_degrees(poses)[0, LIMITED_JOINTS.index("neck")]
    tensor(10.0000, dtype=torch.float64)
    """
    if poses.ndim != 3 or poses.shape[1:] != (NUM_JOINTS, 3):
        raise ValueError(
            f"poses must be one clip of shape (T, {NUM_JOINTS}, 3), got {tuple(poses.shape)}; "
            "reshape (T, 72) first, and pass several clips to the metric's class"
        )
    poses = poses.double()
    mirrored = poses[:, list(MIRRORED_JOINTS)] * poses.new_tensor([1.0, -1.0, -1.0])
    body, mirror_image = _left_side_excess(torch.stack([poses, mirrored]))
    return torch.cat([body, mirror_image[:, _NUM_CENTRAL:]], dim=-1)


def _left_side_excess(poses: Tensor) -> Tensor:
    """Excess of the central and the left joints (S, T, B + H), ball joints before hinges."""
    rotations = axis_angle_to_matrix(F.pad(poses[..., _READ_JOINTS, :], (0, 0, 0, 1)))
    balls = list(_BALLS.values())
    chains = [[_ROWS[joint] for joint in ball.chain] for ball in balls]
    first, second, third = rotations[..., chains, :, :].unbind(dim=-3)
    ball_rotations = first @ second @ third
    twists = _twists(ball_rotations, poses.new_tensor([ball.bone for ball in balls]))
    return torch.cat([_ball_excess(ball_rotations, twists), _hinge_excess(rotations, twists)], dim=-1)


def _ball_excess(rotations: Tensor, twists: Tensor) -> Tensor:
    """Excess (S, T, B) of rotations (S, T, B, 3, 3) with their twists (S, T, B) in radians."""
    balls = list(_BALLS.values())
    directions = _turned(rotations, rotations.new_tensor([ball.bone for ball in balls]))
    reach = directions.clamp(-1, 1).asin().rad2deg()
    reach_excess = _range_excess(reach, [(ball.left, ball.up, ball.front) for ball in balls]).amax(dim=-1)
    return torch.maximum(reach_excess, _range_excess(twists.rad2deg(), [ball.twist for ball in balls]))


def _hinge_excess(rotations: Tensor, ball_twists: Tensor) -> Tensor:
    """Excess (S, T, H) of the hinges, their ball joints being twisted by (S, T, B) radians."""
    hinges = list(_HINGES.values())
    rotations = rotations[..., [_ROWS[hinge.joint] for hinge in hinges], :, :]
    bones, forward, side = (
        rotations.new_tensor([list(_BALLS.values())[hinge.ball].bone for hinge in hinges]),
        rotations.new_tensor([hinge.forward for hinge in hinges]),
        rotations.new_tensor([hinge.side for hinge in hinges]),
    )
    ball_twists = ball_twists[..., [hinge.ball for hinge in hinges]]
    directions = _turned(axis_angle_to_matrix(bones * ball_twists[..., None]) @ rotations, bones)
    bend = (directions * bones).sum(dim=-1).clamp(-1, 1).acos().rad2deg()
    way = torch.atan2((directions * side).sum(dim=-1), (directions * forward).sum(dim=-1)).rad2deg()
    aside = _range_excess(way, [hinge.sector for hinge in hinges], full_turn=True).clamp(0, 90)
    astray = bend * aside.deg2rad().sin() - _HYPEREXTENSION_DEGREES
    twist_excess = _range_excess(_twists(rotations, bones).rad2deg(), [hinge.twist for hinge in hinges])
    return torch.stack([astray, bend - _FLEXION_DEGREES, twist_excess]).amax(dim=0).clamp(min=0)


def _twists(rotations: Tensor, bones: Tensor) -> Tensor:
    """Turn of matrices (..., N, 3, 3) about bones (N, 3), between plus and minus pi.

    Of a quaternion (w, v) it is 2 atan2(v · bone, w); a matrix tells 4 w v and 4 w².
    """
    skew = rotations - rotations.mT
    four_wv = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1)
    four_w2 = 1 + rotations[..., 0, 0] + rotations[..., 1, 1] + rotations[..., 2, 2]
    return 2 * torch.atan2((four_wv * bones).sum(dim=-1), four_w2)


def _turned(rotations: Tensor, vectors: Tensor) -> Tensor:
    return (rotations @ vectors[..., None]).squeeze(-1)


def _range_excess(angles: Tensor, ranges: Sequence[object], *, full_turn: bool = False) -> Tensor:
    """Degrees by which angles leave ranges (..., 2), 0 inside; with ``full_turn`` the shorter way round."""
    low, high = angles.new_tensor(ranges).unbind(dim=-1)
    from_middle = angles - (low + high) / 2
    if full_turn:
        from_middle = torch.remainder(from_middle + 180, 360) - 180
    return (from_middle.abs() - (high - low) / 2).clamp(min=0)
