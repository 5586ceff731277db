"""The Fréchet distance between two sets of features (FID_k, FID_g, FID, FVD).

Axis letters: N clips of one set, C features, R resamples, K components of a covariance.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.resampling import in_canonical_order, resampled_counts

MIN_CLIPS = 2


def normalize_features(features: Tensor, reference: Tensor, *, eps: float, ddof: int = 0) -> Tensor:
    """Features with the reference's mean subtracted and divided by its standard deviation + ``eps``, float64.

    Args:
        features: (N, C).
        reference: (M, C); usually the ground truth.
        eps: Added to each standard deviation. A feature that is constant over the reference is divided by it
            alone, so that a tiny one lets such features rule all distances.
        ddof: 1 for the standard deviation of a sample.
    """
    reference = reference.double()
    return (features.double() - reference.mean(dim=0)) / (reference.std(dim=0, correction=ddof) + eps)


def frechet_distance(features: Tensor, reference: Tensor) -> Tensor:
    """|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), a float64 scalar; NaN for fewer than two clips on a side.

    Covariances are those of samples (N − 1). The root's trace is the nuclear norm of the product of two
    factors of the covariances, exact also where they are singular: with fewer clips than features. There the
    distance is mostly the bias of the estimate: it shrinks as clips are added, whatever they are.

    Args:
        features: (N, C).
        reference: (M, C).

    Raises:
        ValueError: The two have no common number of features.

    >>> generator = torch.Generator().manual_seed(0)
    >>> features = torch.randn(50, 4, generator=generator)
    >>> shifted = features + torch.tensor([3.0, 0.0, 0.0, 0.0])
    >>> frechet_distance(features, features).round(decimals=6), frechet_distance(shifted, features)
    (tensor(0., dtype=torch.float64), tensor(9.0000, dtype=torch.float64))
    """
    if features.ndim != 2 or reference.ndim != 2 or features.shape[1] != reference.shape[1]:
        raise ValueError(
            "features and reference must be (clips, features) with as many features, "
            f"got {tuple(features.shape)} and {tuple(reference.shape)}"
        )
    if min(len(features), len(reference)) < MIN_CLIPS:
        return torch.tensor(torch.nan, dtype=torch.float64)
    first, second = features.double().cpu(), reference.double().cpu()
    difference = first.mean(dim=0) - second.mean(dim=0)
    one, two = _covariance_factor(first), _covariance_factor(second)
    root_trace = torch.linalg.matrix_norm(one @ two.T, ord="nuc")
    distance = difference.square().sum() + one.square().sum() + two.square().sum() - 2 * root_trace
    return distance.clamp(min=0)  # rounding of two equal sets


def frechet_distance_of_moments(
    mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor
) -> Tensor:
    """Fréchet distance between two Gaussians, a float64 scalar; :func:`frechet_distance` without the samples.

    The root's trace is again a nuclear norm, of the product of the covariances' symmetric factors. Components
    that are not more than rounding beside a covariance's largest are left out: rooted, they would not be small.

    Args:
        mean: (C,).
        covariance: (C, C), symmetric, may be singular.
        other_mean: (C,).
        other_covariance: (C, C).

    Raises:
        ValueError: The shapes do not fit one another.

    >>> frechet_distance_of_moments(torch.zeros(2), torch.eye(2), torch.tensor([3.0, 0.0]), 4 * torch.eye(2))
    tensor(11., dtype=torch.float64)
    """
    shapes = [tuple(tensor.shape) for tensor in (mean, covariance, other_mean, other_covariance)]
    if mean.ndim != 1 or shapes[:2] != shapes[2:] or shapes[1] != 2 * shapes[0]:
        raise ValueError(
            "means must be (features,) and covariances (features, features) with as many features on both "
            f"sides, got {', '.join(map(str, shapes))}"
        )
    difference = mean.double().cpu() - other_mean.double().cpu()
    one, other = _components(covariance.double().cpu()), _components(other_covariance.double().cpu())
    root_trace = torch.linalg.matrix_norm(one.T @ other, ord="nuc")
    distance = difference.square().sum() + one.square().sum() + other.square().sum() - 2 * root_trace
    return distance.clamp(min=0)  # rounding of two equal sides


def frechet_distance_resamples(
    features: Tensor, reference: Tensor, *, num_resamples: int, seed: int
) -> Tensor:
    """Fréchet distances (R,) of sets drawn from ``features`` with replacement, the reference being kept.

    A resample has fewer different clips than the set, so all lie above its distance: their spread tells the
    uncertainty, not their mean.
    """
    first, second = in_canonical_order(features.double().cpu()), reference.double().cpu()
    factor = _covariance_factor(second)
    mean = second.mean(dim=0)
    counts = resampled_counts(len(first), num_resamples, seed)
    return torch.stack([_weighted_distance(first, weights, mean, factor) for weights in counts])


def _weighted_distance(features: Tensor, counts: Tensor, mean: Tensor, factor: Tensor) -> Tensor:
    """Distance of the clips, each counted so many times, from a Gaussian of mean and covariance factor."""
    drawn = counts > 0
    weights, features = counts[drawn, None], features[drawn]
    own_mean = (weights * features).sum(dim=0) / weights.sum()
    spread = (features - own_mean) * (weights / (weights.sum() - 1)).sqrt()
    product = spread @ factor.T
    eigenvalues = torch.linalg.eigvalsh(product.T @ product).clamp(min=0)
    return (
        (own_mean - mean).square().sum() + spread.square().sum() + factor.square().sum()
        - 2 * eigenvalues.sqrt().sum()
    )  # fmt: skip


def _covariance_factor(features: Tensor) -> Tensor:
    """F (at most C rows, C) with FᵀF the covariance of the sample."""
    centred = (features - features.mean(dim=0)) / (len(features) - 1) ** 0.5
    return torch.linalg.qr(centred, mode="r").R if len(centred) > centred.shape[1] else centred


def _components(covariance: Tensor) -> Tensor:
    """F (C, K) with F Fᵀ the covariance, as many columns as it has components beyond rounding."""
    variances, axes = torch.linalg.eigh(covariance)
    least = variances.max() * len(covariance) * torch.finfo(torch.float64).eps
    kept = variances > least
    return axes[:, kept] * variances[kept].sqrt()
