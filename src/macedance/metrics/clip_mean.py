"""The state shared by metrics that are a mean over clips.

Axis letters: N clips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics.utilities.plot import _AX_TYPE, _PLOT_OUT_TYPE

from macedance.metrics.functional.resampling import mean_interval
from macedance.metrics.gathered import GatheredMetric


class ClipMean(GatheredMetric):
    """Mean of one number a clip, every clip weighing the same; clips without a number (NaN) are left out.

    Subclasses hand their numbers to ``_add``; ``update_values`` takes numbers that are known already. The mean
    is a float64 scalar, NaN before any number came in.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._add_rows("values")

    @property
    def clip_values(self) -> Tensor:
        """Each clip's number (N,), NaN where it has none; this process's own outside ``sync_context``."""
        return self._gathered("values")

    @property
    def num_clips(self) -> int:
        """Clips in the mean."""
        return int((~self.clip_values.isnan()).sum())

    @property
    def num_excluded(self) -> int:
        """Clips left out."""
        return int(self.clip_values.isnan().sum())

    def update_values(self, values: Sequence[float]) -> None:
        """Take clips in by their numbers, as the functional gives them: of videos too long to be in memory."""
        self._add(torch.as_tensor(values, dtype=torch.float64))
        self._computed = None
        self._update_count += 1

    def _add(self, values: Iterable[Tensor]) -> None:
        numbers = list(values)
        self._append("values", torch.stack(numbers) if numbers else [])

    def compute(self) -> Tensor:
        """Mean over the clips so far, float64 scalar."""
        return self.clip_values.nanmean().to(self.device)

    def interval(self, *, num_resamples: int = 1000, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Bounds of the mean's 95 % bootstrap interval over this process's clips."""
        return mean_interval(self.clip_values, num_resamples=num_resamples, seed=seed)

    def plot(self, val: Tensor | list[Tensor] | None = None, ax: _AX_TYPE | None = None) -> _PLOT_OUT_TYPE:
        """Figure and axes of the current value, or of given results of ``compute``."""
        return self._plot(val, ax)


def check_as_many(name: str, values: Sequence[Tensor], clips_name: str, clips: Sequence[Tensor]) -> None:
    """Refuse what does not hold something for each clip.

    Raises:
        ValueError: The two differ in number.
    """
    if len(values) != len(clips):
        raise ValueError(
            f"{name} must hold one tensor for each clip in {clips_name}, got {len(values)} for {len(clips)} clips"
        )
