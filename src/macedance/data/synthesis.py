"""Synthetic MA-Data: a folder of shards of made-up songs, danced to by the choreographer.

Axes: T frames.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout

from macedance.data.choreographer import choreograph
from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features
from macedance.data.shards import (
    MANIFEST,
    encode_sample,
    expand_shards,
    read_shards,
    write_manifest,
    write_shard,
)
from macedance.data.song_styles import STYLES
from macedance.data.songs import make_song
from macedance.geometry.representation import encode_motion
from macedance.whole_files import renamed_when_complete

MIN_SECONDS = 8
SPLITS = ("train", "val", "test")
_SETTINGS_FILE = ".synthesis.json"
_LOCK_FILE = ".synthesis.lock"


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
        if not MIN_SECONDS <= self.seconds < float("inf"):
            raise ValueError(
                f"seconds must be at least {MIN_SECONDS}, a training window's length, got {self.seconds}"
            )
        if min(self.num_clips.values()) < 1 or self.clips_per_shard < 1:
            raise ValueError("the number of clips in each split and in a shard must be at least 1")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")

    def shards(self) -> dict[str, tuple[str, range]]:
        """Split and clip numbers of every shard, by file name."""
        return {
            f"{split}-{index:06d}.tar": (split, range(first, min(first + self.clips_per_shard, num_clips)))
            for split, num_clips in self.num_clips.items()
            for index, first in enumerate(range(0, num_clips, self.clips_per_shard))
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
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _sole_writer(folder):
        return _synthesize(folder, settings, num_workers, on_progress, overwrite=overwrite)


def _synthesize(
    folder: Path,
    settings: SynthesisSettings,
    num_workers: int,
    on_progress: Callable[[int], None],
    *,
    overwrite: bool,
) -> bool:
    if not _claim(folder, settings, overwrite=overwrite):
        return False
    shards = settings.shards()
    missing = {name: shard for name, shard in shards.items() if not (folder / name).is_file()}
    on_progress(sum(len(numbers) for name, (_, numbers) in shards.items() if name not in missing))
    numbered = [(split, number) for split, numbers in missing.values() for number in numbers]
    with contextlib.closing(_clips(settings, numbered, num_workers)) as clips:
        for name, (_, numbers) in missing.items():
            write_shard(folder / name, _counted(itertools.islice(clips, len(numbers)), on_progress))
    counts = {name: len(numbers) for name, (_, numbers) in shards.items()}
    write_manifest(folder, num_samples=counts, statistics=_statistics(folder), settings=asdict(settings))
    return True


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


def _counted(clips: Iterable[dict[str, Any]], on_progress: Callable[[int], None]) -> Iterator[dict[str, Any]]:
    for clip in clips:
        yield clip
        on_progress(1)


@contextlib.contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / _LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise FileExistsError(f"out: another process is writing to {folder}; wait for it to end") from None
    try:
        yield
    finally:
        (folder / _LOCK_FILE).unlink(missing_ok=True)
        lock.release()


def _claim(folder: Path, settings: SynthesisSettings, *, overwrite: bool) -> bool:
    """Mark the folder as ours; False if the set in it is whole."""
    mark = folder / _SETTINGS_FILE
    if any(path.name != _LOCK_FILE for path in folder.iterdir()):
        same = mark.is_file() and json.loads(mark.read_text()) == _plain(settings)
        if same:
            for left_over in folder.glob(".*.tar"):
                left_over.unlink()
            return not all((folder / name).is_file() for name in (MANIFEST, *settings.shards()))
        if not mark.is_file() or not overwrite:
            raise FileExistsError(
                f"out: {folder} holds something else than this set; choose another folder"
                + (", or replace the set in it with --overwrite" if mark.is_file() else "")
            )
        for path in [
            folder / MANIFEST,
            *(path for split in SPLITS for path in folder.glob(f"{split}-*.tar")),
        ]:
            path.unlink(missing_ok=True)
    with renamed_when_complete(mark) as partial:
        partial.write_text(json.dumps(_plain(settings)))
    return True


def _plain(settings: SynthesisSettings) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(settings)))


def _clips(
    settings: SynthesisSettings, numbered: Sequence[tuple[str, int]], num_workers: int
) -> Generator[dict[str, Any], None, None]:
    """The clips of the given splits and numbers, in this order, whichever process makes them."""
    make = functools.partial(_make_numbered_clip, settings)
    num_workers = min(num_workers, len(numbered))
    if num_workers <= 1:
        yield from map(make, numbered)
        return
    # Unlike multiprocessing.Pool, an executor raises when one of its processes dies.
    context, ignore_interrupts = multiprocessing.get_context("spawn"), (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(num_workers, context, signal.signal, ignore_interrupts) as executor:
        yield from executor.map(make, numbered)


def _make_numbered_clip(settings: SynthesisSettings, split_and_number: tuple[str, int]) -> dict[str, Any]:
    return make_clip(settings, *split_and_number)


def _statistics(folder: Path) -> dict[str, list[float]]:
    """Smallest and largest value of each channel of the training motion's representation."""
    lowest, highest = [], []
    for sample in read_shards(expand_shards(folder, "train"), members=("motion.npz",)):
        arrays = sample["motion.npz"]
        motion = encode_motion(torch.from_numpy(arrays["poses"]), torch.from_numpy(arrays["trans"]))
        lowest.append(motion.amin(dim=0))
        highest.append(motion.amax(dim=0))
    return {
        "motion_min": torch.stack(lowest).amin(dim=0).tolist(),
        "motion_max": torch.stack(highest).amax(dim=0).tolist(),
    }


def default_num_workers() -> int:
    """Processes to use if none are asked for: the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
