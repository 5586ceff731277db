"""Clips of motion with their music, and the windows and batches made from them.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from macedance.data.genres import genre_index
from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import read_shards
from macedance.geometry.motion import Motion
from macedance.geometry.representation import encode_motion

MOTION_FPS = 30


@dataclass(frozen=True, eq=False)
class MotionClip:
    """One dance at 30 fps with the music it was danced to.

    Attributes:
        key: Name, unique in its split.
        motion: The representation (T, 151) in natural units.
        music: Music features (T, 35).
        genre: Row of the genre embedding.
        beats: Seconds of the music's beats.
    """

    key: str
    motion: Tensor
    music: Tensor
    genre: int
    beats: Tensor


def load_motion_clips(shards: str | Path | Sequence[str | Path]) -> list[MotionClip]:
    """All clips of the shards, in memory, in their order.

    Raises:
        FileNotFoundError: No shard matches.
        ValueError: A sample lacks a member, or holds something else than motion at 30 fps with as many frames of
            music; shard and key are named.
    """
    clips = []
    for sample in read_shards(shards, members=("json", "motion.npz", "music.npy")):
        try:
            clips.append(_motion_clip(sample))
        except (KeyError, TypeError, ValueError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"{sample['__url__']}: sample {sample['__key__']}: {reason}") from error
    return clips


def _motion_clip(sample: dict[str, Any]) -> MotionClip:
    about, arrays = sample["json"], sample["motion.npz"]
    if about["fps"] != MOTION_FPS:
        raise ValueError(
            f"motion must be at {MOTION_FPS} fps, got {about['fps']}; pack it again at that rate"
        )
    dance = Motion(
        torch.from_numpy(arrays["poses"]).float(),
        torch.from_numpy(arrays["trans"]).float(),
        fps=MOTION_FPS,
        up_axis=about.get("up_axis", "y"),
    ).to_up_axis("y")
    music = torch.from_numpy(sample["music.npy"]).float()
    if music.shape != (dance.num_frames, MUSIC_DIM):
        raise ValueError(
            f"music must be ({dance.num_frames}, {MUSIC_DIM}), a row for each frame of motion, "
            f"got {tuple(music.shape)}"
        )
    if not music.isfinite().all():
        raise ValueError("music must be finite")
    return MotionClip(
        key=sample["__key__"],
        motion=encode_motion(dance.poses, dance.trans),
        music=music,
        genre=genre_index(about.get("genre")),
        beats=torch.tensor(about.get("beats_seconds", []), dtype=torch.float64),
    )


def sample_seed(seed: int, epoch: int, key: str) -> int:
    """The seed of everything random about one sample: a function of these three alone."""
    entropy = (seed, epoch, zlib.crc32(key.encode()))
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1)


class MotionWindows(Dataset[dict[str, Any]]):
    """Windows of equal length, cut at a place that (seed, epoch, key) decides.

    An item is asked for by (epoch, index), so that worker processes need not be told of the epoch.

    Args:
        clips: What to cut from.
        window_frames: Length of a window.
        windows_per_clip: Windows of each clip in an epoch.
        seed: Seed of the cuts and of each sample's noise.

    Raises:
        ValueError: A clip is shorter than a window.
    """

    def __init__(
        self, clips: Sequence[MotionClip], window_frames: int, windows_per_clip: int = 1, seed: int = 0
    ) -> None:
        for clip in clips:
            if len(clip.motion) < window_frames:
                raise ValueError(
                    f"window_frames must not exceed the clips' length, got {window_frames} "
                    f"for {clip.key} of {len(clip.motion)} frames"
                )
        self.clips, self.window_frames = clips, window_frames
        self.windows_per_clip, self.seed = windows_per_clip, seed

    def __len__(self) -> int:
        return len(self.clips) * self.windows_per_clip

    def __getitem__(self, position: tuple[int, int]) -> dict[str, Any]:
        epoch, index = position
        clip = self.clips[index % len(self.clips)]
        seed = sample_seed(self.seed, epoch, f"{clip.key}/{index // len(self.clips)}")
        start = int(np.random.default_rng(seed).integers(len(clip.motion) - self.window_frames + 1))
        part = slice(start, start + self.window_frames)
        return {
            "motion": clip.motion[part],
            "music": clip.music[part],
            "genre": clip.genre,
            "seed": seed,
        }


class EpochOrder(Sampler[tuple[int, int]]):
    """This rank's (epoch, index) pairs, batch by batch, of an order that is a function of (seed, epoch).

    Every rank takes the same number of steps and no sample is seen twice in an epoch; the samples that do not
    fill the last global batch wait for another epoch's order.

    Args:
        num_samples: Samples in an epoch.
        batch_size: Global batch size; a multiple of ``world_size``.
        seed: Seed of the order.
        rank: This process's rank.
        world_size: Number of ranks.

    Raises:
        ValueError: The ranks cannot share a batch evenly, or there are not enough samples for one batch.
    """

    def __init__(
        self, num_samples: int, batch_size: int, seed: int, rank: int = 0, world_size: int = 1
    ) -> None:
        if batch_size % world_size:
            raise ValueError(
                f"batch_size is global and must be divisible by the {world_size} ranks, got {batch_size}"
            )
        if num_samples < batch_size:
            raise ValueError(
                f"batch_size must not exceed the {num_samples} windows of an epoch, got {batch_size}; "
                "lower it or raise windows_per_clip"
            )
        self.num_samples, self.batch_size, self.seed = num_samples, batch_size, seed
        self.rank, self.local_batch_size = rank, batch_size // world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.num_samples // self.batch_size * self.local_batch_size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(self.num_samples)
        num_batches = self.num_samples // self.batch_size
        batches = order[: num_batches * self.batch_size].reshape(num_batches, -1, self.local_batch_size)
        for index in batches[:, self.rank].reshape(-1):
            yield self.epoch, int(index)


class WholeClips(Dataset[dict[str, Any]]):
    """Batches of whole clips, each of clips of equal length; an item is a ready batch.

    Args:
        clips: What to batch.
        batch_size: Clips in a batch at most.
        seed: Seed of each sample's noise.
        rank: This process's rank; it takes every ``world_size``-th clip.
        world_size: Number of ranks.

    Raises:
        ValueError: There are fewer clips than ranks: one without a batch would keep the others waiting.
    """

    def __init__(
        self, clips: Sequence[MotionClip], batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1
    ) -> None:
        self.seed = seed
        if len(clips) < world_size:
            raise ValueError(
                f"each of the {world_size} ranks needs a clip to evaluate, got {len(clips)}; "
                "use fewer devices or more clips"
            )
        by_length: dict[int, list[MotionClip]] = {}
        for clip in clips[rank::world_size]:
            by_length.setdefault(len(clip.motion), []).append(clip)
        self.batches = [
            same[first : first + batch_size]
            for _, same in sorted(by_length.items())
            for first in range(0, len(same), batch_size)
        ]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> dict[str, Any]:
        if index >= len(self.batches):
            raise IndexError(index)
        clips = self.batches[index]
        return {
            "motion": torch.stack([clip.motion for clip in clips]),
            "music": torch.stack([clip.music for clip in clips]),
            "genre": torch.tensor([clip.genre for clip in clips]),
            "seed": torch.tensor([sample_seed(self.seed, 0, clip.key) for clip in clips]),
            "beats": [clip.beats for clip in clips],
            "key": [clip.key for clip in clips],
        }
