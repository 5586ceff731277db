"""Bootstrap over clips.

Axis letters: N clips, R resamples.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

CONFIDENCE = 0.95
MIN_VALUES = 2


def resampled_counts(num_clips: int, num_resamples: int, seed: int) -> Tensor:
    """How often each clip is drawn in each resample of as many clips, float64 (R, N).

    >>> resampled_counts(4, 2, seed=0).sum(dim=1)
    tensor([4., 4.], dtype=torch.float64)
    """
    generator = torch.Generator().manual_seed(seed)
    picked = torch.randint(num_clips, (num_resamples, num_clips), generator=generator)
    counts = torch.zeros(num_resamples, num_clips, dtype=torch.float64)
    return counts.scatter_add_(1, picked, torch.ones_like(picked, dtype=torch.float64))


def in_canonical_order(rows: Tensor) -> Tensor:
    """Rows (N, C) sorted by their numbers, so that what is drawn depends on the set and not on its order."""
    return rows[torch.from_numpy(np.lexsort(rows.numpy().T[::-1]))]


def percentile_interval(resamples: Tensor) -> tuple[Tensor, Tensor]:
    """Bounds between which 95 % of the resampled values lie; NaN where there is no value."""
    low, high = resamples.nanquantile(resamples.new_tensor([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    return low, high


def centred_interval(estimate: Tensor, resamples: Tensor) -> tuple[Tensor, Tensor]:
    """The resamples' 95 % interval, moved so that their mean falls on the estimate.

    For estimates that resampling biases, such as a Fréchet distance.
    """
    low, high = percentile_interval(resamples)
    shift = estimate - resamples.nanmean()
    return low + shift, high + shift


def mean_interval(values: Tensor, *, num_resamples: int = 1000, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Bounds of the 95 % percentile bootstrap interval of the mean of (N,) values, NaN left out.

    Fewer than two values tell nothing of their spread and give NaN. The result depends on the set of values
    and the seed, not on their order.

    >>> low, high = mean_interval(torch.tensor([1.0, 2.0, 3.0, torch.nan]))
    >>> bool(1 <= low < 2 < high <= 3)
    True
    """
    values = values.double().cpu()
    values = values[~values.isnan()].sort().values
    if len(values) < MIN_VALUES:
        nan = torch.tensor(torch.nan, dtype=torch.float64)
        return nan, nan
    return percentile_interval(resampled_counts(len(values), num_resamples, seed) @ values / len(values))
