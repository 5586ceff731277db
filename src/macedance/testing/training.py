"""Short trainings, as the kits need them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor

from macedance.callbacks import RunCheckpoint


def train(
    expert: L.LightningModule,
    data: L.LightningDataModule,
    folder: Path,
    *,
    num_steps: int,
    resume_from: Path | None = None,
) -> Path:
    """The checkpoint after ``num_steps`` optimizer steps on the CPU, each run of which begins with the same seed."""
    L.seed_everything(0, verbose=False)
    trainer = L.Trainer(
        accelerator="cpu",
        devices=1,
        max_steps=num_steps,
        max_epochs=num_steps,  # an end, also where no step is ever counted
        limit_val_batches=1,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        logger=CSVLogger(folder / "log"),  # which refuses arguments that model and data give different values
        log_every_n_steps=1,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[RunCheckpoint(dirpath=folder / "checkpoints")],
        default_root_dir=folder,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The dirpath has changed")  # each part of a run has its own folder
        trainer.fit(expert, data, ckpt_path=resume_from)
    assert trainer.global_step == num_steps, (
        f"after training to max_steps={num_steps}, trainer.global_step is {trainer.global_step}: a run ends by "
        "steps of the optimizer, so with automatic_optimization = False each batch must make one"
    )
    return folder / "checkpoints" / "last.ckpt"


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a checkpoint holds, read as ``macedance.load_expert`` does: nothing in it may be code."""
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        raise AssertionError(
            "the checkpoint must hold nothing but tensors and plain containers, so that it can be read without "
            "running code; call save_hyperparameters(ignore=[...]) with the arguments that are objects, such as "
            f"optimizer and lr_scheduler ({error})"
        ) from error


def differing(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> list[str]:
    """Names of the tensors that are in one state alone, or are not equal bit for bit."""
    names = sorted(first.keys() | second.keys())
    return [
        name
        for name in names
        if name not in first or name not in second or not torch.equal(first[name], second[name])
    ]
