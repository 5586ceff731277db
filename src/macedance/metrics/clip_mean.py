"""The state shared by metrics that are a mean over clips.

Axis letters: B clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.plot import _AX_TYPE, _PLOT_OUT_TYPE


class ClipMean(Metric):
    """Mean of one number a clip, every clip weighing the same; clips without a number (NaN) are left out.

    Subclasses hand their numbers to ``_add``. The mean is a float64 scalar, NaN before any number came in.
    The sums are exact across processes however the clips are spread.

    Attributes:
        num_clips: Clips in the mean. Like every state it is this process's own outside ``sync_context``.
        num_excluded: Clips left out.
    """

    is_differentiable = False
    full_state_update = False
    total: Tensor
    num_clips: Tensor
    num_excluded: Tensor

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("num_clips", torch.tensor(0), dist_reduce_fx="sum")
        self.add_state("num_excluded", torch.tensor(0), dist_reduce_fx="sum")

    def _add(self, values: Iterable[Tensor]) -> None:
        for value in values:
            if value.isnan():
                self.num_excluded += 1
            else:
                self.total += value.to(self.total)
                self.num_clips += 1

    def compute(self) -> Tensor:
        """Mean over the clips so far, float64 scalar."""
        return self.total / self.num_clips

    def plot(self, val: Tensor | list[Tensor] | None = None, ax: _AX_TYPE | None = None) -> _PLOT_OUT_TYPE:
        """Figure and axes of the current value, or of given results of ``compute``."""
        return self._plot(val, ax)
