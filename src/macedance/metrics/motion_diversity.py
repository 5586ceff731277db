"""The diversity of generated dances.

Axis letters: N clips, M clips of the ground truth, T frames, J joints, C features.
"""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.functional.diversity import average_pairwise_distance, pairwise_distance_resamples
from macedance.metrics.functional.resampling import centred_interval
from macedance.metrics.motion_features import MotionFeatureMetric

MIN_CLIPS_FOR_INTERVAL = 3


class MotionDiversity(MotionFeatureMetric):
    """Mean distance between the features of two dances: DIV_k (kinetic), DIV_g (geometric).

    Features are normalised by the ground truth's statistics, which ``update(..., real=True)`` takes in. A
    float64 scalar, NaN with fewer than two clips on a side. More is not better: jitter is diverse too. The
    ground truth's own value is the yardstick.

    Args:
        features: ``"kinetic"`` or ``"geometric"``.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There are no such features or protocol.

    >>> import torch
    >>> generator = torch.Generator().manual_seed(0)
    >>> dances = torch.randn(8, 30, 24, 3, generator=generator).cumsum(dim=1) / 50
    >>> metric = MotionDiversity("kinetic")
    >>> metric.update(dances, fps=30.0, real=True)
    >>> metric.update(dances[:1].expand(4, -1, -1, -1), fps=30.0)
    >>> metric.compute()
    tensor(0., dtype=torch.float64)
    """

    higher_is_better = None
    plot_lower_bound = 0.0

    def compute(self) -> Tensor:
        """The mean distance, float64 scalar."""
        if not self._has_both_sides():
            return self._nan()
        return average_pairwise_distance(self.normalized()[0]).to(self.device)

    def interval(self, *, num_resamples: int = 1000, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Bounds of the 95 % bootstrap interval over generated clips, the ground truth being kept.

        NaN with fewer than three clips: a single distance tells nothing of its spread.
        """
        if not self._has_both_sides() or len(self._gathered("generated")) < MIN_CLIPS_FOR_INTERVAL:
            return self._nan(), self._nan()
        generated, _ = self.normalized()
        resamples = pairwise_distance_resamples(generated, num_resamples=num_resamples, seed=seed)
        return centred_interval(average_pairwise_distance(generated), resamples)
