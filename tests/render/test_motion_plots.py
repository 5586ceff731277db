from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, StepPatch
from matplotlib.text import Text
from PIL import Image

from macedance.render.feature_plot import principal_plane
from macedance.render.histogram_plot import NUM_BINS
from macedance.render.motion_plots import (
    SpeedCurve,
    feature_figure,
    histogram_figure,
    save_figure,
    speed_figure,
)
from macedance.render.plot_style import GROUND_TRUTH_COLOR, ROW_COLORS, row_styles
from macedance.render.robust_limits import robust_limits
from macedance.render.speed_plot import MOTION_BEAT_COLOR

pytestmark = [pytest.mark.filterwarnings(f"error::{kind}") for kind in ("RuntimeWarning", "UserWarning")]
ROWS = ("ground truth", "generated", "still", "white noise")


@pytest.fixture(autouse=True)
def numpy_never_warns() -> Iterator[None]:
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


def curve(
    key: str = "gBR_sBM_cAll_d04_mBR0_ch01", *, score: float = 0.431, seconds: float = 4.0
) -> SpeedCurve:
    speed = 1.0 + np.cos(2 * np.pi * np.arange(round(seconds * 30) - 1) / 30.0)
    return SpeedCurve(key, 30.0, speed, np.arange(0.5, seconds, 1.0), np.arange(0.25, seconds, 0.5), score)


