"""Means of losses over all ranks' samples."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchmetrics import MeanMetric


class MeanTerms(nn.Module):
    """Weighted means of named numbers, right also where ranks hold different numbers of samples.

    Lightning's own averages over ranks divide the whole numbers of samples as such, so that (2 + 1) / 2 is 1.

    >>> import torch
    >>> terms = MeanTerms()
    >>> terms.update({"loss": torch.tensor(1.0)}, num_samples=3)
    >>> terms.update({"loss": torch.tensor(5.0)}, num_samples=1)
    >>> terms.compute()
    {'loss': tensor(2.)}
    """

    def __init__(self) -> None:
        super().__init__()
        self.means = nn.ModuleDict()

    def update(self, terms: Mapping[str, Tensor], num_samples: int) -> None:
        """Take in means over ``num_samples`` samples."""
        for name, value in terms.items():
            if name not in self.means:
                self.means[name] = MeanMetric().to(value.device)
            self.means[name].update(value.detach(), num_samples)

    def compute(self) -> dict[str, Tensor]:
        """The means over the samples of all ranks."""
        return {name: mean.compute() for name, mean in self.means.items()}

    def reset(self) -> None:
        """Forget everything."""
        for mean in self.means.values():
            mean.reset()
