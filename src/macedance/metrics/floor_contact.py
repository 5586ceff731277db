"""The metrics of a body against the floor.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.floor_contact import TOLERANCE_METRES, floor_float, floor_penetration


class _FloorDistance(ClipMean):
    """Mean over clips of a distance to the floor.

    Attributes:
        floor_height_metres: Where the floor is; None has it estimated in each clip.
        tolerance_metres: Distances up to it count as none.
    """

    higher_is_better = False
    plot_lower_bound = 0.0
    _distance: Callable[[Tensor, float | None, float], Tensor]

    def __init__(
        self,
        *,
        floor_height_metres: float | None = None,
        tolerance_metres: float = TOLERANCE_METRES,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.floor_height_metres = floor_height_metres
        self.tolerance_metres = tolerance_metres

    def update(self, joints: Tensor | Sequence[Tensor]) -> None:
        """Take clips in, at any frame rate.

        Args:
            joints: (B, T, J, 3) metres, y up, SMPL joint order, or a list of (T, J, 3) of any lengths.

        Raises:
            ValueError: A clip has another shape.
        """
        self._add(self._distance(clip, self.floor_height_metres, self.tolerance_metres) for clip in joints)


class FloorPenetration(_FloorDistance):
    """Depth in metres of the body's lowest point below the floor, averaged over frames, then over clips.

    Args:
        floor_height_metres: Where the floor is. None estimates it in each clip, see
            :func:`~macedance.metrics.functional.floor_contact.estimate_floor_height`; a body that is sunk
            throughout then goes unseen.
        tolerance_metres: Depths up to it count as none.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> metric = FloorPenetration(floor_height_metres=0.01)
    >>> metric.update(torch.zeros(2, 30, 24, 3))
    >>> metric.compute()
    tensor(0.1000, dtype=torch.float64)
    """

    _distance = staticmethod(floor_penetration)


class FloorFloat(_FloorDistance):
    """Height in metres of the body's lowest point above the floor, averaged over frames, then over clips.

    Jumps count: the value is meaningful beside the ground truth's own.

    Args:
        floor_height_metres: Where the floor is. None estimates it in each clip, see
            :func:`~macedance.metrics.functional.floor_contact.estimate_floor_height`; a body that hovers
            throughout then goes unseen.
        tolerance_metres: Heights up to it count as none.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> metric = FloorFloat(floor_height_metres=-0.2)
    >>> metric.update(torch.zeros(2, 30, 24, 3))
    >>> metric.compute()
    tensor(0.1100, dtype=torch.float64)
    """

    _distance = staticmethod(floor_float)
