"""How well the frames between others can be foretold (VBench, Huang et al. 2024).

Axis letters: T frames, M dropped frames, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.video_frames import check_frames, unit_range


def kept_and_dropped(frames: Tensor) -> tuple[Tensor, Tensor]:
    """A clip's even frames (M + 1), which are kept, and the M odd ones between two of them, which are dropped.

    The last frame of an even number of frames has none after it and is in neither. An interpolator takes
    ``kept[:-1]`` and ``kept[1:]``.

    Args:
        frames: (T, ...).

    >>> [part.tolist() for part in kept_and_dropped(torch.arange(6))]
    [[0, 2, 4], [1, 3]]
    """
    kept = frames[::2]
    return kept, frames[1 : max(2 * len(kept) - 1, 1) : 2]


def motion_smoothness(interpolated: Tensor, dropped: Tensor) -> Tensor:
    """1 − mean |interpolated − dropped|, white being 1: a float64 scalar, NaN without dropped frames.

    Args:
        interpolated: (M, 3, H, W) floats in 0..255, made of the frames that were kept.
        dropped: (M, 3, H, W) what they should be, uint8 or floats in [0, 1].

    Raises:
        ValueError: ``dropped`` is no such clip, or ``interpolated`` has another shape.

    >>> motion_smoothness(torch.full((1, 3, 4, 4), 51.0), torch.zeros(1, 3, 4, 4, dtype=torch.uint8))
    tensor(0.8000, dtype=torch.float64)
    """
    check_frames(dropped, "dropped")
    if interpolated.shape != dropped.shape:
        raise ValueError(
            f"interpolated must be of the shape of dropped, {tuple(dropped.shape)}, "
            f"got {tuple(interpolated.shape)}; interpolate between kept[:-1] and kept[1:]"
        )
    errors = [
        (frame.double() / 255 - unit_range(true_frame[None], "dropped")[0]).abs().mean()
        for frame, true_frame in zip(interpolated, dropped, strict=True)
    ]
    if not errors:
        return torch.tensor(torch.nan, dtype=torch.float64, device=dropped.device)
    return 1 - torch.stack(errors).mean()
