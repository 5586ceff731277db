"""Frozen networks that make features of as many frames or clips as they are given, a few at a time.

Axis letters: N clips, T frames of a clip, F frames, C features.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from macedance.metrics.extractors.frame_batches import (
    require_clips,
    require_pictures,
    require_positive,
    run_in_batches,
)


class _BatchedNetwork(ABC):
    """Its number of features is told by the subclass, before the first call.

    Args:
        name: What stands in the metrics' names.
        batch_size: Frames or clips at a time.
        device: Where it runs.

    Raises:
        ValueError: ``batch_size`` is below 1.
    """

    num_features: int

    def __init__(self, name: str, batch_size: int, device: str) -> None:
        require_positive("batch_size", batch_size)
        self.name = name
        self._batch_size, self._device = batch_size, device

    @abstractmethod
    def _features(self, rows: Tensor) -> Tensor:
        """Features (rows, C) of some frames or clips, on the device."""

    def _in_batches(self, rows: Tensor) -> Tensor:
        return run_in_batches(
            self._features,
            rows,
            batch_size=self._batch_size,
            device=self._device,
            empty_shape=(0, self.num_features),
        )


class FrameFeatureNetwork(_BatchedNetwork):
    """Base of extractors of frames, see :class:`~macedance.metrics.extractors.protocols.FrameFeatures`."""

    def __call__(self, frames: Tensor) -> Tensor:
        """Features (F, C), float32 on the CPU, of frames uint8 (F, 3, H, W).

        Raises:
            ValueError: They are no such frames.
        """
        require_pictures("frames", frames)
        return self._in_batches(frames)


class ClipFeatureNetwork(_BatchedNetwork):
    """Base of extractors of clips, see :class:`~macedance.metrics.extractors.protocols.VideoFeatures`."""

    num_frames: int

    def __call__(self, clips: Tensor) -> Tensor:
        """Features (N, C), float32 on the CPU, of clips uint8 (N, num_frames, 3, H, W).

        Raises:
            ValueError: They are no such clips.
        """
        require_clips(clips, self.num_frames)
        return self._in_batches(clips)
