"""Wan-Animate and a batch of its encodings without any values: what a training step's memory is counted on.

Axes: B batch, C channels, F frames, T latent frames, H, W height and width, h, w those of latents.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import WanAnimateTransformer3DModel
from torch import Tensor

from macedance.models.appearance.backbone import DEFAULT_BACKBONE, cast_transformer, initial_transformer
from macedance.models.appearance.inputs import FRAMES_PER_LATENT, NUM_TEXT_TOKENS, RELAYS

PUBLISHED_SIZES = {"added_kv_proj_dim": 5120}
"""Of Wan2.2-Animate-14B, where they are not diffusers' defaults: 17.27 billion parameters."""
PIXELS_PER_LATENT = 8
NUM_IMAGE_TOKENS = 257


def weightless_transformer(path_or_id: str | Path, *, dtype: torch.dtype) -> WanAnimateTransformer3DModel:
    """The transformer on the meta device; of the published one's hub id nothing is fetched, of others the sizes.

    Args:
        path_or_id: As of :func:`~macedance.models.appearance.backbone.load_transformer`.
        dtype: Of the parameters; norms and embeddings of time stay in float32.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    with torch.device("meta"):
        if str(path_or_id) == DEFAULT_BACKBONE and not Path(path_or_id).is_dir():
            transformer = WanAnimateTransformer3DModel(**PUBLISHED_SIZES)
        else:
            transformer = initial_transformer(path_or_id)
    return cast_transformer(transformer, dtype)


def blank_encodings(
    transformer: WanAnimateTransformer3DModel, num_samples: int, num_frames: int, size: tuple[int, int]
) -> dict[str, Tensor]:
    """Stored encodings of a batch, in bfloat16, without values.

    Args:
        transformer: What they are for.
        num_samples: B.
        num_frames: F of each window.
        size: (H, W) of the videos.

    Raises:
        ValueError: The transformer knows no places in videos that large.
    """
    config, (height, width) = transformer.config, (side // PIXELS_PER_LATENT for side in size)
    longest = config.rope_max_seq_len * config.patch_size[1] * PIXELS_PER_LATENT
    if max(size) > longest:
        raise ValueError(f"size must be at most {longest} px for this backbone, got {size[0]} x {size[1]}")
    length = (num_frames - 1) // FRAMES_PER_LATENT + 1
    video = (config.latent_channels, length, height, width)
    shapes: dict[str, tuple[int, ...]] = {
        "video": video,
        "pose": video,
        **{f"condition_r{relay}": video for relay in RELAYS},
        "reference": (config.latent_channels, 1, height, width),
        "image_embedding": (NUM_IMAGE_TOKENS, config.image_dim),
        "text_embedding": (NUM_TEXT_TOKENS, config.text_dim),
    }
    return {name: torch.empty(num_samples, *shape, dtype=torch.bfloat16) for name, shape in shapes.items()}
