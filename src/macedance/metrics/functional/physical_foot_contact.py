"""Whether the feet stand still while the body is pushed (PFC, after EDGE: Tseng et al., CVPR 2023).

Axis letters: T frames, J joints. SMPL joint order, metres, y up.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.geometry.skeleton import FOOT_JOINTS
from macedance.metrics.functional.joint_positions import check_joint_positions
from macedance.metrics.functional.protocols import motion_protocol

_PUBLISHED_FPS = 30.0
_SCALE = 10_000


def physical_foot_contact(joints: Tensor, fps: float, protocol: str = "default") -> Tensor:
    """Root acceleration times the speeds of both feet, mean over frames times 10,000, a float64 scalar.

    A body accelerates sideways or upwards by a foot that stands. So the value is low where at least one foot
    is still whenever the pelvis accelerates. The acceleration, its fall left out (up component at least 0),
    is relative to its largest in the clip. A foot's speed is the lower of its ankle's and its toes', along
    the floor. Fewer than three frames give NaN. A root that never accelerates demands no contact and gives 0,
    where the published code divides by zero.

    * ``"edge"``, ``"flowerdance"`` and ``"mace"``, as EDGE published it: speeds in metres per frame, meant for
      30 fps.
    * Every other protocol: speeds in metres per thirtieth of a second, so that it equals the published form at
      30 fps and hardly depends on ``fps`` for smooth motion. A glitch of one frame raises the largest
      acceleration more at a higher rate, and so lowers the value: compare at one rate if motion is noisy.

    Args:
        joints: (T, J, 3) positions, J at least 12.
        fps: Frames per second; the published form does not use it.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.

    Raises:
        ValueError: ``joints`` is no such clip, ``fps`` is not positive, or there is no such protocol.

    >>> joints = torch.zeros(3, 24, 3)
    >>> joints[2, :, 0] = 0.01  # all of the body sets off by a centimetre
    >>> physical_foot_contact(joints, fps=30.0)
    tensor(1.0000, dtype=torch.float64)
    """
    check_joint_positions(joints, fps, min_joints=max(FOOT_JOINTS) + 1)
    form = motion_protocol(protocol).foot_contact
    joints = joints.double()
    if len(joints) < 3:
        return joints.new_tensor(torch.nan)
    acceleration = joints[:, 0].diff(n=2, dim=0)
    push = torch.cat([acceleration[:, [0, 2]], acceleration[:, [1]].clamp(min=0)], dim=-1).norm(dim=-1)
    largest = push.max()
    push = push / largest.where(largest != 0, 1.0)
    speeds = joints[1:, FOOT_JOINTS][..., [0, 2]].diff(dim=0).norm(dim=-1)
    if form == "default":
        speeds = speeds * (fps / _PUBLISHED_FPS)
    left, right = torch.minimum(speeds[:, :2], speeds[:, 2:]).unbind(dim=-1)
    return (push * left * right).mean() * _SCALE
