"""Features of frames and clips from TorchScript files. Axis letters: N clips, T frames of a clip, F frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from macedance.metrics.extractors.batched_networks import ClipFeatureNetwork, FrameFeatureNetwork
from macedance.metrics.extractors.frame_batches import require_positive
from macedance.metrics.extractors.preprocessing import normalize, resize
from macedance.metrics.extractors.torchscript import load_torchscript
from macedance.metrics.extractors.weights import I3D, INCEPTION, find_weights

_I3D_SIZE_PX = 224


class TorchScriptI3D(ClipFeatureNetwork):
    """I3D trained on Kinetics-400, as StyleGAN-V takes it for FVD: the 400 values before the softmax.

    The shorter side is brought to 224 pixels by bilinear interpolation, the middle is cut out, and values are
    brought to [−1, 1].

    Args:
        path: Of ``i3d_torchscript.pt``; None looks in the weights folder.
        num_frames: Of the clips; 16 is what papers report.
        batch_size: Clips at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: The file is not there.
        ValueError: It is no TorchScript file, or ``num_frames`` or ``batch_size`` is below 1.
    """

    num_features = 400

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        num_frames: int = 16,
        batch_size: int = 4,
        device: str = "cpu",
    ) -> None:
        require_positive("num_frames", num_frames)
        super().__init__("i3d", batch_size, device)
        self.num_frames = num_frames
        self._network = load_torchscript(find_weights(I3D, path), device)

    def _features(self, clips: Tensor) -> Tensor:
        frames = _resize_for_i3d(clips.flatten(0, 1) / 255) * 2 - 1
        videos = frames.unflatten(0, clips.shape[:2]).transpose(1, 2).contiguous()
        return self._network.module(x=videos, rescale=False, resize=False, return_features=True)


def _resize_for_i3d(frames: Tensor) -> Tensor:
    """The middle 224 × 224 of frames (F, 3, H, W) whose shorter side is 224, the longer one rounded up."""
    height, width = frames.shape[-2:]
    scale = _I3D_SIZE_PX / min(height, width)
    size = (
        (_I3D_SIZE_PX, math.ceil(width * scale))
        if height < width
        else (math.ceil(height * scale), _I3D_SIZE_PX)
    )
    frames = F.interpolate(frames, size=size, mode="bilinear", align_corners=False)
    top, left = ((extent - _I3D_SIZE_PX) // 2 for extent in size)
    return frames[..., top : top + _I3D_SIZE_PX, left : left + _I3D_SIZE_PX]


class TorchScriptInception(FrameFeatureNetwork):
    """The Inception of the original FID, translated to TorchScript for StyleGAN2-ADA: 2048 pooled features.

    It takes bytes and resizes them itself.

    Args:
        path: Of ``inception-2015-12-05.pt``; None looks in the weights folder.
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: The file is not there.
        ValueError: It is no TorchScript file, or ``batch_size`` is below 1.
    """

    num_features = 2048

    def __init__(self, path: str | Path | None = None, *, batch_size: int = 32, device: str = "cpu") -> None:
        super().__init__("inception", batch_size, device)
        self._network = load_torchscript(find_weights(INCEPTION, path), device)

    def _features(self, frames: Tensor) -> Tensor:
        return self._network.module(frames, return_features=True)


class TorchScriptFrameFeatures(FrameFeatureNetwork):
    """Any network in a TorchScript file that takes normalised pictures (F, 3, H, W) and gives features (F, C).

    Pictures are resized as a whole. For identity they may be crops of the person or the face, see
    :func:`~macedance.metrics.person_regions.region_of`.

    Args:
        path: Of the file.
        name: What stands in the metrics' names, such as ``arcface``.
        size_px: Height and width that the network wants, such as ``(112, 112)``.
        mean: Of each channel of values in [0, 1], subtracted.
        std: Of each channel, divided by; with the default mean, values come to [−1, 1].
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: The file is not there.
        ValueError: It is no TorchScript file or does not give features (F, C), or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        name: str,
        size_px: tuple[int, int],
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        std: Sequence[float] = (0.5, 0.5, 0.5),
        batch_size: int = 32,
        device: str = "cpu",
    ) -> None:
        super().__init__(name, batch_size, device)
        if not Path(path).is_file():
            raise FileNotFoundError(f"path: there is no {path}; give a TorchScript file of {name}")
        self._size_px, self._mean, self._std = size_px, mean, std
        self._network = load_torchscript(Path(path), device)
        with torch.inference_mode():
            trial = self._features(torch.zeros(1, 3, *size_px, dtype=torch.uint8, device=device))
        if trial.ndim != 2 or len(trial) != 1:
            raise ValueError(
                f"path: {path} must give features (frames, features), got {tuple(trial.shape)} for one"
            )
        self.num_features: int = trial.shape[1]

    def _features(self, frames: Tensor) -> Tensor:
        resized = resize(frames, self._size_px, antialias=True)
        return self._network.module(normalize(resized, self._mean, self._std))
