"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


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
        super().__init__(use_buffers=False)

    @torch.no_grad()
    def _update(self, average: list[Tensor], current: list[Tensor], num_averaged: Tensor | int) -> None:
        step = int(num_averaged)
        get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))(average, current, num_averaged)

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Make the average, of the weights alone, where the model is going to be: on this process's device.

        The module itself may hold what cannot be copied, such as factories of optimizers that know the trainer.
        """
        if stage == "fit":
            weights = nn.Module()
            for name, child in pl_module.named_children():
                weights.add_module(name, child)
            for name, parameter in pl_module.named_parameters(recurse=False):
                weights.register_parameter(name, parameter)
            for name, buffer in pl_module.named_buffers(recurse=False):
                weights.register_buffer(name, buffer)
            device = trainer.strategy.root_device
            self._average_model = AveragedModel(weights, device, multi_avg_fn=self._update, use_buffers=False)

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Copy buffers that the module set up after the average was made, such as statistics of the data."""
        assert self._average_model is not None
        for average, current in zip(self._average_model.module.buffers(), pl_module.buffers(), strict=True):
            average.data.copy_(current.data)

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore the average and the weights in training; outside training the average is all there is."""
        if self._average_model is not None:
            super().on_load_checkpoint(trainer, pl_module, checkpoint)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leave the weights as they are, for the checkpoint that other callbacks write now."""

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """After training, leave the average as the module's weights."""
        if stage == "fit" and self._average_model is not None:
            self._copy_average_to_current(pl_module)
