"""Frames of a video as its metrics take them.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def check_frames(frames: Tensor, name: str = "frames") -> None:
    """Refuse what is not the frames of one clip.

    Raises:
        ValueError: The shape is not (T, 3, H, W), or the type is neither uint8 nor a floating one.
    """
    if frames.ndim != 4 or frames.shape[1] != 3:
        raise ValueError(f"{name} must be one clip of shape (T, 3, H, W), got {tuple(frames.shape)}")
    if frames.dtype != torch.uint8 and not frames.is_floating_point():
        raise ValueError(f"{name} must be uint8, or floats in [0, 1], got {frames.dtype}; convert them")


def unit_range(frames: Tensor, name: str = "frames") -> Tensor:
    """Frames (T, 3, H, W) as float64 in [0, 1], of uint8 or of floats in that range.

    Raises:
        ValueError: They are no clip, or a float lies outside.

    >>> unit_range(torch.full((1, 3, 1, 1), 51, dtype=torch.uint8)).flatten()
    tensor([0.2000, 0.2000, 0.2000], dtype=torch.float64)
    """
    check_frames(frames, name)
    if frames.dtype == torch.uint8:
        return frames.double() / 255
    frames = frames.detach().double()
    if not ((frames >= 0) & (frames <= 1)).all():
        raise ValueError(
            f"{name} must be uint8, or floats in [0, 1], got floats from {frames.min():.4g} to "
            f"{frames.max():.4g}; scale or clamp them"
        )
    return frames


def compare_frames(measure: Callable[[Tensor, Tensor], Tensor], frames: Tensor, truth: Tensor) -> Tensor:
    """A number for each frame beside the true one, float64 (T,).

    Frames are taken one by one, so that a long clip is never in memory as float64.

    Args:
        measure: Of a frame and the true one, both float64 (3, H, W) in [0, 1].
        frames: (T, 3, H, W), uint8 or floats in [0, 1].
        truth: As many of the same size.

    Raises:
        ValueError: Either is no such clip, or they differ in shape.
    """
    check_frames(frames)
    check_frames(truth, "truth")
    if frames.shape != truth.shape:
        raise ValueError(
            f"truth must be as many frames of the same size as frames, {tuple(frames.shape)}, "
            f"got {tuple(truth.shape)}; cut or resize one of them"
        )
    values = torch.empty(len(frames), dtype=torch.float64, device=frames.device)
    for index, (frame, true_frame) in enumerate(zip(frames, truth, strict=True)):
        values[index] = measure(unit_range(frame[None])[0], unit_range(true_frame[None], "truth")[0])
    return values
