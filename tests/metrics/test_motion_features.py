from __future__ import annotations

import pickle
import warnings

import matplotlib as mpl
import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from torch import Tensor

from macedance.metrics import FrechetMotionDistance, MotionDiversity
from macedance.metrics.functional import frechet_distance, geometric_features, kinetic_features

from .plain_statements import random_walk

mpl.use("Agg")
FUNCTIONS = {"kinetic": kinetic_features, "geometric": geometric_features}
NORMALIZATIONS = {
    "default": (1e-2, 0), "aist++": (1e-10, 0), "lodge": (1e-10, 0), "megadance": (1e-10, 1),
    "flowerdance": (1e-4, 1), "mace": (1e-4, 1), "mace-2d": (1e-4, 1), "default-2d": (1e-2, 0),
}  # fmt: skip
"""What is added to the standard deviation, and its degrees of freedom."""

MetricClass = type[FrechetMotionDistance] | type[MotionDiversity]
both = pytest.mark.parametrize("metric_class", [FrechetMotionDistance, MotionDiversity])
families = pytest.mark.parametrize("features", ["kinetic", "geometric"])
protocols = pytest.mark.parametrize("protocol", list(NORMALIZATIONS))


def dances(num_clips: int, seed: int, protocol: str = "default", num_frames: int = 24) -> Tensor:
    """Random motions of different liveliness (N, T, 24, 3), or of key-points (N, T, 25, 2) in pixels."""
    planar = protocol.endswith("2d")
    shape, step = ((25, 2), 4.0) if planar else ((24, 3), 0.03)
    liveliness = np.random.default_rng(seed).uniform(0.5, 1.5, num_clips)
    walks = [
        random_walk(num_frames, *shape, step=step * liveliness[clip], seed=1000 * seed + clip)
        for clip in range(num_clips)
    ]
    return torch.from_numpy(np.stack(walks))


def filled(
    metric_class: MetricClass, features: str = "kinetic", protocol: str = "default"
) -> FrechetMotionDistance:
    metric = metric_class(features, protocol)
    metric.update(dances(14, 1, protocol), fps=30.0, real=True)
    metric.update(1.2 * dances(11, 2, protocol), fps=30.0)
    return metric


def reference_features(features: str, protocol: str) -> tuple[np.ndarray, np.ndarray]:
    """Normalised features of the two sides of ``filled``."""
    generated, real = (
        np.stack([FUNCTIONS[features](clip, 30.0, protocol).numpy() for clip in clips])
        for clips in (1.2 * dances(11, 2, protocol), dances(14, 1, protocol))
    )
    eps, ddof = NORMALIZATIONS[protocol]
    by = generated if protocol == "mace-2d" else real
    return tuple(
        (side - own.mean(axis=0)) / (own.std(axis=0, ddof=ddof) + eps)
        for side, own in ((generated, by), (real, real))
    )


@families
@protocols
def test_distance_is_that_of_all_clips_features(features: str, protocol: str) -> None:
    generated, real = map(torch.from_numpy, reference_features(features, protocol))
    distance = filled(FrechetMotionDistance, features, protocol).compute()
    assert distance > 0
    np.testing.assert_allclose(distance, frechet_distance(generated, real), rtol=1e-9)


@families
@protocols
def test_diversity_is_that_of_all_clips_features(features: str, protocol: str) -> None:
    generated, _ = reference_features(features, protocol)
    diversity = filled(MotionDiversity, features, protocol).compute()
    np.testing.assert_allclose(diversity, pdist(generated).mean(), rtol=1e-9)


@both
@families
@pytest.mark.parametrize("protocol", ["default", "flowerdance", "mace-2d"])
def test_batches_lists_and_single_clips_give_the_same(
    metric_class: MetricClass, features: str, protocol: str
) -> None:
    expected = filled(metric_class, features, protocol).compute()
    metric = metric_class(features, protocol)
    generated, real = 1.2 * dances(11, 2, protocol), dances(14, 1, protocol)
    metric.update(generated[:3], fps=30.0)
    metric.update(list(real), fps=30.0, real=True)
    for clip in generated[3:]:
        metric.update(clip[None], fps=30.0)
    assert metric.compute() == expected
    assert (metric.compute().dtype, metric.compute().shape) == (torch.float64, ())


@both
@pytest.mark.parametrize("nothing", [[], torch.zeros(0, 30, 24, 3)], ids=["list", "tensor"])
def test_an_empty_batch_changes_nothing(metric_class: MetricClass, nothing: Tensor | list[Tensor]) -> None:
    metric = filled(metric_class)
    expected = metric.compute()
    metric.update(nothing)
    metric.update(nothing, real=True)
    assert metric.compute() == expected


