"""A training of two weights, fast enough to try what happens around it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.utils.data import DataLoader

from macedance.callbacks import RunCheckpoint

GOOD, OTHER = (1.0, 2.0), (2.0, -1.0)
NAN_LOSS = (torch.nan, 1.0)
NAN_GRADIENT = (0.0, 0.0)
"""The loss is a norm: 0 here, where it has no derivative."""


class Toy(L.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([1.0, 3.0]))
        self.num_validations = 0

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        return (batch["x"] * self.weight).sum(1).square().sum().sqrt()

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        pass

    def on_validation_epoch_end(self) -> None:
        self.num_validations += 1

    def configure_optimizers(self) -> AdamW:
        return AdamW(self.parameters(), lr=0.1, weight_decay=0.5)


def batches(*values: Sequence[float]) -> DataLoader:
    """One sample a batch; its key is ``clipNUMBER``."""
    rows = [{"key": f"clip{number}", "x": torch.tensor(value)} for number, value in enumerate(values)]
    return DataLoader(rows, batch_size=1)


def toy_trainer(folder: Path, *callbacks: L.Callback, **options: Any) -> L.Trainer:
    return L.Trainer(
        **{
            "accelerator": "cpu",
            "devices": 1,
            "max_epochs": 1,
            "gradient_clip_val": 1.0,
            "limit_val_batches": 0,
            **options,
        },
        callbacks=[*callbacks, RunCheckpoint(dirpath=folder / "checkpoints", enable_version_counter=False)],
        default_root_dir=folder,
        logger=False,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
