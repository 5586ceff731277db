"""From noise to latents. Axes: B batch, T latent frames, h, w height and width of latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from macedance.models.appearance.inputs import noisy_input

if TYPE_CHECKING:
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanAnimateTransformer3DModel


def denoise(
    transformer: WanAnimateTransformer3DModel,
    scheduler: UniPCMultistepScheduler,
    noise: Tensor,
    known: Tensor,
    inputs: Mapping[str, Any],
    *,
    num_steps: int,
    on_step: Callable[[], None] = lambda: None,
) -> Tensor:
    """Latents (B, 16, T + 1, h, w) that the transformer makes of noise; the first frame is the reference's.

    Args:
        transformer: Wan-Animate's.
        scheduler: Set back to its first step, so that calls do not depend on one another.
        noise: Where to start, float32.
        known: The condition (B, 20, T + 1, h, w).
        inputs: The transformer's other inputs.
        num_steps: Denoising steps.
        on_step: Called after each.
    """
    scheduler.set_timesteps(num_steps, device=noise.device)
    latents = noise
    for timestep in scheduler.timesteps:
        velocity = transformer(
            hidden_states=noisy_input(latents, known, transformer.dtype),
            timestep=timestep.expand(len(latents)),
            **inputs,
            return_dict=False,
        )[0]
        latents = scheduler.step(velocity, timestep, latents, return_dict=False)[0]
        on_step()
    return latents


def decode(vae: AutoencoderKLWan, latents: Tensor) -> Tensor:
    """Frames (B, 3, F, H, W) in about [-1, 1] of standardised latents (B, 16, T, h, w) without a reference."""
    shape = (1, vae.config.z_dim, 1, 1, 1)
    latents = latents.to(vae.device, vae.dtype)
    mean = torch.tensor(vae.config.latents_mean).view(shape).to(latents)
    reciprocal_deviation = 1.0 / torch.tensor(vae.config.latents_std).view(shape).to(latents)
    return vae.decode(latents / reciprocal_deviation + mean, return_dict=False)[0]
