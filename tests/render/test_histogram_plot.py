from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex

from macedance.render.histogram_plot import NUM_BINS
from macedance.render.motion_plots import (
    histogram_figure,
)
from macedance.render.plot_style import ROW_COLORS

from .figures import ROWS, assert_tidy, draw, legend_labels, steps

pytestmark = [
    *(pytest.mark.filterwarnings(f"error::{kind}") for kind in ("RuntimeWarning", "UserWarning")),
    pytest.mark.usefixtures("numpy_never_warns"),
]


def test_bins_are_shared_and_sum_to_one() -> None:
    random = np.random.default_rng(3)
    rows = {"ground truth": random.normal(size=50), "generated": random.normal(1.0, 2.0, size=31)}
    (axes,) = histogram_figure({"Jerk": rows}, {"Jerk": "m/s³"}).axes
    assert axes.get_title(loc="left") == "Jerk"
    assert axes.get_xlabel() == "m/s³"
    assert axes.get_ylabel() == "share of clips"
    assert [len(row) for row in steps(axes)] == [NUM_BINS] * 2
    np.testing.assert_allclose([row.sum() for row in steps(axes)], 1.0)
    edges = [patch.get_data().edges for patch in axes.patches]
    np.testing.assert_array_equal(edges[0], edges[1])


def test_medians_are_ticks_that_do_not_hide_one_another() -> None:
    values = np.arange(21.0)
    (axes,) = histogram_figure(
        {"a": {"ground truth": values, "generated": values, "still": values + 4}}, {}
    ).axes
    np.testing.assert_allclose([line.get_xdata() for line in axes.lines], [[10, 10], [10, 10], [14, 14]])
    spans = sorted(sorted(line.get_ydata()) for line in axes.lines)
    assert all(lower[1] < upper[0] for lower, upper in pairwise(spans))
    assert spans[-1][1] <= 1.0


def test_extreme_values_are_counted_in_the_end_bins() -> None:
    values = np.linspace(0.0, 1.0, 40)
    extreme = np.concatenate([values[2:], [-1e6, 1e9]])
    (axes,) = histogram_figure({"a": {"ground truth": values, "generated": extreme}}, {}).axes
    assert legend_labels(axes) == ["ground truth (n 40)", "generated (n 40, 2 outside)"]
    assert axes.get_xlim()[0] > -4.0
    assert axes.get_xlim()[1] < 5.0
    assert steps(axes)[1].sum() == pytest.approx(1.0)
    assert steps(axes)[1][[0, -1]].tolist() == [1 / 40, 1 / 40]


def test_clips_without_a_number_do_not_count() -> None:
    values = np.array([0.0, np.nan, 1.0, 2.0])
    figure = histogram_figure({"a": {"ground truth": values, "still": np.full(4, np.nan)}}, {})
    (axes,) = figure.axes
    assert legend_labels(axes) == ["ground truth (n 3)", "still (n 0)"]
    assert len(steps(axes)) == 1
    assert axes.get_xlabel() == ""
    draw(figure)


@pytest.mark.parametrize("rows", [{"ground truth": np.full(4, np.nan)}, {"ground truth": np.zeros(0)}, {}])
def test_a_metric_without_values_says_so(rows: dict[str, np.ndarray]) -> None:
    figure = histogram_figure({"a": rows, "b": {"ground truth": np.ones(2)}}, {"a": "m"})
    assert [text.get_text() for text in figure.axes[0].texts] == ["no clip has a finite value"]
    assert not steps(figure.axes[0])
    draw(figure)


def test_a_constant_row_does_not_flatten_the_others() -> None:
    rows = {"ground truth": np.linspace(0.0, 1.0, 48), "still": np.zeros(48)}
    (axes,) = histogram_figure({"a": rows}, {}).axes
    assert steps(axes)[1].max() == 1.0
    assert axes.get_ylim()[1] < 0.1
    (mark,) = [line for line in axes.lines if line.get_marker() == "^"]
    assert to_hex(mark.get_color()) == ROW_COLORS[0]
    (alone,) = histogram_figure({"a": {"still": np.zeros(48)}}, {}).axes
    assert alone.get_ylim()[1] > 1.0


@pytest.mark.parametrize(
    "values", [np.zeros(1), np.full(5, 1e-9), np.full(5, -3.3), np.array([1, 2]), np.ones(3, bool)]
)
def test_any_values_can_be_drawn(values: np.ndarray) -> None:
    figure = histogram_figure({"a": {"ground truth": values}}, {})
    draw(figure)
    assert steps(figure.axes[0])[0].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("num_clips", [1, 4, 12, 200])
def test_histogram_figures_are_tidy(num_clips: int) -> None:
    random = np.random.default_rng(num_clips)
    values = {
        f"A metric with quite a long title {place}": {
            name: random.gamma(4.0, 10.0**place, num_clips) for name in ROWS
        }
        for place in range(-3, 7)
    }
    assert_tidy(histogram_figure(values, dict.fromkeys(values, "m²/s²")))


def test_long_names_of_many_rows_make_the_figure_higher() -> None:
    values = np.arange(20.0)
    few = histogram_figure({"a": {"ground truth": values}}, {})
    many = histogram_figure({"a": {f"{'a_long_name_' * 5}{place}": values for place in range(9)}}, {})
    assert_tidy(many)
    assert_tidy(few)
    assert many.get_size_inches()[1] > few.get_size_inches()[1] + 0.5
    few_height, many_height = (figure.axes[0].get_window_extent().height for figure in (few, many))
    assert many_height == pytest.approx(few_height, rel=0.1)
