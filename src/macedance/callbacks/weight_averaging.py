"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class ExponentialMovingAverage(WeightAveraging):
    """Averages the weights over training; the average is what is validated, saved as the model and exported.

    The decay warms up as min(decay, (1 + step) / (10 + step)), so that short runs are averaged over their own
    length. A checkpoint's ``state_dict`` holds the average, its ``current_model_state`` the weights in training.

    Args:
        decay: Decay per optimizer step that the warm-up tends to, in [0, 1).

    Raises:
        ValueError: ``decay`` is out of range.
    """

    def __init__(self, decay: float = 0.9999) -> None:
        if not 0 <= decay < 1:
            raise ValueError(
                f"decay must lie in [0, 1), got {decay}; 0.9999 suits long runs, 0.99 short ones"
            )
        self.decay = decay
        super().__init__(use_buffers=False, avg_fn=self._average)

    def _average(self, average: Tensor, current: Tensor, num_averaged: Tensor | int) -> Tensor:
        step = int(num_averaged)
        return average.lerp(current, 1 - min(self.decay, (1 + step) / (10 + step)))

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore the average and the weights in training; outside training the average is all there is."""
        if self._average_model is not None:
            super().on_load_checkpoint(trainer, pl_module, checkpoint)

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Copy buffers that the module set up after the average was made, such as statistics of the data."""
        assert self._average_model is not None
        for average, current in zip(self._average_model.module.buffers(), pl_module.buffers(), strict=True):
            average.data.copy_(current.data)
