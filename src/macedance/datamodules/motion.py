"""Motion with music from MA-Data shards.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader

from macedance.data.motion_clips import (
    MOTION_MEMBERS,
    MotionClip,
    MotionWindow,
    WholeClips,
    read_motion_clips,
)
from macedance.data.motion_range import augmented_range, joint_range, training_range
from macedance.data.shards import ShardError, ShardReader
from macedance.data.shards.loader import ElasticLoader
from macedance.datamodules.base import ShardData, Sources


class MotionData(ShardData):
    """Windows of motion for training, streamed, and whole clips for validation, test and prediction.

    Order, cuts, augmentation and noise are functions of (seed, epoch, key): neither the number of workers nor that of
    ranks changes them. A checkpoint in mid-epoch goes on exactly.

    Args:
        shards: A folder with ``train-*.tar``, ``val-*.tar`` and ``test-*.tar``, a glob pattern or a list of shards,
            local or for fsspec (``s3://``, ``https://`` ...); or a mapping from such to their shares of a mixture.
        batch_size: Windows in a global batch; divisible by the number of ranks.
        window_frames: Length of a training window at 30 fps.
        windows_per_clip: Windows of each clip in an epoch.
        mirror_probability: Probability of exchanging left and right in a training window.
        max_yaw_degrees: Training windows are turned about the vertical by up to this. Leave it at 0 for dances that
            are to face the camera.
        eval_batch_size: Clips in a batch of validation, test and prediction, on each rank.
        **reading: ``num_workers``, ``seed``, ``window_shards``, ``on_error``, ``cache_dir``, ``cache_gib``,
            ``pin_memory``: see :class:`~macedance.datamodules.base.ShardData`.
    """

    def __init__(
        self,
        shards: Sources,
        batch_size: int = 128,
        window_frames: int = 240,
        windows_per_clip: int = 1,
        mirror_probability: float = 0.0,
        max_yaw_degrees: float = 0.0,
        eval_batch_size: int = 16,
        **reading: Any,
    ) -> None:
        super().__init__(shards, batch_size, **reading)
        self.save_hyperparameters()
        self.window = MotionWindow(window_frames, mirror_probability, max_yaw_degrees)
        self.windows_per_clip, self.eval_batch_size = windows_per_clip, eval_batch_size
        self.clips: dict[str, list[MotionClip]] = {}

    def setup(self, stage: str) -> None:
        """Find the shards of the splits that ``stage`` needs, and read the clips to evaluate on.

        Raises:
            FileNotFoundError: The folder lacks shards of a split.
            ValueError: The trainer would divide the batches among the ranks once more, or a clip cannot be used.
        """
        self.require_own_division()
        if stage == "fit":
            self.locate("train")
        split = "val" if stage in ("fit", "validate") else "test"
        if split not in self.clips:
            problems: list[ShardError] = []
            skip = problems.append if self.on_error == "skip" else None
            self.clips[split] = [
                clip
                for shards in self.locate(split)
                for clip in read_motion_clips(ShardReader(shards, self.cache), skip)
            ]
            self.warn_of_skipped([str(problem) for problem in problems])

    def motion_range(self) -> tuple[Tensor, Tensor]:
        """Smallest and largest value (C,) of each channel of the training motion, augmentation included."""
        skip = (
            (lambda error: None) if self.on_error == "skip" else None
        )  # it is counted when it is trained on
        low, high = joint_range([training_range(source, skip) for source in self.sources])
        return augmented_range(
            low, high, mirror=self.window.mirror_probability > 0, yaw=self.window.max_yaw_degrees > 0
        )

    def train_dataloader(self) -> ElasticLoader:
        """Windows, in this rank's share of each global batch."""
        return self.training_loader(
            members=MOTION_MEMBERS, prepare=self.window, repeats=self.windows_per_clip
        )

    def evaluation_loader(self, split: str) -> DataLoader[dict[str, Any]]:
        """Batches of whole clips of a split, in this rank's share."""
        clips = WholeClips(
            self.clips[split],
            self.eval_batch_size,
            self.seed,
            *self.rank_and_world_size(),
            is_even=self.needs_even_batches(),
        )
        self.tell_left_out(split, len(clips.left_out))
        return DataLoader(clips, batch_size=None, shuffle=False)
