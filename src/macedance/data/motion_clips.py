"""Clips of motion with their music, and batches of whole ones.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from macedance.data.genres import genre_index
from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import ShardError, ShardReader
from macedance.data.shards.index import OnShardError, each_usable
from macedance.data.shards.loader import require_sample_for_each_rank
from macedance.data.shards.order import sample_seed
from macedance.geometry.motion import Motion
from macedance.geometry.representation import encode_motion

MOTION_FPS = 30
MOTION_MEMBERS = ("json", "motion.npz", "music.npy")


@dataclass(frozen=True, eq=False)
class MotionClip:
    """One dance at 30 fps with the music it was danced to.

    Attributes:
        key: Name, unique in its split.
        dance: The motion, y up.
        music: Music features (T, 35).
        genre: Row of the genre embedding.
        beats: Seconds of the music's beats.
    """

    key: str
    dance: Motion
    music: Tensor
    genre: int
    beats: Tensor

    def __len__(self) -> int:
        return self.dance.num_frames

    @classmethod
    def from_sample(cls, sample: dict[str, Any]) -> MotionClip:
        """The clip of a sample with the members :data:`MOTION_MEMBERS`.

        Raises:
            ShardError: The sample holds something else than motion at 30 fps with as many frames of music; shard
                and key are named.
        """
        with _naming(sample):
            return _motion_clip(sample)

    def encoded(self) -> Tensor:
        """The motion's representation (T, 151) in natural units."""
        return encode_motion(self.dance.poses, self.dance.trans)

    def window(self, start: int, num_frames: int, change: Callable[[Motion], Motion] | None = None) -> Tensor:
        """The representation (T, 151) of some frames, after ``change`` was made to the motion.

        It equals the same frames of the whole: contacts look at the frame after.
        """
        part = self.dance.crop(start, min(start + num_frames + 1, len(self)))
        part = change(part) if change else part
        return encode_motion(part.poses, part.trans)[:num_frames]


def read_motion_clips(reader: ShardReader, on_error: OnShardError | None = None) -> Iterator[MotionClip]:
    """All clips of a reader's shards, in their order.

    Args:
        reader: Where they are.
        on_error: Called with what is wrong with a sample, which is then left out; None raises it.

    Raises:
        ShardError: A sample cannot be used, if there is no ``on_error``; shard and key are named.
    """

    def clip(place: tuple[int, int]) -> MotionClip:
        return MotionClip.from_sample(reader.read(*place, MOTION_MEMBERS))

    return each_usable(reader.places(), clip, on_error)


def dance_of(sample: dict[str, Any]) -> Motion:
    """The motion of a sample with the members json and motion.npz, y up.

    Raises:
        ShardError: It is not at 30 fps or cannot be used; shard and key are named.
    """
    with _naming(sample):
        return _dance(sample)


@contextlib.contextmanager
def _naming(sample: dict[str, Any]) -> Iterator[None]:
    """Name shard and key in what is raised about the sample."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ShardError(f"{sample['__url__']}: sample {sample['__key__']}: {reason}") from error


def _dance(sample: dict[str, Any]) -> Motion:
    about, arrays = sample["json"], sample["motion.npz"]
    if about["fps"] != MOTION_FPS:
        raise ValueError(
            f"motion must be at {MOTION_FPS} fps, got {about['fps']}; pack it again at that rate"
        )
    return Motion(
        torch.from_numpy(arrays["poses"]).float(),
        torch.from_numpy(arrays["trans"]).float(),
        fps=MOTION_FPS,
        up_axis=about.get("up_axis", "y"),
    ).to_up_axis("y")


def _motion_clip(sample: dict[str, Any]) -> MotionClip:
    about, dance = sample["json"], _dance(sample)
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
        dance=dance,
        music=music,
        genre=genre_index(about.get("genre")),
        beats=torch.tensor(about.get("beats_seconds", []), dtype=torch.float64),
    )


@dataclass(frozen=True)
class MotionWindow:
    """Makes a training window of a sample: cut, mirrored and turned as a seed decides.

    Attributes:
        num_frames: Length of a window.
        mirror_probability: Probability of exchanging left and right.
        max_yaw_degrees: Turns about the vertical are uniform between plus and minus this.
    """

    num_frames: int
    mirror_probability: float = 0.0
    max_yaw_degrees: float = 0.0

    def __call__(self, sample: dict[str, Any], seed: int) -> dict[str, Any]:
        """``motion`` (T, 151), ``music`` (T, 35), ``genre``, and ``seed`` for the sample's noise.

        Raises:
            ShardError: The sample cannot be used, or is shorter than the window.
        """
        clip = MotionClip.from_sample(sample)
        if len(clip) < self.num_frames:
            raise ShardError(
                f"{sample['__url__']}: sample {clip.key} has {len(clip)} frames; "
                f"window_frames must not exceed that, got {self.num_frames}"
            )
        random = np.random.default_rng(seed)
        start = int(random.integers(len(clip) - self.num_frames + 1))
        is_mirrored = random.random() < self.mirror_probability
        yaw = np.radians(random.uniform(-1, 1) * self.max_yaw_degrees)

        def change(dance: Motion) -> Motion:
            dance = dance.mirrored() if is_mirrored else dance
            return dance.turned(yaw) if self.max_yaw_degrees else dance

        return {
            "key": clip.key,
            "motion": clip.window(start, self.num_frames, change),
            "music": clip.music[start : start + self.num_frames],
            "genre": clip.genre,
            "seed": seed,
        }


class WholeClips(Dataset[dict[str, Any]]):
    """Batches of whole clips, each of clips of equal length; an item is a ready batch.

    Args:
        clips: What to batch.
        batch_size: Clips in a batch at most.
        seed: Seed of each sample's noise.
        rank: This process's rank; it takes every ``world_size``-th clip.
        world_size: Number of ranks.
        is_even: Whether all ranks have equally many batches, for which some may be left out.

    Attributes:
        left_out: Clips that no rank has, if ``is_even``.

    Raises:
        ValueError: There are fewer clips than ranks: one without a batch would keep the others waiting.
    """

    def __init__(
        self,
        clips: Sequence[MotionClip],
        batch_size: int,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        *,
        is_even: bool = False,
    ) -> None:
        self.seed = seed
        self.left_out: list[MotionClip] = []
        require_sample_for_each_rank(len(clips), world_size)
        if not is_even:
            self.batches = _batches_of_equal_length(clips[rank::world_size], batch_size)
            return
        batches = _batches_of_equal_length(clips, min(batch_size, len(clips) // world_size))
        num_batches = len(batches) - len(batches) % world_size
        self.batches = batches[rank:num_batches:world_size]
        self.left_out = [clip for batch in batches[num_batches:] for clip in batch]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> dict[str, Any]:
        if index >= len(self.batches):
            raise IndexError(index)
        clips = self.batches[index]
        return {
            "motion": torch.stack([clip.encoded() for clip in clips]),
            "music": torch.stack([clip.music for clip in clips]),
            "genre": torch.tensor([clip.genre for clip in clips]),
            "seed": torch.tensor([sample_seed(self.seed, 0, clip.key) for clip in clips]),
            "beats": [clip.beats for clip in clips],
            "key": [clip.key for clip in clips],
        }


def _batches_of_equal_length(clips: Sequence[MotionClip], batch_size: int) -> list[list[MotionClip]]:
    by_length: dict[int, list[MotionClip]] = {}
    for clip in clips:
        by_length.setdefault(len(clip), []).append(clip)
    return [
        same[first : first + batch_size]
        for _, same in sorted(by_length.items())
        for first in range(0, len(same), batch_size)
    ]
