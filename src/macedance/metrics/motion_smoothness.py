"""The smoothness of generated videos.

Axis letters: B clips, M dropped frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean, check_as_many
from macedance.metrics.functional.motion_smoothness import motion_smoothness


class MotionSmoothness(ClipMean):
    """VBench's motion smoothness: 1 − mean error / 255 of frames interpolated between others, averaged over clips.

    0 to 1, higher is smoother; a still video has 1. VBench interpolates by AMT-S. Clips of fewer than three
    frames are left out and counted. Not yet verified with real weights.

    >>> import torch
    >>> from macedance.metrics.functional.motion_smoothness import kept_and_dropped
    >>> kept, dropped = kept_and_dropped(torch.linspace(0, 1, 9).view(9, 1, 1, 1).expand(-1, 3, 8, 8))
    >>> metric = MotionSmoothness()
    >>> metric.update([255 * (kept[:-1] + kept[1:]) / 2], [dropped])
    >>> metric.compute().round(decimals=6)
    tensor(1., dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def update(self, interpolated: Sequence[Tensor], dropped: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            interpolated: Of B clips, frames (M, 3, H, W) made of those kept, floats in 0..255.
            dropped: Of each clip, the frames (M, 3, H, W) in their place, uint8 or floats in [0, 1].

        Raises:
            ValueError: A clip is none, the two differ in shape, or there are not as many of each.
        """
        check_as_many("dropped", dropped, "interpolated", interpolated)
        self._add([motion_smoothness(*pair) for pair in zip(interpolated, dropped, strict=True)])
