"""The jerk metric.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.jerk import motion_jerk


class MotionJerk(ClipMean):
    """Mean jerk of the joints in m/s³, averaged over clips.

    Clips of fewer than four frames are left out and counted. Lower is smoother, but only the ground truth's
    own value tells how smooth a dance ought to be.

    >>> import torch
    >>> metric = MotionJerk()
    >>> metric.update(torch.zeros(2, 30, 24, 3), fps=30.0)
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def update(self, joints: Tensor | Sequence[Tensor], fps: float = 30.0) -> None:
        """Take clips in.

        Args:
            joints: (B, T, J, 3) metres, or a list of (T, J, 3) of any lengths.
            fps: Frames per second of all of them.

        Raises:
            ValueError: A clip has another shape, or ``fps`` is not positive.
        """
        self._add(motion_jerk(clip, fps) for clip in joints)
