"""Cascades of two experts that take no time, and how to run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch

from macedance.datamodules import CascadeData
from macedance.geometry.motion import Motion
from macedance.lightning_modules import Cascade
from macedance.render.video_renderer import Video

from .cascade_shards import SIZE_PX, VIDEO_FPS


class Turning:
    """A motion expert that turns on the spot, and counts how often it was asked."""

    def __init__(self) -> None:
        self.num_asked = 0

    def generate(
        self,
        music: torch.Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Motion:
        self.num_asked += 1
        num_frames = len(music) if num_frames is None else num_frames
        poses = torch.zeros(num_frames, 24, 3)
        poses[:, 0, 1] = torch.arange(num_frames) / 10
        poses[:, 16, 2] = torch.randn(1, generator=generator)
        return Motion(poses, torch.tensor([[0.0, 1.2, 0.0]]).repeat(num_frames, 1))


class Squares:
    """An appearance expert that shows the seed's shade, and does wrong where it is told to."""

    def __init__(
        self,
        fails_at: int | None = None,
        side_px: int | None = None,
        speed: float = 1,
        num_promised: int | None = None,
    ) -> None:
        self.num_asked, self.fails_at, self.side_px, self.speed = 0, fails_at, side_px, speed
        self.num_promised = num_promised

    def render(
        self,
        motion: Any,
        reference: Any,
        *,
        size_px: Any,
        fps: float,
        generator: Any,
        on_progress: Any = None,
    ) -> Video:
        self.num_asked += 1
        if self.num_asked == self.fails_at:
            raise RuntimeError("the power went off")
        shade = int(torch.randint(50, 200, (1,), generator=generator))
        frames = [
            np.full((self.side_px or size_px[1], self.side_px or size_px[0], 3), shade + number % 7, np.uint8)
            for number in range(round(motion.duration_seconds * fps / self.speed))
        ]
        return Video(frames, self.num_promised or len(frames), fps)


def cascade(output: Path, **more: Any) -> Cascade:
    arguments = {
        "motion": Turning(),
        "appearance": Squares(),
        "size_px": (SIZE_PX, SIZE_PX),
        "fps": VIDEO_FPS,
    }
    return Cascade(**{**arguments, "output": str(output), **more})


def run(model: Cascade, shards: Any, command: str = "validate", **data: Any) -> dict[str, float]:
    trainer = L.Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        default_root_dir=model.output,
        use_distributed_sampler=False,
    )
    with torch.random.fork_rng():
        getattr(trainer, command)(
            model, CascadeData(shards if isinstance(shards, dict) else str(shards), **data)
        )
    return {name: float(value) for name, value in trainer.callback_metrics.items()}
