"""The technical quality of a video's frames."""

from __future__ import annotations

from macedance.metrics.frame_score_mean import FrameScoreMean


class ImagingQuality(FrameScoreMean):
    """VBench's imaging quality: MUSIQ's score of frames, averaged over each clip's frames, then over clips; 0 to 1.

    MUSIQ as trained on SPAQ sees blur, noise and wrong exposure, and its score is divided by 100. Higher is
    better. Not yet verified with real weights.

    >>> import torch
    >>> metric = ImagingQuality()
    >>> metric.update([torch.tensor([0.5, 0.7]), torch.tensor([0.8])])
    >>> metric.compute().round(decimals=6)
    tensor(0.7000, dtype=torch.float64)
    """
