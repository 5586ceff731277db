"""Random numbers of the training step."""

from __future__ import annotations

import os
from typing import Any

import lightning as L
import numpy as np
import torch


class StepSeeding(L.Callback):
    """Seeds torch before each training batch from (seed, epoch, batch, rank): dropout is the same after a resume.

    The seed is that of ``seed_everything``.
    """

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed the CPU and device generators."""
        seed = int(os.environ.get("PL_GLOBAL_SEED", "0"))
        entropy = (seed, trainer.current_epoch, batch_idx, trainer.global_rank)
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))
