"""Win rates of votes between two at a time.

Axis letters: N votes, U units that do not depend on each other (participants or clips), R runs.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.functional.resampling import CONFIDENCE

SMALLEST_VARIANCE = 1e-12
LARGEST_QUANTILE = 1e6


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


def win_rate_intervals(wins: Tensor) -> Tensor:
    """Bounds (R, 2) of the 95 % intervals of :func:`win_rates`, by Wilson's formula for votes in clusters.

    The votes of units count for as many independent ones as the spread between units says, at most all and at least
    the effective number of units (Kish, 1965): the square of the sum of their votes over the sum of the squares,
    which is their number where all gave as many. Student's t with one degree of freedom less stands in for the
    normal distribution. Where units do not differ, as where a run won all, they count for that least number.

    Units without votes on a run do not count for it, and fewer than two tell nothing of their spread and give NaN.

    Args:
        wins: Counts by unit, float64 (U, R, R).
    """
    from scipy.stats import t

    won = wins.sum(dim=-1)
    votes = won + wins.sum(dim=-2)
    num_units, num_votes = (votes > 0).sum(dim=0), votes.sum(dim=0)
    rates = won.sum(dim=0) / num_votes
    squares = (won - rates * votes).square().sum(dim=0)
    variances = num_units / (num_units - 1) * squares / num_votes.square()
    least = num_votes.square() / votes.square().sum(dim=0)
    effective = (rates * (1 - rates) / variances).clamp(least, num_votes)
    effective = torch.where(variances > SMALLEST_VARIANCE, effective, least)
    quantile = torch.from_numpy(t.ppf((1 + CONFIDENCE) / 2, (least - 1).numpy())).clamp(max=LARGEST_QUANTILE)
    added = quantile.square() / effective
    centre = (rates + added / 2) / (1 + added)
    half = (added * (rates * (1 - rates) + added / 4)).sqrt() / (1 + added)
    return torch.stack([centre - half, centre + half], dim=-1).clamp(0, 1)


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


def sign_flip_test(sums: Iterable[int]) -> float:
    """Two-sided p value of the exact sign-flip test: how likely a total so far from zero is if any sum may turn.

    Only the sums must be independent of each other, not what each of them is made of. It is the sign test where
    all are 1 or -1. Zeros say nothing; NaN if there is nothing else.

    Args:
        sums: Of each unit: what speaks for the one, less what speaks for the other.

    >>> sign_flip_test([3, 1, 1, -1]), sign_flip_test([1, 1, 1, 1, 1]), sign_flip_test([0])
    (0.5, 0.0625, nan)
    """
    sums = [total for total in sums if total]
    if not sums:
        return float("nan")
    likely = np.ones(1)  # of each total that flips can give, from the lowest on
    for size in map(abs, sums):
        apart = np.zeros(2 * size)
        likely = (np.concatenate([likely, apart]) + np.concatenate([apart, likely])) / 2
    totals = np.arange(len(likely)) - sum(map(abs, sums))
    return float(min(likely[abs(totals) >= abs(sum(sums))].sum(), 1.0))
