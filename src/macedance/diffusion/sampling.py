"""Sampling by the schedulers of diffusers.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from macedance.diffusion.objectives import Denoiser

SAMPLERS = ("ddim", "dpm")
NUM_TRAIN_TIMESTEPS = 1000


def build_scheduler(sampler: str = "ddim") -> Any:
    """A scheduler over 1000 cosine-spaced timesteps for networks that predict x0.

    ``ddim`` is the published sampler (DDIM, arXiv 2010.02502, clipped to ±1); ``dpm`` is DPM-Solver++
    (arXiv 2211.01095) for 10 to 20 steps.

    Raises:
        ValueError: If ``sampler`` is unknown.
    """
    common = {
        "num_train_timesteps": NUM_TRAIN_TIMESTEPS,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "sample",
        "timestep_spacing": "trailing",
    }
    if sampler == "ddim":
        scheduler = DDIMScheduler(**common, clip_sample=True, set_alpha_to_one=True)
        # In single precision a few steps at eta = 1 take the root of a difference that rounds below zero.
        scheduler.alphas_cumprod = scheduler.alphas_cumprod.double()
        scheduler.final_alpha_cumprod = scheduler.final_alpha_cumprod.double()
        return scheduler
    if sampler == "dpm":
        return DPMSolverMultistepScheduler(**common, algorithm_type="dpmsolver++", final_sigmas_type="zero")
    raise ValueError(f"sampler must be one of {SAMPLERS}, got {sampler!r}")


_CPU_SCHEDULER = build_scheduler()  # made here, where tensors have values


def check_sampling(sampler: str, num_steps: int, eta: float = 1.0) -> None:
    """Refuse what :func:`sample` cannot do, before any work is done.

    Raises:
        ValueError: If ``sampler`` is unknown, or ``num_steps`` or ``eta`` out of its range.
    """
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler must be one of {SAMPLERS}, got {sampler!r}")
    if not 1 <= num_steps <= NUM_TRAIN_TIMESTEPS:
        raise ValueError(f"num_steps must lie in 1..{NUM_TRAIN_TIMESTEPS}, got {num_steps}")
    if not 0 <= eta <= 1:
        raise ValueError(f"eta must lie in [0, 1], got {eta}; 1 is the published choice")


def add_noise(clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """Return ``clean`` (B, T, C) diffused to timesteps (B,), on the schedule of :func:`build_scheduler`."""
    return copy.copy(_training_scheduler(clean.device)).add_noise(clean, noise, timestep)


@functools.cache
def _training_scheduler(device: torch.device) -> Any:
    """The scheduler with its table on a device: copying it there in each step would wait for the device."""
    scheduler = copy.copy(_CPU_SCHEDULER)
    if device.type != "cpu":
        with torch.inference_mode(False):
            scheduler.alphas_cumprod = scheduler.alphas_cumprod.to(device)
    return scheduler


@torch.no_grad()
def sample(
    denoiser: Denoiser,
    initial_noise: Tensor,
    *,
    sampler: str = "ddim",
    num_steps: int = 50,
    eta: float = 1.0,
    generator: torch.Generator | list[torch.Generator] | None = None,
    on_step: Callable[[int], None] | None = None,
) -> Tensor:
    """Return samples (B, T, C) in [-1, 1], denoised from standard normal noise of that shape.

    Args:
        denoiser: Predicts clean motion from noisy motion and timesteps.
        initial_noise: Standard normal noise (B, T, C).
        sampler: ``ddim`` or ``dpm``.
        num_steps: Calls of the denoiser.
        eta: Fresh noise at each step, in [0, 1]: 1 as published, 0 makes DDIM deterministic. DPM-Solver++ has none.
        generator: Source of the fresh noise, on the CPU or the noise's device; or a list of one a sample.
        on_step: Called with the number of steps done, after each.

    Raises:
        ValueError: If ``sampler`` is unknown, or ``num_steps`` or ``eta`` out of its range.
    """
    check_sampling(sampler, num_steps, eta)
    scheduler = build_scheduler(sampler)
    scheduler.set_timesteps(num_steps, device=initial_noise.device)
    options = {"eta": eta, "use_clipped_model_output": True} if sampler == "ddim" else {}
    x = predicted = initial_noise * scheduler.init_noise_sigma
    for index, timestep in enumerate(scheduler.timesteps):
        predicted = denoiser(x, timestep.expand(len(x))).to(x.dtype).clamp(-1, 1)
        x = scheduler.step(predicted, timestep, x, generator=generator, **options).prev_sample
        if on_step is not None:
            on_step(index + 1)
    # Not x: where num_steps does not divide the schedule, the last step stops short of no noise.
    return predicted
