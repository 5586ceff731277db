"""One rank of the scaling benchmark: trains an expert on made-up data, and writes down what it took.

Started by ``torchrun``, or alone; the settings come as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies import DDPStrategy, Strategy

from macedance.callbacks import HangWatchdog, NonFiniteGuard, PreemptionCheckpoint, RunCheckpoint
from macedance.datamodules import AppearanceData, MotionData
from macedance.distributed import FSDP2Strategy
from macedance.lightning_modules import AppearanceExpert, MotionExpert


class Stopwatch(L.Callback):
    """Time and peak memory of the steps after the first few, and every loss; may end its own process in a step."""

    def __init__(self, folder: Path, num_warmup: int, end_at: int | None, signal_number: int) -> None:
        self.folder, self.num_warmup = folder, num_warmup
        self.end_at, self.signal_number = end_at, signal_number
        self.start, self.first_step = 0.0, 0
        self.report: dict[str, Any] = {}

    def on_train_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        """Note what this process holds before the first step."""
        self.first_step = trainer.global_step
        self.report["anonymous_gib_before_training"] = _anonymous_gib()

    def on_before_optimizer_step(self, trainer: L.Trainer, *args: Any) -> None:
        """End this process if it is to."""
        is_last = trainer.global_rank == trainer.world_size - 1
        if is_last and self.end_at is not None and trainer.global_step == self.end_at:
            os.kill(os.getpid(), self.signal_number)

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, *args: Any
    ) -> None:
        """Write the loss down, and time all steps after those that warm up."""
        with (self.folder / f"losses-{trainer.global_rank}.jsonl").open("a") as file:
            file.write(json.dumps([trainer.global_step, outputs["loss"].item()]) + "\n")
        num_steps = trainer.global_step - self.first_step
        if num_steps == self.num_warmup:
            self.start = _now()
            if torch.cuda.is_available():
                torch.cuda.reset_peak_memory_stats()
        elif num_steps > self.num_warmup:
            self.report["seconds_per_step"] = (_now() - self.start) / (num_steps - self.num_warmup)

    def on_train_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        """Write the report."""
        if torch.cuda.is_available():
            self.report["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
            self.report["reserved_gib"] = torch.cuda.max_memory_reserved() / 2**30
        (self.folder / f"report-{trainer.global_rank}.json").write_text(json.dumps(self.report))


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def _anonymous_gib() -> float:
    """What this process has in memory that is no file's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    return kilobytes / 2**20


def expert_and_data(settings: dict[str, Any]) -> tuple[L.LightningModule, L.LightningDataModule]:
    model = dict(settings["model"])
    if settings["expert"] == "motion":
        return MotionExpert(**model), MotionData(
            settings["shards"],
            batch_size=settings["batch_size"],
            window_frames=settings["num_frames"],
            windows_per_clip=settings["windows_per_clip"],
            num_workers=settings["num_workers"],
            pin_memory=torch.cuda.is_available(),
        )
    return AppearanceExpert(**model), AppearanceData(
        settings["shards"],
        batch_size=settings["batch_size"],
        members=["latents.safetensors"],
        num_frames=settings["num_frames"],
        num_workers=settings["num_workers"],
    )


def strategy_of(settings: dict[str, Any]) -> str | Strategy:
    if settings["strategy"] == "fsdp2":
        return FSDP2Strategy(**settings["options"])
    if settings["strategy"] == "ddp":
        return DDPStrategy(gradient_as_bucket_view=True, broadcast_buffers=False)
    return "auto"


def main() -> None:
    settings = json.loads(sys.argv[1])
    folder = Path(settings["folder"])
    torch.set_float32_matmul_precision("high")
    if not torch.cuda.is_available():
        torch.set_num_threads(1)
    L.seed_everything(0, verbose=False)
    expert, data = expert_and_data(settings)
    end = getattr(signal, settings["signal"])
    last = folder / "last.ckpt"
    trainer = L.Trainer(
        accelerator="auto",
        devices=settings["num_ranks"],
        strategy=strategy_of(settings),
        precision=settings["precision"],
        max_steps=settings["num_steps"],
        limit_val_batches=0,
        callbacks=[
            Stopwatch(folder, settings["num_warmup"], settings["end_at"], end),
            RunCheckpoint(
                dirpath=folder,
                every_n_train_steps=settings["save_every"],
                save_top_k=0,
                enable_version_counter=False,
            ),
            PreemptionCheckpoint(),
            NonFiniteGuard(),
            HangWatchdog(),
        ],
        logger=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=1.0,
        default_root_dir=folder,
    )
    trainer.fit(expert, data, ckpt_path=str(last) if settings["resumes"] else None)


if __name__ == "__main__":
    main()
