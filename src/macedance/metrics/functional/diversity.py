"""How different dances are from one another (DIV_k, DIV_g).

Axis letters: N clips, C features, R resamples.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.resampling import in_canonical_order, resampled_counts

_ROWS = 512


def average_pairwise_distance(features: Tensor) -> Tensor:
    """Mean Euclidean distance between two different clips, a float64 scalar; NaN for fewer than two.

    Args:
        features: (N, C). Time grows with N², memory with N.

    >>> average_pairwise_distance(torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]]))
    tensor(3.3333, dtype=torch.float64)
    """
    features = features.double().cpu()
    total = torch.stack([_distances(rows, features).sum() for rows in features.split(_ROWS)]).sum()
    return total / (len(features) * (len(features) - 1))


def pairwise_distance_resamples(features: Tensor, *, num_resamples: int, seed: int) -> Tensor:
    """The mean distance (R,) in sets drawn with replacement, pairs of a clip with itself left out."""
    features = in_canonical_order(features.double().cpu())
    counts = resampled_counts(len(features), num_resamples, seed)
    total = torch.zeros(num_resamples, dtype=torch.float64)
    for rows, weights in zip(features.split(_ROWS), counts.split(_ROWS, dim=1), strict=True):
        total += (weights * (counts @ _distances(features, rows))).sum(dim=1)
    return total / (counts.sum(dim=1).square() - counts.square().sum(dim=1))


def _distances(one: Tensor, other: Tensor) -> Tensor:
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")