@both
def test_clips_may_differ_in_length_and_rate(metric_class: MetricClass) -> None:
    metric = metric_class("kinetic")
    metric.update(dances(5, 1), fps=30.0, real=True)
    metric.update([dances(1, 2, num_frames=20)[0], dances(1, 3, num_frames=50)[0]], fps=60.0)
    metric.update(dances(2, 4), fps=24.0)
    _, real = metric.normalized()
    own = [
        kinetic_features(clip, 60.0)
        for clip in (dances(1, 2, num_frames=20)[0], dances(1, 3, num_frames=50)[0])
    ]
    own += [kinetic_features(clip, 24.0) for clip in dances(2, 4)]
    raw = torch.stack([kinetic_features(clip, 30.0) for clip in dances(5, 1)])
    generated = (torch.stack(own) - raw.mean(dim=0)) / (raw.std(dim=0, correction=0) + 1e-2)
    expected = (
        frechet_distance(generated, real)
        if metric_class is FrechetMotionDistance
        else pdist(generated).mean()
    )
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-9)


@families
def test_real_dances_against_themselves(features: str) -> None:
    distance, diversity = FrechetMotionDistance(features), MotionDiversity(features)
    for metric in (distance, diversity):
        metric.update(dances(9, 1), real=True)
        metric.update(dances(9, 1).flip(0))
    np.testing.assert_allclose(distance.compute(), 0, atol=1e-9)
    assert diversity.compute() > 1
    livelier = FrechetMotionDistance(features)
    livelier.update(dances(9, 1), real=True)
    livelier.update(2 * dances(9, 1))
    assert livelier.compute() > 1


def test_a_protocol_that_normalizes_by_itself_is_blind_to_scale() -> None:
    distances = {}
    for protocol in ("mace-2d", "mace"):
        metric = FrechetMotionDistance("kinetic", protocol)
        metric.update(dances(9, 1, protocol), real=True)
        metric.update(3 * dances(9, 1, protocol))
        distances[protocol] = metric.compute().item()
    assert distances["mace-2d"] < 1e-6 < 1 < distances["mace"]


@both
@families
def test_interval_holds_the_value_whatever_the_order(metric_class: MetricClass, features: str) -> None:
    metric, turned_round = metric_class(features), metric_class(features)
    real, generated = dances(80, 1), 1.2 * dances(70, 2)
    metric.update(real, real=True)
    metric.update(generated)
    low, high = metric.interval(num_resamples=50)
    assert low < metric.compute() < high
    assert metric.interval(num_resamples=50) == (low, high)
    assert metric.interval(num_resamples=50, seed=1) != (low, high)
    turned_round.update(real.flip(0), real=True)
    turned_round.update(generated.flip(0))
    np.testing.assert_allclose(turned_round.interval(num_resamples=50), (low, high), rtol=1e-6)


def test_too_few_clips_have_no_interval() -> None:
    distance, diversity = filled(FrechetMotionDistance, "geometric"), MotionDiversity("geometric")
    assert torch.stack(distance.interval()).isnan().all()  # fewer clips than features
    diversity.update(dances(6, 1), real=True)
    diversity.update(dances(2, 2))
    assert torch.stack(diversity.interval()).isnan().all()
    diversity.update(dances(1, 3))
    assert torch.stack(diversity.interval()).isfinite().all()


def test_chance_is_less_the_more_clips_there_are() -> None:
    means = []
    for num_clips in (8, 32, 128):
        metric = FrechetMotionDistance("kinetic")
        metric.update(dances(num_clips, 1), real=True)
        means.append(metric.chance().item())
        assert metric.chance() == means[-1]
        assert metric.chance(seed=1) != means[-1]
    assert means[0] > means[1] > means[2] > 0


def test_chance_is_about_what_dances_of_the_same_kind_score() -> None:
    metric = FrechetMotionDistance("geometric")
    metric.update(dances(200, 1), real=True)
    metric.update(dances(100, 2))
    assert metric.chance() == pytest.approx(metric.compute().item(), rel=0.35)


def test_one_split_is_the_distance_between_two_halves_scaled_to_the_number_of_clips() -> None:
    metric = FrechetMotionDistance("geometric", "mace")
    metric.update(dances(9, 1, "mace"), real=True)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(7))
    _, real = metric.normalized()
    expected = frechet_distance(real[order[:4]], real[order[4:]])
    np.testing.assert_allclose(metric.chance(num_splits=1, seed=7), expected / 2, rtol=1e-12)
    metric.update(dances(3, 2, "mace"))
    scale = (1 / 3 + 1 / 9) / (4 / 9)
    np.testing.assert_allclose(metric.chance(num_splits=1, seed=7), expected * scale, rtol=1e-12)


