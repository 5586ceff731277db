from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from macedance.metrics.functional import frechet_distance, normalize_features
from macedance.metrics.functional.frechet import frechet_distance_resamples
from macedance.metrics.functional.resampling import centred_interval, resampled_counts


def correlated_features(num_clips: int, dims: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(dims, dims, generator=generator, dtype=torch.float64) / dims**0.5
    return torch.randn(num_clips, dims, generator=generator, dtype=torch.float64) @ mixing


def uncorrelated_features(num_clips: int, deviations: Tensor, seed: int = 0) -> Tensor:
    """A sample whose mean is exactly zero and whose covariance exactly diagonal."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(num_clips, len(deviations), generator=generator, dtype=torch.float64)
    orthonormal = torch.linalg.qr(noise - noise.mean(dim=0)).Q
    return orthonormal * (num_clips - 1) ** 0.5 * deviations


def distance_by_matrix_root(one: np.ndarray, other: np.ndarray) -> float:
    difference = one.mean(axis=0) - other.mean(axis=0)
    covariances = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    return difference @ difference + np.trace(covariances[0] + covariances[1]) - 2 * np.trace(root).real


def interval(features: Tensor, reference: Tensor, seed: int = 0) -> tuple[float, float]:
    resamples = frechet_distance_resamples(features, reference, num_resamples=100, seed=seed)
    low, high = centred_interval(frechet_distance(features, reference), resamples)
    return low.item(), high.item()


@pytest.mark.parametrize("dims", [32, 72])
def test_equals_the_published_code(fixtures: Path, dims: int) -> None:
    with np.load(fixtures / "motion_metrics_synthetic.npz") as golden:
        features, reference = (torch.from_numpy(golden[f"frechet/{side}_{dims}"]) for side in ("gen", "gt"))
        published = float(golden[f"frechet/bailando_fid_{dims}"])
    normalized = [normalize_features(side, reference, eps=1e-10) for side in (features, reference)]
    np.testing.assert_allclose(frechet_distance(*normalized), published, rtol=1e-5)


@pytest.mark.parametrize(
    ("num_clips", "num_reference", "dims", "tolerance"),
    [(200, 300, 8, 1e-12), (40, 50, 32, 1e-9), (5, 300, 32, 1e-6), (300, 20, 66, 1e-6), (5, 6, 32, 1e-6),
     (2, 2, 3, 1e-6), (9, 4, 1, 1e-12)],
)  # fmt: skip
def test_equals_the_root_of_the_covariances_product(
    num_clips: int, num_reference: int, dims: int, tolerance: float
) -> None:
    features = correlated_features(num_clips, dims, seed=1)
    reference = 1.3 * correlated_features(num_reference, dims, seed=2) + 0.2
    if dims == 1:
        expected = (features.mean() - reference.mean()) ** 2 + (features.std() - reference.std()) ** 2
    else:
        expected = distance_by_matrix_root(features.numpy(), reference.numpy())
    np.testing.assert_allclose(frechet_distance(features, reference), expected, rtol=tolerance)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(2, 12), st.integers(1, 8)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.floats(-10, 10))
    )
)
def test_is_zero_between_a_set_and_itself(features: np.ndarray) -> None:
    distance = frechet_distance(torch.from_numpy(features), torch.from_numpy(features))
    assert 0 <= distance.item() < 1e-9


def test_closed_form_of_uncorrelated_features() -> None:
    deviations = torch.tensor([1.0, 2.0, 0.5, 3.0], dtype=torch.float64)
    shift = torch.tensor([3.0, -1.0, 0.0, 2.0], dtype=torch.float64)
    other_deviations = torch.tensor([2.0, 2.0, 1.0, 0.0], dtype=torch.float64)
    one = uncorrelated_features(50, deviations)
    other = uncorrelated_features(30, other_deviations, seed=1) + shift
    expected = shift.square().sum() + (deviations - other_deviations).square().sum()
    np.testing.assert_allclose(frechet_distance(one, other), expected, rtol=1e-10)


def test_closed_form_of_a_scaled_and_shifted_set() -> None:
    features = correlated_features(30, 5, seed=3)
    expected = 0.75**2 * features.var(dim=0).sum() + (0.75 * features.mean(dim=0) - 2).square().sum()
    np.testing.assert_allclose(frechet_distance(0.25 * features + 2, features), expected, rtol=1e-10)


@pytest.mark.parametrize("num_clips", [10, 60])
def test_is_symmetric_and_does_not_depend_on_the_order(num_clips: int) -> None:
    one, other = correlated_features(num_clips, 16, seed=4), correlated_features(40, 16, seed=5) + 0.5
    distance = frechet_distance(one, other)
    assert distance > 1
    np.testing.assert_allclose(frechet_distance(other, one), distance, rtol=1e-10)
    np.testing.assert_allclose(frechet_distance(one.flip(0), other.roll(7, 0)), distance, rtol=1e-10)


def test_does_not_depend_on_a_rotation_of_the_features() -> None:
    one, other = correlated_features(12, 16, seed=4), correlated_features(40, 16, seed=5)
    rotation = torch.linalg.qr(correlated_features(16, 16, seed=6)).Q
    np.testing.assert_allclose(
        frechet_distance(one @ rotation, other @ rotation), frechet_distance(one, other), rtol=1e-10
    )


def test_grows_with_fewer_clips_of_the_same_distribution() -> None:
    reference = uncorrelated_features(2000, torch.ones(16, dtype=torch.float64))
    distances = [frechet_distance(reference[:num_clips], reference).item() for num_clips in (20, 80, 320)]
    assert distances[0] > 2 * distances[1] > 4 * distances[2] > 0


@pytest.mark.parametrize(("num_clips", "num_reference"), [(0, 5), (1, 5), (5, 1), (0, 0)])
def test_is_nan_for_fewer_than_two_clips(num_clips: int, num_reference: int) -> None:
    distance = frechet_distance(torch.zeros(num_clips, 3), torch.zeros(num_reference, 3))
    assert distance.isnan()
    assert distance.dtype == torch.float64


@pytest.mark.parametrize(("one", "other"), [((4, 3), (4, 2)), ((4,), (4,)), ((2, 4, 3), (2, 4, 3))])
def test_refuses_sets_that_cannot_be_compared(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="with as many features"):
        frechet_distance(torch.zeros(one), torch.zeros(other))


def test_single_precision_is_computed_in_double() -> None:
    features, reference = correlated_features(9, 4, seed=7).float(), correlated_features(8, 4, seed=8).float()
    assert frechet_distance(features, reference) == frechet_distance(features.double(), reference.double())


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("eps", [1e-10, 1e-2])
def test_normalization_is_by_the_reference(ddof: int, eps: float) -> None:
    features, reference = (
        correlated_features(6, 3, seed=9).float(),
        4 * correlated_features(5, 3, seed=10) + 1,
    )
    arrays = features.double().numpy(), reference.numpy()
    expected = (arrays[0] - arrays[1].mean(axis=0)) / (arrays[1].std(axis=0, ddof=ddof) + eps)
    normalized = normalize_features(features, reference, eps=eps, ddof=ddof)
    np.testing.assert_allclose(normalized, expected, rtol=1e-12)
    assert normalized.dtype == torch.float64


def test_eps_is_what_constant_features_are_divided_by() -> None:
    normalized = normalize_features(torch.tensor([[3.0], [1.0]]), torch.ones(4, 1), eps=0.5)
    assert normalized.tolist() == [[4.0], [0.0]]


@pytest.mark.parametrize(("num_clips", "num_reference"), [(12, 40), (40, 12), (2, 5)])
def test_resamples_are_distances_of_clips_drawn_with_replacement(num_clips: int, num_reference: int) -> None:
    features, reference = (
        correlated_features(num_clips, 8, seed=11),
        correlated_features(num_reference, 8, seed=12),
    )
    features = features[features[:, 0].argsort()]
    resamples = frechet_distance_resamples(features, reference, num_resamples=6, seed=3)
    counts = resampled_counts(num_clips, 6, seed=3).long()
    expected = [frechet_distance(features.repeat_interleave(count, dim=0), reference) for count in counts]
    np.testing.assert_allclose(resamples, torch.stack(expected), rtol=1e-6)


def test_interval_holds_the_estimate_and_depends_on_set_and_seed_alone() -> None:
    features, reference = correlated_features(30, 8, seed=13) + 1, correlated_features(50, 8, seed=14)
    low, high = interval(features, reference)
    assert low < frechet_distance(features, reference) < high
    assert interval(features, reference) == (low, high)
    assert interval(features, reference, seed=1) != (low, high)
    shuffled = features[torch.randperm(30, generator=torch.Generator().manual_seed(0))]
    np.testing.assert_allclose(interval(shuffled, reference), (low, high), rtol=1e-10)


def test_interval_holds_the_estimate_where_all_resamples_lie_above_it() -> None:
    features, reference = correlated_features(12, 30, seed=16), correlated_features(100, 30, seed=17)
    distance = frechet_distance(features, reference)
    resamples = frechet_distance_resamples(features, reference, num_resamples=100, seed=0)
    low, high = centred_interval(distance, resamples)
    assert resamples.min() > distance
    assert low < distance < high
    np.testing.assert_allclose(high - low, np.ptp(np.percentile(resamples, [2.5, 97.5])), rtol=1e-9)


def test_interval_narrows_as_clips_are_added() -> None:
    mixed = correlated_features(640, 8, seed=15)
    widths = [np.ptp(interval(mixed[:num_clips] + 1, mixed)) for num_clips in (20, 80, 320)]
    assert widths[0] > 1.4 * widths[1] > 2 * widths[2] > 0
