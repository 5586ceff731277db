"""Generated clips beside the held-out ones. Axes: F frames, H height, W width."""

from __future__ import annotations

from pathlib import Path

import lightning as L
import numpy as np
import torch
from lightning.pytorch.loggers import TensorBoardLogger

from macedance.render.video_renderer import Video


class VideoSampleLogger(L.Callback):
    """After each validation, keeps the clips that the expert has just generated, each beside the held-out one.

    The videos go to ``samples/STEP/KEY.mp4`` in the run's folder, moments of them to TensorBoard's IMAGES page.
    Without videos among the module's ``validation_samples`` there is nothing to do.

    Args:
        num_clips: Clips of the validation set to keep.
        num_images: Moments of each on the page, spread over its length.
    """

    def __init__(self, num_clips: int = 2, num_images: int = 6) -> None:
        self.num_clips, self.num_images = num_clips, num_images

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Write what the module left in ``validation_samples``."""
        kept = getattr(pl_module, "validation_samples", {})
        samples = [(key, value) for key, value in kept.items() if isinstance(value, Video)][: self.num_clips]
        log_dir = trainer.log_dir  # asks the other ranks, so all must come by here
        if trainer.sanity_checking or not trainer.is_global_zero or log_dir is None:
            return
        for key, video in samples:
            video.save(Path(log_dir) / "samples" / f"{trainer.global_step:07d}" / f"{key}.mp4")
            if isinstance(trainer.logger, TensorBoardLogger):
                trainer.logger.experiment.add_image(
                    f"samples/{key}", self._moments(video), trainer.global_step, dataformats="HWC"
                )

    def _moments(self, video: Video) -> torch.Tensor:
        frames = list(video.frames)
        chosen = np.linspace(0, len(frames) - 1, self.num_images).round().astype(int)
        return torch.from_numpy(np.concatenate([frames[index] for index in chosen], axis=1))
