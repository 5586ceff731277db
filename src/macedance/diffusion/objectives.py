"""What the network is trained to predict, and how it is guided when sampling.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from macedance.diffusion.noise import DiffusionDraws

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""Clean motion (B, T, C) from noisy motion (B, T, C) and timesteps (B,)."""

MIN_TEMPERATURE = 0.1
"""Below this the guided prediction is undefined: the target divides by the temperature."""


class ConditionalNetwork(Protocol):
    """What an objective needs of a network; see :class:`macedance.models.motion.MotionDenoiser`."""

    training: bool

    def __call__(
        self,
        noisy: Tensor,
        timestep: Tensor,
        beta: Tensor,
        music: Tensor,
        genre: Tensor,
        drop_music: Tensor | None = None,
    ) -> Tensor:
        """Predict clean motion under music."""

    def unconditional(self, noisy: Tensor, timestep: Tensor) -> Tensor:
        """Predict clean motion without music."""

    def encode_music(self, music: Tensor, genre: Tensor) -> Tensor:
        """Encode the music once."""

    def denoise(self, noisy: Tensor, timestep: Tensor, beta: Tensor, encoded_music: Tensor) -> Tensor:
        """Predict clean motion under encoded music."""

    def train(self, mode: bool = True) -> object:
        """Switch dropout on or off."""


class Objective(Protocol):
    """A training prediction and the guided denoiser that belongs to it."""

    def predict(
        self, network: ConditionalNetwork, noisy: Tensor, music: Tensor, genre: Tensor, draws: DiffusionDraws
    ) -> Tensor:
        """Return the prediction (B, T, C) that the loss compares with the clean motion."""

    def guided(
        self, network: ConditionalNetwork, music: Tensor, genre: Tensor, temperature: float
    ) -> Denoiser:
        """Return the denoiser to sample from, for ``temperature`` in [0.1, 1]."""


def check_temperature(temperature: float) -> None:
    """Raise if the guidance temperature is out of range.

    Raises:
        ValueError: Unless 0.1 <= temperature <= 1.
    """
    if not MIN_TEMPERATURE <= temperature <= 1:
        raise ValueError(
            f"temperature must lie in [{MIN_TEMPERATURE}, 1] (1 is unguided, smaller follows the music more), "
            f"got {temperature}"
        )


class GuidanceFree:
    """Guidance-Free Training (arXiv 2501.15420): one pass a sampling step, guidance learned as an input.

    The conditional network at temperature β is trained so that β times it plus (1 − β) times the unconditional
    one predicts the data. Samples whose music is dropped train the unconditional one, at β = 1, directly.
    """

    def predict(
        self, network: ConditionalNetwork, noisy: Tensor, music: Tensor, genre: Tensor, draws: DiffusionDraws
    ) -> Tensor:
        """Return ``β f(z, t, c, β) + (1 − β) sg[f(z, t, ∅, 1)]`` (B, T, C)."""
        beta = torch.where(draws.drop_music, 1.0, draws.beta)
        conditional = network(noisy, draws.timestep, beta, music, genre, draws.drop_music)
        was_training = network.training
        network.train(False)
        with torch.no_grad():
            unconditional = network.unconditional(noisy, draws.timestep)
        network.train(was_training)
        weight = beta[:, None, None]
        return weight * conditional + (1 - weight) * unconditional

    def guided(
        self, network: ConditionalNetwork, music: Tensor, genre: Tensor, temperature: float
    ) -> Denoiser:
        """Return the one-pass denoiser at ``temperature``."""
        encoded = network.encode_music(music, genre)
        beta = torch.full((len(music),), temperature, device=music.device)
        return lambda noisy, timestep: network.denoise(noisy, timestep, beta, encoded)


class ClassifierFree:
    """Classifier-free guidance (arXiv 2207.12598): two passes a sampling step, at scale 1 / temperature."""

    def predict(
        self, network: ConditionalNetwork, noisy: Tensor, music: Tensor, genre: Tensor, draws: DiffusionDraws
    ) -> Tensor:
        """Return ``f(z, t, c or ∅, 1)`` (B, T, C)."""
        beta = torch.ones_like(draws.beta)
        return network(noisy, draws.timestep, beta, music, genre, draws.drop_music)

    def guided(
        self, network: ConditionalNetwork, music: Tensor, genre: Tensor, temperature: float
    ) -> Denoiser:
        """Return the two-pass denoiser at scale 1 / ``temperature``."""
        encoded = network.encode_music(music, genre)
        beta = torch.ones(len(music), device=music.device)

        def denoise(noisy: Tensor, timestep: Tensor) -> Tensor:
            conditional = network.denoise(noisy, timestep, beta, encoded)
            if temperature == 1:
                return conditional
            unconditional = network.unconditional(noisy, timestep)
            return unconditional + (conditional - unconditional) / temperature

        return denoise


def build_objective(name: str) -> Objective:
    """The objective called ``gft`` or ``cfg``.

    Raises:
        ValueError: If there is none of that name.
    """
    objectives: dict[str, type[Objective]] = {"gft": GuidanceFree, "cfg": ClassifierFree}
    if name not in objectives:
        raise ValueError(f"objective must be one of {sorted(objectives)}, got {name!r}")
    return objectives[name]()
