"""Pictures of generated dances in the log."""

from __future__ import annotations

import lightning as L
import torch
from lightning.pytorch.loggers import TensorBoardLogger

from macedance.geometry.motion import Motion


class MotionSampleLogger(L.Callback):
    """After each validation, logs contact sheets of dances that the expert has just generated.

    The pictures go to TensorBoard's IMAGES page as ``samples/KEY``. Without a TensorBoard logger there is
    nothing to do.

    Args:
        num_clips: Clips of the validation set to show.
        num_images: Pictures of each, spread over its length.
    """

    def __init__(self, num_clips: int = 2, num_images: int = 12) -> None:
        self.num_clips, self.num_images = num_clips, num_images

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Render what the module left in ``validation_samples``."""
        kept = getattr(pl_module, "validation_samples", {})
        samples = [(key, value) for key, value in kept.items() if isinstance(value, Motion)][: self.num_clips]
        if (
            trainer.sanity_checking
            or not isinstance(trainer.logger, TensorBoardLogger)
            or not trainer.is_global_zero
        ):
            return
        from macedance.render.contact_sheet import contact_sheet

        for key, motion in samples:
            sheet = contact_sheet(motion, num_images=self.num_images, columns=6)
            trainer.logger.experiment.add_image(
                f"samples/{key}", torch.from_numpy(sheet.copy()), trainer.global_step, dataformats="HWC"
            )
