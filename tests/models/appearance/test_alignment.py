"""Which pose a generated latent follows: a tiny transformer learns trajectories, and none of its latents is late.

A trajectory is one random number for each latent frame; it scales one fixed pattern in the pose video's latents and
another in the video's. Axes: B batch, C channels, T latent frames, h, w height and width of latents.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from diffusers import UniPCMultistepScheduler, WanAnimateTransformer3DModel
from torch import Tensor

from macedance.diffusion.flow_matching import FlowDraws, FlowMatching
from macedance.models.appearance.denoising import denoise
from macedance.models.appearance.inputs import clean_latents, condition, constant_inputs, noisy_input
from macedance.models.appearance.tiny import tiny_transformer

NUM_LATENTS, BATCH_SIZE, NUM_STEPS, LEARNING_RATE = 12, 4, 100, 5e-3
LAGS = range(-3, 4)
VIDEO_PATTERN, POSE_PATTERN = (
    torch.randn(2, 16, 1, 2, 2, generator=torch.Generator().manual_seed(1)).sign().unbind()
)

Encode = Callable[[Tensor], dict[str, Tensor]]


def encodings_of(trajectories: Tensor) -> dict[str, Tensor]:
    """A batch whose pose and video latents move as trajectories (B, T) tell; everything else stands still."""
    num, length = trajectories.shape
    scale = trajectories[:, None, :, None, None]
    return {
        "video": scale * VIDEO_PATTERN,
        "pose": scale * POSE_PATTERN,
        "reference": torch.zeros(num, 16, 1, 2, 2),
        "condition_r0": torch.zeros(num, 16, length, 2, 2),
        "image_embedding": torch.zeros(num, 257, 4),
        "text_embedding": torch.zeros(num, 1, 32),
    }


def late_video(trajectories: Tensor) -> dict[str, Tensor]:
    """The mistake to be seen: the video follows the pose one latent behind."""
    batch = encodings_of(trajectories)
    return batch | {"video": batch["video"].roll(1, dims=2)}


def draw_trajectories(num: int, seed: int) -> Tensor:
    """Trajectories (B, T) whose neighbours alone are correlated, by 0.4."""
    values = torch.randn(num, NUM_LATENTS + 1, generator=torch.Generator().manual_seed(seed))
    return (values[:, 1:] + 0.5 * values[:, :-1]) / 1.25**0.5


def constants(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return constant_inputs(batch, face_size_px=16, dtype=torch.float32)


def train(encode: Encode, seed: int = 0) -> WanAnimateTransformer3DModel:
    """A tiny transformer after some steps of flow matching on trajectories drawn anew for each."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformer = tiny_transformer()
    transformer.register_to_config(motion_encoder_batch_size=BATCH_SIZE * (4 * NUM_LATENTS - 3))
    for part in (transformer.motion_encoder, transformer.face_encoder):  # they see a constant alone
        part.requires_grad_(False)
    optimizer = torch.optim.AdamW(
        [parameter for parameter in transformer.parameters() if parameter.requires_grad], lr=LEARNING_RATE
    )
    for step in range(NUM_STEPS):
        batch = encode(draw_trajectories(BATCH_SIZE, seed=1000 * seed + step))
        clean = clean_latents(batch)
        seeds = torch.arange(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
        draws = FlowDraws.from_seeds(seeds, clean.shape[1:], FlowMatching(), {0: 1.0})
        known = condition(batch, draws.relay)
        predicted = transformer(
            hidden_states=noisy_input(draws.add_noise(clean), known, torch.float32),
            timestep=draws.timestep,
            **constants(batch),
            return_dict=False,
        )[0]
        optimizer.zero_grad()
        draws.loss(predicted, clean).backward()
        optimizer.step()
    return transformer


@torch.inference_mode()
def generate(transformer: WanAnimateTransformer3DModel, driving: Tensor) -> Tensor:
    """The trajectories (B, T) of the video that is generated for the poses of others."""
    batch = encodings_of(driving)
    noise = torch.randn(clean_latents(batch).shape, generator=torch.Generator().manual_seed(2))
    latents = denoise(
        transformer,
        UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0),
        noise,
        condition(batch, [0] * len(driving)),
        constants(batch),
        num_steps=5,
    )
    return (latents[:, :, 1:] * VIDEO_PATTERN).mean(dim=(1, 3, 4))


def lagged_correlations(follower: Tensor, leader: Tensor) -> dict[int, float]:
    """Mean over the batch of the correlation with the leader that many latents before."""
    return {lag: _mean_correlation(follower.numpy(), leader.numpy(), lag) for lag in LAGS}


def _mean_correlation(follower: np.ndarray, leader: np.ndarray, lag: int) -> float:
    late = follower[:, max(lag, 0) : NUM_LATENTS + min(lag, 0)]
    early = leader[:, max(-lag, 0) : NUM_LATENTS - max(lag, 0)]
    return float(np.mean([np.corrcoef(pair)[0, 1] for pair in zip(late, early, strict=True)]))


def peak(correlations: dict[int, float]) -> int:
    return max(correlations, key=correlations.__getitem__)


@pytest.fixture(scope="module")
def trained() -> WanAnimateTransformer3DModel:
    return train(encodings_of)


HELD_OUT = draw_trajectories(16, seed=10**6)


def test_generated_latents_follow_the_pose_without_lag(trained: WanAnimateTransformer3DModel) -> None:
    correlations = lagged_correlations(generate(trained, HELD_OUT), HELD_OUT)

    assert peak(correlations) == 0, correlations
    assert correlations[0] > 0.9
    assert all(value < 0.6 for lag, value in correlations.items() if lag), correlations


@pytest.mark.parametrize("lag", [-1, 1])
def test_generated_latents_move_with_the_pose(trained: WanAnimateTransformer3DModel, lag: int) -> None:
    generated = generate(trained, HELD_OUT.roll(lag, dims=1))

    correlations = lagged_correlations(generated, HELD_OUT)

    assert peak(correlations) == lag, correlations
    assert correlations[lag] > 0.9


def test_lag_in_the_training_shows() -> None:
    transformer = train(late_video)

    correlations = lagged_correlations(generate(transformer, HELD_OUT), HELD_OUT)

    assert peak(correlations) == 1, correlations
    assert correlations[0] < 0.5
