"""Pictures as the networks want them: resized, cropped, normalised. Axis letters: F frames, H height, W width.

transformers' own image processors work on the CPU, one picture after the other, or need torchvision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

Interpolation = Literal["bilinear", "bicubic"]


def resize(
    frames: Tensor,
    size: tuple[int, int],
    interpolation: Interpolation = "bilinear",
    *,
    antialias: bool = False,
) -> Tensor:
    """Frames float32 (F, 3, *size) of frames uint8, rounded to whole numbers and clipped to 0..255.

    So do PIL, and torchvision with pictures of bytes.

    Args:
        frames: (F, 3, H, W).
        size: Height and width in pixels.
        interpolation: Of the values in between.
        antialias: Whether pictures that shrink are smoothed first, as PIL does it.
    """
    resized = F.interpolate(
        frames.float(), size=size, mode=interpolation, align_corners=False, antialias=antialias
    )
    return resized.round().clamp(0, 255)


def resize_short_side(
    frames: Tensor, short_px: int, interpolation: Interpolation = "bilinear", *, antialias: bool = False
) -> Tensor:
    """Frames resized to a shorter side of ``short_px``, of the same aspect, the longer side rounded down.

    >>> resize_short_side(torch.zeros(1, 3, 60, 100, dtype=torch.uint8), 30).shape
    torch.Size([1, 3, 30, 50])
    """
    height, width = frames.shape[-2:]
    if height <= width:
        size = short_px, int(short_px * width / height)
    else:
        size = int(short_px * height / width), short_px
    return resize(frames, size, interpolation, antialias=antialias)


def crop_centre(frames: Tensor, size_px: int) -> Tensor:
    """The middle (F, 3, size_px, size_px) of frames at least as large; half pixels are rounded to even."""
    top, left = (round((extent - size_px) / 2) for extent in frames.shape[-2:])
    return frames[..., top : top + size_px, left : left + size_px]


def normalize(frames: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Frames of values 0..255, brought to 0..1, minus ``mean``, over ``std``, both one number a channel."""
    shift = torch.tensor(mean, device=frames.device)[:, None, None]
    scale = torch.tensor(std, device=frames.device)[:, None, None]
    return (frames / 255 - shift) / scale
