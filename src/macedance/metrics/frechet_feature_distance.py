"""The Fréchet distance between features of generated and of real videos.

Axis letters: N samples, C features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.plot import _AX_TYPE, _PLOT_OUT_TYPE

from macedance.metrics.functional.frechet import MIN_CLIPS, frechet_distance_of_moments

_SUMS = ("num", "sum", "outer_sum")


class FrechetFeatureDistance(Metric):
    """Fréchet distance between the features of generated and of real frames or clips; lower is better.

    A float64 scalar, 0 for equal distributions, NaN with fewer than two samples on a side. Only sums are kept,
    in float64, so that memory does not grow with the samples and several processes are exact. The estimate is
    biased upwards, the more the fewer samples there are: compare only numbers of as many. Not yet verified
    with real weights.

    Args:
        num_features: C.
        extractor: Name of what makes the features; metrics of unlike ones are not comparable.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Attributes:
        num_generated: Samples of generated videos so far, an int64 scalar.
        num_real: Samples of real videos so far, an int64 scalar.

    >>> features = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    >>> metric = FrechetFeatureDistance(num_features=4)
    >>> metric.update(features, real=True)
    >>> metric.update(features + torch.tensor([3.0, 0.0, 0.0, 0.0]), real=False)
    >>> metric.compute().round(decimals=4)
    tensor(9., dtype=torch.float64)
    """

    is_differentiable = False
    full_state_update = False
    higher_is_better = False
    plot_lower_bound = 0.0
    num_generated: Tensor
    num_real: Tensor

    def __init__(self, num_features: int, extractor: str = "random", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_features = num_features
        self.extractor = extractor
        zeros = torch.zeros(num_features, dtype=torch.float64)
        for side in ("generated", "real"):
            self.add_state(f"num_{side}", torch.tensor(0), dist_reduce_fx="sum")
            self.add_state(f"sum_{side}", zeros, dist_reduce_fx="sum")
            self.add_state(f"outer_sum_{side}", torch.outer(zeros, zeros), dist_reduce_fx="sum")

    def update(self, features: Tensor, *, real: bool) -> None:
        """Take samples in.

        Args:
            features: (N, C).
            real: Whether they are of real videos.

        Raises:
            ValueError: The shape is another, or a feature is not finite.
        """
        if features.ndim != 2 or features.shape[1] != self.num_features:
            raise ValueError(
                f"features must be (samples, {self.num_features}) as num_features says, "
                f"got {tuple(features.shape)}"
            )
        features = features.detach().to(self.device, torch.float64)
        if not features.isfinite().all():
            raise ValueError("features must be finite, got NaN or infinity; see what the extractor was given")
        sums = (len(features), features.sum(dim=0), features.T @ features)
        for name, value in zip(self._names(real), sums, strict=True):
            setattr(self, name, getattr(self, name) + value)

    def compute(self) -> Tensor:
        """The distance, float64 scalar."""
        if min(self.num_generated, self.num_real) < MIN_CLIPS:
            return torch.tensor(torch.nan, dtype=torch.float64, device=self.device)
        distance = frechet_distance_of_moments(*self._moments(real=False), *self._moments(real=True))
        return distance.to(self.device)

    def use_reference_of(self, other: FrechetFeatureDistance) -> None:
        """Compare with the real samples that another metric holds, in place of own ones.

        Raises:
            ValueError: The other has features of another extractor or as many as do not fit.
        """
        if (other.extractor, other.num_features) != (self.extractor, self.num_features):
            raise ValueError(
                f"other must hold {self.num_features} features of {self.extractor}, holds "
                f"{other.num_features} of {other.extractor}"
            )
        for name in self._names(real=True):
            setattr(self, name, getattr(other, name).to(self.device))
        self._computed = None

    def plot(
        self, val: Tensor | Sequence[Tensor] | None = None, ax: _AX_TYPE | None = None
    ) -> _PLOT_OUT_TYPE:
        """Figure and axes of the current value, or of given results of ``compute``."""
        return self._plot(val, ax)

    @staticmethod
    def _names(real: bool) -> list[str]:
        return [f"{name}_{'real' if real else 'generated'}" for name in _SUMS]

    def _moments(self, *, real: bool) -> tuple[Tensor, Tensor]:
        """Mean (C,) and covariance (C, C) of a side's samples."""
        num, total, outer = (getattr(self, name) for name in self._names(real))
        mean = total / num
        return mean, (outer - num * torch.outer(mean, mean)) / (num - 1)
