"""The Fréchet distance between clips of generated and of real videos."""

from __future__ import annotations

from typing import Any

from macedance.metrics.frechet_feature_distance import FrechetFeatureDistance


class FrechetVideoDistance(FrechetFeatureDistance):
    """FVD (Unterthiner et al. 2018): Fréchet distance between I3D's features of short clips; lower is better.

    The published choice follows StyleGAN-V: the 400 outputs of I3D trained on Kinetics-400, of clips of 16 frames
    whose short side is resized to 224, cropped at the centre and scaled to [−1, 1]. Not yet verified with
    real weights.

    See :class:`~macedance.metrics.frechet_feature_distance.FrechetFeatureDistance`.

    Args:
        num_features: Features of a sample.
        extractor: Name of what makes the features.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> features = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    >>> metric = FrechetVideoDistance(num_features=4, extractor="random")
    >>> metric.update(features, real=True)
    >>> metric.update(features, real=False)
    >>> metric.compute().round(decimals=6)
    tensor(0., dtype=torch.float64)
    """

    def __init__(self, num_features: int = 400, extractor: str = "i3d", **kwargs: Any) -> None:
        super().__init__(num_features, extractor, **kwargs)
