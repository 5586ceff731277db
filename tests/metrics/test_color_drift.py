from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from macedance.metrics import ColorDrift
from macedance.metrics.functional import (
    ColorSums,
    SegmentColors,
    color_drift,
    color_statistics,
    rgb_to_lab,
)


def random_video(num_frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((num_frames, 3, 5, 7)) ** 3


def plain_statistics(video: np.ndarray) -> np.ndarray:
    lab = rgb2lab(np.moveaxis(video, 1, -1)).reshape(-1, 3)
    return np.concatenate([lab.mean(axis=0), lab.std(axis=0)])


def test_lab_equals_scikit_image() -> None:
    video = random_video(3)
    video[0, :, 0] = np.linspace(0, 0.02, 21).reshape(3, 7)  # where the curves are straight
    expected = np.moveaxis(rgb2lab(np.moveaxis(video, 1, -1)), -1, 1)
    np.testing.assert_allclose(rgb_to_lab(torch.from_numpy(video)), expected, atol=1e-6)


def test_lab_of_bytes_equals_scikit_image() -> None:
    video = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 3, 16, 16)
    expected = np.moveaxis(rgb2lab(np.moveaxis(video, 1, -1)), -1, 1)
    np.testing.assert_allclose(rgb_to_lab(torch.from_numpy(video)), expected, atol=1e-6)


def test_statistics_are_those_of_all_pixels() -> None:
    video = random_video(4)
    np.testing.assert_allclose(
        color_statistics(torch.from_numpy(video)), plain_statistics(video), rtol=1e-9, atol=1e-9
    )


def test_frames_taken_in_one_by_one_give_the_same() -> None:
    video = torch.from_numpy(random_video(6))
    sums = ColorSums()
    assert sums.statistics().isnan().all()
    for start, stop in ((0, 1), (1, 1), (1, 4), (4, 6)):
        sums.add(video[start:stop])
    np.testing.assert_allclose(sums.statistics(), color_statistics(video), rtol=1e-12)


def test_a_tiny_spread_is_not_lost_in_rounding() -> None:
    video = 0.8 + 1e-9 * random_video(3)
    np.testing.assert_allclose(
        color_statistics(torch.from_numpy(video))[3:], plain_statistics(video)[3:], rtol=1e-4
    )


def test_drift_is_the_distance_of_six_statistics_from_the_first_segments() -> None:
    video = np.concatenate([random_video(4), 0.5 * random_video(4, seed=1), random_video(2, seed=2)])
    statistics = np.stack([plain_statistics(video[start : start + 4]) for start in (0, 4, 8)])
    expected = np.sqrt(((statistics[1:] - statistics[0]) ** 2).sum(axis=1))
    np.testing.assert_allclose(color_drift(torch.from_numpy(statistics)), expected, rtol=1e-12)
    metric = ColorDrift(segment_frames=4)
    metric.update([torch.from_numpy(video), torch.from_numpy(video[:5])])
    np.testing.assert_allclose(metric.clip_values, [expected.mean(), np.nan], rtol=1e-9)
    assert metric.num_excluded == 1


@pytest.mark.parametrize(("segment_frames", "least_rest"), [(1, 1), (2, 1), (5, 3), (6, 3), (77, 39)])
def test_a_rest_counts_from_half_a_segment_on(segment_frames: int, least_rest: int) -> None:
    colors = SegmentColors(segment_frames)
    colors.add(torch.zeros(segment_frames + least_rest - 1, 3, 1, 1))
    assert len(colors.statistics()) == 1
    colors.add(torch.zeros(1, 3, 1, 1))
    assert len(colors.statistics()) == 2


def test_errors_name_the_argument() -> None:
    with pytest.raises(ValueError, match="segment_frames must be at least 1, got 0"):
        ColorDrift(segment_frames=0)
    with pytest.raises(ValueError, match=r"statistics must be \(segments, 6\), got \(3,\)"):
        color_drift(torch.zeros(3))
    with pytest.raises(ValueError, match="frames must be one clip of shape"):
        ColorDrift().update(torch.zeros(8, 3, 4, 4))
