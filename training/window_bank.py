"""Training windows of motion and music that lie on the GPU, and arrive while training goes on.

Axes: N clips, B batch, T frames, C channels.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from macedance.data.motion_clips import MOTION_MEMBERS, MotionClip
from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import OpenShard
from macedance.geometry.representation import MOTION_DIM


class Clips(NamedTuple):
    """Clips of equal length: motion (N, T, 151), music (N, T, 35), genre (N,)."""

    motion: np.ndarray
    music: np.ndarray
    genre: np.ndarray


def read_clips(shard: str) -> Clips:
    """All clips of a local shard."""
    torch.set_num_threads(1)
    source = OpenShard(shard)
    clips = [MotionClip.from_sample(source.read(number, MOTION_MEMBERS)) for number in range(len(source))]
    source.close()
    return Clips(
        np.stack([clip.encoded().numpy() for clip in clips]),
        np.stack([clip.music.numpy() for clip in clips]),
        np.array([clip.genre for clip in clips]),
    )


class ShardFollower:
    """Reads the shards ``train-*.tar`` of a folder, those too that another process still writes.

    Those that are there are read in the order of their names. A shard has its name only when it is whole.

    Args:
        folder: Where they are, or will be.
        num_workers: Processes that read.
    """

    def __init__(self, folder: str | Path, num_workers: int = 4) -> None:
        self.folder = Path(folder)
        self._seen: set[Path] = set()
        self._pending: list[Future[Clips]] = []
        self._ahead = 2 * num_workers
        self._pool = ProcessPoolExecutor(num_workers, multiprocessing.get_context("spawn"))

    def arrived(self) -> Iterator[Clips]:
        """Shards that are read by now; more are begun."""
        found = sorted(path for path in self.folder.glob("train-*.tar") if path not in self._seen)
        for path in found[: self._ahead - len(self._pending)]:
            self._seen.add(path)
            self._pending.append(self._pool.submit(read_clips, str(path)))
        while self._pending and self._pending[0].done():
            yield self._pending.pop(0).result()

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(cancel_futures=True)


class WindowBank:
    """Clips on a device, from which windows are cut at random without leaving it.

    Args:
        follower: Where clips come from.
        capacity: Clips that it holds at most; what arrives later is left out.
        device: Where they lie.
    """

    def __init__(self, follower: ShardFollower, capacity: int, device: torch.device) -> None:
        self.follower, self.capacity, self.device = follower, capacity, device
        self.num_clips = 0
        self._count = torch.zeros((), device=device)

    def wait_for(self, num_clips: int, seconds: float = 300) -> None:
        """Wait until that many clips are there.

        Raises:
            TimeoutError: They are not there in time.
        """
        end = time.monotonic() + seconds
        while self.num_clips < num_clips:
            self.refresh()
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{self.follower.folder} has {self.num_clips} of {num_clips} clips after {seconds:g} s; write "
                    "more, or lower --capacity"
                )
            time.sleep(0.2)

    def refresh(self) -> None:
        """Take in what has arrived, as long as there is room."""
        if self.num_clips == self.capacity:
            return
        for clips in self.follower.arrived():
            first, last = self.num_clips, min(self.num_clips + len(clips.genre), self.capacity)
            if first == 0:
                self._allocate(clips.motion.shape[1])
            for own, new in zip((self.motion, self.music, self.genre), clips, strict=True):
                own[first:last] = torch.from_numpy(new[: last - first]).to(self.device)
            self.num_clips = last
            self._count.fill_(last)

    def motion_range(self, num_clips: int) -> tuple[Tensor, Tensor]:
        """Smallest and largest value (C,) of each channel of motion over the first clips."""
        motion = self.motion[:num_clips].flatten(0, 1)
        return motion.amin(dim=0), motion.amax(dim=0)

    def draw(self, batch_size: int, num_frames: int) -> dict[str, Tensor]:
        """Random windows: ``motion`` (B, T, 151), ``music`` (B, T, 35), ``genre`` (B,).

        The number of clips is read on the device, so that a captured graph sees those that arrive later.
        """
        clip = (torch.rand(batch_size, device=self.device) * self._count).long()
        start = torch.randint(self.clip_frames - num_frames + 1, (batch_size,), device=self.device)
        frames = (clip * self.clip_frames + start)[:, None] + self._frame_numbers[:num_frames]
        return {
            "motion": self.motion.flatten(0, 1)[frames],
            "music": self.music.flatten(0, 1)[frames],
            "genre": self.genre[clip],
        }

    def _allocate(self, clip_frames: int) -> None:
        self.clip_frames = clip_frames
        self.motion = torch.zeros(self.capacity, clip_frames, MOTION_DIM, device=self.device)
        self.music = torch.zeros(self.capacity, clip_frames, MUSIC_DIM, device=self.device)
        self.genre = torch.zeros(self.capacity, dtype=torch.long, device=self.device)
        self._frame_numbers = torch.arange(clip_frames, device=self.device)
