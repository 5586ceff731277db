"""Samples that could not be used, told."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import lightning as L
from torch import distributed

from macedance.data.shards.loader import ElasticLoader

NUM_TOLD = 5

log = logging.getLogger(__name__)


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
        if problems and trainer.is_global_zero:
            log.warning("epoch %d: %s", trainer.current_epoch, _told(problems))


def _told(problems: Sequence[str]) -> str:
    different = Counter(problems).most_common()
    lines = [f"{len(problems)} samples skipped:"]
    lines += [f"{problem} ({count} x)" for problem, count in different[:NUM_TOLD]]
    if len(different) > NUM_TOLD:
        lines.append(f"and {len(different) - NUM_TOLD} others")
    return "\n  ".join(lines)


def _of_all_ranks(problems: list[str]) -> list[str]:
    if not (distributed.is_available() and distributed.is_initialized()):
        return list(problems)
    gathered: list[list[str]] = [[] for _ in range(distributed.get_world_size())]
    distributed.all_gather_object(gathered, problems)
    return [problem for of_rank in gathered for problem in of_rank]
