"""Training that is told to go, and goes on later as if nothing had been."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_info
from torch import distributed

from macedance.callbacks.run_checkpoint import RunCheckpoint

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


class PreemptionCheckpoint(L.Callback):
    """On SIGTERM or SIGUSR1 to any rank, has all ranks save after the same step and end with exit code 0.

    So does Ctrl-C where there are several ranks; a second one ends them at once.
    :class:`~macedance.callbacks.RunCheckpoint` saves. The run that goes on from there equals one that was never
    stopped. A validation that is due after the step in which all ranks know is left out; one that is under way comes
    to its end first, and if there is no time for that, ``last.ckpt`` was saved before it.

    Lightning's own handlers talk to other ranks, or save, wherever the signal finds them. They are replaced while
    training; afterwards Lightning puts back what stood there before its own, also when training fails.
    """

    def __init__(self) -> None:
        self._is_asked, self._is_stopping = False, False
        self._agreement: _Agreement | None = None
        self._limits: tuple[Any, ...] = ()
        self._was_strict: dict[int, bool] = {}
        self._interrupt: Any = None

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Require what saves.

        Raises:
            ValueError: It was left out.
        """
        if stage == "fit" and not any(isinstance(callback, RunCheckpoint) for callback in trainer.callbacks):
            raise ValueError(
                "trainer.callbacks must hold macedance.callbacks.RunCheckpoint beside PreemptionCheckpoint, which "
                "has it save; add it, or leave out both"
            )

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Replace the handlers, which only the main thread may do.

        Signals to the whole process group, as of torchrun or a terminal, are kept from the processes that prepare
        batches: without them no step comes to its end.
        """
        self._is_asked, self._is_stopping = False, False
        self._agreement = _Agreement() if trainer.world_size > 1 else None
        _spare_workers()
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                signal.signal(number, self._note)
            if self._agreement:
                self._interrupt = signal.signal(signal.SIGINT, self._note_interrupt)

    def on_validation_batch_start(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep signals from the processes that prepare batches of a validation, too."""
        if batch_idx == 0 and trainer.state.fn == "fit":
            _spare_workers()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Stop if a rank was asked to, before ``RunCheckpoint`` looks whether to save."""
        is_asked = self._agreement.ask(self._is_asked) if self._agreement else self._is_asked
        if is_asked and not self._is_stopping:
            self._is_stopping = True
            loop = trainer.fit_loop
            self._limits = trainer.limit_val_batches, loop.min_epochs, loop.min_steps
            self._was_strict = {id(callback): callback.strict for callback in _early_stopping(trainer)}
            trainer.limit_val_batches = 0  # stopping would begin with a validation
            loop.min_epochs, loop.epoch_loop.min_steps = 0, None
            for callback in _early_stopping(trainer):
                callback.strict = False  # there may have been no validation that it could look at
            trainer.should_stop = True

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Say what was saved and how to go on."""
        if self._agreement:
            self._agreement.close()
            self._agreement = None
        if self._interrupt is not None:
            signal.signal(signal.SIGINT, self._interrupt)
            self._interrupt = None
        if self._is_stopping:
            loop = trainer.fit_loop
            for callback in _early_stopping(trainer):
                callback.strict = self._was_strict[id(callback)]
            trainer.limit_val_batches, loop.min_epochs, loop.epoch_loop.min_steps = self._limits
            rank_zero_info(f"stopped by a signal after step {trainer.global_step}: {_told(trainer)}")

    def _note(self, number: int, frame: object) -> None:
        self._is_asked = True

    def _note_interrupt(self, number: int, frame: FrameType | None) -> None:
        """The first Ctrl-C asks; whoever cannot wait gives another."""
        if self._is_asked:
            signal.default_int_handler(number, frame)
        self._is_asked = True


def _spare_workers() -> None:
    """Move the processes that prepare batches out of this one's group, to which signals may be sent as a whole."""
    for process in multiprocessing.active_children():
        with suppress(PermissionError, ProcessLookupError):  # one that runs another program, or has ended
            os.setpgid(process.pid or 0, 0)


def _early_stopping(trainer: L.Trainer) -> list[EarlyStopping]:
    return [callback for callback in trainer.callbacks if isinstance(callback, EarlyStopping)]


def _told(trainer: L.Trainer) -> str:
    callback = trainer.checkpoint_callback
    path = callback.last_model_path if isinstance(callback, ModelCheckpoint) else ""
    if not path:
        return "nothing has been trained yet that could be saved; the same command begins anew"
    return f"the same command goes on with --ckpt_path {path}"


class _Agreement:
    """Tells all ranks in the same step that one of them was asked to stop, and keeps none waiting.

    What a rank says at the end of a step is on its way to the others during the next one.
    """

    def __init__(self) -> None:
        self._group = distributed.new_group(backend="gloo")
        self._said = torch.zeros(1, dtype=torch.int32)
        self._work: distributed.Work | None = None

    def ask(self, is_asked: bool) -> bool:
        """Whether any rank had been asked at the end of the last step; takes along what this rank says now."""
        is_agreed = self._arrived()
        self._said = torch.tensor([int(is_asked)], dtype=torch.int32)
        self._work = distributed.all_reduce(
            self._said, distributed.ReduceOp.MAX, group=self._group, async_op=True
        )
        return is_agreed

    def close(self) -> None:
        """Let what is under way arrive."""
        self._arrived()
        distributed.destroy_process_group(self._group)

    def _arrived(self) -> bool:
        if self._work is None:
            return False
        self._work.wait()
        return bool(self._said.item())
