"""The self-intersection metric.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.self_intersection import self_intersection


class SelfIntersectionRatio(ClipMean):
    """Share of frames in which parts of the body run through one another, averaged over clips; 0 to 1.

    Args:
        tolerance_metres: Depth that an overlap must exceed, see
            :func:`~macedance.metrics.functional.self_intersection`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> metric = SelfIntersectionRatio()
    >>> metric.update([torch.zeros(30, 24, 3)])  # all of the body in one point
    >>> metric.compute()
    tensor(1., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(self, *, tolerance_metres: float = 0.02, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tolerance_metres = tolerance_metres

    def update(self, joints: Tensor | Sequence[Tensor]) -> None:
        """Take clips in, at any frame rate.

        Args:
            joints: (B, T, J, 3) metres, SMPL joint order, or a list of (T, J, 3) of any lengths.

        Raises:
            ValueError: A clip has another shape.
        """
        self._add(self_intersection(clip, self.tolerance_metres) for clip in joints)