def test_the_reference_of_another_metric_replaces_the_own() -> None:
    one, other = filled(FrechetMotionDistance), FrechetMotionDistance()
    other.update(1.5 * dances(10, 8), real=True)
    before = one.compute()
    one.use_reference_of(other)
    fresh = FrechetMotionDistance()
    fresh.update(1.5 * dances(10, 8), real=True)
    fresh.update(1.2 * dances(11, 2))
    assert one.compute() == fresh.compute() != before
    with pytest.raises(ValueError, match="kinetic features under the protocol default, holds geometric"):
        one.use_reference_of(FrechetMotionDistance("geometric"))


@both
@pytest.mark.parametrize(("num_generated", "num_real"), [(0, 5), (1, 5), (5, 1), (5, 0)])
def test_fewer_than_two_clips_give_nan_and_no_warning(
    metric_class: MetricClass, num_generated: int, num_real: int
) -> None:
    metric = metric_class()
    if num_generated:
        metric.update(dances(num_generated, 1))
    if num_real:
        metric.update(dances(num_real, 2), real=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metric.compute().isnan()
        assert torch.stack(metric.interval()).isnan().all()


def test_chance_of_three_clips_is_nan() -> None:
    metric = FrechetMotionDistance()
    metric.update(dances(3, 1), real=True)
    assert metric.chance().isnan()
    metric.update(dances(1, 2), real=True)
    assert metric.chance().isfinite()


@both
def test_clones_and_pickles_go_on_by_themselves(metric_class: MetricClass) -> None:
    metric = filled(metric_class, "geometric", "lodge")
    expected = metric.compute()
    for other in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert (other.features, other.protocol, other.compute()) == ("geometric", "lodge", expected)
        other.update(2 * dances(4, 5, "lodge"))
        assert other.compute() != expected
        assert metric.compute() == expected


@both
def test_reset_forgets_both_sides(metric_class: MetricClass) -> None:
    metric = filled(metric_class)
    metric.reset()
    metric.update(dances(4, 6))
    assert metric.compute().isnan()
    metric.update(dances(4, 7), real=True)
    fresh = metric_class()
    fresh.update(dances(4, 7), real=True)
    fresh.update(dances(4, 6))
    assert metric.compute() == fresh.compute()


@both
def test_plot_draws_values_from_zero(metric_class: MetricClass) -> None:
    metric = filled(metric_class)
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    assert axes.get_ylim()[0] <= 0


@both
def test_checkpoints_hold_nothing_of_it(metric_class: MetricClass) -> None:
    metric = filled(metric_class)
    assert metric.state_dict() == {}
    assert list(metric.parameters()) == list(metric.buffers()) == []


@both
def test_refuses_unknown_names(metric_class: MetricClass) -> None:
    with pytest.raises(ValueError, match="features must be one of kinetic, geometric, got 'laban'"):
        metric_class("laban")
    with pytest.raises(ValueError, match=r"protocol must be one of default, aist.*got 'fact'"):
        metric_class("kinetic", "fact")


@families
@pytest.mark.parametrize(
    ("shape", "protocol", "message"),
    [
        ((2, 3, 24, 3), "default", "at least 4 frames for features, got 3"),
        ((2, 30, 21, 3), "default", "J at least 22"),
        ((30, 24, 3), "default", "one clip"),
        ((2, 30, 25, 2), "mace", "one clip"),
        ((2, 30, 16, 2), "default-2d", "K at least 17"),
        ((2, 3, 25, 2), "mace-2d", "at least 4 frames"),
    ],
)
def test_refuses_bad_clips(features: str, shape: tuple[int, ...], protocol: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FrechetMotionDistance(features, protocol).update(torch.zeros(shape))


@families
@pytest.mark.parametrize("protocol", ["default-2d", "mace-2d"])
def test_refuses_missing_keypoints_and_bad_rates(features: str, protocol: str) -> None:
    clips = dances(2, 1, protocol)
    with pytest.raises(ValueError, match="fps must be positive, got 0"):
        MotionDiversity(features, protocol).update(clips, fps=0.0)
    clips[1, 4, 9, 0] = torch.nan
    with pytest.raises(ValueError, match="key-points must be finite"):
        MotionDiversity(features, protocol).update(clips)


@families
@pytest.mark.parametrize("protocol", ["default", "aist++", "mace"])
def test_refuses_missing_joints(features: str, protocol: str) -> None:
    clips = dances(2, 1, protocol)
    clips[1, 4, 9, 0] = torch.nan
    with pytest.raises(ValueError, match="joints must be finite"):
        FrechetMotionDistance(features, protocol).update(clips)
