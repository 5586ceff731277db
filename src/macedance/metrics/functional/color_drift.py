"""How far a video's colours move away from those it began with.

Axis letters: T frames, H height, W width, S segments.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.color_statistics import ColorSums

SEGMENT_FRAMES = 77
"""What Wan-Animate makes at a time."""


def color_drift(statistics: Tensor) -> Tensor:
    """Distance of each later segment's colours from the first's, in units of ΔE*ab, float64 (S − 1,).

    It is the Euclidean distance of the six statistics.

    Args:
        statistics: (S, 6), see :func:`~macedance.metrics.functional.color_statistics`.

    Raises:
        ValueError: ``statistics`` has another shape.

    >>> color_drift(torch.tensor([[50.0, 0, 0, 10, 5, 5], [53.0, 4, 0, 10, 5, 5]]))
    tensor([5.], dtype=torch.float64)
    """
    if statistics.ndim != 2 or statistics.shape[1] != 6:
        raise ValueError(f"statistics must be (segments, 6), got {tuple(statistics.shape)}")
    statistics = statistics.double()
    return (statistics[1:] - statistics[:1]).norm(dim=1)


class SegmentColors:
    """The colours of a video's segments, for videos that are not in memory as a whole.

    Args:
        segment_frames: Frames of a segment.

    Raises:
        ValueError: ``segment_frames`` is not positive.

    >>> colors = SegmentColors(segment_frames=4)
    >>> colors.add(torch.zeros(6, 3, 8, 8))
    >>> colors.add(torch.ones(2, 3, 8, 8))
    >>> colors.statistics()[:, 0].round(decimals=3), colors.mean_drift().round(decimals=1)
    (tensor([ 0., 50.], dtype=torch.float64), tensor(70.7000, dtype=torch.float64))
    """

    def __init__(self, segment_frames: int = SEGMENT_FRAMES) -> None:
        if segment_frames < 1:
            raise ValueError(f"segment_frames must be at least 1, got {segment_frames}")
        self.segment_frames = segment_frames
        self._num_frames = 0
        self._segments: list[ColorSums] = []

    def add(self, frames: Tensor) -> None:
        """Take the next frames in (T, 3, H, W), uint8 or floats in [0, 1].

        Raises:
            ValueError: ``frames`` is no such clip.
        """
        for frame in frames:
            if self._num_frames % self.segment_frames == 0:
                self._segments.append(ColorSums())
            self._segments[-1].add(frame[None])
            self._num_frames += 1

    def statistics(self) -> Tensor:
        """Those of each segment (S, 6); what is left at the end counts if it is half a segment or more."""
        num_segments = (self._num_frames + self.segment_frames // 2) // self.segment_frames
        rows = [segment.statistics() for segment in self._segments[:num_segments]]
        return torch.stack(rows) if rows else torch.empty(0, 6, dtype=torch.float64)

    def mean_drift(self) -> Tensor:
        """Mean over the later segments of :func:`color_drift`, a float64 scalar; NaN for a single segment."""
        return color_drift(self.statistics()).mean()
