"""How little consecutive frames differ (VBench, Huang et al. 2024).

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from macedance.metrics.functional.video_frames import check_frames, unit_range


def temporal_flickering(frames: Tensor) -> Tensor:
    """1 − mean |difference of consecutive frames|, white being 1: a float64 scalar, NaN for fewer than two frames.

    Motion counts as much as flicker.

    Args:
        frames: (T, 3, H, W), uint8 or floats in [0, 1].

    Raises:
        ValueError: ``frames`` is no such clip.

    >>> temporal_flickering(torch.tensor([0, 51, 0], dtype=torch.uint8).view(3, 1, 1, 1).expand(-1, 3, 4, 4))
    tensor(0.8000, dtype=torch.float64)
    """
    check_frames(frames)
    units = (unit_range(frame[None]) for frame in frames)
    differences = [(after - before).abs().mean() for before, after in itertools.pairwise(units)]
    if not differences:
        return torch.tensor(torch.nan, dtype=torch.float64, device=frames.device)
    return 1 - torch.stack(differences).mean()
