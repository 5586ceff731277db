from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics.functional import average_pairwise_distance, normalize_features
from macedance.metrics.functional.diversity import pairwise_distance_resamples
from macedance.metrics.functional.resampling import centred_interval, resampled_counts


def random_features(num_clips: int, dims: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_clips, dims, generator=generator, dtype=torch.float64)


def interval(features: Tensor, seed: int = 0) -> tuple[float, float]:
    resamples = pairwise_distance_resamples(features, num_resamples=200, seed=seed)
    low, high = centred_interval(average_pairwise_distance(features), resamples)
    return low.item(), high.item()


@pytest.mark.parametrize("dims", [32, 72])
@pytest.mark.parametrize("side", ["gen", "gt"])
def test_equals_the_published_code(fixtures: Path, side: str, dims: int) -> None:
    with np.load(fixtures / "motion_metrics_synthetic.npz") as golden:
        features, reference = (torch.from_numpy(golden[f"frechet/{name}_{dims}"]) for name in (side, "gt"))
        published = float(golden[f"frechet/bailando_div_{side}_{dims}"])
    normalized = normalize_features(features, reference, eps=1e-10)
    np.testing.assert_allclose(average_pairwise_distance(normalized), published, rtol=1e-5)


@pytest.mark.parametrize(("num_clips", "dims"), [(2, 3), (7, 66), (530, 2)])
def test_equals_the_mean_over_pairs(num_clips: int, dims: int) -> None:
    features = random_features(num_clips, dims)
    pairs = itertools.combinations(features.numpy(), 2)
    expected = np.mean([np.linalg.norm(one - other) for one, other in pairs])
    np.testing.assert_allclose(average_pairwise_distance(features), expected, rtol=1e-12)


def test_close_clips_far_from_the_origin_keep_their_distance() -> None:
    features = 1e6 + torch.tensor([[0.0, 0.0], [3e-3, 4e-3]], dtype=torch.float64)
    np.testing.assert_allclose(average_pairwise_distance(features), 5e-3, rtol=1e-6)


def test_grows_with_the_scale_and_not_with_the_place() -> None:
    features = random_features(20, 5)
    distance = average_pairwise_distance(features)
    np.testing.assert_allclose(average_pairwise_distance(3 * features + 7), 3 * distance, rtol=1e-12)
    np.testing.assert_allclose(average_pairwise_distance(features.flip(0)), distance, rtol=1e-12)
    assert average_pairwise_distance(features[:1].expand(6, 5)) == 0


@pytest.mark.parametrize("num_clips", [0, 1])
def test_is_nan_for_fewer_than_two_clips(num_clips: int) -> None:
    distance = average_pairwise_distance(torch.zeros(num_clips, 3))
    assert distance.isnan()
    assert distance.dtype == torch.float64


@pytest.mark.parametrize("num_clips", [6, 530])
def test_resamples_leave_out_pairs_of_a_clip_with_itself(num_clips: int) -> None:
    features = random_features(num_clips, 3)
    features = features[features[:, 0].argsort()]
    resamples = pairwise_distance_resamples(features, num_resamples=3, seed=5)
    for resample, counts in zip(resamples, resampled_counts(num_clips, 3, seed=5), strict=True):
        drawn = np.repeat(np.arange(num_clips), counts.long().numpy())
        distances = torch.cdist(features[drawn], features[drawn]).numpy()
        np.testing.assert_allclose(resample, distances[drawn[:, None] != drawn].mean(), rtol=1e-6)


def test_interval_holds_the_estimate_and_depends_on_set_and_seed_alone() -> None:
    features = random_features(30, 4)
    low, high = interval(features)
    assert low < average_pairwise_distance(features) < high
    assert interval(features) == (low, high)
    assert interval(features, seed=1) != (low, high)
    np.testing.assert_allclose(interval(features.roll(11, dims=0)), (low, high), rtol=1e-10)


def test_interval_narrows_as_clips_are_added() -> None:
    features = random_features(320, 4)
    widths = [np.ptp(interval(features[:num_clips])) for num_clips in (20, 80, 320)]
    assert widths[0] > 1.4 * widths[1] > 2 * widths[2] > 0


def test_interval_covers_the_distribution_s_distance_about_as_often_as_it_says() -> None:
    truth = average_pairwise_distance(random_features(2000, 2, seed=99)).item()
    covered = [
        low < truth < high for low, high in (interval(random_features(40, 2, seed)) for seed in range(60))
    ]
    assert 0.85 <= np.mean(covered) <= 1


def test_two_clips_have_an_interval_of_no_width() -> None:
    low, high = interval(random_features(2, 4))
    np.testing.assert_allclose([low, high], average_pairwise_distance(random_features(2, 4)).expand(2))
