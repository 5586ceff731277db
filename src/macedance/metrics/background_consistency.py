"""Whether the scene stays the same throughout a video."""

from __future__ import annotations

from macedance.metrics.frame_consistency import FrameConsistency


class BackgroundConsistency(FrameConsistency):
    """VBench's background consistency: how alike CLIP's features of frames stay, averaged over clips; 0 to 1.

    The features are those of CLIP ViT-B/32. Higher is better, and a still video has 1. Not yet verified with
    real weights.

    >>> import torch
    >>> metric = BackgroundConsistency()
    >>> metric.update([torch.ones(3, 8), torch.eye(2)])
    >>> metric.compute()
    tensor(0.5000, dtype=torch.float64)
    """
