"""Everything random in a training sample, drawn from the sample's own seed.

Noise, timestep, guidance temperature and drops then depend neither on the number of ranks nor on the device.
Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

MAX_THREADS = 8
DROP_PROBABILITY = 0.1
"""Of the music, and of the genre."""


@dataclass(frozen=True)
class DiffusionDraws:
    """The random part of a batch.

    Attributes:
        noise: Standard normal noise (B, T, C).
        timestep: Uniform integers (B,) in 0..num_timesteps-1.
        beta: Uniform guidance temperatures (B,) in (0, 1].
        drop_music: Samples (B,) to be trained without music.
        drop_genre: Samples (B,) to be trained as of unknown genre.
    """

    noise: Tensor
    timestep: Tensor
    beta: Tensor
    drop_music: Tensor
    drop_genre: Tensor

    @classmethod
    def from_seeds(
        cls,
        seeds: Tensor,
        num_frames: int,
        num_channels: int,
        *,
        num_timesteps: int = 1000,
        drop_music_probability: float = DROP_PROBABILITY,
        drop_genre_probability: float = DROP_PROBABILITY,
    ) -> DiffusionDraws:
        """Return the draws for integer seeds (B,), one sample a seed, on the seeds' device.

        Samples are drawn on several threads, since a batch takes a CPU core a fifth of the time of a training step.
        """
        noise = np.empty((len(seeds), num_frames, num_channels), np.float32)

        def draw(seed: int, out: np.ndarray) -> tuple[int, float, np.ndarray]:
            generator = np.random.default_rng(seed)
            generator.standard_normal(dtype=np.float32, out=out)
            timestep = int(generator.integers(num_timesteps))
            beta = 1.0 - float(generator.random(dtype=np.float32))
            return timestep, beta, generator.random(2) < (drop_music_probability, drop_genre_probability)

        num_threads = min(MAX_THREADS, _num_processors(), max(1, len(seeds)))
        with ThreadPoolExecutor(num_threads) as threads:
            drawn = list(threads.map(draw, seeds.tolist(), noise))
        timesteps, betas, drops = (np.array(values) for values in zip(*drawn, strict=True))
        arrays = (noise, timesteps, betas.astype(np.float32), drops)
        noise_, timestep_, beta_, drops_ = (torch.from_numpy(array).to(seeds.device) for array in arrays)
        return cls(noise_, timestep_, beta_, drops_[:, 0], drops_[:, 1])


def _num_processors() -> int:
    """Those that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
