from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import lightning as L
import pytest
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.optim import AdamW

from macedance.datamodules import MotionData
from macedance.lightning_modules import MotionExpert

TINY = {"width": 16, "num_dance_layers": 1, "num_music_layers": 1, "num_heads": 2, "state_size": 4}


def _tiny_expert(**arguments: Any) -> MotionExpert:
    L.seed_everything(0, verbose=False)
    options = {
        "dropout": 0.1,
        "num_sampling_steps": 3,
        "num_validation_sampling_steps": 2,
        "ema_decay": 0.9,
        "optimizer": lambda parameters: AdamW(parameters, lr=3e-3),
    }
    return MotionExpert(**{**TINY, **options, **arguments})


def _tiny_data(shards: Path, **arguments: Any) -> MotionData:
    return MotionData(
        str(shards), **{"batch_size": 4, "window_frames": 40, "eval_batch_size": 2, **arguments}
    )


def _tiny_trainer(folder: Path, **arguments: Any) -> L.Trainer:
    options = {
        "accelerator": "cpu",
        "devices": 1,
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
        "use_distributed_sampler": False,
        "num_sanity_val_steps": 0,
        "default_root_dir": folder,
        "max_epochs": 1,
        "limit_val_batches": 0,
    }
    return L.Trainer(**{**options, **arguments})


@pytest.fixture
def tiny_expert() -> Callable[..., MotionExpert]:
    return _tiny_expert


@pytest.fixture
def tiny_data(motion_shards: Path) -> Callable[..., MotionData]:
    return partial(_tiny_data, motion_shards)


@pytest.fixture
def tiny_trainer(tmp_path: Path) -> Callable[..., L.Trainer]:
    return partial(_tiny_trainer, tmp_path)


@pytest.fixture(scope="module")
def trained(motion_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint after two epochs."""
    folder = tmp_path_factory.mktemp("trained")
    saving = ModelCheckpoint(folder, save_last=True)
    trainer = _tiny_trainer(folder, max_epochs=2, enable_checkpointing=True, callbacks=[saving])
    trainer.fit(_tiny_expert(), _tiny_data(motion_shards, windows_per_clip=2))
    return folder / "last.ckpt"
