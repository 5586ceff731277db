"""How large the error of a frame is, in decibels.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.functional.video_frames import compare_frames

MAX_DECIBELS = 100.0
"""What a frame that equals the true one counts in means, as is usual: a single one would make them infinite."""


def peak_signal_to_noise_ratio(frames: Tensor, truth: Tensor) -> Tensor:
    """−10 log₁₀ of each frame's mean squared error, white being 1: dB, float64 (T,), infinite for equal frames.

    Args:
        frames: (T, 3, H, W), uint8 or floats in [0, 1].
        truth: As many of the same size.

    Raises:
        ValueError: Either is no such clip, or they differ in shape.

    >>> import torch
    >>> peak_signal_to_noise_ratio(torch.full((1, 3, 4, 4), 0.1), torch.zeros(1, 3, 4, 4))
    tensor([20.0000], dtype=torch.float64)
    """
    return compare_frames(_decibels, frames, truth)


def capped_decibels(frames: Tensor, truth: Tensor) -> Tensor:
    """:func:`peak_signal_to_noise_ratio`, at most :data:`MAX_DECIBELS`, for means over frames."""
    return peak_signal_to_noise_ratio(frames, truth).clamp(max=MAX_DECIBELS)


def _decibels(frame: Tensor, truth: Tensor) -> Tensor:
    return -10 * (frame - truth).square().mean().log10()
