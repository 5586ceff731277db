"""Motion with music from MA-Data shards.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from macedance.data.motion_clips import EpochOrder, MotionClip, MotionWindows, WholeClips, load_motion_clips
from macedance.data.shards import expand_shards


class MotionData(L.LightningDataModule):
    """Windows of motion for training and whole clips for validation, test and prediction.

    Clips are held in memory. Order, crops and noise are functions of (seed, epoch, key): neither the number of
    workers nor that of ranks changes them.

    Args:
        shards: A folder with ``train-*.tar``, ``val-*.tar`` and ``test-*.tar``, as ``macedance data synthesize``
            writes it.
        batch_size: Windows in a global batch; divisible by the number of ranks.
        window_frames: Length of a training window at 30 fps.
        windows_per_clip: Windows of each clip in an epoch.
        eval_batch_size: Clips in a batch of validation, test and prediction, on each rank.
        num_workers: Processes that prepare batches.
        seed: Seed of order, crops and noise.
    """

    def __init__(
        self,
        shards: str,
        batch_size: int = 128,
        window_frames: int = 240,
        windows_per_clip: int = 1,
        eval_batch_size: int = 16,
        num_workers: int = 0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.shards, self.batch_size, self.seed = shards, batch_size, seed
        self.window_frames, self.windows_per_clip = window_frames, windows_per_clip
        self.eval_batch_size, self.num_workers = eval_batch_size, num_workers
        self.clips: dict[str, list[MotionClip]] = {}

    def setup(self, stage: str) -> None:
        """Read the clips of the splits that ``stage`` needs.

        Raises:
            FileNotFoundError: The folder lacks shards of a split.
            ValueError: The trainer would divide the batches among the ranks once more.
        """
        if self._is_divided_by_the_trainer():
            raise ValueError(
                "use_distributed_sampler must be False for MotionData, which divides each batch itself; "
                "pass Trainer(use_distributed_sampler=False)"
            )
        splits = {"fit": ("train", "val"), "validate": ("val",), "test": ("test",), "predict": ("test",)}
        for split in splits[stage]:
            if split not in self.clips:
                self.clips[split] = load_motion_clips(expand_shards(Path(self.shards), split))

    def motion_range(self) -> tuple[Tensor, Tensor]:
        """Smallest and largest value (C,) of each channel of the training motion."""
        motion = torch.cat([clip.motion for clip in self.clips["train"]])
        return motion.amin(dim=0), motion.amax(dim=0)

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        """Windows, in this rank's share of each global batch."""
        windows = MotionWindows(self.clips["train"], self.window_frames, self.windows_per_clip, self.seed)
        order = EpochOrder(len(windows), self.batch_size, self.seed, *self._rank_and_world_size())
        return DataLoader(
            windows,
            batch_size=order.local_batch_size,
            sampler=order,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,
        )

    def val_dataloader(self) -> DataLoader[dict[str, Any]]:
        """Whole clips of the validation split."""
        return self._whole_clips("val")

    def test_dataloader(self) -> DataLoader[dict[str, Any]]:
        """Whole clips of the test split."""
        return self._whole_clips("test")

    def predict_dataloader(self) -> DataLoader[dict[str, Any]]:
        """Whole clips of the test split."""
        return self._whole_clips("test")

    def _whole_clips(self, split: str) -> DataLoader[dict[str, Any]]:
        clips = WholeClips(self.clips[split], self.eval_batch_size, self.seed, *self._rank_and_world_size())
        return DataLoader(clips, batch_size=None, shuffle=False)

    def _is_divided_by_the_trainer(self) -> bool:
        trainer = self.trainer
        # The trainer keeps the flag where no public name leads.
        return bool(
            trainer and trainer.world_size > 1 and trainer._accelerator_connector.use_distributed_sampler
        )

    def _rank_and_world_size(self) -> tuple[int, int]:
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
