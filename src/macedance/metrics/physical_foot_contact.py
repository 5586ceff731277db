"""The physical-foot-contact metric.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.physical_foot_contact import physical_foot_contact
from macedance.metrics.functional.protocols import motion_protocol


class PhysicalFootContact(ClipMean):
    """Whether a foot stands still while the body accelerates (PFC), averaged over clips; lower is better.

    Clips of fewer than three frames are left out and counted. The value is meaningful beside the ground
    truth's own.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`, of which some take EDGE's form,
            see :func:`~macedance.metrics.functional.physical_foot_contact`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There is no such protocol.

    >>> import torch
    >>> metric = PhysicalFootContact(protocol="edge")
    >>> metric.update([torch.zeros(30, 24, 3), torch.zeros(45, 24, 3)], fps=30.0)
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def __init__(self, protocol: str = "default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        motion_protocol(protocol)
        self.protocol = protocol

    def update(self, joints: Tensor | Sequence[Tensor], fps: float = 30.0) -> None:
        """Take clips in.

        Args:
            joints: (B, T, J, 3) metres, y up, SMPL joint order, or a list of (T, J, 3) of any lengths.
            fps: Frames per second of all of them.

        Raises:
            ValueError: A clip has another shape, or ``fps`` is not positive.
        """
        self._add(physical_foot_contact(clip, fps, self.protocol) for clip in joints)
