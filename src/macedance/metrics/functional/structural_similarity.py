"""How alike the structure of two frames is (Wang et al. 2004).

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.metrics.functional.video_frames import check_frames, compare_frames

WINDOW_PX = 11
_SIGMA_PX = 1.5
_OFFSETS_PX = torch.arange(WINDOW_PX, dtype=torch.float64) - WINDOW_PX // 2
_WEIGHTS: list[float] = torch.softmax(-_OFFSETS_PX.square() / (2 * _SIGMA_PX**2), dim=0).tolist()
_LUMINANCE = 0.01**2
_CONTRAST = 0.03**2


def structural_similarity(frames: Tensor, truth: Tensor) -> Tensor:
    """SSIM of each frame, float64 (T,), at most 1: equal.

    The mean over colours and over all places at which the window, a Gaussian of 11 × 11 pixels with σ = 1.5,
    lies within the frame; covariances are those of the population, white is 1.

    Args:
        frames: (T, 3, H, W), uint8 or floats in [0, 1], H and W at least 11.
        truth: As many of the same size.

    Raises:
        ValueError: Either is no such clip, is smaller than the window, or they differ in shape.

    >>> grey = torch.full((1, 3, 16, 16), 0.5)
    >>> structural_similarity(grey, grey)
    tensor([1.], dtype=torch.float64)
    """
    check_frames(frames)
    if min(frames.shape[-2:]) < WINDOW_PX:
        raise ValueError(
            f"frames must be at least {WINDOW_PX} px high and wide, the window of SSIM, "
            f"got {frames.shape[-2]} × {frames.shape[-1]}; use larger ones"
        )
    return compare_frames(_similarity, frames, truth)


def _similarity(frame: Tensor, truth: Tensor) -> Tensor:
    products = torch.stack([frame, truth, frame.square() + truth.square(), frame * truth])
    mean, true_mean, squares, product = _windowed(_windowed(products, dim=-1), dim=-2)
    covariance = product - mean * true_mean
    mean_squares = mean.square() + true_mean.square()
    luminance = (2 * mean * true_mean + _LUMINANCE) / (mean_squares + _LUMINANCE)
    return (luminance * (2 * covariance + _CONTRAST) / (squares - mean_squares + _CONTRAST)).mean()


def _windowed(pictures: Tensor, dim: int) -> Tensor:
    """Weighted means under the window along one axis; much faster than a convolution in float64."""
    num_places = pictures.shape[dim] - WINDOW_PX + 1
    means = torch.zeros_like(pictures.narrow(dim, 0, num_places))
    for offset, weight in enumerate(_WEIGHTS):
        means.add_(pictures.narrow(dim, offset, num_places), alpha=weight)
    return means
