"""The joint-limit metric.

Axis letters: B clips, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.joint_limits import joint_limit_violations


class JointLimitViolations(ClipMean):
    """Share of frames and limited joints turned beyond what a body can, averaged over clips; 0 to 1.

    Args:
        tolerance_degrees: By how much a joint must exceed its range to count, see
            :func:`~macedance.metrics.functional.joint_limit_violations`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> metric = JointLimitViolations()
    >>> metric.update([torch.zeros(30, 24, 3), torch.zeros(45, 24, 3)])
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(self, *, tolerance_degrees: float = 10.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tolerance_degrees = tolerance_degrees

    def update(self, poses: Tensor | Sequence[Tensor]) -> None:
        """Take clips in, at any frame rate.

        Args:
            poses: (B, T, 24, 3) rotation vectors in radians, SMPL joint order, or a list of (T, 24, 3).

        Raises:
            ValueError: A clip has another shape.
        """
        self._add(joint_limit_violations(clip, self.tolerance_degrees) for clip in poses)
