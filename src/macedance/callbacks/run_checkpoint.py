"""Checkpoints of a run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities import rank_zero_info

from macedance.callbacks.hang_watchdog import HangWatchdog
from macedance.callbacks.restart_progress import align_progress
from macedance.callbacks.whole_file_checkpoints import WholeFileCheckpointIO
from macedance.data.shards.loader import ElasticLoader
from macedance.distributed.sharded_checkpoint import put_back

log = logging.getLogger(__name__)


class RunCheckpoint(ModelCheckpoint):
    """Keeps the newest checkpoints, and one of the very last step.

    It saves after each validation, or every ``every_n_train_steps`` or ``train_time_interval`` if one of them is
    given. Lightning's own class saves nothing of what is trained after the last time. ``last.ckpt`` is also saved
    before each validation, so that whatever ends a validation costs no training.

    Args:
        filename: Name of the checkpoints beside ``last.ckpt``.
        monitor: What decides which checkpoints are kept; the step keeps the newest.
        mode: Whether ``max`` or ``min`` of it is best.
        save_top_k: How many to keep beside ``last.ckpt``.
        save_on_exception: Also save when the run is interrupted or fails.
        **kwargs: Passed on to ``ModelCheckpoint``.
    """

    _last_global_step_saved: int  # ModelCheckpoint's own

    def __init__(
        self,
        filename: str = "{step:07d}",
        monitor: str = "step",
        mode: str = "max",
        save_top_k: int = 2,
        save_on_exception: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filename=filename,
            monitor=monitor,
            mode=mode,
            save_last=True,
            save_top_k=save_top_k,
            save_on_exception=save_on_exception,
            **kwargs,
        )
        self._is_in_validation = False

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Find the folder, and have files written so that a full disk harms none."""
        self._is_in_validation = False
        if type(trainer.strategy.checkpoint_io) is TorchCheckpointIO:
            trainer.strategy.checkpoint_io = WholeFileCheckpointIO()
        super().setup(trainer, pl_module, stage)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, *args: Any, **kwargs: Any
    ) -> None:
        """Save the run's last step while the trainer still counts its epoch as unfinished.

        Afterwards it takes the epoch for done, however little of it was, and a longer run would go on with the next.
        """
        super().on_train_batch_end(trainer, pl_module, *args, **kwargs)
        self._save_if_ending(trainer)

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save what was trained; it counts as unsaved until there are scores."""
        if trainer.state.fn == "fit" and not trainer.sanity_checking:
            saved = self._last_global_step_saved
            self._save_last(trainer)
            self._last_global_step_saved = saved
            self._is_in_validation = True

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save as usual, with the scores of a validation after the last step too."""
        self._is_in_validation = False
        saved = self._last_global_step_saved
        if _is_ending(trainer):
            self._last_global_step_saved = 0
        super().on_validation_end(trainer, pl_module)
        self._last_global_step_saved = self._last_global_step_saved or saved
        self._save_if_ending(trainer)

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        """Save what was trained, unless a failure of one rank would leave it waiting for the others for ever.

        During a validation it has been saved. Whatever hinders the saving must not hide the exception.
        """
        if trainer.world_size == 1 and not self._is_in_validation:
            try:
                super().on_exception(trainer, pl_module, exception)
            except Exception as problem:
                log.warning("the last steps could not be saved (%s: %s)", type(problem).__name__, problem)

    def on_save_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Put the trainer's counters so that they go on where the data do."""
        if trainer.state.fn == "fit" and isinstance(trainer.train_dataloader, ElasticLoader):
            align_progress(checkpoint["loops"]["fit_loop"], int(trainer.num_training_batches))

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save the last step, unless that has been done, and say where."""
        self._save_last(trainer)
        if self.last_model_path:
            rank_zero_info(f"saved {self.last_model_path}")

    def _find_last_checkpoints(self, trainer: L.Trainer) -> set[str]:
        """For ``--ckpt_path last``: also one that was being replaced when the process was killed."""
        put_back(
            Path(self._ModelCheckpoint__resolve_ckpt_dir(trainer))
        )  # ModelCheckpoint has no public way to ask
        return super()._find_last_checkpoints(trainer)

    def _save_checkpoint(self, trainer: L.Trainer, filepath: str) -> None:
        super()._save_checkpoint(trainer, filepath)
        for callback in trainer.callbacks:
            if isinstance(callback, HangWatchdog):
                callback.on_checkpoint_saved()

    def _save_if_ending(self, trainer: L.Trainer) -> None:
        if trainer.state.fn == "fit" and not trainer.sanity_checking and _is_ending(trainer):
            self._save_last(trainer)

    def _save_last(self, trainer: L.Trainer) -> None:
        if trainer.global_step != self._last_global_step_saved and not trainer.fast_dev_run:
            self._save_last_checkpoint(trainer, self._monitor_candidates(trainer))


def _is_ending(trainer: L.Trainer) -> bool:
    """Whether this step is the last, of those that there may be or since the run is to stop and may."""
    is_stopped = bool(trainer.should_stop) and trainer.fit_loop._can_stop_early  # there is no public name
    return is_stopped or 0 <= trainer.max_steps <= trainer.global_step