def features(num_clips: int, num_dimensions: int = 32, distance: float = 0.0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(num_clips)
    return {
        "ground truth": random.normal(size=(num_clips, num_dimensions)),
        "generated": random.normal(size=(num_clips, num_dimensions)) + 0.5,
        "still": np.full((num_clips, num_dimensions), 0.1),
        "white noise": random.normal(size=(num_clips, num_dimensions)) + distance,
    }


def draw(figure: Figure) -> None:
    figure.canvas.draw()


def legend_labels(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def legend_colors(axes: Axes) -> list[str]:
    return [to_hex(line.get_color()) for line in axes.get_legend().get_lines()]


def steps(axes: Axes) -> list[np.ndarray]:
    return [
        np.nan_to_num(np.asarray(patch.get_data().values))
        for patch in axes.patches
        if isinstance(patch, StepPatch)
    ]


def ellipses(axes: Axes) -> list[Ellipse]:
    return [patch for patch in axes.patches if isinstance(patch, Ellipse)]


def points(axes: Axes) -> list[np.ndarray]:
    return [np.asarray(collection.get_offsets()) for collection in axes.collections]


def assert_tidy(figure: Figure) -> None:
    """No text leaves the figure or touches another one."""
    draw(figure)
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    boxes = [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside or _off_axis(text, figure), text.get_text()
    shown = [(text, box) for text, box in zip(texts, boxes, strict=True) if not _off_axis(text, figure)]
    for (one, one_box), (other, other_box) in combinations(shown, 2):
        assert not one_box.overlaps(other_box), f"{one.get_text()!r} touches {other.get_text()!r}"


def _off_axis(text: Text, figure: Figure) -> bool:
    """Whether it is the label of a tick that is not drawn, because it is outside the limits or another row's."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            drawn = {tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()}
            if any(
                text is tick.label1 or text is tick.label2 for tick in (*axis.majorTicks, *axis.minorTicks)
            ):
                return text not in drawn
    return False


def test_a_row_a_clip_over_one_time_axis() -> None:
    figure = speed_figure([curve("a"), curve("b", score=np.nan, seconds=2.0)], unit="body heights/s")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a  BAS 0.43", "b  BAS –"]
    assert [axes.get_xlim() for axes in figure.axes] == [(0.0, 4.0), (0.0, 4.0)]
    assert figure.get_supylabel() == "mean joint speed (body heights/s)"
    assert figure.axes[-1].get_xlabel() == "time (s)"
    for axes in figure.axes:
        assert len(axes.lines) == 2
        assert len(axes.collections) == 1


def test_motion_beats_lie_on_the_curve_and_music_beats_stand_at_their_time() -> None:
    clip = curve()
    (axes,) = speed_figure([clip]).axes
    speed, beats = axes.lines
    np.testing.assert_allclose(speed.get_xdata(), np.arange(119) / 30.0)
    np.testing.assert_allclose(speed.get_ydata(), clip.speed)
    np.testing.assert_allclose(beats.get_xdata(), clip.motion_beats)
    np.testing.assert_allclose(beats.get_ydata(), 0.0, atol=1e-12)
    assert (beats.get_marker(), beats.get_linestyle()) == ("o", "None")
    assert beats.get_markerfacecolor() == MOTION_BEAT_COLOR
    segments = np.array(axes.collections[0].get_segments())
    np.testing.assert_allclose(segments[:, :, 0], np.repeat(clip.music_beats[:, None], 2, axis=1))


def test_beats_that_no_speed_is_known_of_are_not_drawn() -> None:
    clip = SpeedCurve(
        "a", 10.0, np.array([1.0, np.nan, 3.0, 4.0]), np.array([0.1, 0.25, 0.9]), np.array([]), 0.5
    )
    beats = speed_figure([clip]).axes[0].lines[1]
    np.testing.assert_allclose(beats.get_xdata(), [0.25])
    np.testing.assert_allclose(beats.get_ydata(), [3.5])


@pytest.mark.parametrize(("music_beats", "num_entries"), [(np.array([1.0]), 3), (np.array([]), 2)])
def test_music_is_in_the_legend_if_any_clip_has_beats(music_beats: np.ndarray, num_entries: int) -> None:
    clip = SpeedCurve("a", 30.0, np.ones(59), np.array([]), music_beats, np.nan)
    figure = speed_figure([clip])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["mean joint speed", "motion beat", "music beat"][:num_entries]


def test_a_clip_at_rest_is_not_magnified() -> None:
    still = SpeedCurve("still", 30.0, np.full(59, 1e-9), np.array([]), np.array([]), np.nan)
    dance, rest = speed_figure([curve(), still]).axes
    assert dance.get_ylim()[1] == pytest.approx(2.2)
    assert rest.get_ylim()[1] == pytest.approx(0.11)
    assert rest.get_ylim()[0] < 0.0


@pytest.mark.parametrize(
    "speed", [np.zeros(0), np.zeros(1), np.zeros(59), np.full(59, np.nan), np.ones(59, int)]
)
def test_any_speed_can_be_drawn(speed: np.ndarray) -> None:
    draw(speed_figure([SpeedCurve("a", 30.0, speed, np.array([0.0, 1.0]), np.array([0.5]), 0.2)]))


def test_long_and_strange_keys_are_shortened_and_written_as_they_stand() -> None:
    keys = ["folder/" * 30 + "clip_7", "costs $5 and $x^", "舞\n"]
    figure = speed_figure([curve(key) for key in keys])
    long, dollars, foreign = [axes.get_title(loc="left") for axes in figure.axes]
    assert len(long) == 80 + len("  BAS 0.43")
    assert long.startswith("folder/folder/")
    assert "…" in long
    assert long.endswith("clip_7  BAS 0.43")
    assert dollars == "costs $5 and $x^  BAS 0.43"
    assert foreign == "??  BAS 0.43"
    draw(figure)


@pytest.mark.parametrize("num_clips", [1, 4, 12])
def test_speed_figures_are_tidy(num_clips: int) -> None:
    figure = speed_figure([curve(f"{'long_name_' * 20}{place}") for place in range(num_clips)])
    assert_tidy(figure)
    assert figure.get_size_inches()[1] / num_clips < 2.5


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


def test_rows_have_one_color_in_all_figures() -> None:
    feature_axes = feature_figure({"kinetic": features(5), "geometric": features(5)}).axes
    values = {name: np.arange(5.0) for name in ROWS}
    histogram_axes = histogram_figure({"a": values, "b": values}, {}).axes
    expected = [GROUND_TRUTH_COLOR, *ROW_COLORS[:3]]
    assert [legend_colors(axes) for axes in (*feature_axes, *histogram_axes)] == [expected] * 4
    assert [to_hex(ellipse.get_edgecolor()) for ellipse in ellipses(feature_axes[0])] == expected


def test_more_rows_than_colors_differ_by_their_line() -> None:
    styles = row_styles({"a": {f"row {place}": None for place in range(19)}})
    assert len({(style.color, style.line) for style in styles.values()}) == 19
    assert [style.color for style in styles.values()].count(GROUND_TRUTH_COLOR) == 1


@pytest.mark.parametrize(
    ("rows", "limits"),
    [
        ([[0.0, 1.0], [0.5, 3.0]], (0.0, 3.0)),
        ([[0.0, 1.0], [0.5, 1.5], [90.0, 99.0]], (0.0, 1.5)),  # two that vary remain
        ([[0.0, 0.01], [0.0, 0.0], [5.0, 9.0]], (0.0, 9.0)),  # only one would remain
        ([[0.0, 100.0], [50.0, 51.0], [50.0, 50.5]], (0.0, 100.0)),  # the ground truth always counts
        ([[2.0, 2.0]], (1.8, 2.2)),
        ([[0.0]], (-1.0, 1.0)),
    ],
)
def test_limits_show_the_bulk(rows: list[list[float]], limits: tuple[float, float]) -> None:
    assert robust_limits([np.array(row) for row in rows]) == pytest.approx(limits)


def test_limits_leave_out_single_values() -> None:
    values = np.append(np.linspace(0.0, 1.0, 99), 1e6)
    low, high = robust_limits([values])
    assert low == 0.0
    assert 1.0 < high < 5.0
    assert robust_limits([np.repeat([0.0, 7.0], [80, 20])]) == (0.0, 7.0)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="curves must hold at least one clip"):
        speed_figure([])
    with pytest.raises(ValueError, match="features must hold at least one family"):
        feature_figure({})
    with pytest.raises(ValueError, match=r"features\['kinetic'\] must hold the ground truth"):
        feature_figure({"kinetic": {}})
    with pytest.raises(ValueError, match="values must hold at least one metric"):
        histogram_figure({}, {})


def test_a_saved_figure_is_a_png_of_its_size(tmp_path: Path) -> None:
    figure = speed_figure([curve()])
    save_figure(figure, tmp_path / "new" / "speed.png", dpi=100)
    with Image.open(tmp_path / "new" / "speed.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == tuple(np.round(figure.get_size_inches() * 100).astype(int))
        assert np.asarray(picture.convert("L")).std() > 1.0
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["speed.png"]


def test_a_failed_save_leaves_the_old_file_and_no_partial_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "speed.png"
    path.write_bytes(b"old")
    figure = speed_figure([curve()])

    def disk_full(partial: Path, **_: object) -> None:
        partial.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(figure, "savefig", disk_full)
    with pytest.raises(OSError, match="disk full"):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
