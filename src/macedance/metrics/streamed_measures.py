"""What adds up one figure of a video over chunks of its frames.

Axis letters: F frames of a chunk, N windows, C features, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.extractors import FrameFeatures, FrameInterpolator, FrameScores, VideoFeatures
from macedance.metrics.functional.color_drift import SegmentColors
from macedance.metrics.functional.identity_similarity import identity_similarity
from macedance.metrics.functional.motion_smoothness import kept_and_dropped, motion_smoothness
from macedance.metrics.functional.temporal_flickering import temporal_flickering
from macedance.metrics.person_regions import Region, region_of


class StreamedMeasure(Protocol):
    """One figure of a video."""

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames uint8 (F, 3, H, W), and the truth's at the same time; fewer at its end, or None."""
        ...

    def value(self) -> float:
        """The figure; NaN where the video was too short."""
        ...


class _Mean:
    """A mean of numbers that come in groups."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def take(self, mean: float, count: int) -> None:
        if count:
            self._sum, self._count = self._sum + mean * count, self._count + count

    def value(self) -> float:
        return self._sum / self._count if self._count else float("nan")


class PairValues(_Mean):
    """Mean over frames of a function (F,) of the frames and of those that they should be."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self._function = function

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        if truth is not None:
            values = self._function(chunk[: len(truth)], truth)
            self.take(float(values.double().mean()), len(values))


class FrameValues(_Mean):
    """Mean over frames of a score (F,)."""

    def __init__(self, scores: FrameScores) -> None:
        super().__init__()
        self._scores = scores

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        self.take(float(self._scores(chunk).double().mean()), len(chunk))


class Identity:
    """Likeness of the person in each frame to the one in some pictures."""

    def __init__(
        self, network: FrameFeatures, person: Tensor, points: np.ndarray | None, region: Region
    ) -> None:
        self._network, self._points, self._region = network, points, region
        self._wanted = network(person)
        self._num_frames = 0
        self._features: list[Tensor] = []

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        points = None if self._points is None else self._points[self._num_frames :][: len(chunk)]
        self._num_frames += len(chunk)
        shown = region_of(chunk if points is None else chunk[: len(points)], points, self._region)
        if len(shown):
            self._features.append(self._network(shown))

    def value(self) -> float:
        """The likeness; NaN where the person is never seen."""
        if not self._features:
            return float("nan")
        return float(identity_similarity(torch.cat(self._features), self._wanted))


class Flickering(_Mean):
    """Temporal flickering, over all pairs of neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Tensor | None = None

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        frames = chunk if self._last is None else torch.cat([self._last, chunk])
        self._last = chunk[-1:]
        if len(frames) > 1:
            self.take(float(temporal_flickering(frames)), len(frames) - 1)


class Smoothness(_Mean):
    """Motion smoothness: every second frame beside what the interpolator makes of its neighbours."""

    def __init__(self, interpolator: FrameInterpolator) -> None:
        super().__init__()
        self._interpolator = interpolator
        self._pending: Tensor | None = None  # begins with a frame that is kept

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        frames = chunk if self._pending is None else torch.cat([self._pending, chunk])
        num_dropped = (len(frames) - 1) // 2
        self._pending = frames[2 * num_dropped :]
        if num_dropped:
            kept, dropped = kept_and_dropped(frames[: 2 * num_dropped + 1])
            made = self._interpolator(kept[:-1], kept[1:]).to(dropped.device)
            self.take(float(motion_smoothness(made, dropped)), num_dropped)


class Colors:
    """Drift of colours from the first segment, mean over the later ones."""

    def __init__(self, segment_frames: int) -> None:
        self._colors = SegmentColors(segment_frames)

    def add(self, chunk: Tensor, truth: Tensor | None) -> None:
        """Take in the next frames."""
        self._colors.add(chunk)

    def value(self) -> float:
        """The mean drift."""
        return float(self._colors.mean_drift())


class WindowFeatures:
    """Features (N, C) of windows of frames that follow each other; what is left at the end is not looked at."""

    def __init__(self, network: VideoFeatures) -> None:
        self._network = network
        self._pending: Tensor | None = None
        self._features: list[Tensor] = []

    def add(self, chunk: Tensor) -> None:
        """Take in the next frames uint8 (F, 3, H, W)."""
        frames = chunk if self._pending is None else torch.cat([self._pending, chunk])
        length = self._network.num_frames
        num_windows = len(frames) // length
        self._pending = frames[num_windows * length :]
        if num_windows:
            self._features.append(self._network(frames[: num_windows * length].unflatten(0, (-1, length))))

    def features(self) -> Tensor:
        """The features so far."""
        return torch.cat([torch.empty(0, self._network.num_features), *self._features])
