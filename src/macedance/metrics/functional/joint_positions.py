"""The check that every metric on joint positions makes of its input.

Axis letters: T frames, J joints, D dimensions of space.
"""

from __future__ import annotations

import math

from torch import Tensor


def check_joint_positions(
    joints: Tensor, fps: float, *, min_joints: int = 1, dimensions: tuple[int, ...] = (3,)
) -> None:
    """Refuse anything but one clip of joint positions and a positive frame rate.

    Raises:
        ValueError: ``joints`` is not (T, J, D) with such a D, has too few joints, or ``fps`` is not positive.
    """
    if joints.ndim != 3 or joints.shape[2] not in dimensions or joints.shape[1] < min_joints:
        raise ValueError(
            f"joints must be one clip of shape (T, J, {' or '.join(map(str, dimensions))}) with J at least "
            f"{min_joints}, got {tuple(joints.shape)}; pass several clips to the metric's class"
        )
    if not 0 < fps < math.inf:
        raise ValueError(f"fps must be positive, got {fps}; give the motion's frames per second")
