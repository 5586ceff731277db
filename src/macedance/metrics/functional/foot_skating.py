"""How often a foot slides while it stands on the floor (FSR, after LODGE: Li et al., CVPR 2024).

Axis letters: T frames, J joints. SMPL joint order, metres, y up.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.geometry.skeleton import FOOT_JOINTS
from macedance.metrics.functional.joint_positions import check_joint_positions
from macedance.metrics.functional.protocols import motion_protocol

_ANKLES, _TOES = FOOT_JOINTS[:2], FOOT_JOINTS[2:]
_ANKLE_HEIGHT_METRES = 0.08
_TOE_HEIGHT_METRES = 0.05
_LEVEL_TOES_METRES = 0.02
_SPEED_METRES_PER_SECOND = 0.3
_LODGE_METRES_PER_FRAME = 0.01


def foot_skating(
    joints: Tensor,
    fps: float,
    protocol: str = "default",
    speed_threshold_metres_per_second: float | None = None,
) -> Tensor:
    """Share of contact frames in which the left and the right foot slide, float64 (2,), NaN without contact.

    A foot is in contact where its ankle is at most 8 cm and its toes at most 5 cm above the floor. The floor
    is where the toes of frame 0 are: their mean height if they differ by less than 2 cm, else the lower. A
    foot in contact slides if its ankle or its toes move too fast up to the next frame.

    * ``"lodge"``, as published: |(vx + vz) / 2| exceeds 0.01 m a frame, so that the two can cancel and the
      outcome depends on ``fps``. The last frame counts as a contact that cannot slide.
    * Every other protocol: the horizontal speed exceeds 0.3 m/s, at any frame rate.

    Args:
        joints: (T, J, 3) positions, J at least 12.
        fps: Frames per second.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        speed_threshold_metres_per_second: Replaces the protocol's threshold.

    Raises:
        ValueError: ``joints`` is no such clip, ``fps`` is not positive, or there is no such protocol.

    >>> joints = torch.zeros(4, 24, 3)
    >>> joints[:, 7, 0] = torch.tensor([0.0, 0.0, 0.1, 0.1])  # the left ankle jumps once by 10 cm
    >>> foot_skating(joints, fps=30.0)
    tensor([0.3333, 0.0000], dtype=torch.float64)
    """
    check_joint_positions(joints, fps, min_joints=max(FOOT_JOINTS) + 1)
    lodge = motion_protocol(protocol).foot_skating == "lodge"
    threshold = _LODGE_METRES_PER_FRAME if lodge else _SPEED_METRES_PER_SECOND / fps
    if speed_threshold_metres_per_second is not None:
        threshold = speed_threshold_metres_per_second / fps
    steps = joints[:, FOOT_JOINTS][..., [0, 2]].diff(dim=0)
    distance = steps.mean(dim=-1).abs() if lodge else steps.norm(dim=-1)
    too_far = distance > threshold
    contact = _foot_contact(joints)
    sliding = (too_far[:, :2] | too_far[:, 2:]) & contact[:-1]
    num_contacts = (contact if lodge else contact[:-1]).sum(dim=0)
    return sliding.sum(dim=0).double() / num_contacts


def _foot_contact(joints: Tensor) -> Tensor:
    """Boolean (T, 2): whether the left and the right foot stand on the floor."""
    left_toes, right_toes = joints[0, _TOES, 1]
    level = (left_toes - right_toes).abs() < _LEVEL_TOES_METRES
    floor = torch.where(level, (left_toes + right_toes) / 2, torch.minimum(left_toes, right_toes))
    ankles_low = joints[:, _ANKLES, 1] - floor <= _ANKLE_HEIGHT_METRES
    return ankles_low & (joints[:, _TOES, 1] - floor <= _TOE_HEIGHT_METRES)
