from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio as skimage_psnr
from skimage.metrics import structural_similarity as skimage_ssim
from torch import Tensor

from macedance.metrics import (
    LearnedPerceptualSimilarity,
    VideoPeakSignalNoiseRatio,
    VideoStructuralSimilarity,
)
from macedance.metrics.functional import peak_signal_to_noise_ratio, structural_similarity


def random_video(num_frames: int, height: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((num_frames, 3, height, width))


def smooth_video(num_frames: int, height: int, width: int, seed: int) -> np.ndarray:
    blurred = gaussian_filter(random_video(num_frames, height, width, seed), (0, 0, 4, 4))
    return (blurred - blurred.min()) / np.ptp(blurred)


def skimage_values(video: np.ndarray, truth: np.ndarray, data_range: float) -> tuple[list, list]:
    pairs = list(zip(video, truth, strict=True))
    decibels = [skimage_psnr(true, frame, data_range=data_range) for frame, true in pairs]
    similarities = [
        skimage_ssim(
            frame, true, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            data_range=data_range, channel_axis=0,
        )
        for frame, true in pairs
    ]  # fmt: skip
    return decibels, similarities


@pytest.mark.parametrize("make", [random_video, smooth_video])
@pytest.mark.parametrize("size", [(24, 37), (11, 11), (40, 13)])
def test_equals_scikit_image(make: Callable[..., np.ndarray], size: tuple[int, int]) -> None:
    truth = make(2, *size, seed=0)
    video = np.clip(truth + 0.1 * (make(2, *size, seed=1) - 0.3), 0, 1)
    decibels, similarities = skimage_values(video, truth, 1.0)
    pair = torch.from_numpy(video), torch.from_numpy(truth)
    np.testing.assert_allclose(peak_signal_to_noise_ratio(*pair), decibels, atol=1e-6)
    np.testing.assert_allclose(structural_similarity(*pair), similarities, atol=1e-6)


@pytest.mark.parametrize("make", [random_video, smooth_video])
def test_bytes_equal_scikit_image_on_bytes(make: Callable[..., np.ndarray]) -> None:
    truth, video = ((255 * make(3, 20, 31, seed)).astype(np.uint8) for seed in (0, 1))
    decibels, similarities = skimage_values(video, truth, 255)
    pair = torch.from_numpy(video), torch.from_numpy(truth)
    np.testing.assert_allclose(peak_signal_to_noise_ratio(*pair), decibels, atol=1e-6)
    np.testing.assert_allclose(structural_similarity(*pair), similarities, atol=1e-6)


def test_equal_frames_have_the_best_value_and_both_functions_are_symmetric() -> None:
    video, other = (torch.from_numpy(random_video(2, 16, 16, seed)) for seed in (0, 1))
    assert peak_signal_to_noise_ratio(video, video).tolist() == [np.inf, np.inf]
    np.testing.assert_allclose(structural_similarity(video, video), [1, 1], rtol=1e-12)
    for function in (peak_signal_to_noise_ratio, structural_similarity):
        np.testing.assert_allclose(function(video, other), function(other, video), rtol=1e-12)


def test_a_clip_counts_once_whatever_its_length() -> None:
    videos, truths = (
        [torch.from_numpy(random_video(num, 16, 20, num + seed)) for num in (1, 4, 0)] for seed in (0, 9)
    )
    pairs = list(zip(videos, truths, strict=True))
    for metric, function in (
        (VideoPeakSignalNoiseRatio(), peak_signal_to_noise_ratio),
        (VideoStructuralSimilarity(), structural_similarity),
    ):
        metric.update(videos, truths)
        expected = np.mean([np.mean(function(*pair).numpy()) for pair in pairs[:2]])
        np.testing.assert_allclose(metric.compute(), expected, rtol=1e-12)
        assert (metric.num_clips, metric.num_excluded) == (2, 1)


def test_a_frame_that_equals_the_true_one_counts_100_decibels() -> None:
    truth = torch.zeros(2, 3, 16, 16)
    video = truth + torch.tensor([0.0, 0.1]).view(2, 1, 1, 1)
    metric = VideoPeakSignalNoiseRatio()
    metric.update([video], [truth])
    np.testing.assert_allclose(metric.compute(), (100 + 20) / 2, rtol=1e-6)


def test_perceptual_distances_are_averaged_over_frames_then_clips() -> None:
    metric = LearnedPerceptualSimilarity()
    metric.update([torch.tensor([0.1, 0.2, 0.6]), torch.tensor([0.5])])
    np.testing.assert_allclose(metric.compute(), 0.4, rtol=1e-6)
    with pytest.raises(ValueError, match=r"distances must hold one tensor \(T,\) for each clip, got \(\)"):
        metric.update(torch.tensor([0.1, 0.2]))


@pytest.mark.parametrize("function", [peak_signal_to_noise_ratio, structural_similarity])
def test_errors_name_the_argument(function: Callable[[Tensor, Tensor], Tensor]) -> None:
    video = torch.rand(2, 3, 16, 16)
    for frames, message in (
        (video[0], r"frames must be one clip of shape \(T, 3, H, W\), got \(3, 16, 16\)"),
        (video[:, :1], r"frames must be one clip of shape \(T, 3, H, W\), got \(2, 1, 16, 16\)"),
        (video.int(), "frames must be uint8, or floats in .*, got torch.int32; convert them"),
        (video - 0.5, "frames must be uint8, or floats in .*, got floats from -0.* scale or clamp them"),
        (video * torch.nan, "got floats from nan to nan"),
    ):
        with pytest.raises(ValueError, match=message):
            function(frames, video)
    with pytest.raises(ValueError, match=r"truth must be uint8, or floats in .* got floats from 2 to 2"):
        function(video, torch.full_like(video, 2))
    with pytest.raises(ValueError, match=r"truth must be as many frames of the same size .* got \(1, 3, 16"):
        function(video, video[:1])


def test_frames_smaller_than_the_window_are_refused() -> None:
    video = torch.rand(1, 3, 10, 32)
    with pytest.raises(ValueError, match=r"frames must be at least 11 px high and wide, .* got 10 × 32"):
        structural_similarity(video, video)


def test_a_batch_is_taken_whole_or_not_at_all() -> None:
    videos = [torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)]
    metric = VideoStructuralSimilarity()
    with pytest.raises(ValueError, match="truths must hold one tensor for each clip in videos, got 1 for 2"):
        metric.update(videos, videos[:1])
    with pytest.raises(ValueError, match="truth must be as many frames"):
        metric.update(videos, [videos[0], videos[1][:1]])
    assert len(metric.clip_values) == 0
