"""The Fréchet distance between frames of generated and of real videos."""

from __future__ import annotations

from typing import Any

from macedance.metrics.frechet_feature_distance import FrechetFeatureDistance


class FrechetInceptionDistance(FrechetFeatureDistance):
    """FID (Heusel et al. 2017): Fréchet distance between Inception's features of frames; lower is better.

    The published choice is the 2048 features of the Inception network of 2015 that FID was defined with. Not
    yet verified with real weights.

    See :class:`~macedance.metrics.frechet_feature_distance.FrechetFeatureDistance`.

    Args:
        num_features: Features of a sample.
        extractor: Name of what makes the features.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> features = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    >>> metric = FrechetInceptionDistance(num_features=4, extractor="random")
    >>> metric.update(features, real=True)
    >>> metric.update(features, real=False)
    >>> metric.compute().round(decimals=6)
    tensor(0., dtype=torch.float64)
    """

    def __init__(self, num_features: int = 2048, extractor: str = "inception", **kwargs: Any) -> None:
        super().__init__(num_features, extractor, **kwargs)
