"""Synthetic MA-Data: a folder of shards of made-up songs, danced to by the choreographer.

Axes: T frames.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from macedance.data.choreography import choreograph
from macedance.data.motion_statistics import motion_statistics
from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features
from macedance.data.shards import encode_sample
from macedance.data.shards.building import ShardBuilder, fill_shards
from macedance.data.song_styles import STYLES
from macedance.data.songs import make_song

MIN_SECONDS, MAX_SECONDS = 8, 600
"""A clip is made in memory as a whole, by each of the processes."""
CHOREOGRAPHY = 2
"""Part of every set's settings; to be raised when the same seed no longer gives the same songs and dances."""
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class SynthesisSettings:
    """What determines a synthetic set, bit by bit.

    Attributes:
        num_clips: Clips of each split, by its name.
        seconds: Length of every clip.
        seed: Seed of the set; a clip's own follows from it, the split and the clip's number.
        clips_per_shard: Clips in a shard at most.
        has_audio: Whether the sound is stored.

    Raises:
        ValueError: A number is out of range.
    """

    num_clips: dict[str, int]
    seconds: float
    seed: int = 0
    clips_per_shard: int = 32
    has_audio: bool = True

    def __post_init__(self) -> None:
        if not MIN_SECONDS <= self.seconds <= MAX_SECONDS:
            raise ValueError(
                f"seconds must lie in {MIN_SECONDS}..{MAX_SECONDS}, for a training window is {MIN_SECONDS} s long, "
                f"got {self.seconds:g}"
            )
        if min(self.num_clips.values()) < 1 or self.clips_per_shard < 1:
            raise ValueError("the number of clips in each split and in a shard must be at least 1")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")

    def identity(self) -> dict[str, Any]:
        """What a set of them is known by."""
        return {"choreography": CHOREOGRAPHY, **asdict(self)}

    def shards(self) -> dict[str, list[tuple[str, int]]]:
        """The clips of every shard, each as split and number, by the shard's file name."""
        shards: dict[str, list[tuple[str, int]]] = {}
        for split, clips in self.clips().items():
            shards |= fill_shards(split, clips, [1] * len(clips), self.clips_per_shard)
        return shards

    def clips(self) -> dict[str, list[tuple[str, int]]]:
        """The clips of every split, each as split and number."""
        return {
            split: [(split, number) for number in range(count)] for split, count in self.num_clips.items()
        }


def synthesize(
    folder: str | Path,
    settings: SynthesisSettings,
    *,
    num_workers: int = 1,
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda num_clips: None,
) -> bool:
    """Write a synthetic set; return False if it was there already, whole and of the same settings.

    A run that was cut off goes on after its last whole shard. The result does not depend on ``num_workers``.

    Args:
        folder: Where to.
        settings: What to make.
        num_workers: Processes.
        overwrite: Replace a set of other settings.
        on_progress: Called with the number of clips newly done, or found done.

    Raises:
        FileExistsError: ``folder`` holds something else and ``overwrite`` is off.
    """
    builder = ShardBuilder(folder, settings.shards(), settings.identity())
    return builder.build(
        functools.partial(_make_clips, settings),
        statistics=lambda: motion_statistics(folder),
        num_workers=num_workers,
        overwrite=overwrite,
        on_progress=lambda clip: on_progress(1),
    )


def make_clip(settings: SynthesisSettings, split: str, number: int) -> dict[str, Any]:
    """One sample, encoded: a song, the dance to it, and the music features."""
    entropy = (settings.seed, SPLITS.index(split), number)
    song_seed, dance_seed = np.random.SeedSequence(entropy).spawn(2)
    song = make_song(settings.seconds, np.random.default_rng(song_seed))
    poses, trans = choreograph(song, np.random.default_rng(dance_seed), fps=MUSIC_FPS)
    stored = np.round(song.samples * 32767).astype(np.int16)  # so the features are those of the stored sound
    heard = stored.astype(np.float32) / 32768
    about = {
        "subset": "synthetic",
        "source": f"macedance synthesizer, seed {settings.seed}",
        "genre": STYLES[song.style].genre,
        "style": song.style,
        "bpm": round(song.bpm, 3),
        "beats_seconds": [round(float(beat), 6) for beat in song.beats],
        "fps": MUSIC_FPS,
        "num_frames": len(poses),
        "duration_seconds": song.duration_seconds,
        "start_seconds": 0.0,
        "licence": "Apache-2.0",
        "up_axis": "y",
    }
    return encode_sample(
        f"{split}{number:07d}",
        about,
        motion={"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)},
        music=fit_num_frames(music_features(heard, song.sample_rate), len(poses)),
        audio=(stored, song.sample_rate) if settings.has_audio else None,
    )


def _make_clips(settings: SynthesisSettings, clip: tuple[str, int]) -> list[dict[str, Any]]:
    return [make_clip(settings, *clip)]
