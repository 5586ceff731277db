"""Flow matching: straight paths from data to noise. Axes: B batch, C channels, T latent frames, H height, W width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

NUM_TIMESTEPS = 1000
TimestepSampling = Literal["uniform", "logit_normal"]
SAMPLINGS: tuple[TimestepSampling, ...] = ("uniform", "logit_normal")


@dataclass(frozen=True)
class FlowMatching:
    """x_σ = (1 − σ) x_0 + σ noise, whose velocity noise − x_0 a network learns.

    Attributes:
        shift: s of σ = s u / (1 + (s − 1) u), which moves u in [0, 1] towards noise; 5 for Wan, 1 leaves it.
        timestep_sampling: Whether u is ``uniform``, or the logistic function of a normal number
            (``logit_normal``, Stable Diffusion 3's).

    Raises:
        ValueError: ``shift`` is not positive, or the name is unknown.
    """

    shift: float = 5.0
    timestep_sampling: TimestepSampling = "uniform"

    def __post_init__(self) -> None:
        if not self.shift > 0:
            raise ValueError(f"shift must be positive, got {self.shift}; Wan was trained with 5")
        if self.timestep_sampling not in SAMPLINGS:
            raise ValueError(
                f"timestep_sampling must be one of {', '.join(SAMPLINGS)}, got {self.timestep_sampling!r}"
            )

    def sigma(self, random: np.random.Generator) -> float:
        """One noise level in [0, 1]."""
        if self.timestep_sampling == "uniform":
            position = float(random.random())
        else:
            position = float(1 / (1 + np.exp(-random.standard_normal())))
        return self.shift * position / (1 + (self.shift - 1) * position)


@dataclass(frozen=True)
class FlowDraws:
    """The random part of a batch, drawn from each sample's own seed: equal on any number of ranks and any device.

    Attributes:
        noise: Standard normal noise (B, C, T, H, W), float32.
        sigma: Noise levels (B,) in [0, 1], float32.
        relay: For each sample, how many frames of the video before are known.
    """

    noise: Tensor
    sigma: Tensor
    relay: list[int]

    @classmethod
    def from_seeds(
        cls, seeds: Tensor, shape: Sequence[int], flow: FlowMatching, relay_weights: Mapping[int, float]
    ) -> FlowDraws:
        """The draws for integer seeds (B,), on the seeds' device.

        Args:
            seeds: One a sample.
            shape: (C, T, H, W) of the noise.
            flow: How noise levels are distributed.
            relay_weights: Numbers of known frames and how often each is drawn, in proportion.
        """
        weights = np.array(list(relay_weights.values()), dtype=np.float64)
        noise, sigmas, relay = [], [], []
        for seed in seeds.tolist():
            random = np.random.default_rng(seed)
            sigmas.append(flow.sigma(random))
            relay.append(int(random.choice(list(relay_weights), p=weights / weights.sum())))
            noise.append(torch.from_numpy(random.standard_normal(tuple(shape), dtype=np.float32)))
        return cls(
            torch.stack(noise).to(seeds.device),
            torch.tensor(sigmas, dtype=torch.float32, device=seeds.device),
            relay,
        )

    @property
    def timestep(self) -> Tensor:
        """What the network is told of σ: (B,) in 0 … 1000."""
        return self.sigma * NUM_TIMESTEPS

    def add_noise(self, clean: Tensor) -> Tensor:
        """x_σ of clean latents (B, C, T, H, W), in float32."""
        sigma = self.sigma.view(-1, *[1] * (clean.ndim - 1))
        return (1 - sigma) * clean.float() + sigma * self.noise

    def loss(self, predicted: Tensor, clean: Tensor) -> Tensor:
        """Mean squared error of a predicted velocity (B, C, T, H, W), over all latent frames."""
        return torch.nn.functional.mse_loss(predicted.float(), self.noise - clean.float())
