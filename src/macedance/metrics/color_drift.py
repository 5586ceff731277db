"""The drift of a generated video's colours.

Axis letters: B clips, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.color_drift import SEGMENT_FRAMES, SegmentColors


class ColorDrift(ClipMean):
    """How far colours move away from a video's first segment, in units of ΔE*ab, averaged over clips.

    A clip's number is the mean over its later segments of the distance of their means and standard deviations
    of L*, a* and b* from the first's. Clips of a single segment are left out and counted. Needs no weights.

    Args:
        segment_frames: Frames of a segment, see
            :class:`~macedance.metrics.functional.color_drift.SegmentColors`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: ``segment_frames`` is not positive.

    >>> import torch
    >>> metric = ColorDrift(segment_frames=2)
    >>> metric.update([torch.tensor([0.0, 0.0, 1.0, 1.0]).view(4, 1, 1, 1).expand(-1, 3, 8, 8)])
    >>> metric.compute().round(decimals=2)
    tensor(100., dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def __init__(self, segment_frames: int = SEGMENT_FRAMES, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        SegmentColors(segment_frames)
        self.segment_frames = segment_frames

    def update(self, videos: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            videos: B clips (T, 3, H, W) of any lengths, uint8 or floats in [0, 1].

        Raises:
            ValueError: A clip has another shape or a float out of range.
        """
        self._add([self._drift(video) for video in videos])

    def _drift(self, video: Tensor) -> Tensor:
        colors = SegmentColors(self.segment_frames)
        colors.add(video)
        return colors.mean_drift()
