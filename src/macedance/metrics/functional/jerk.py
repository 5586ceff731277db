"""How abruptly a motion's acceleration changes.

Axis letters: T frames, J joints.
"""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.functional.joint_positions import check_joint_positions


def motion_jerk(joints: Tensor, fps: float) -> Tensor:
    """Mean norm of the joints' third derivative over frames and joints, in m/s³, a float64 scalar.

    The derivative is the third difference times fps³; fewer than four frames give NaN.

    Args:
        joints: (T, J, 3) positions in metres.
        fps: Frames per second.

    Raises:
        ValueError: ``joints`` is no clip, or ``fps`` is not positive.

    >>> import torch
    >>> seconds = torch.arange(30, dtype=torch.float64) / 30
    >>> path = torch.stack([seconds**3, 0 * seconds, 0 * seconds], dim=-1)
    >>> motion_jerk(path[:, None, :], fps=30.0)
    tensor(6.0000, dtype=torch.float64)
    """
    check_joint_positions(joints, fps)
    return joints.double().diff(n=3, dim=0).norm(dim=-1).mean() * fps**3
