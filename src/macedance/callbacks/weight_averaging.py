"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from macedance.ops.sharded_tensors import local_part, reshard


class ExponentialMovingAverage(L.Callback):
    """Averages the weights over training; the average is what is validated, saved as the model and exported.

    The decay warms up as min(decay, (1 + step) / (10 + step)), so that short runs are averaged over their own
    length. A checkpoint's ``state_dict`` holds the average, its ``current_model_state`` the weights in training.
    What does not train is not averaged. Of sharded weights each rank averages its part.

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
        self._current: list[nn.Parameter] = []
        self._average: list[Tensor] = []
        self._is_swapped = False
        self._num_averaged = 0
        self._latest_step = 0

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Begin with the weights as they are, or with the average of the checkpoint that was loaded.

        Raises:
            ValueError: The weights are of half precision, in whose rounding an average does not move.
        """
        reshard(pl_module)
        self._current = _trained(pl_module)
        half = next(
            (current.dtype for current in self._current if torch.finfo(current.dtype).bits < 32), None
        )
        if half is not None:
            raise ValueError(
                f"weights must be stored in float32 to be averaged, got {half}; use --trainer.precision bf16-mixed, "
                "which computes in half precision"
            )
        restored = self._average or self._current
        self._average = [
            average.detach().to(current.device, copy=True)
            for average, current in zip(restored, self._current, strict=True)
        ]

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Average in the weights after each optimizer step."""
        if trainer.global_step > self._latest_step:
            self._latest_step = trainer.global_step
            self._update()

    def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Within training, validate the average."""
        self._swap(pl_module)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Go on with the weights in training."""
        self._swap(pl_module)

    def state_dict(self) -> dict[str, Any]:
        """The step that was averaged in last."""
        return {"latest_update_step": self._latest_step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` gave."""
        self._latest_step = state_dict["latest_update_step"]

    def on_save_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Save the average as the model, and the weights in training beside it."""
        if not self._current:
            return
        was_swapped = self._is_swapped
        for is_average, name in ((False, "current_model_state"), (True, "state_dict")):
            if self._is_swapped != is_average:
                self._swap(pl_module)
            checkpoint[name] = {key: value.clone() for key, value in pl_module.state_dict().items()}
        if self._is_swapped != was_swapped:
            self._swap(pl_module)
        checkpoint["averaging_state"] = {"n_averaged": torch.tensor(self._num_averaged)}

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore the average and the weights in training; outside training the average is all there is.

        The module has taken over ``state_dict``, the average, already. A checkpoint without an average begins one.
        """
        if trainer.state.fn != "fit":
            return
        reshard(pl_module)
        self._average = [parameter.detach().clone() for parameter in _trained(pl_module)]
        if "current_model_state" in checkpoint:
            pl_module.load_state_dict(checkpoint["current_model_state"])
            self._num_averaged = int(checkpoint["averaging_state"]["n_averaged"])

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """After training, leave the average as the module's weights."""
        if stage == "fit" and self._current:
            reshard(pl_module)
            with torch.no_grad():
                torch._foreach_copy_(_local(self._current), _local(self._average))
            self._current, self._average, self._num_averaged = [], [], 0

    @torch.no_grad()
    def _update(self) -> None:
        weight = newest_weight(self.decay, self._num_averaged)
        torch._foreach_lerp_(_local(self._average), _local(self._current), weight)
        self._num_averaged += 1

    @torch.no_grad()
    def _swap(self, module: L.LightningModule) -> None:
        """Exchange the average and the weights in training."""
        if not self._current:
            return
        reshard(module)
        kept = [current.clone() for current in _local(self._current)]
        torch._foreach_copy_(_local(self._current), _local(self._average))
        torch._foreach_copy_(_local(self._average), kept)
        self._is_swapped = not self._is_swapped


def newest_weight(decay: float, num_averaged: int) -> float:
    """What the newest weights count for in the average of them and of ``num_averaged`` before them.

    >>> [round(newest_weight(0.999, num_averaged), 3) for num_averaged in (0, 1, 100, 100_000)]
    [1.0, 0.818, 0.082, 0.001]
    """
    return 1 - min(decay, (1 + num_averaged) / (10 + num_averaged)) if num_averaged else 1.0


def _trained(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]


def _local(tensors: list[nn.Parameter] | list[Tensor]) -> list[Tensor]:
    return [local_part(tensor) for tensor in tensors]
