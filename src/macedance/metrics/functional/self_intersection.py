"""How often limbs run through one another or through the trunk.

Axis letters: T frames, J joints, P pairs of capsules. SMPL joint order, metres.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from macedance.geometry.skeleton import NUM_JOINTS
from macedance.metrics.functional.joint_positions import check_joint_positions


class _Capsule(NamedTuple):
    """What is within `radius` of a segment on the line through two joints, from `start` to `end` of its length."""

    limb: str
    part: str
    joints: tuple[int, int]
    radius: float
    start: float = 0.0
    end: float = 1.0


_CAPSULES = (
    _Capsule("left arm", "upper arm", (16, 18), 0.035),
    _Capsule("left arm", "forearm", (18, 20), 0.028),
    _Capsule("left arm", "hand", (20, 22), 0.018, end=1.5),
    _Capsule("right arm", "upper arm", (17, 19), 0.035),
    _Capsule("right arm", "forearm", (19, 21), 0.028),
    _Capsule("right arm", "hand", (21, 23), 0.018, end=1.5),
    _Capsule("left leg", "thigh", (1, 4), 0.05),
    _Capsule("left leg", "shin", (4, 7), 0.038),
    _Capsule("left leg", "foot", (7, 10), 0.025, end=0.7),
    _Capsule("right leg", "thigh", (2, 5), 0.05),
    _Capsule("right leg", "shin", (5, 8), 0.038),
    _Capsule("right leg", "foot", (8, 11), 0.025, end=0.7),
    _Capsule("trunk", "belly", (0, 9), 0.08),
    _Capsule("trunk", "chest", (13, 14), 0.08),
    _Capsule("trunk", "hips", (1, 2), 0.08),
    _Capsule("trunk", "head", (9, 15), 0.075, start=1.0, end=1.25),
)
_TOUCHING = {
    frozenset(parts)
    for parts in (
        ("upper arm", "chest"),
        ("upper arm", "hips"),
        ("thigh", "belly"),
        ("thigh", "hips"),
        ("hand",),  # both hands: they clap and fold
    )
}
_PAIRS = [
    (_CAPSULES.index(a), _CAPSULES.index(b))
    for a, b in itertools.combinations(_CAPSULES, 2)
    if a.limb != b.limb and frozenset({a.part, b.part}) not in _TOUCHING
]


def self_intersection(joints: Tensor, tolerance_metres: float = 0.02) -> Tensor:
    """Share of frames in which two parts of the body that are no neighbours overlap, a float64 scalar, 0 to 1.

    Arms, legs, hands, feet, trunk and head are capsules, thinner than in life, and an overlap counts only if
    it is deeper than the tolerance: a hand on the hip, folded arms or crossed legs are none. The two hands,
    which clap and fold, are not compared, and of a foot only the rear part counts: motion fitted to points
    seldom knows where the toes are. No frames, or a NaN, give NaN.

    Args:
        joints: (T, J, 3) positions, J at least 24.
        tolerance_metres: Depth that an overlap must exceed.

    Raises:
        ValueError: ``joints`` is no such clip.

    >>> from macedance.geometry.motion import Motion
    >>> poses = torch.zeros(4, 24, 3)
    >>> poses[3, [1, 2], 2] = torch.tensor([-0.5, 0.5])  # in the last frame the legs run through one another
    >>> self_intersection(Motion(poses, torch.zeros(4, 3)).joints())
    tensor(0.2500, dtype=torch.float64)
    """
    check_joint_positions(joints, fps=1.0, min_joints=NUM_JOINTS)  # at any rate
    depth = _overlaps(joints.double()).amax(dim=-1)
    return (depth > tolerance_metres).double().where(~depth.isnan(), torch.nan).mean()


def segment_distance(starts: Tensor, ends: Tensor, other_starts: Tensor, other_ends: Tensor) -> Tensor:
    """Least distance (...) between two segments, each given by its ends (..., 3); they may be points.

    The nearest points of the two lines are sought first; where one lies outside its segment it moves to the
    end, and the other to the point nearest to that.

    >>> points = torch.eye(3)
    >>> segment_distance(torch.zeros(3), points[0], points[1], points[1] + points[2])
    tensor(1.)
    """
    along, other, between = ends - starts, other_ends - other_starts, starts - other_starts
    tiny = torch.finfo(along.dtype).tiny
    length, other_length = _dot(along, along).clamp(min=tiny), _dot(other, other).clamp(min=tiny)
    slant, offset, other_offset = _dot(along, other), _dot(along, between), _dot(other, between)
    sine = (length * other_length - slant**2).clamp(min=tiny)
    fraction = ((slant * other_offset - offset * other_length) / sine).clamp(0, 1)
    other_fraction = ((slant * fraction + other_offset) / other_length).clamp(0, 1)
    fraction = ((slant * other_fraction - offset) / length).clamp(0, 1)
    return (between + fraction[..., None] * along - other_fraction[..., None] * other).norm(dim=-1)


def _overlaps(joints: Tensor) -> Tensor:
    """By how many metres (T, P) the capsules of each pair overlap; negative where they are apart."""
    first, second = joints[:, torch.tensor([capsule.joints for capsule in _CAPSULES])].unbind(dim=2)
    fractions = joints.new_tensor([(capsule.start, capsule.end) for capsule in _CAPSULES])
    starts, ends = (torch.lerp(first, second, fraction[:, None]) for fraction in fractions.unbind(dim=-1))
    a, b = torch.tensor(_PAIRS).unbind(dim=-1)
    radii = joints.new_tensor([capsule.radius for capsule in _CAPSULES])
    return radii[a] + radii[b] - segment_distance(starts[:, a], ends[:, a], starts[:, b], ends[:, b])


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(dim=-1)
