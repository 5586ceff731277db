from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, shift


def moving_picture(num_frames: int = 40, size_px: int = 64, seed: int = 0) -> list[np.ndarray]:
    """A textured disc that swings before a textured ground: frames uint8 (H, W, 3)."""
    random = np.random.default_rng(seed)
    ground, disc = (
        gaussian_filter(random.uniform(0, 255, (size_px, size_px, 3)), (1.5, 1.5, 0)) for _ in range(2)
    )
    ground = np.clip((ground - 127) * 2 + random.uniform(80, 170, 3), 0, 255)
    disc = np.clip((disc - 127) * 2 + random.uniform(60, 200, 3), 0, 255)
    down, right = np.indices((size_px, size_px)) - size_px / 2
    mask = np.hypot(down, right) < size_px / 4
    frames = []
    for index in range(num_frames):
        angle = 2 * np.pi * index / 20
        move = (size_px / 8 * np.sin(2 * angle), size_px / 5 * np.sin(angle))
        there = np.clip(shift(mask.astype(float), move, order=1), 0, 1)[..., None]
        moved = shift(disc, (*move, 0), order=1, mode="nearest")
        frames.append(np.rint(there * moved + (1 - there) * ground).astype(np.uint8))
    return frames
