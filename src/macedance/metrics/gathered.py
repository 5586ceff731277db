"""Metrics that keep what they need of every clip, and gather it from all processes.

Axis letters: N clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric


class GatheredMetric(Metric):
    """Base of metrics whose states are lists of rows of a known type and width.

    A few numbers a clip are kept instead of sums, because intervals, histograms and pairs of clips need them;
    they are float64, so that every process computes the same from all of them.
    """

    is_differentiable = False
    full_state_update = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rows: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {}

    def _add_rows(self, name: str, dtype: torch.dtype = torch.float64, width: int | None = None) -> None:
        """Declare a state (N,), or (N, width)."""
        self.add_state(name, [], dist_reduce_fx="cat")
        self._rows[name] = (dtype, () if width is None else (width,))

    def _append(self, name: str, values: Tensor | np.ndarray | Sequence[float]) -> None:
        dtype, shape = self._rows[name]
        rows = torch.as_tensor(values, dtype=dtype, device=self.device).reshape(-1, *shape)
        getattr(self, name).append(rows)

    def _gathered(self, name: str) -> Tensor:
        """A state as one tensor on the CPU, whether or not it has been gathered from other processes."""
        state = getattr(self, name)
        if isinstance(state, Tensor):
            return state.cpu()
        dtype, shape = self._rows[name]
        return torch.cat([torch.empty(0, *shape, dtype=dtype), *(rows.cpu() for rows in state)])

    def sync(self, *args: Any, **kwargs: Any) -> None:
        """Gather the states of all processes.

        A process without clips contributes empty tensors of the states' own types: torchmetrics would send
        float32 for each, which the others cannot receive.
        """
        for name in self._rows:
            if isinstance(getattr(self, name), list) and not getattr(self, name):
                self._append(name, [])
        super().sync(*args, **kwargs)
