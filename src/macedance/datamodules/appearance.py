"""Video clips, or their stored encodings, from MA-Data shards.

Axes: B batch, F frames, C channels, H height, W width.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from torch.utils.data import Dataset, Subset

from macedance.data.shards import ShardError, ShardReader
from macedance.data.shards.loader import (
    ElasticLoader,
    FetchedLoader,
    collate_fetched,
    require_sample_for_each_rank,
)
from macedance.data.shards.order import sample_seed
from macedance.data.shards.samples import Fetched
from macedance.data.video_clips import VideoWindow
from macedance.datamodules.base import ShardData, Sources


class AppearanceData(ShardData):
    """Windows of videos with what belongs to them, or stored encodings of fixed windows.

    Batches are mappings: ``key``, ``seed`` (B,) of the samples' noise, and by member ``video``, ``pose``, ``face``
    uint8 (B, C, F, H, W), ``reference`` uint8 (B, C, H, W), ``keypoints`` (B, F, K, 3), ``latents``. Order, cuts and
    noise are functions of (seed, epoch, key); a checkpoint in mid-epoch goes on exactly.

    Args:
        shards: A folder with ``train-*.tar``, ``val-*.tar`` and ``test-*.tar``, a glob pattern or a list of shards,
            local or for fsspec; or a mapping from such to their shares of a mixture. MA-Data mixes its rendered and
            its wild part 2 : 5.
        batch_size: Samples in a global batch; divisible by the number of ranks.
        members: What to read: some of ``video.mp4``, ``pose.mp4``, ``face.mp4``, ``keypoints.npy``,
            ``reference.jpg``, ``latents.safetensors``.
        eval_members: What to read for validation, test and prediction; ``members`` if None. Sets of encodings hold
            ``video.mp4`` for these alone.
        num_frames: Length of a window, 4k + 1 for Wan; that of the stored encodings, if the set has such.
        size: (H, W) that the videos must have; those of a batch must be alike in any case.
        mirror_probability: Probability of exchanging left and right in a training window. Not with pose drawings or
            latents.
        windows_per_clip: Windows of each clip in an epoch.
        eval_batch_size: Clips in a batch of validation, test and prediction, on each rank.
        **reading: ``num_workers``, ``seed``, ``window_shards``, ``on_error``, ``cache_dir``, ``cache_gib``,
            ``pin_memory``: see :class:`~macedance.datamodules.base.ShardData`.

    Raises:
        ValueError: A member is unknown, or cannot be mirrored and is to be.
    """

    def __init__(
        self,
        shards: Sources,
        batch_size: int = 128,
        members: Sequence[str] = ("video.mp4", "pose.mp4", "reference.jpg"),
        eval_members: Sequence[str] | None = None,
        num_frames: int = 77,
        size: tuple[int, int] | None = None,
        mirror_probability: float = 0.0,
        windows_per_clip: int = 1,
        eval_batch_size: int = 1,
        **reading: Any,
    ) -> None:
        super().__init__(shards, batch_size, **reading)
        self.save_hyperparameters()
        self.window = VideoWindow(tuple(members), num_frames, size, mirror_probability)
        self.eval_window = VideoWindow(
            tuple(members if eval_members is None else eval_members), num_frames, size
        )
        self.windows_per_clip, self.eval_batch_size = windows_per_clip, eval_batch_size

    def setup(self, stage: str) -> None:
        """Find the shards of the splits that ``stage`` needs.

        Raises:
            FileNotFoundError: The folder lacks shards of a split.
            ValueError: The trainer would divide the batches among the ranks once more.
        """
        self.require_own_division()
        for split in {"fit": ("train", "val"), "validate": ("val",)}.get(stage, ("test",)):
            located = self.locate(split)
            if split != "train":
                num_clips = sum(shard.num_samples for shards in located for shard in shards)
                require_sample_for_each_rank(num_clips, self.rank_and_world_size()[1])

    def train_dataloader(self) -> ElasticLoader:
        """Windows, in this rank's share of each global batch."""
        members = ("json", *self.window.members)
        return self.training_loader(members=members, prepare=self.window, repeats=self.windows_per_clip)

    def evaluation_loader(self, split: str) -> FetchedLoader:
        """The first window of each clip of a split, or that whose encodings are stored, in this rank's share."""
        rank, world_size = self.rank_and_world_size()
        readers = [ShardReader(shards, self.cache) for shards in self.locate(split)]
        clips = FirstWindows(readers, self.eval_window, self.seed)
        require_sample_for_each_rank(len(clips), world_size)
        num_left_out = len(clips) % world_size if self.needs_even_batches() else 0
        self.tell_left_out(split, num_left_out)
        mine = Subset(clips, range(rank, len(clips) - num_left_out, world_size))
        return FetchedLoader(
            mine, batch_size=self.eval_batch_size, num_workers=self.num_workers, collate_fn=collate_fetched
        )


class FirstWindows(Dataset[Fetched]):
    """The first window of each clip, or that whose encodings are stored, unchanged, in the order of the shards.

    Args:
        sources: Where the clips are.
        window: How to cut; neither its chance nor its mirror is used.
        seed: Seed of each sample's noise.
    """

    def __init__(self, sources: Sequence[ShardReader], window: VideoWindow, seed: int = 0) -> None:
        self.sources, self.seed = sources, seed
        self.window = dataclasses.replace(window, mirror_probability=0.0, is_random=False)
        self._places = [
            (source, shard, number)
            for source, reader in enumerate(sources)
            for shard, number in reader.places()
        ]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Fetched:
        source, shard, number = self._places[index]
        try:
            sample = self.sources[source].read(shard, number, ("json", *self.window.members))
            return Fetched(self.window(sample, sample_seed(self.seed, 0, sample["__key__"])))
        except (ShardError, OSError, ModuleNotFoundError) as error:
            return Fetched(None, error=error)
