"""What is to be encoded of the videos in a set of shards: which windows of which clips."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from macedance.data.shards import ShardLocation, Shards, locate_shards

MIN_FRAMES = 9
"""A window in which the longest relay, of 5 frames, leaves something to be made."""


@dataclass(frozen=True)
class EncodeSettings:
    """What determines a set of encodings, besides the clips.

    Attributes:
        backbone: Name of the model that encodes: a folder or a hub id.
        prompt: The text that goes with every window.
        num_frames: Length of a window, 4k + 1.
        windows_per_clip: Windows of each clip, from its first frame to its last; one is in its middle.
        dtype: What the VAE computes in.

    Raises:
        ValueError: A number is out of range, or the prompt is empty.
    """

    backbone: str
    prompt: str
    num_frames: int = 77
    windows_per_clip: int = 1
    dtype: str = "float32"

    def __post_init__(self) -> None:
        if self.num_frames < MIN_FRAMES or self.num_frames % 4 != 1:
            below = max(MIN_FRAMES, (self.num_frames - 1) // 4 * 4 + 1)
            raise ValueError(
                f"num-frames must be a multiple of 4 plus 1, at least {MIN_FRAMES}, got {self.num_frames}; "
                f"take {below} or {below + 4}"
            )
        if self.windows_per_clip < 1:
            raise ValueError(f"windows-per-clip must be at least 1, got {self.windows_per_clip}")
        if not self.prompt.strip():
            raise ValueError("prompt must not be empty; leave it out for the usual one")

    @property
    def text_id(self) -> str:
        """Twelve hexadecimal digits that tell prompts apart."""
        return hashlib.sha256(self.prompt.encode()).hexdigest()[:12]

    def starts(self, num_frames: int) -> list[int]:
        """The first frame of each window of a clip of that many frames; none if it is too short.

        >>> EncodeSettings("tiny", "a", 9).starts(30)
        [10]
        >>> EncodeSettings("tiny", "a", 9, windows_per_clip=3).starts(30)
        [0, 10, 21]
        """
        spare, count = num_frames - self.num_frames, self.windows_per_clip
        if spare < 0:
            return []
        if count == 1:
            return [spare // 2]
        return list(dict.fromkeys(number * spare // (count - 1) for number in range(count)))


@dataclass(frozen=True)
class EncodeJob:
    """Some consecutive clips of a shard, whose windows are encoded at a time."""

    shard: int
    numbers: range


@dataclass(frozen=True)
class EncodePlan:
    """The shards to be encoded, and what identifies them all."""

    shards: list[ShardLocation]
    digest: str

    @classmethod
    def of(cls, shards: Shards) -> EncodePlan:
        """All shards.

        Raises:
            FileNotFoundError: There are no shards.
            ShardError: A manifest or an index is damaged.
            ValueError: Two shards have one name.
        """
        locations = locate_shards(shards)
        names = [location.name for location in locations]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"shards must have different names, got {twice} twice; encode folder by folder")
        identity = "\n".join(f"{location.name} {location.sha256}" for location in locations)
        return cls(locations, hashlib.sha256(identity.encode()).hexdigest())

    def jobs(self, clips_at_a_time: int) -> dict[str, list[EncodeJob]]:
        """The jobs of every shard, by its file name."""
        return {
            location.name: [
                EncodeJob(number, range(first, min(first + clips_at_a_time, location.num_samples)))
                for first in range(0, location.num_samples, clips_at_a_time)
            ]
            for number, location in enumerate(self.shards)
        }

    def of_rank(self, share: tuple[int, int]) -> list[ShardLocation]:
        """The shards that are a rank's, of some number of ranks."""
        rank, num_ranks = share
        return self.shards[rank::num_ranks]

    def num_clips(self, share: tuple[int, int] = (0, 1)) -> int:
        """How many clips there are in a rank's shards."""
        return sum(location.num_samples for location in self.of_rank(share))
