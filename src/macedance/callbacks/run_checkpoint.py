"""Checkpoints of a run."""

from __future__ import annotations

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_info


class RunCheckpoint(ModelCheckpoint):
    """Keeps the newest checkpoints, and one of the very last step.

    Lightning's own class saves at validation, and nothing of what is trained after the last one.

    Args:
        save_top_k: How many to keep beside ``last.ckpt``.
        save_on_exception: Also save when the run is interrupted or fails.
        **kwargs: Passed on to ``ModelCheckpoint``.
    """

    def __init__(self, save_top_k: int = 2, save_on_exception: bool = True, **kwargs: Any) -> None:
        super().__init__(
            **{"filename": "{step:07d}", "monitor": "step", "mode": "max", **kwargs},
            save_last=True,
            save_top_k=save_top_k,
            save_on_exception=save_on_exception,
        )
        self._saved_early = 0

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, *args: Any, **kwargs: Any
    ) -> None:
        """Save the run's last step while the trainer still counts its epoch as unfinished.

        Afterwards it takes the epoch for done, however little of it was, and a longer run would go on with the next.
        """
        super().on_train_batch_end(trainer, pl_module, *args, **kwargs)
        is_last = trainer.should_stop or trainer.global_step == trainer.max_steps
        if is_last and trainer.global_step != self._last_global_step_saved:
            self._save_last_checkpoint(trainer, self._monitor_candidates(trainer))
            self._saved_early = trainer.global_step

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save as usual, with the scores of a validation after the last step too."""
        if self._saved_early == trainer.global_step:
            self._last_global_step_saved = 0
        super().on_validation_end(trainer, pl_module)

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        """Save what was trained, unless a failure of one rank would leave it waiting for the others for ever."""
        if trainer.world_size == 1 or isinstance(exception, KeyboardInterrupt):
            super().on_exception(trainer, pl_module, exception)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save the last step, unless that has been done, and say where."""
        if trainer.global_step != self._last_global_step_saved:
            self._save_last_checkpoint(trainer, self._monitor_candidates(trainer))
        rank_zero_info(f"saved {self.last_model_path}")
