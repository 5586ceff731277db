"""Everything random in a training sample, drawn from the sample's own seed.

Noise, timestep, guidance temperature and drops then depend neither on the number of ranks nor on the device.
Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


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
        drop_music_probability: float = 0.1,
        drop_genre_probability: float = 0.1,
    ) -> DiffusionDraws:
        """Return the draws for integer seeds (B,), one sample a seed, on the seeds' device."""
        noise, timestep, beta, drops = [], [], [], []
        for seed in seeds.tolist():
            generator = np.random.default_rng(seed)
            noise.append(generator.standard_normal((num_frames, num_channels), dtype=np.float32))
            timestep.append(generator.integers(num_timesteps))
            beta.append(1.0 - generator.random(dtype=np.float32))
            drops.append(generator.random(2) < (drop_music_probability, drop_genre_probability))
        tensors = [torch.from_numpy(np.stack(values)) for values in (noise, timestep, beta, drops)]
        noise_, timestep_, beta_, drops_ = (tensor.to(seeds.device) for tensor in tensors)
        return cls(noise_, timestep_, beta_, drops_[:, 0], drops_[:, 1])
