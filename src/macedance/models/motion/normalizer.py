"""Min–max normalisation whose statistics travel inside the checkpoint."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MinMaxNormalizer(nn.Module):
    """Maps each channel's range in the training set to [-1, 1] and back.

    A channel that never changes maps to 0, and back to its value. Its buffers start empty of meaning (NaN), so
    an untrained normaliser cannot be used unnoticed.
    """

    minimum: Tensor
    maximum: Tensor

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.register_buffer("minimum", torch.full((num_channels,), float("nan")))
        self.register_buffer("maximum", torch.full((num_channels,), float("nan")))

    @property
    def is_fitted(self) -> bool:
        """Whether statistics have been set or loaded."""
        return not bool(torch.isnan(self.minimum).any())

    def set_range(self, minimum: Tensor, maximum: Tensor) -> None:
        """Take each channel's smallest and largest value (C,) in the training set."""
        self.minimum.copy_(minimum)
        self.maximum.copy_(maximum)

    def normalize(self, x: Tensor) -> Tensor:
        """Return (..., C) in [-1, 1] from (..., C) in natural units."""
        return (x - self._centre) / torch.where(self._half_range > 0, self._half_range, 1)

    def denormalize(self, x: Tensor) -> Tensor:
        """Return (..., C) in natural units from (..., C) in [-1, 1]."""
        return x * self._half_range + self._centre

    @property
    def _centre(self) -> Tensor:
        return (self.maximum + self.minimum) / 2

    @property
    def _half_range(self) -> Tensor:
        return (self.maximum - self.minimum) / 2
