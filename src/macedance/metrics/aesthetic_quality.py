"""The beauty of a video's frames."""

from __future__ import annotations

from macedance.metrics.frame_score_mean import FrameScoreMean


class AestheticQuality(FrameScoreMean):
    """VBench's aesthetic quality: LAION's score of frames, averaged over each clip's frames, then over clips; 0 to 1.

    LAION's predictor is linear on the features of CLIP ViT-L/14, and its score is divided by 10. Higher is
    better. Not yet verified with real weights.

    >>> import torch
    >>> metric = AestheticQuality()
    >>> metric.update([torch.tensor([0.5, 0.7]), torch.tensor([0.8])])
    >>> metric.compute().round(decimals=6)
    tensor(0.7000, dtype=torch.float64)
    """
