"""Stored encodings of random numbers, of the tiny backbone's shapes, made in a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from macedance.data.shards import encode_sample, write_shard
from macedance.render.video import write_video

NUM_FRAMES, SIZE_PX = 9, 32
SHAPES = {
    **dict.fromkeys(("video", "pose", "condition_r0", "condition_r1", "condition_r5"), (16, 3, 4, 4)),
    "reference": (16, 1, 4, 4),
    "image_embedding": (17, 4),
    "text_embedding": (10, 32),
}


def write_latent_shards(folder: Path, num_windows: dict[str, int]) -> Path:
    """Shards of so many windows of 9 frames for each split, with ``latents.safetensors`` and ``video.mp4``."""
    folder.mkdir(parents=True, exist_ok=True)
    movie = folder / "movie.mp4"
    frames = np.random.default_rng(0).integers(0, 256, (NUM_FRAMES, SIZE_PX, SIZE_PX, 3), np.uint8)
    write_video(movie, iter(frames), fps=15)
    for split, number in num_windows.items():
        samples = (_sample(f"{split}{index}", movie.read_bytes()) for index in range(number))
        write_shard(folder / f"{split}-000000.tar", samples)
    return folder


def _sample(key: str, movie: bytes) -> dict[str, object]:
    random = torch.Generator().manual_seed(sum(key.encode()))
    tensors = {
        name: torch.randn(shape, generator=random).to(torch.bfloat16) for name, shape in SHAPES.items()
    }
    latents = {"start_frame": 0, "num_frames": NUM_FRAMES, "size": [SIZE_PX, SIZE_PX], "backbone": "tiny"}
    about = {"fps": 15, "num_frames": NUM_FRAMES, "video_num_frames": NUM_FRAMES, "latents": latents}
    files = {"latents.safetensors": safetensors.torch.save(tensors), "video.mp4": movie}
    return encode_sample(key, about, files=files)
