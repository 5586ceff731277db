from __future__ import annotations

import numpy as np
import pytest

from macedance.render.feature_plot import principal_plane
from macedance.render.motion_plots import (
    feature_figure,
)

from .figures import assert_tidy, draw, ellipses, features, legend_labels, points

pytestmark = [
    *(pytest.mark.filterwarnings(f"error::{kind}") for kind in ("RuntimeWarning", "UserWarning")),
    pytest.mark.usefixtures("numpy_never_warns"),
]


def test_the_plane_is_that_of_the_ground_truth() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=(500, 6)) * np.array([1.0, 8.0, 1.0, 4.0, 1.0, 1.0]) + 3.0
    other = random.normal(size=(200, 6)) * 0.1 + 3.0 + np.array([0.0, 2.0, 0.0, -1.0, 9.0, 0.0])
    (axes,) = feature_figure({"kinetic": {"ground truth": truth, "generated": other}}).axes
    truth_points, other_points = points(axes)
    np.testing.assert_allclose(truth_points.mean(axis=0), 0.0, atol=0.2)
    np.testing.assert_allclose(other_points.mean(axis=0), [2.0, -1.0], atol=0.8)
    covariance = np.cov(truth.T)
    shares = np.sort(np.linalg.eigvalsh(covariance))[::-1] / np.trace(covariance)
    assert axes.get_xlabel() == f"principal component 1 ({100 * shares[0]:.0f} % of variance)"
    assert axes.get_ylabel() == f"principal component 2 ({100 * shares[1]:.0f} % of variance)"
    assert axes.get_title(loc="left") == "kinetic features"


def test_components_are_orthonormal_with_a_fixed_sign() -> None:
    for shape in ((50, 8), (3, 66), (2, 66), (1, 66)):
        directions = principal_plane(np.random.default_rng(1).normal(size=shape)).directions
        np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-9)
        assert (np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_ellipses_are_two_standard_deviations_wide() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(size=(2000, 2)) * np.array([3.0, 1.0])
    turned = random.normal(size=(2000, 2)) @ np.array([[2.0, 2.0], [-0.5, 0.5]])
    (axes,) = feature_figure({"kinetic": {"ground truth": truth, "generated": turned}}).axes
    first, second = ellipses(axes)
    assert (first.width, first.height) == pytest.approx((12.0, 4.0), rel=0.05)
    assert first.angle % 180 == pytest.approx(0.0, abs=3.0) or first.angle % 180 == pytest.approx(
        180.0, abs=3.0
    )
    assert (second.width, second.height) == pytest.approx((4 * 8**0.5, 4 * 0.5**0.5), rel=0.05)
    assert second.angle % 180 == pytest.approx(45.0, abs=2.0)


def test_clips_far_outside_are_hollow_at_the_edge_and_counted() -> None:
    rows = features(40, distance=3000.0)
    rows["generated"][:3] += 1e4
    (axes,) = feature_figure({"kinetic": rows}).axes
    assert legend_labels(axes) == [
        "ground truth (n 40)",
        "generated (n 40, 3 outside)",
        "still (n 40)",
        "white noise (n 40, 40 outside)",
    ]
    low, high = np.array([axes.get_xlim(), axes.get_ylim()]).T
    assert (high - low < 40.0).all()
    for row in points(axes):
        assert (row >= low).all()
        assert (row <= high).all()
    opacity = axes.collections[1].get_facecolor()[:, 3]
    assert (opacity[:3] == 0).all()
    assert (opacity[3:] > 0).all()


@pytest.mark.parametrize("num_clips", [1, 2, 3, 4, 12, 100])
@pytest.mark.parametrize("num_dimensions", [1, 2, 66])
def test_any_number_of_clips_and_dimensions_can_be_drawn(num_clips: int, num_dimensions: int) -> None:
    figure = feature_figure({"kinetic": features(num_clips, num_dimensions)})
    assert len(ellipses(figure.axes[0])) == (4 if num_clips >= 3 else 0)
    assert [len(row) for row in points(figure.axes[0])] == [num_clips] * 4
    draw(figure)


def test_clips_with_nan_are_left_out() -> None:
    rows = features(10)
    rows["ground truth"][4, 5] = np.nan
    rows["generated"][:] = np.nan
    rows["still"][0] = np.inf
    rows["white noise"] = rows["white noise"][:0]
    figure = feature_figure({"kinetic": rows})
    assert legend_labels(figure.axes[0]) == [
        "ground truth (n 9)",
        "generated (n 0)",
        "still (n 9)",
        "white noise (n 0)",
    ]
    draw(figure)


def test_a_constant_ground_truth_has_no_variance() -> None:
    rows = {"ground truth": np.full((7, 66), 0.1), "generated": np.full((7, 66), 0.1, np.float32)}
    figure = feature_figure({"kinetic": rows})
    draw(figure)
    assert figure.axes[0].get_xlabel() == "principal component 1 (0 % of variance)"
    assert figure.axes[0].get_xlim()[1] > 0.1


def test_a_ground_truth_without_features_says_so() -> None:
    figure = feature_figure(
        {"kinetic": {"ground truth": np.full((5, 66), np.nan), "generated": np.ones((5, 66))}}
    )
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["the ground truth has no features"]
    assert legend_labels(axes) == ["ground truth (n 0)", "generated (n 5)"]
    draw(figure)


@pytest.mark.parametrize("num_clips", [1, 4, 12, 200])
def test_feature_figures_are_tidy(num_clips: int) -> None:
    families = {"kinetic": features(num_clips, 66, 200.0), "geometric": features(num_clips, 32)}
    assert_tidy(feature_figure(families))


@pytest.mark.parametrize("generated", [np.ones((3, 5)), np.ones(4)])
def test_features_of_another_shape_are_refused(generated: np.ndarray) -> None:
    with pytest.raises(
        ValueError, match=r"features\['kinetic'\] must be of shape \(N, D\) with one D, got .*'generated'"
    ):
        feature_figure({"kinetic": {"ground truth": np.ones((3, 4)), "generated": generated}})
