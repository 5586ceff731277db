"""The jerk metric.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.jerk import motion_jerk
from macedance.metrics.functional.keypoints import keypoint_joints, xy
from macedance.metrics.functional.protocols import motion_protocol


class MotionJerk(ClipMean):
    """Mean jerk of the joints in m/s³, averaged over clips.

    Clips of fewer than four frames are left out and counted. Lower is smoother, but only the ground truth's
    own value tells how smooth a dance ought to be.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`. In 2D ones the jerk is that
            of key-points about the hips, in metres as if the torso were of mean length.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There is no such protocol.

    >>> import torch
    >>> metric = MotionJerk()
    >>> metric.update(torch.zeros(2, 30, 24, 3), fps=30.0)
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def __init__(self, protocol: str = "default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.planar = motion_protocol(protocol).dimensions == 2

    def update(self, joints: Tensor | Sequence[Tensor], fps: float = 30.0) -> None:
        """Take clips in.

        Args:
            joints: (B, T, J, 3) metres, or a list of (T, J, 3) of any lengths; key-points (T, K, 2) in pixels
                for a 2D protocol.
            fps: Frames per second of all of them.

        Raises:
            ValueError: A clip has another shape, or ``fps`` is not positive.
        """
        if self.planar:
            joints = [keypoint_joints(xy(clip, fps).double()) for clip in joints]
        self._add(motion_jerk(clip, fps) for clip in joints)
