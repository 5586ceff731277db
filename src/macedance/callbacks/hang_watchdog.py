"""Training that stands still, told and ended."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import lightning as L
from torch import Tensor
from torch.optim import Optimizer

from macedance.callbacks.rank_progress import FIRST_PLACE, Progress, ProgressBoard, standstill_line

STDERR = 2
LONGEST_POLL_SECONDS = 15.0


class HangWatchdog(L.Callback):
    """Ends the process with exit code 1 when training has stood still, and tells which rank kept it.

    Each rank marks where it is, and tells the others through a store of its own, whatever NCCL does. When a rank has
    made no mark for the time, one line on stderr names the ranks that are furthest behind, or do not answer at all,
    and where; those that can write the stacks of their threads. Time in which the process itself was stopped does not
    count.

    Args:
        timeout_minutes: How long no mark is a hang. It must be more than the longest batch, the writing of a
            checkpoint, and what follows the last batch of a validation.

    Raises:
        ValueError: ``timeout_minutes`` is not positive.
    """

    def __init__(self, timeout_minutes: float = 20.0) -> None:
        if timeout_minutes <= 0:
            raise ValueError(
                f"timeout_minutes must be positive, got {timeout_minutes}; leave the callback out to wait for ever"
            )
        self.timeout_minutes = timeout_minutes
        self._watch: _Watch | None = None
        self._place = self._place_before_saving = FIRST_PLACE

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Begin to watch."""
        board = ProgressBoard.shared(trainer) if trainer.world_size > 1 else None
        self._watch = _Watch(self.timeout_minutes, trainer.global_rank, board)
        self._watch.start()

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Mark that the batch is here."""
        self._mark(f"in the forward pass of step {trainer.global_step}")

    def on_before_backward(self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor) -> None:
        """Mark."""
        self._mark(f"in the backward pass of step {trainer.global_step}")

    def on_after_backward(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Mark."""
        self._mark(f"after the backward pass of step {trainer.global_step}")

    def on_before_optimizer_step(
        self, trainer: L.Trainer, pl_module: L.LightningModule, optimizer: Optimizer
    ) -> None:
        """Mark."""
        self._mark(f"in the update of the weights of step {trainer.global_step}")

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Mark."""
        self._mark(f"waiting for its batch in step {trainer.global_step}")

    def on_save_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Mark, to go back to the mark that is there now."""
        self._place_before_saving = self._place
        self._mark(f"saving a checkpoint before step {trainer.global_step}, or just after")

    def on_checkpoint_saved(self) -> None:
        """Mark that it is written; ``RunCheckpoint`` calls this."""
        self._mark(self._place_before_saving)

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Mark."""
        self._mark(f"in the validation before step {trainer.global_step}")

    def on_validation_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Mark; ranks may have different numbers of batches."""
        place = f"after batch {batch_idx} of the validation before step {trainer.global_step}"
        self._mark(place, is_made_by_all=False)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Mark."""
        self._mark(f"at the end of the validation before step {trainer.global_step}")

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Mark."""
        self._mark(f"waiting for its batch in step {trainer.global_step}")

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop watching, when no other rank needs the store any more."""
        self._mark("at the end of the training")
        trainer.strategy.barrier()
        self._stop()

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        """Stop watching; this rank is about to end."""
        self._stop()

    def _mark(self, place: str, *, is_made_by_all: bool = True) -> None:
        self._place = place
        if self._watch:
            self._watch.mark(place, is_made_by_all)

    def _stop(self) -> None:
        if self._watch:
            self._watch.stop()
            self._watch = None


class _Watch:
    """Watches this rank's marks, and keeps what others told.

    One thread looks at the time and waits for nobody; another talks with the store and may be kept by it.
    """

    def __init__(self, timeout_minutes: float, rank: int, board: ProgressBoard | None) -> None:
        self._timeout_minutes, self._timeout = timeout_minutes, 60 * timeout_minutes
        self._poll = min(self._timeout / 20, LONGEST_POLL_SECONDS)
        self._rank, self._board = rank, board
        self._own = Progress()
        self._awake, self._marked_at, self._answered_at = 0.0, 0.0, 0.0
        self._known: dict[int, Progress] = {}
        self._heard_at: dict[int, float] = {}
        self._ended = threading.Event()
        talks = [self._talk] if board else []
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._look, *talks)]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads; one that is kept by the store is left behind."""
        self._ended.set()
        for thread in self._threads:
            thread.join(timeout=1.0)

    def mark(self, place: str, is_made_by_all: bool) -> None:
        """Note where the rank is."""
        self._own.place = place
        self._own.position += is_made_by_all
        self._own.num_marks += 1

    def _look(self) -> None:
        last, num_marks = time.monotonic(), 0
        while not self._ended.wait(self._poll):
            now = time.monotonic()
            self._awake += min(now - last, 2 * self._poll)  # not what passed while this process was stopped
            last = now
            if self._own.num_marks != num_marks:
                num_marks, self._marked_at = self._own.num_marks, self._awake
            elif self._awake - self._marked_at >= self._timeout:
                self._end_process()

    def _talk(self) -> None:
        assert self._board is not None
        try:
            while not self._ended.wait(self._poll):
                self._own.num_told += 1
                self._board.tell(self._own)
                if self._awake - self._marked_at >= self._timeout / 4:
                    self._hear(self._board.read())
                self._answered_at = self._awake
        except RuntimeError:
            return  # the first rank is gone, and will be told as not answering if training stands still

    def _hear(self, told: Mapping[int, Progress]) -> None:
        for rank, progress in told.items():
            before = self._known.get(rank)
            if before is None or before.num_told != progress.num_told:
                self._heard_at[rank] = self._awake
            self._known[rank] = progress

    def _end_process(self) -> None:
        """Say what is to be said by this rank, and end."""
        everyone = {**self._known, self._rank: self._own}
        silent = {rank for rank, heard_at in self._heard_at.items() if self._is_long_ago(heard_at)}
        silent -= {self._rank}
        if self._board and self._rank and self._is_long_ago(self._answered_at):
            silent, everyone = {0}, {0: everyone.get(0, Progress()), self._rank: self._own}
        lowest = min(progress.position for progress in everyone.values())
        behind = silent or {rank for rank, progress in everyone.items() if progress.position == lowest}
        if self._rank == min(everyone.keys() - silent if silent else behind):
            line = standstill_line(everyone, behind, bool(silent), self._timeout_minutes, self._board is None)
            os.write(STDERR, line.encode())
        if self._rank in behind:
            faulthandler.dump_traceback(STDERR)
        else:  # launchers end all when one ends, and those behind have stacks to tell
            time.sleep(2 * self._poll)
        flushing = threading.Thread(target=_flush, daemon=True)
        flushing.start()
        flushing.join(timeout=1.0)  # the thread that stands still may hold the stream
        os._exit(1)

    def _is_long_ago(self, moment: float) -> bool:
        return self._awake - moment >= self._timeout / 2


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
