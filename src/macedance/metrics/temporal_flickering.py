"""The steadiness of generated videos from frame to frame.

Axis letters: B clips, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.temporal_flickering import temporal_flickering


class TemporalFlickering(ClipMean):
    """VBench's temporal flickering: 1 − mean |difference of consecutive frames| / 255, averaged over clips; 0 to 1.

    Higher is steadier, but motion lowers it as flicker does: only the ground truth's own value tells what a
    dance ought to have. Clips of one frame are left out and counted. Needs no weights.

    >>> import torch
    >>> metric = TemporalFlickering()
    >>> metric.update([torch.zeros(2, 3, 8, 8), torch.ones(4, 3, 8, 8)])
    >>> metric.compute()
    tensor(1., dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def update(self, videos: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            videos: B clips (T, 3, H, W) of any lengths, uint8 or floats in [0, 1].

        Raises:
            ValueError: A clip has another shape or a float out of range.
        """
        self._add([temporal_flickering(video) for video in videos])
