"""Win rates of votes between two at a time.

Axis letters: N votes, U units that are resampled (participants or clips), R runs.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.functional.resampling import MIN_VALUES, percentile_interval, resampled_counts


def win_counts(
    pairs: np.ndarray, outcomes: np.ndarray, units: np.ndarray, *, num_units: int, num_runs: int
) -> Tensor:
    """How often a run (row) won over another (column) by unit, ties half to each, float64 (U, R, R).

    Args:
        pairs: Indices of the two runs of each vote, int (N, 2).
        outcomes: What the first of them got: 1, a half or 0, (N,).
        units: Index of each vote's unit, int (N,).
        num_units: U.
        num_runs: R.

    >>> win_counts(np.array([[0, 1], [1, 0]]), np.array([1, 0.5]), np.array([0, 0]), num_units=1, num_runs=2)
    tensor([[[0.0000, 1.5000],
             [0.5000, 0.0000]]], dtype=torch.float64)
    """
    wins = np.zeros((num_units, num_runs, num_runs))
    first, second = pairs.T
    np.add.at(wins, (units, first, second), outcomes)
    np.add.at(wins, (units, second, first), 1.0 - outcomes)
    return torch.from_numpy(wins)


def win_rates(wins: Tensor) -> Tensor:
    """Share of its votes that each run won, (..., R) of counts (..., R, R); NaN for one without votes.

    >>> win_rates(torch.tensor([[0.0, 3.0], [1.0, 0.0]]))
    tensor([0.7500, 0.2500])
    """
    won = wins.sum(dim=-1)
    return won / (won + wins.sum(dim=-2))


def win_rate_intervals(wins: Tensor, *, num_resamples: int = 1000, seed: int = 0) -> Tensor:
    """Bounds (R, 2) of the 95 % bootstrap intervals of :func:`win_rates`, resampling units with all their votes.

    Fewer than two units tell nothing of their spread and give NaN.

    Args:
        wins: Counts by unit, (U, R, R).
        num_resamples: How often to draw as many units.
        seed: Of the draws.
    """
    num_units, num_runs, _ = wins.shape
    if num_units < MIN_VALUES:
        return wins.new_full((num_runs, 2), torch.nan)
    counts = resampled_counts(num_units, num_resamples, seed)
    resampled = win_rates(torch.einsum("su,uij->sij", counts, wins))
    return torch.stack([torch.stack(percentile_interval(rates)) for rates in resampled.T])


def sign_test(num_wins: int, num_losses: int) -> float:
    """Two-sided p value of the exact sign test: how likely so uneven a result is if both are liked alike.

    Ties are left out; NaN if there is nothing else. It takes the judgements as independent of each other.

    >>> round(sign_test(9, 1), 4), sign_test(3, 3), sign_test(0, 0)
    (0.0215, 1.0, nan)
    """
    from scipy.stats import binomtest

    if num_wins + num_losses == 0:
        return float("nan")
    return float(binomtest(num_wins, num_wins + num_losses).pvalue)
