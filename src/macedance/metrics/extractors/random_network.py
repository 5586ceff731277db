"""Extractors of random weights, which need no files: for tests, demonstrations and a first look.

Random convolutions tell pictures apart by colour, contrast, sharpness and coarse shape, but know nothing of what
is on them. Weights are drawn from a seed on the CPU, so they are the same in every run and on every machine.
Axis letters: N clips, T frames of a clip, F frames, C features, H height, W width.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from macedance.metrics.extractors.frame_batches import (
    require_clips,
    require_equal_shapes,
    require_pictures,
    require_positive,
    run_in_batches,
)
from macedance.metrics.extractors.preprocessing import resize

_WIDTHS = (3, 16, 32, 64)
_KERNEL = 3
_SIZE_PX = 64
_FRAME_BATCH, _CLIP_BATCH = 64, 8


class RandomFrameFeatures:
    """Means and deviations of random convolutions over a frame of 64 × 64 pixels, mixed at random.

    Args:
        num_features: C.
        seed: Of the weights.
        device: Where it runs.
    """

    name = "random"

    def __init__(self, num_features: int = 64, seed: int = 0, *, device: str = "cpu") -> None:
        self.num_features = num_features
        self._device = device
        self._kernels, self._mixing = _draw(num_features, seed, 2, device)

    def __call__(self, frames: Tensor) -> Tensor:
        """Features (F, C) of frames uint8 (F, 3, H, W)."""
        require_pictures("frames", frames)
        return run_in_batches(
            self._features,
            frames,
            batch_size=_FRAME_BATCH,
            device=self._device,
            empty_shape=(0, self.num_features),
        )

    def _features(self, frames: Tensor) -> Tensor:
        return _moments(_stages(_small(frames), self._kernels)) @ self._mixing


class RandomVideoFeatures:
    """Means and deviations of random convolutions over space and time, mixed at random.

    Args:
        num_features: C.
        num_frames: T.
        seed: Of the weights.
        device: Where it runs.

    Raises:
        ValueError: ``num_frames`` is below 1.
    """

    name = "random"

    def __init__(
        self, num_features: int = 64, num_frames: int = 16, seed: int = 0, *, device: str = "cpu"
    ) -> None:
        require_positive("num_frames", num_frames)
        self.num_features, self.num_frames = num_features, num_frames
        self._device = device
        self._kernels, self._mixing = _draw(num_features, seed, 3, device)

    def __call__(self, clips: Tensor) -> Tensor:
        """Features (N, C) of clips uint8 (N, num_frames, 3, H, W)."""
        require_clips(clips, self.num_frames)
        return run_in_batches(
            self._features,
            clips,
            batch_size=_CLIP_BATCH,
            device=self._device,
            empty_shape=(0, self.num_features),
        )

    def _features(self, clips: Tensor) -> Tensor:
        videos = _small(clips.flatten(0, 1)).unflatten(0, clips.shape[:2]).transpose(1, 2)
        return _moments(_stages(videos, self._kernels)) @ self._mixing


class RandomFrameScores:
    """Scores in 0..1 that mean nothing: they only show that scores arrive where they should.

    Args:
        seed: Of the weights.
        device: Where it runs.
    """

    name = "random"

    def __init__(self, seed: int = 0, *, device: str = "cpu") -> None:
        self._features = RandomFrameFeatures(1, seed, device=device)

    def __call__(self, frames: Tensor) -> Tensor:
        """Scores (F,) without meaning, of frames uint8 (F, 3, H, W)."""
        return self._features(frames)[:, 0].sigmoid()


class RandomPerceptualDistance:
    """Mean distance between random convolutions of two frames, of 64 × 64 pixels: 0 for equal ones.

    Args:
        seed: Of the weights.
        device: Where it runs.
    """

    name = "random"

    def __init__(self, seed: int = 0, *, device: str = "cpu") -> None:
        self._device = device
        self._kernels, _ = _draw(1, seed, 2, device)

    def __call__(self, frames: Tensor, others: Tensor) -> Tensor:
        """Distances (F,) of frames uint8 (F, 3, H, W) from others of the same shape."""
        require_equal_shapes("frames", frames, "others", others)
        return run_in_batches(
            self._distances, frames, others, batch_size=_FRAME_BATCH, device=self._device, empty_shape=(0,)
        )

    def _distances(self, frames: Tensor, others: Tensor) -> Tensor:
        pairs = zip(
            _stages(_small(frames), self._kernels), _stages(_small(others), self._kernels), strict=True
        )
        return torch.stack([(one - other).square().mean(dim=(1, 2, 3)) for one, other in pairs]).mean(dim=0)


def _draw(num_features: int, seed: int, num_axes: int, device: str) -> tuple[list[Tensor], Tensor]:
    """Kernels of the convolutions over ``num_axes`` axes, and the matrix that mixes their moments."""
    generator = torch.Generator().manual_seed(seed)
    kernels = []
    for width, next_width in pairwise(_WIDTHS):
        shape = (next_width, width, *[_KERNEL] * num_axes)
        scale = (2 / (width * _KERNEL**num_axes)) ** 0.5  # keeps the variance through rectifiers
        kernels.append((torch.randn(shape, generator=generator) * scale).to(device))
    num_moments = 2 * sum(_WIDTHS)
    mixing = torch.randn(num_moments, num_features, generator=generator) / num_moments**0.5
    return kernels, mixing.to(device)


def _small(frames: Tensor) -> Tensor:
    """Frames (F, 3, 64, 64) in [−1, 1]."""
    return resize(frames, (_SIZE_PX, _SIZE_PX), antialias=True) / 127.5 - 1


def _stages(pictures: Tensor, kernels: list[Tensor]) -> list[Tensor]:
    """The pictures (or videos) and what each rectified convolution of stride 2 makes of the stage before."""
    convolve = F.conv2d if pictures.ndim == 4 else F.conv3d
    stages = [pictures]
    for kernel in kernels:
        stages.append(convolve(stages[-1], kernel, stride=2, padding=1).relu())
    return stages


def _moments(stages: list[Tensor]) -> Tensor:
    """Mean and standard deviation of every channel of every stage."""
    flat = [stage.flatten(2) for stage in stages]
    means = [stage.mean(dim=2) for stage in flat]
    deviations = [stage.std(dim=2, correction=0) for stage in flat]
    return torch.cat([*means, *deviations], dim=1)
