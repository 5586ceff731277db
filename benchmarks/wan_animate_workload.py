"""Wan-Animate's training step without its weights and data: a random network and one window's random encodings.

What the training benchmark runs. Axes: B batch, C channels, T latent frames, h, w height and width of latents.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from diffusers import WanAnimateTransformer3DModel
from torch import Tensor

from macedance.diffusion.flow_matching import FlowDraws, FlowMatching
from macedance.models.appearance.inputs import (
    FRAMES_PER_LATENT,
    clean_latents,
    condition,
    constant_inputs,
    noisy_input,
)
from macedance.models.appearance.tiny import tiny_transformer

DTYPE = torch.bfloat16
NUM_TEXT_TOKENS, NUM_PROMPT_TOKENS, NUM_IMAGE_TOKENS = 512, 12, 257
RELAY_WEIGHTS = {0: 0.5, 1: 0.4, 5: 0.1}


class Workload(NamedTuple):
    """What a step needs: the network, and the stored encodings of one window."""

    transformer: WanAnimateTransformer3DModel
    encodings: dict[str, Tensor]

    @property
    def device(self) -> torch.device:
        """Where all of it is."""
        return self.encodings["video"].device

    def constants(self) -> dict[str, Any]:
        """The inputs that do not change from step to step."""
        face_size_px = self.transformer.config.motion_encoder_size
        return constant_inputs(self.encodings, face_size_px=face_size_px, dtype=DTYPE)

    def predict(self, seed: int) -> tuple[Tensor, Tensor, FlowDraws]:
        """Velocity, clean latents and the draws that a step of training has with that seed."""
        clean = clean_latents(self.encodings)
        seeds = torch.tensor([seed], device=self.device)
        draws = FlowDraws.from_seeds(seeds, clean.shape[1:], FlowMatching(), RELAY_WEIGHTS)
        velocity = self.transformer(
            hidden_states=noisy_input(
                draws.add_noise(clean), condition(self.encodings, draws.relay), self.transformer.dtype
            ),
            timestep=draws.timestep,
            **self.constants(),
            return_dict=False,
        )[0]
        return velocity, clean, draws


def random_transformer(num_layers: int | None, device: torch.device) -> WanAnimateTransformer3DModel:
    """Wan2.2-Animate-14B's first blocks, or the tiny one for None; norms and the like in float32, as if loaded."""
    torch.manual_seed(0)
    torch.set_default_dtype(DTYPE)
    try:
        with device:
            transformer = published_transformer(num_layers) if num_layers else tiny_transformer()
    finally:
        torch.set_default_dtype(torch.float32)
    kept = set(transformer._keep_in_fp32_modules)
    for name, parameter in transformer.named_parameters():
        if kept & set(name.split(".")):
            parameter.data = parameter.data.float()
    return transformer.eval().to(device)  # tables of angles are made on the CPU


def published_transformer(num_layers: int) -> WanAnimateTransformer3DModel:
    """Wan2.2-Animate-14B's first blocks."""
    return WanAnimateTransformer3DModel(
        num_layers=num_layers, added_kv_proj_dim=5120, text_dim=4096, image_dim=1280, ffn_dim=13824
    )


def random_encodings(
    transformer: WanAnimateTransformer3DModel, size_px: list[int], num_frames: int, device: torch.device
) -> dict[str, Tensor]:
    """What is stored for one window, in a batch of one."""
    config, (height, width) = transformer.config, (side // 8 for side in size_px)
    length = (num_frames - 1) // FRAMES_PER_LATENT + 1
    video = (config.latent_channels, length, height, width)
    shapes: dict[str, tuple[int, ...]] = {
        "video": video,
        "pose": video,
        **{f"condition_r{relay}": video for relay in RELAY_WEIGHTS},
        "reference": (config.latent_channels, 1, height, width),
        "image_embedding": (NUM_IMAGE_TOKENS, config.image_dim),
        "text_embedding": (NUM_PROMPT_TOKENS, config.text_dim),
    }
    return {name: torch.randn(1, *shape, device=device, dtype=DTYPE) for name, shape in shapes.items()}


def _sequence_lengths(work: Workload) -> tuple[int, int, int]:
    """Latent frames with the reference's, all tokens, tokens of the context."""
    _, _, num_slots, height, width = clean_latents(work.encodings).shape
    return num_slots, num_slots * (height // 2) * (width // 2), NUM_TEXT_TOKENS + NUM_IMAGE_TOKENS


def forward_flop(work: Workload) -> float:
    """Of all blocks and face adapters: the matrix products, a multiplication and an addition being two.

    With S tokens, width D, feed-forward width E, K tokens of text and image, and 5 of the face for each of T + 1
    latent frames, a block has 12 S D² (self-attention's q, k, v and output, cross-attention's q and output)
    + 4 K D² (its k and v) + 4 S² D + 4 S K D (scores and mixing) + 4 S D E; a face adapter has
    4 S D² + 20 (T + 1) D² + 20 S D.
    """
    config = work.transformer.config
    slots, tokens, context = _sequence_lengths(work)
    width, hidden = config.num_attention_heads * config.attention_head_dim, config.ffn_dim
    face_tokens = config.face_encoder_num_heads + 1
    block = (12 * tokens + 4 * context) * width**2 + 4 * tokens * width * (tokens + context + hidden)
    adapter = 4 * (tokens + face_tokens * slots) * width**2 + 4 * tokens * face_tokens * width
    return float(config.num_layers * block + len(work.transformer.face_adapter) * adapter)


def flop_text(work: Workload) -> str:
    return (
        f"{_sequence_lengths(work)[1]:,} tokens, {forward_flop(work) / 1e12:.4g} TFLOP forward: blocks of "
        "12 S D² + 4 K D² + 4 S² D + 4 S K D + 4 S D E and face adapters; a step counts as three, recomputing as none"
    )
