"""Running a frozen network over many frames with bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_AXES = {4: "(F, 3, H, W)", 5: "(N, T, 3, H, W)"}


def run_in_batches(
    function: Callable[..., Tensor],
    *inputs: Tensor,
    batch_size: int,
    empty_shape: tuple[int, ...],
    device: str | torch.device = "cpu",
) -> Tensor:
    """What ``function`` gives for the rows of ``inputs``, float32 on the CPU, ``batch_size`` rows at a time.

    Args:
        function: Takes as many rows of each input, on ``device``, and gives one row for each.
        inputs: Tensors of as many rows.
        batch_size: Most rows that are on the device at a time.
        empty_shape: Shape of the result when there are no rows.
        device: Where ``function`` runs.
    """
    parts = []
    for start in range(0, len(inputs[0]), batch_size):
        with torch.inference_mode():
            rows = [tensor[start : start + batch_size].to(device) for tensor in inputs]
            parts.append(function(*rows).float().cpu())
    return torch.cat(parts) if parts else torch.zeros(empty_shape)


def require_positive(argument: str, number: int) -> None:
    """Refuse to count nothing.

    Raises:
        ValueError: The number is below 1.
    """
    if number < 1:
        raise ValueError(f"{argument} must be at least 1, got {number}")


def require_pictures(argument: str, pictures: Tensor, num_axes: int = 4) -> None:
    """Refuse what are not pictures of bytes, which a network would take in silence and see black.

    Raises:
        ValueError: They are not uint8 of three channels.
    """
    if pictures.dtype != torch.uint8 or pictures.ndim != num_axes or pictures.shape[-3] != 3:
        raise ValueError(
            f"{argument} must be uint8 {_AXES[num_axes]}, got {pictures.dtype} {tuple(pictures.shape)}; "
            "for floats in [0, 1] give (255 * x).round().to(torch.uint8)"
        )


def require_clips(clips: Tensor, num_frames: int) -> None:
    """Refuse clips that are not pictures of bytes or have not ``num_frames`` frames.

    Raises:
        ValueError: They are not uint8, or of another length.
    """
    require_pictures("clips", clips, num_axes=5)
    if clips.shape[1] != num_frames:
        raise ValueError(
            f"clips must have {num_frames} frames each, got {clips.shape[1]}; cut them, or give num_frames to "
            "an extractor that has it"
        )


def require_equal_shapes(first: str, one: Tensor, second: str, other: Tensor) -> None:
    """Refuse pairs of pictures that do not belong together.

    Raises:
        ValueError: They are not uint8, or differ in shape.
    """
    require_pictures(first, one)
    require_pictures(second, other)
    if one.shape != other.shape:
        raise ValueError(
            f"{first} and {second} must be alike in shape, got {tuple(one.shape)}, {tuple(other.shape)}"
        )
