"""The foot-skating metric.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.foot_skating import foot_skating
from macedance.metrics.functional.protocols import motion_protocol


class FootSkatingRatio(ClipMean):
    """Share of foot contacts in which the foot slides (FSR), averaged over clips; 0 to 1.

    A clip's number is the mean over the feet that touch the floor in it; a clip in which neither does is left
    out and counted. The value is meaningful beside the ground truth's own: dancers do slide.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`, of which ``"lodge"`` has a
            form of its own, see :func:`~macedance.metrics.functional.foot_skating`.
        speed_threshold_metres_per_second: Replaces the protocol's threshold.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There is no such protocol.

    >>> import torch
    >>> metric = FootSkatingRatio(protocol="lodge")
    >>> metric.update([torch.zeros(30, 24, 3), torch.zeros(45, 24, 3)], fps=30.0)
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(
        self,
        protocol: str = "default",
        *,
        speed_threshold_metres_per_second: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        motion_protocol(protocol)
        self.protocol = protocol
        self.speed_threshold_metres_per_second = speed_threshold_metres_per_second

    def update(self, joints: Tensor | Sequence[Tensor], fps: float = 30.0) -> None:
        """Take clips in.

        Args:
            joints: (B, T, J, 3) metres, y up, SMPL joint order, or a list of (T, J, 3) of any lengths.
            fps: Frames per second of all of them.

        Raises:
            ValueError: A clip has another shape, or ``fps`` is not positive.
        """
        self._add(
            foot_skating(clip, fps, self.protocol, self.speed_threshold_metres_per_second).nanmean()
            for clip in joints
        )
