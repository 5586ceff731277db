"""Figures to test with, and what can be read from them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, StepPatch
from matplotlib.text import Text

from macedance.render.motion_plots import (
    SpeedCurve,
)

ROWS = ("ground truth", "generated", "still", "white noise")


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
