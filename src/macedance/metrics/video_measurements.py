"""What is measured of one video.

Axis letters: F frames, N short clips of a video, C features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor


@dataclass(frozen=True, eq=False)
class VideoMeasurements:
    """One video's features and numbers, from which its set's scores are made; the video itself is not kept.

    Attributes:
        fid_features: (F, C) of its frames; None if there are none.
        fvd_features: (N, C) of its short clips; None if there are none.
        values: Its numbers by the keys of :class:`~macedance.metrics.VideoMetrics`; missing ones are NaN.
    """

    fid_features: Tensor | None = None
    fvd_features: Tensor | None = None
    values: Mapping[str, float] = field(default_factory=dict)

    def with_value(self, key: str, value: float) -> VideoMeasurements:
        """The same with one more number.

        >>> VideoMeasurements(values={"psnr": 31.0}).with_value("pck", 0.9).values
        {'psnr': 31.0, 'pck': 0.9}
        """
        return replace(self, values={**self.values, key: value})
