from __future__ import annotations

import numpy as np
import pytest

from macedance.render.motion_plots import (
    SpeedCurve,
    speed_figure,
)
from macedance.render.speed_plot import MOTION_BEAT_COLOR

from .figures import assert_tidy, curve, draw

pytestmark = [
    *(pytest.mark.filterwarnings(f"error::{kind}") for kind in ("RuntimeWarning", "UserWarning")),
    pytest.mark.usefixtures("numpy_never_warns"),
]


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
    figure = speed_figure([SpeedCurve("a", 30.0, speed, np.array([0.0, 1.0]), np.array([0.5]), 0.2)])
    draw(figure)
    (axes,) = figure.axes
    assert any(np.array_equal(line.get_ydata(), speed, equal_nan=True) for line in axes.get_lines())
    assert axes.get_ylim()[0] < axes.get_ylim()[1]


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
