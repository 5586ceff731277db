"""What metrics of videos take features, scores and distances from: frozen networks behind five small Protocols.

Each has a ``name`` that stands in the names of the metrics it serves (``fid[random]``), and none of them is an
``nn.Module``: a metric or an expert that holds one does not save, train or shard its weights.

Axis letters: N clips, T frames of a clip, F frames, C features, H height, W width.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class FrameFeatures(Protocol):
    """Features of single frames, for FID, subject and background consistency, and identity."""

    name: str
    num_features: int

    def __call__(self, frames: Tensor) -> Tensor:
        """Features (F, C), float32 on the CPU, of frames uint8 (F, 3, H, W)."""
        ...


class VideoFeatures(Protocol):
    """Features of short clips, for FVD."""

    name: str
    num_features: int
    num_frames: int

    def __call__(self, clips: Tensor) -> Tensor:
        """Features (N, C), float32 on the CPU, of clips uint8 (N, num_frames, 3, H, W)."""
        ...


class FrameScores(Protocol):
    """A score in 0..1 of single frames, higher is better, for imaging and aesthetic quality."""

    name: str

    def __call__(self, frames: Tensor) -> Tensor:
        """Scores (F,), float32 on the CPU, of frames uint8 (F, 3, H, W)."""
        ...


class PerceptualDistance(Protocol):
    """A distance between two frames that grows as people see them differ, for LPIPS."""

    name: str

    def __call__(self, frames: Tensor, others: Tensor) -> Tensor:
        """Distances (F,), float32 on the CPU, of frames uint8 (F, 3, H, W) from others of the same shape."""
        ...


class FrameInterpolator(Protocol):
    """The frame in the middle between two others, for motion smoothness."""

    name: str

    def __call__(self, before: Tensor, after: Tensor) -> Tensor:
        """Frames float32 in 0..255 (F, 3, H, W) on the CPU, between frames uint8 of the same shape."""
        ...
