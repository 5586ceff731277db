from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from macedance.metrics import FrechetFeatureDistance, FrechetInceptionDistance, FrechetVideoDistance
from macedance.metrics.functional import frechet_distance, frechet_distance_of_moments

mpl.use("Agg")


def correlated(num_samples: int, dims: int, seed: int, offset: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    mixing = random.standard_normal((dims, dims)) / dims**0.5
    return random.standard_normal((num_samples, dims)) @ mixing + offset


def by_matrix_root(one: np.ndarray, other: np.ndarray) -> float:
    covariances = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    difference = one.mean(axis=0) - other.mean(axis=0)
    return difference @ difference + np.trace(covariances[0] + covariances[1]) - 2 * np.trace(root).real


def of_moments(one: np.ndarray, other: np.ndarray) -> torch.Tensor:
    moments = [
        torch.from_numpy(moment)
        for side in (one, other)
        for moment in (side.mean(axis=0), np.cov(side, rowvar=False))
    ]
    return frechet_distance_of_moments(*moments)


def metric_of(generated: np.ndarray, real: np.ndarray, batch_size: int = 7) -> FrechetFeatureDistance:
    metric = FrechetFeatureDistance(generated.shape[1])
    for features, is_real in ((generated, False), (real, True)):
        for batch in torch.from_numpy(features).split(batch_size):
            metric.update(batch, real=is_real)
    return metric


@pytest.mark.parametrize(
    ("num_generated", "num_real", "dims"),
    [(200, 300, 8), (40, 50, 32), (5, 300, 32), (300, 20, 66), (5, 6, 32)],
)
def test_equals_the_root_of_the_covariances_product(num_generated: int, num_real: int, dims: int) -> None:
    generated, real = correlated(num_generated, dims, 1), 1.3 * correlated(num_real, dims, 2, 0.2)
    expected = by_matrix_root(generated, real)
    np.testing.assert_allclose(of_moments(generated, real), expected, rtol=1e-6)
    np.testing.assert_allclose(metric_of(generated, real).compute(), expected, rtol=1e-6)


def test_a_mean_far_above_the_spread_does_no_harm() -> None:
    generated, real = correlated(200, 16, 1, offset=1e3), 1.3 * correlated(300, 16, 2) + 1e3
    metric = metric_of(generated, real)
    assert metric.compute() > 0.1
    np.testing.assert_allclose(metric.compute(), by_matrix_root(generated, real), rtol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(st.integers(2, 12), st.integers(1, 8)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.floats(-10, 10))
    )
)
def test_is_zero_between_a_set_and_itself(features: np.ndarray) -> None:
    distance = metric_of(features, features).compute()
    assert 0 <= distance < 1e-9


def test_closed_forms() -> None:
    mean, variances = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([4.0, 0.0, 9.0])
    others = torch.tensor([1.0, 1.0, 16.0])
    distance = frechet_distance_of_moments(mean, variances.diag(), torch.zeros(3), others.diag())
    np.testing.assert_allclose(distance, 5.25 + 1 + 1 + 1, rtol=1e-12)


def test_is_symmetric_and_turns_with_the_features() -> None:
    one, other = correlated(12, 16, 4), correlated(40, 16, 5)
    rotation = np.linalg.qr(correlated(16, 16, 6))[0]
    np.testing.assert_allclose(of_moments(one, other), of_moments(other, one), rtol=1e-9)
    np.testing.assert_allclose(
        of_moments(one @ rotation, other @ rotation), of_moments(one, other), rtol=1e-9
    )


def test_equals_the_distance_of_samples() -> None:
    one, other = correlated(30, 8, 4), correlated(40, 8, 5)
    expected = frechet_distance(torch.from_numpy(one), torch.from_numpy(other))
    np.testing.assert_allclose(metric_of(one, other).compute(), expected, rtol=1e-10)


@pytest.mark.parametrize(("num_generated", "num_real"), [(0, 5), (1, 5), (5, 1)])
@pytest.mark.filterwarnings("ignore:.*before the ``update`` method")
def test_is_nan_for_fewer_than_two_samples(num_generated: int, num_real: int) -> None:
    metric = metric_of(correlated(num_generated, 3, 0), correlated(num_real, 3, 1))
    assert metric.compute().isnan()
    assert (metric.num_generated, metric.num_real) == (num_generated, num_real)


def test_the_published_choices_and_others() -> None:
    fid, fvd = FrechetInceptionDistance(), FrechetVideoDistance()
    assert (fid.num_features, fid.extractor) == (2048, "inception")
    assert (fvd.num_features, fvd.extractor) == (400, "i3d")
    assert FrechetVideoDistance(num_features=768, extractor="videomae").sum_real.shape == (768,)


def test_a_reference_can_be_shared() -> None:
    generated, real = correlated(9, 4, 0), correlated(12, 4, 1)
    other = metric_of(correlated(20, 4, 2), real)
    metric = metric_of(generated, correlated(5, 4, 3))
    metric.compute()
    metric.use_reference_of(other)
    before = other.compute().item()
    assert metric.compute() == metric_of(generated, real).compute()
    metric.update(torch.from_numpy(generated), real=True)
    other._computed = None
    assert other.compute() == before
    with pytest.raises(ValueError, match="other must hold 4 features of random, holds 4 of inception"):
        metric.use_reference_of(FrechetFeatureDistance(4, "inception"))


@pytest.mark.filterwarnings("ignore:.*before the ``update`` method")
def test_clone_pickle_plot_and_reset() -> None:
    metric = metric_of(correlated(9, 4, 0), correlated(12, 4, 1))
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        copy._computed = None
        assert copy.compute() == metric.compute()
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    assert not metric.state_dict()
    metric.reset()
    assert metric.num_generated == metric.num_real == 0
    assert metric.compute().isnan()


def test_errors_name_the_argument() -> None:
    metric = FrechetFeatureDistance(4)
    for features in (torch.zeros(2, 5), torch.zeros(4)):
        with pytest.raises(ValueError, match=r"features must be \(samples, 4\) as num_features says"):
            metric.update(features, real=True)
    with pytest.raises(ValueError, match="features must be finite"):
        metric.update(torch.full((2, 4), torch.nan), real=False)
    assert metric.num_real == metric.num_generated == 0
    with pytest.raises(
        ValueError, match=r"with as many features on both sides, got \(2,\), \(2, 2\), \(3,\)"
    ):
        frechet_distance_of_moments(torch.zeros(2), torch.eye(2), torch.zeros(3), torch.eye(3))
