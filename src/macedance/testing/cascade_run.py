"""A clip through a cascade, as the kits need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L

from macedance.data.run_folder import RunFolder
from macedance.datamodules import CascadeData
from macedance.geometry.motion import Motion
from macedance.lightning_modules import Cascade
from macedance.render.video import probe_video

SIZE_PX = (32, 48)
FPS = 2.0
NUM_FRAMES = {"motion": 240, "video": 16}
"""Of the clip: 8 s at 30 and at 2 frames per second."""


def run_cascade(motion: Any, appearance: Any, shards: str, folder: Path) -> None:
    """Make the test clip of a rendered set, and fail unless its motion and its video are there and whole.

    Args:
        motion: A Motion Expert.
        appearance: An Appearance Expert.
        shards: The set.
        folder: Where to.
    """
    cascade = Cascade(motion, appearance, size_px=SIZE_PX, fps=FPS, output=str(folder))
    trainer = L.Trainer(
        accelerator="cpu",
        devices=1,
        logger=False,
        use_distributed_sampler=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    trainer.predict(cascade, CascadeData(shards, num_clips=1), return_predictions=False)
    made = RunFolder(folder / "test")
    (key,) = made.keys()
    found = {
        "motion": Motion.load(made.motion_file(key)).num_frames,
        "video": probe_video(made.video_file(key)).num_frames,
    }
    assert found == NUM_FRAMES, f"the cascade's clip must have frames {NUM_FRAMES}, got {found}"
