"""Trains tiny experts for ten steps on the CPU and prints their losses as JSON: FOLDER, for the data that it makes.

The data are of uniform random numbers, which every computer draws alike; a dance would be full of sines.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor
from torch.optim import AdamW
from torch.utils._python_dispatch import TorchDispatchMode

from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import encode_sample, write_shard
from macedance.datamodules import AppearanceData, MotionData
from macedance.lightning_modules import AppearanceExpert, MotionExpert

NUM_STEPS = 10  # of three in an epoch
NUM_CLIPS, CLIPS_IN_SHARD = {"train": 6, "val": 2}, 2
NUM_FRAMES, NUM_LATENT_FRAMES, LATENT_SIZE_PX = 60, 3, 4
TINY = {"width": 16, "num_dance_layers": 1, "num_music_layers": 1, "num_heads": 2, "state_size": 4}


class ExactRoots(TorchDispatchMode):
    """Takes square roots of float32 in float64.

    Torch leaves them to MKL's vector functions, which begin with an approximation of the processor's own making: the
    last bit is not that of another make's.
    """

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        is_root = function is torch.ops.aten.sqrt.default or (
            function is torch.ops.aten.pow.Tensor_Scalar and args[1] == 0.5
        )
        if is_root and isinstance(args[0], Tensor) and args[0].dtype == torch.float32:
            return function(args[0].double(), *args[1:]).float()
        return function(*args, **(kwargs or {}))


class Losses(L.Callback):
    """Keeps the loss of each batch, to the last bit."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.found.append(outputs["loss"].item().hex())


def losses_of(expert: L.LightningModule, data: L.LightningDataModule) -> list[str]:
    losses = Losses()
    trainer = L.Trainer(
        accelerator="cpu",
        devices=1,
        max_steps=NUM_STEPS,
        limit_val_batches=0,
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        callbacks=[losses],
    )
    with ExactRoots():
        trainer.fit(expert, data)
    return losses.found


def motion_losses(
    folder: Path, *, seed: int = 0, window_shards: int = 2, loss_weights: dict[str, float] | None = None
) -> list[str]:
    L.seed_everything(seed, verbose=False)
    expert = MotionExpert(
        **TINY, loss_weights=loss_weights, optimizer=lambda parameters: AdamW(parameters, lr=3e-3)
    )
    data = MotionData(
        str(folder / "motion"),
        batch_size=4,
        window_frames=40,
        windows_per_clip=2,
        window_shards=window_shards,
        mirror_probability=0.5,
        max_yaw_degrees=20,
    )
    return losses_of(expert, data)


def appearance_losses(
    folder: Path, stage: str, *, seed: int = 0, window_shards: int = 2, relay: int | None = None
) -> list[str]:
    L.seed_everything(0, verbose=False)
    expert = AppearanceExpert(
        backbone="tiny",
        stage=stage,
        adapter="base",
        lora_rank=4,
        seed=seed,
        relay_weights=None if relay is None else {relay: 1.0},
        gradient_checkpointing=False,
        dtype="float32",
        optimizer=lambda parameters: AdamW(parameters, lr=1e-2),
    )
    data = AppearanceData(
        str(folder / "latents"),
        batch_size=4,
        members=["latents.safetensors"],
        num_frames=4 * NUM_LATENT_FRAMES - 3,
        windows_per_clip=2,
        window_shards=window_shards,
    )
    return losses_of(expert, data)


def make_shards(folder: Path) -> None:
    random = np.random.default_rng(0)
    for split, count in NUM_CLIPS.items():
        for shard in range(count // CLIPS_IN_SHARD):
            keys = [f"{split}{shard}{number}" for number in range(CLIPS_IN_SHARD)]
            name = f"{split}-{shard:06d}.tar"
            write_shard(folder / "motion" / name, [dance(key, random) for key in keys])
            write_shard(folder / "latents" / name, [encodings(key, random) for key in keys])


def dance(key: str, random: np.random.Generator) -> dict[str, Any]:
    poses, trans = (
        np.cumsum(random.uniform(-0.05, 0.05, (NUM_FRAMES, *shape)), axis=0).astype(np.float32)
        for shape in ((24, 3), (3,))
    )
    music = random.uniform(0, 2, (NUM_FRAMES, MUSIC_DIM)).astype(np.float32)
    about = {"fps": 30, "genre": "Hiphop", "num_frames": NUM_FRAMES, "beats_seconds": [0.5, 1.0, 1.5]}
    motion = {"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)}
    return encode_sample(key, about, motion=motion, music=music)


def encodings(key: str, random: np.random.Generator) -> dict[str, Any]:
    video = (16, NUM_LATENT_FRAMES, LATENT_SIZE_PX, LATENT_SIZE_PX)
    shapes = {
        **dict.fromkeys(("video", "pose", "condition_r0", "condition_r1", "condition_r5"), video),
        "reference": (16, 1, LATENT_SIZE_PX, LATENT_SIZE_PX),
        "image_embedding": (17, 4),
        "text_embedding": (10, 32),
    }
    tensors = {
        name: torch.from_numpy(random.uniform(-1, 1, shape)).bfloat16() for name, shape in shapes.items()
    }
    size = [8 * LATENT_SIZE_PX] * 2
    about = {"latents": {"num_frames": 4 * NUM_LATENT_FRAMES - 3, "start_frame": 0, "size": size}}
    return encode_sample(key, about, files={"latents.safetensors": save(tensors)})


def all_losses(folder: Path) -> dict[str, list[str]]:
    """Of what is compared with the file, and of trainings that differ from it in one thing each."""
    make_shards(folder)
    return {
        "motion": motion_losses(folder),
        "kinematic": appearance_losses(folder, "kinematic"),
        "aesthetic": appearance_losses(folder, "aesthetic"),
        "motion, other seed": motion_losses(folder, seed=1),
        "motion, other loss weight": motion_losses(folder, loss_weights={"velocity": 2.0}),
        "motion, other order": motion_losses(folder, window_shards=1),
        "kinematic, other order": appearance_losses(folder, "kinematic", window_shards=1),
        "kinematic, other relay": appearance_losses(folder, "kinematic", relay=5),
        "aesthetic, other seed": appearance_losses(folder, "aesthetic", seed=1),
        "aesthetic, other order": appearance_losses(folder, "aesthetic", window_shards=1),
    }


if __name__ == "__main__":
    torch.backends.mkldnn.enabled = False
    print(json.dumps(all_losses(Path(sys.argv[1]))))
