"""Samples that could not be used, told."""

from __future__ import annotations

import lightning as L
from lightning.pytorch.utilities import rank_zero_warn
from torch import distributed

from macedance.data.shards.loader import ElasticLoader

NUM_TOLD = 5


class SkippedSampleReport(L.Callback):
    """At the end of each training epoch, logs how many samples were skipped on all ranks, and names some.

    The number is ``data/skipped_samples``. There is nothing to tell unless the data are read with ``on_error: skip``.
    """

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Gather, log, name, and begin to count anew."""
        loader = trainer.train_dataloader
        if not isinstance(loader, ElasticLoader):
            return
        problems = _of_all_ranks(loader.skipped)
        loader.skipped.clear()
        pl_module.log("data/skipped_samples", float(len(problems)), rank_zero_only=True)
        if problems:
            more = f" and {len(problems) - NUM_TOLD} more" if len(problems) > NUM_TOLD else ""
            told = "\n  ".join(problems[:NUM_TOLD])
            rank_zero_warn(f"epoch {trainer.current_epoch}: {len(problems)} samples skipped:\n  {told}{more}")


def _of_all_ranks(problems: list[str]) -> list[str]:
    if not (distributed.is_available() and distributed.is_initialized()):
        return list(problems)
    gathered: list[list[str]] = [[] for _ in range(distributed.get_world_size())]
    distributed.all_gather_object(gathered, problems)
    return [problem for of_rank in gathered for problem in of_rank]
