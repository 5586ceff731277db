"""The rhythm of clips: joint speed over time with the beats of motion and music. Axis letters: T frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from macedance.render.plot_style import LABEL_POINTS, TITLE_POINTS, blank_figure, shortened, style_axes

WIDTH_INCHES = 10.0
ROW_INCHES = 1.4
FRAME_INCHES = 0.9
NUM_KEY_CHARACTERS = 80
CURVE_COLOR = "#222222"
MOTION_BEAT_COLOR = "#d55e00"
MOTION_BEAT_LOOK: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 5.0,
    "markerfacecolor": MOTION_BEAT_COLOR,
    "markeredgecolor": "white",
    "markeredgewidth": 0.6,
}
MUSIC_BEAT_COLOR = "#56b4e9"
HEADROOM = 1.1
FOOTROOM = 0.06
SMALLEST_SHARE_OF_PEAK = 0.05


@dataclass(frozen=True)
class SpeedCurve:
    """One clip's rhythm.

    Attributes:
        key: the clip's name.
        fps: frames per second of the motion.
        speed: (T - 1,) mean speed of the joints, smoothed, in the unit that the figure names; value t is at t / fps.
        motion_beats: (number of beats,) seconds.
        music_beats: (number of beats,) seconds, may be empty.
        score: beat alignment with its own music, 0 to 1, may be NaN.
    """

    key: str
    fps: float
    speed: np.ndarray
    motion_beats: np.ndarray
    music_beats: np.ndarray
    score: float


def speed_figure(curves: Sequence[SpeedCurve], *, unit: str = "m/s") -> Figure:
    """Speed curves under one another over one time axis, motion beats on them, music beats as vertical lines.

    Each row has its own speed axis, for the rhythm is what counts; a clip with less than a twentieth of the top
    speed of all looks still.

    Args:
        curves: the clips, from top to bottom.
        unit: of their speed.

    Raises:
        ValueError: There is no clip.
    """
    if not curves:
        raise ValueError("curves must hold at least one clip, got none")
    figure = blank_figure(WIDTH_INCHES, FRAME_INCHES + ROW_INCHES * len(curves))
    rows = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
    floor = SMALLEST_SHARE_OF_PEAK * max(_peak(curve) for curve in curves)
    for axes, curve in zip(rows, curves, strict=True):
        _draw_clip(axes, curve)
        top = max(_peak(curve), floor) or 1.0
        axes.set_ylim(-FOOTROOM * top, HEADROOM * top)
    rows[-1].set_xlim(0.0, max((len(curve.speed) + 1) / curve.fps for curve in curves))
    rows[-1].set_xlabel("time (s)", fontsize=LABEL_POINTS)
    figure.supylabel(f"mean joint speed ({unit})", fontsize=LABEL_POINTS)
    _add_legend(figure, with_music=any(len(curve.music_beats) for curve in curves))
    return figure


def _draw_clip(axes: Axes, curve: SpeedCurve) -> None:
    style_axes(axes)
    axes.locator_params(axis="y", nbins=5)
    axes.grid(visible=False, axis="x")
    score = f"{curve.score:.2f}" if np.isfinite(curve.score) else "–"
    title = f"{shortened(curve.key, NUM_KEY_CHARACTERS)}  BAS {score}"
    axes.set_title(title, loc="left", fontsize=TITLE_POINTS, pad=4.0, parse_math=False)
    axes.vlines(
        curve.music_beats,
        0.0,
        1.0,
        transform=axes.get_xaxis_transform(),
        color=MUSIC_BEAT_COLOR,
        linewidth=1.0,
    )
    speed = np.asarray(curve.speed, np.float64)
    seconds = np.arange(len(speed)) / curve.fps
    axes.plot(seconds, speed, color=CURVE_COLOR, linewidth=1.3)
    if len(speed):
        beats = np.asarray(curve.motion_beats, np.float64)
        on_curve = np.interp(beats, seconds, speed, left=np.nan, right=np.nan)
        known = np.isfinite(on_curve)
        axes.plot(beats[known], on_curve[known], **MOTION_BEAT_LOOK, clip_on=False, in_layout=False, zorder=3)


def _peak(curve: SpeedCurve) -> float:
    speed = np.asarray(curve.speed, np.float64)
    return float(speed[np.isfinite(speed)].max(initial=0.0))


def _add_legend(figure: Figure, *, with_music: bool) -> None:
    handles = [
        Line2D([], [], color=CURVE_COLOR, linewidth=1.3, label="mean joint speed"),
        Line2D([], [], **MOTION_BEAT_LOOK, label="motion beat"),
    ]
    if with_music:
        look: dict[str, Any] = {
            "linestyle": "none",
            "marker": "|",
            "markersize": 11.0,
            "markeredgecolor": MUSIC_BEAT_COLOR,
        }
        handles.append(Line2D([], [], **look, label="music beat"))
    figure.legend(
        handles=handles,
        loc="outside upper right",
        ncols=len(handles),
        frameon=False,
        fontsize=LABEL_POINTS,
        borderpad=0.0,
    )
