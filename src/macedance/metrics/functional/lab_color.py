"""Colours as people tell them apart: CIELAB, white D65, of sRGB.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.video_frames import check_frames, unit_range

_XYZ_OF_RGB = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_WHITE = (0.95047, 1.0, 1.08883)
_LINEAR_BELOW = 0.008856
_SLOPE = 7.787


def rgb_to_lab(frames: Tensor) -> Tensor:
    """L* in 0..100, a* and b* of every pixel, float64 (T, 3, H, W).

    Args:
        frames: (T, 3, H, W) sRGB, uint8 or floats in [0, 1].

    Raises:
        ValueError: ``frames`` is no such clip.

    >>> rgb_to_lab(torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)).flatten().round(decimals=1)
    tensor([53.2000, 80.1000, 67.2000], dtype=torch.float64)
    """
    check_frames(frames)
    if frames.dtype == torch.uint8:  # there are only so many, and powers take time
        linear = _linear(torch.arange(256, dtype=torch.float64, device=frames.device) / 255)[frames.int()]
    else:
        linear = _linear(unit_range(frames))
    to_xyz = linear.new_tensor(_XYZ_OF_RGB) / linear.new_tensor(_WHITE)[:, None]
    xyz = torch.einsum("ij,tjhw->tihw", to_xyz, linear)
    x, y, z = torch.where(xyz > _LINEAR_BELOW, xyz ** (1 / 3), _SLOPE * xyz + 16 / 116).unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def _linear(rgb: Tensor) -> Tensor:
    """SRGB in [0, 1] without its gamma."""
    return torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
