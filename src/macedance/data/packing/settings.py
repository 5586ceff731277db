"""What a set of packed shards shall be like."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from macedance.data.packing.windows import WindowLengths


@dataclass(frozen=True)
class PackSettings:
    """What determines a packed set, besides its source.

    Attributes:
        subset: What the clips' json calls the set.
        window_lengths: Of the clips.
        seed: Another seed, other clips.
        clips_per_shard: Clips in a shard, about.
        has_audio: Whether sound is stored; music features are in any case.
        licence: Of recordings that do not tell their own.
        video_fps: Rate of the videos.
        video_size: Height and width of the videos; their own if None.

    Raises:
        ValueError: A number is out of range.
    """

    subset: str
    window_lengths: WindowLengths
    seed: int = 0
    clips_per_shard: int = 32
    has_audio: bool = True
    licence: str | None = None
    video_fps: Fraction = Fraction(30)
    video_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.clips_per_shard < 1:
            raise ValueError(f"clips-per-shard must be at least 1, got {self.clips_per_shard}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        if not 1 <= self.video_fps <= 240:
            raise ValueError(f"fps must lie in 1..240, got {float(self.video_fps):g}")
        if self.video_size and not all(side > 0 and side % 2 == 0 for side in self.video_size):
            height, width = self.video_size
            raise ValueError(f"size must be two positive even numbers, got {height} {width}")
