"""The transformer's inputs of stored encodings, with the latents where Wan-Animate expects them.

Slot 0 of the T + 1 latent frames is the reference picture; slot k + 1 is the video's latent k and gets the pose
video's latent k. The pipeline builds the same when it generates.

Axes: B batch, C channels, F frames, T latent frames, h, w height and width of latents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

RELAYS = (0, 1, 5)
"""Numbers of frames that a segment can take over from the one before it; Wan-Animate was trained with these."""
NUM_MASK_CHANNELS = 4
NUM_TEXT_TOKENS = 512
FRAMES_PER_LATENT = 4
NO_FACE = -1.0
Encodings = Mapping[str, Tensor]
"""What :class:`~macedance.models.appearance.encoding.WindowEncoder` gives, in batches."""


def clean_latents(encodings: Encodings) -> Tensor:
    """What is to be generated, (B, 16, T + 1, h, w): the reference picture, then the video."""
    return torch.cat([encodings["reference"], encodings["video"]], dim=2)


def num_video_frames(num_latent_frames: int) -> int:
    """How many frames T latent frames stand for."""
    return FRAMES_PER_LATENT * (num_latent_frames - 1) + 1


def condition(encodings: Encodings, relay: Sequence[int]) -> Tensor:
    """What is known, (B, 20, T + 1, h, w): four channels of mask, 16 of latents.

    Args:
        encodings: Of a batch.
        relay: For each sample, how many frames of the video are known: 0, 1 or 5.
    """
    known = torch.stack(
        [encodings[f"condition_r{frames}"][number] for number, frames in enumerate(relay)], dim=0
    )
    latents = torch.cat([encodings["reference"], known], dim=2)
    num_samples, _, num_slots, height, width = latents.shape
    mask = latents.new_zeros(num_samples, NUM_MASK_CHANNELS, num_slots, height, width)
    mask[:, :, 0] = 1
    for number, frames in enumerate(relay):
        mask[number, :, 1 : 1 + num_known_latents(frames)] = 1
    return torch.cat([mask, latents], dim=1)


def num_known_latents(relay: int) -> int:
    """How many latent frames that many known frames fill."""
    return (relay - 1) // FRAMES_PER_LATENT + 1 if relay else 0


def constant_inputs(encodings: Encodings, *, face_size_px: int, dtype: torch.dtype) -> dict[str, Any]:
    """Those of the transformer's inputs that neither noise nor timestep changes.

    The face is left out, which the model knows as a picture of −1 throughout.
    """
    pose = encodings["pose"]
    num_frames = num_video_frames(pose.shape[2])
    face = torch.full((1, 1, 1, 1, 1), NO_FACE, dtype=dtype, device=pose.device)
    return {
        "encoder_hidden_states": padded_text(encodings["text_embedding"]).to(dtype),
        "encoder_hidden_states_image": encodings["image_embedding"].to(dtype),
        "pose_hidden_states": pose.to(dtype),
        "face_pixel_values": face.expand(len(pose), 3, num_frames, face_size_px, face_size_px),
    }


def padded_text(embedding: Tensor) -> Tensor:
    """Text embeddings (B, tokens, C) with zeros up to the 512 tokens by which text and image are told apart."""
    return torch.nn.functional.pad(embedding, (0, 0, 0, NUM_TEXT_TOKENS - embedding.shape[1]))


def noisy_input(noisy: Tensor, known: Tensor, dtype: torch.dtype) -> Tensor:
    """The transformer's ``hidden_states`` (B, 36, T + 1, h, w)."""
    return torch.cat([noisy, known.to(noisy.dtype)], dim=1).to(dtype)
