"""Predicted motions and videos as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import BasePredictionWriter

from macedance.geometry.motion import Motion
from macedance.render.video_renderer import Video


class PredictionWriter(BasePredictionWriter):
    """Writes each motion of ``macedance predict`` as ``KEY.npz``, each video as ``KEY.mp4``.

    Args:
        folder: Where to; ``predictions`` in the run's folder if not given.
    """

    def __init__(self, folder: str | None = None) -> None:
        super().__init__(write_interval="batch")
        self.folder = folder
        self._chosen = Path()

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Choose the folder while all ranks are here to agree on the run's."""
        super().setup(trainer, pl_module, stage)
        if stage == "predict":
            own = Path(trainer.log_dir or trainer.default_root_dir) / "predictions"
            self._chosen = Path(self.folder) if self.folder else own

    def write_on_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        prediction: Any,
        batch_indices: Sequence[int] | None,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int,
    ) -> None:
        """Write what a batch gave, a mapping from key to motion or video."""
        assert isinstance(prediction, Mapping)
        for key, value in prediction.items():
            if isinstance(value, Motion):
                value.save(self._chosen / f"{key}.npz")
            elif isinstance(value, Video):
                value.save(self._chosen / f"{key}.mp4")
