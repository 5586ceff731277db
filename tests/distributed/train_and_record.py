"""Trains a tiny Motion Expert and writes down, for each step, what this rank saw: a script for the resume tests."""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch.optim import AdamW

from macedance.callbacks import (
    HangWatchdog,
    NonFiniteGuard,
    PreemptionCheckpoint,
    RunCheckpoint,
    SkippedSampleReport,
)
from macedance.datamodules import MotionData
from macedance.distributed import FSDP2Strategy
from macedance.lightning_modules import MotionExpert
from macedance.ops.sharded_tensors import local_part

LONG_SECONDS = 1000
TINY = {"width": 16, "num_dance_layers": 1, "num_music_layers": 1, "num_heads": 2, "state_size": 4}


class Recorder(L.Callback):
    """Appends step, epoch, seeds of the samples and loss to ``steps-RANK.jsonl``; may die in the middle of a step."""

    def __init__(self, folder: Path, kill_at: int | None, kill_rank: int) -> None:
        self.folder, self.kill_at, self.kill_rank = folder, kill_at, kill_rank

    def on_before_optimizer_step(self, trainer: L.Trainer, *args: Any) -> None:
        if trainer.global_step == self.kill_at and trainer.global_rank == self.kill_rank:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        row = {
            "step": trainer.global_step,
            "epoch": trainer.current_epoch,
            "batch": batch_idx,
            "seeds": batch["seed"].tolist(),
            "motion": batch["motion"].double().sum().item(),
            "loss": outputs["loss"].item(),
        }
        with (self.folder / f"steps-{trainer.global_rank}.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


class SlowValidation(L.Callback):
    """Takes its time in a validation, while there is a file ``validating``; may die there."""

    def __init__(self, folder: Path, seconds: float, kill_at: int | None) -> None:
        self.mark, self.seconds, self.kill_at = folder / "validating", seconds, kill_at

    def on_validation_batch_start(self, trainer: L.Trainer, *args: Any) -> None:
        if trainer.global_step == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.seconds:
            self.mark.touch()
            for _ in range(round(self.seconds * 100)):
                time.sleep(0.01)  # many, for time in which the process is stopped must not count
            self.mark.unlink()


class TroubledGradient(L.Callback):
    """On one rank, a gradient is not a number after the backward passes of some steps."""

    def __init__(self, rank: int, steps: list[int]) -> None:
        self.rank, self.steps = rank, steps

    def on_after_backward(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if trainer.global_rank == self.rank and trainer.global_step in self.steps:
            gradients = [local_part(parameter.grad) for parameter in pl_module.parameters()]
            next(gradient for gradient in gradients if gradient.numel()).fill_(torch.nan)


class TroubledData(MotionData):
    """On one rank the batch of a step never comes, or what is in it is not a number."""

    def trouble(self, rank: int, stall_at: int | None, nan_at: list[int]) -> TroubledData:
        self.troubled_rank, self.stall_at, self.nan_at = rank, stall_at, nan_at
        return self

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        if self.trainer.training and self.trainer.global_rank == self.troubled_rank:
            if self.trainer.global_step == self.stall_at:
                time.sleep(LONG_SECONDS)
            if self.trainer.global_step in self.nan_at:
                batch["motion"] = batch["motion"] * torch.nan
        return batch


class Raiser(L.Callback):
    """Raises an exception in a hook at an epoch and a batch."""

    def __init__(self, place: str | None) -> None:
        self.hook, *self.place = place.split(":") if place else ("",)

    def _raise(self, hook: str, *place: int) -> None:
        if hook == self.hook and [str(number) for number in place] == self.place:
            raise RuntimeError("as was asked for")

    def on_train_batch_start(self, trainer: L.Trainer, module: Any, batch: Any, batch_idx: int) -> None:
        self._raise("batch_start", trainer.current_epoch, batch_idx)

    def on_before_optimizer_step(self, trainer: L.Trainer, *args: Any) -> None:
        self._raise("before_optimizer_step", trainer.current_epoch, trainer.fit_loop.batch_idx)

    def on_train_batch_end(
        self, trainer: L.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._raise("batch_end", trainer.current_epoch, batch_idx)

    def on_train_epoch_end(self, trainer: L.Trainer, module: Any) -> None:
        self._raise("epoch_end", trainer.current_epoch)

    def on_train_epoch_start(self, trainer: L.Trainer, module: Any) -> None:
        self._raise("epoch_start", trainer.current_epoch)

    def on_validation_batch_start(self, trainer: L.Trainer, *args: Any) -> None:
        self._raise("validation_batch_start", trainer.current_epoch, trainer.fit_loop.batch_idx)

    def on_validation_end(self, trainer: L.Trainer, module: Any) -> None:
        self._raise("validation_end", trainer.current_epoch, trainer.fit_loop.batch_idx)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--steps", type=int, default=-1)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=1, help="0: after each validation, or epoch")
    parser.add_argument("--raise-at", help="HOOK:EPOCH:BATCH where an exception is raised")
    parser.add_argument("--check-every-epoch", action="store_true")
    parser.add_argument("--validate-every", type=int)
    parser.add_argument("--limit", type=float, default=1.0)
    parser.add_argument("--on-error", default="raise")
    parser.add_argument("--kill-at", type=int)
    parser.add_argument("--kill-rank", type=int, default=0)
    parser.add_argument("--ckpt-path")
    parser.add_argument("--validation-seconds", type=float, default=0.0, help="of each batch")
    parser.add_argument("--kill-in-validation", type=int, help="step after which it is killed there")
    parser.add_argument("--hang-minutes", type=float, help="after which the watchdog ends the process")
    parser.add_argument("--troubled-rank", type=int, default=1)
    parser.add_argument("--stall-at", type=int, help="step whose batch never comes")
    parser.add_argument("--nan-at", type=int, nargs="*", default=[], help="steps whose batch holds NaN")
    parser.add_argument(
        "--nan-gradient-at", type=int, nargs="*", default=[], help="steps with a NaN gradient"
    )
    parser.add_argument("--own-group", action="store_true", help="of processes, as torchrun starts it")
    parser.add_argument("--strategy", default="ddp", help="of several ranks")
    return parser.parse_args()


def tiny_expert() -> MotionExpert:
    return MotionExpert(
        **TINY,
        dropout=0.1,
        ema_decay=0.9,
        num_validation_sampling_steps=2,
        optimizer=lambda parameters: AdamW(parameters, lr=3e-3),
    )


def data_of(args: argparse.Namespace) -> MotionData:
    data = TroubledData(
        args.shards,
        batch_size=args.batch_size,
        window_frames=40,
        windows_per_clip=3,
        eval_batch_size=1,
        num_workers=args.workers,
        window_shards=2,
        mirror_probability=0.5,
        max_yaw_degrees=20,
        on_error=args.on_error,
    )
    return data.trouble(args.troubled_rank, args.stall_at, args.nan_at)


def trainer_of(args: argparse.Namespace) -> L.Trainer:
    saving = RunCheckpoint(
        dirpath=args.folder, every_n_train_steps=args.save_every or None, enable_version_counter=False
    )
    watching = [HangWatchdog(args.hang_minutes)] if args.hang_minutes else []
    return L.Trainer(
        accelerator="cpu",
        devices=args.devices,
        strategy=_strategy(args),
        max_steps=args.steps,
        accumulate_grad_batches=args.accumulate,
        limit_train_batches=int(args.limit) if args.limit > 1 else args.limit,
        val_check_interval=args.validate_every,
        check_val_every_n_epoch=1 if args.check_every_epoch else None,
        limit_val_batches=1.0 if args.validate_every else 0,
        callbacks=[
            Recorder(args.folder, args.kill_at, args.kill_rank),
            Raiser(args.raise_at),
            SlowValidation(args.folder, args.validation_seconds, args.kill_in_validation),
            SkippedSampleReport(),
            TroubledGradient(args.troubled_rank, args.nan_gradient_at),
            PreemptionCheckpoint(),
            NonFiniteGuard(),
            *watching,
            saving,
        ],
        default_root_dir=args.folder,
        logger=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=1.0,
    )


def _strategy(args: argparse.Namespace) -> Any:
    if args.strategy == "fsdp2" and args.devices > 1:
        return FSDP2Strategy(save_distributed_checkpoint=False)
    return args.strategy if args.devices > 1 else "auto"


def main() -> None:
    args = parse_arguments()
    if args.own_group:
        os.setpgid(0, 0)
    torch.set_num_threads(1)
    L.seed_everything(0, verbose=False)
    expert = tiny_expert()
    trainer_of(args).fit(expert, data_of(args), ckpt_path=args.ckpt_path)


if __name__ == "__main__":
    main()
