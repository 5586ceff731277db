"""The Fréchet distance between generated and real dances.

Axis letters: N clips, M clips of the ground truth, T frames, J joints, C features.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.frechet import MIN_CLIPS, frechet_distance, frechet_distance_resamples
from macedance.metrics.functional.resampling import centred_interval
from macedance.metrics.motion_features import MotionFeatureMetric


class FrechetMotionDistance(MotionFeatureMetric):
    """Fréchet distance between the features of generated and of real dances: FID_k (kinetic), FID_g (geometric).

    Both sides are normalised by the ground truth's statistics. A float64 scalar, 0 for equal distributions,
    NaN with fewer than two clips on a side. The estimate is biased upwards, for C independent features by about
    C² / 4 · (1 / N + 1 / M): compare only numbers of as many clips, and look at what chance alone gives for as
    many (``chance``).

    Args:
        features: ``"kinetic"`` or ``"geometric"``.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There are no such features or protocol.

    >>> generator = torch.Generator().manual_seed(0)
    >>> dances = torch.randn(8, 30, 24, 3, generator=generator).cumsum(dim=1) / 50
    >>> metric = FrechetMotionDistance("geometric")
    >>> metric.update(dances, fps=30.0, real=True)
    >>> metric.update(dances, fps=30.0)
    >>> metric.compute().round(decimals=6)
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def compute(self) -> Tensor:
        """The distance, float64 scalar."""
        if not self._has_both_sides():
            return self._nan()
        return frechet_distance(*self.normalized()).to(self.device)

    def interval(self, *, num_resamples: int = 200, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Bounds of a 95 % bootstrap interval over generated clips, the ground truth being kept.

        It tells the spread from clip to clip about the estimate, rather too wide with few clips, and not the
        estimate's bias. NaN unless there are more clips than features: below, resamples tell nothing.
        """
        num_clips, num_features = self._gathered("generated").shape
        if not self._has_both_sides() or num_clips <= num_features:
            return self._nan(), self._nan()
        generated, reference = self.normalized()
        resamples = frechet_distance_resamples(generated, reference, num_resamples=num_resamples, seed=seed)
        low, high = centred_interval(frechet_distance(generated, reference), resamples)
        return low.clamp(min=0), high

    def chance(self, *, num_splits: int = 10, seed: int = 0) -> Tensor:
        """What dances like the ground truth's own would score, as many as were generated: the bias by chance.

        The mean distance of random halves of the ground truth, scaled from M / 2 against M / 2 clips to N
        against M as the bias is, by (1 / N + 1 / M) / (4 / M). Without generated clips N is M. A rough figure
        with fewer clips than features. NaN with fewer than four real clips.
        """
        reference = self._gathered("reference")
        if len(reference) < 2 * MIN_CLIPS:
            return self._nan()
        num_generated = len(self._gathered("generated")) or len(reference)
        generator = torch.Generator().manual_seed(seed)
        orders = [torch.randperm(len(reference), generator=generator) for _ in range(num_splits)]
        half = len(reference) // 2
        distances = [
            frechet_distance(*self.normalize(reference[order[:half]], reference[order[half:]], reference))
            for order in orders
        ]
        return torch.stack(distances).mean() * (len(reference) / num_generated + 1) / 4
