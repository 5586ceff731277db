"""Trains a tiny expert under a strategy and writes down each step's loss: a script for the tests of strategies.

As the last thing, the averaged weights of the checkpoint are validated, and the losses are in ``losses-RANK.json``.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies import DDPStrategy, Strategy
from torch.optim import AdamW

from macedance.callbacks import ExponentialMovingAverage, RunCheckpoint
from macedance.datamodules import AppearanceData, MotionData
from macedance.distributed import FSDP2Strategy
from macedance.lightning_modules import AppearanceExpert, MotionExpert

TINY = {"width": 16, "num_dance_layers": 2, "num_music_layers": 1, "num_heads": 2, "state_size": 4}
# Adam blows up the rounding of gradients that are zero but for it; this does not.
OPTIMIZER = partial(AdamW, lr=1e-3, eps=1e-3)


class LossRecorder(L.Callback):
    """Keeps this rank's loss of each step."""

    def __init__(self) -> None:
        self.losses: dict[int, float] = {}

    def on_train_batch_end(self, trainer: L.Trainer, module: Any, outputs: Any, *args: Any) -> None:
        self.losses[trainer.global_step] = outputs["loss"].item()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--expert", choices=("motion", "kinematic", "aesthetic"), default="motion")
    parser.add_argument("--shards", required=True)
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--options", type=json.loads, default={}, help="of FSDP2Strategy, as JSON")
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--backbone", default="tiny")
    parser.add_argument("--ckpt-path")
    return parser.parse_args()


def expert_and_data(args: argparse.Namespace) -> tuple[L.LightningModule, L.LightningDataModule]:
    if args.expert == "motion":
        expert: L.LightningModule = MotionExpert(
            **TINY, dropout=0.0, ema_decay=0.5, num_validation_sampling_steps=2, optimizer=OPTIMIZER
        )
        data: Any = MotionData(
            args.shards, batch_size=4, window_frames=40, windows_per_clip=4, eval_batch_size=1
        )
        return expert, data
    expert = AppearanceExpert(
        args.backbone,
        stage=args.expert,
        adapter="base" if args.expert == "aesthetic" else None,
        lora_rank=4,
        dtype="float32",
        gradient_checkpointing=True,
        num_sampling_steps=2,
        num_validation_clips=1,
        optimizer=OPTIMIZER,
    )
    latents = ["latents.safetensors"]
    return expert, AppearanceData(
        args.shards, batch_size=2, members=latents, eval_members=[*latents, "video.mp4"], num_frames=9
    )


def strategy_of(args: argparse.Namespace) -> str | Strategy:
    if args.strategy == "fsdp2":
        return FSDP2Strategy(**args.options)
    return DDPStrategy(gradient_as_bucket_view=True) if args.strategy == "ddp" else args.strategy


def main() -> None:
    args = parse_arguments()
    torch.set_num_threads(1)
    L.seed_everything(0, verbose=False)
    expert, data = expert_and_data(args)
    recorder = LossRecorder()
    callbacks: list[L.Callback] = [
        recorder,
        RunCheckpoint(dirpath=args.folder, every_n_train_steps=1, save_top_k=0, enable_version_counter=False),
    ]
    if args.expert != "motion":
        callbacks.append(ExponentialMovingAverage(0.5))
    trainer = L.Trainer(
        accelerator="cpu",
        devices=args.devices,
        strategy=strategy_of(args),
        max_steps=args.steps,
        accumulate_grad_batches=args.accumulate,
        val_check_interval=args.steps * args.accumulate,
        check_val_every_n_epoch=None,
        callbacks=callbacks,
        logger=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=0.1,
    )
    trainer.fit(expert, data, ckpt_path=args.ckpt_path)
    scores = {
        name: value.item() for name, value in trainer.callback_metrics.items() if name.startswith("val/")
    }
    report = {"losses": recorder.losses, "scores": scores}
    (args.folder / f"losses-{trainer.global_rank}.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
