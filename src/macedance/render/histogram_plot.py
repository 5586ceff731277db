"""How a metric's values are spread over the clips, row by row. Axis letters: N clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from macedance.render.plot_style import (
    LABEL_POINTS,
    TICK_POINTS,
    RowStyle,
    finish_grid,
    head_panel,
    panel_grid,
    row_label,
    row_styles,
    say_in_panel,
)
from macedance.render.robust_limits import padded, robust_limits

PANEL_INCHES = (5.0, 2.3)
HEAD_INCHES = 4.2
NUM_BINS = 24
SPIKE_SHARE = 0.9
LANE_SHARE = 0.05
LARGEST_LANES_SHARE = 0.3
NOTE = "ticks on top: medians; ▲: nearly all clips in one bin; outside: counted in the end bins"


@dataclass(frozen=True)
class RowHistogram:
    """A row's clips in bins: ``shares`` (bins,) that sum to 1, the clips' median and how many are off the bins."""

    shares: np.ndarray
    median: float
    num_outside: int

    @property
    def peak(self) -> float:
        """Share of the fullest bin."""
        return float(self.shares.max())


def row_histogram(values: np.ndarray, edges: np.ndarray) -> RowHistogram:
    """Shares of finite values (N,), N at least 1, in bins; what is outside counts in the bin at that end."""
    shown = np.clip(values, edges[0], edges[-1])
    counts, _ = np.histogram(shown, edges)
    return RowHistogram(counts / len(values), float(np.median(values)), int((shown != values).sum()))


def histogram_figure(values: Mapping[str, Mapping[str, np.ndarray]], units: Mapping[str, str]) -> Figure:
    """A panel a metric: step histograms of its rows over the same bins, and their medians as ticks on top.

    The bins span the bulk of the values. Clips outside are in the first or last bin and counted in the legend. A
    row with nearly all its clips in one bin leaves the panel at the top, marked ▲, rather than flatten the others.

    Args:
        values: by metric title, then by row name, one number a clip (N,), NaN where a clip has none; the first row
            is the ground truth.
        units: by metric title; a metric that is not in it has no unit.

    Raises:
        ValueError: There is no metric.
    """
    if not values:
        raise ValueError("values must hold at least one metric, got none")
    styles = row_styles(values)
    figure, panels = panel_grid(len(values), PANEL_INCHES)
    heads_inches = []
    for axes, (title, rows) in zip(panels, values.items(), strict=True):
        finite = {name: _finite(row) for name, row in rows.items()}
        heads_inches.append(_draw_metric(axes, title, finite, styles))
        axes.set_xlabel(units.get(title, ""), fontsize=LABEL_POINTS)
    finish_grid(figure, heads_inches, NOTE)
    return figure


def _finite(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, np.float64)
    return array[np.isfinite(array)]


def _draw_metric(axes: Axes, title: str, rows: dict[str, np.ndarray], styles: dict[str, RowStyle]) -> float:
    """Draw a panel and return the inches of its head."""
    filled = {name: row for name, row in rows.items() if len(row)}
    num_outside = dict.fromkeys(rows, 0)
    if filled:
        edges = np.linspace(*robust_limits(list(filled.values())), NUM_BINS + 1)
        histograms = {name: row_histogram(row, edges) for name, row in filled.items()}
        num_outside |= {name: histogram.num_outside for name, histogram in histograms.items()}
        _draw_rows(axes, histograms, edges, styles)
    else:
        say_in_panel(axes, "no clip has a finite value")
    entries = [
        (
            Line2D([], [], color=styles[name].color, linestyle=styles[name].line, linewidth=2.0),
            row_label(name, len(row), num_outside=num_outside[name]),
        )
        for name, row in rows.items()
    ]
    return head_panel(axes, title, entries, HEAD_INCHES)


def _draw_rows(
    axes: Axes, histograms: dict[str, RowHistogram], edges: np.ndarray, styles: dict[str, RowStyle]
) -> None:
    peaks = [histogram.peak for histogram in histograms.values()]
    top = max([peak for peak in peaks if peak < SPIKE_SHARE] or peaks)
    lane_share = min(LANE_SHARE, LARGEST_LANES_SHARE / len(histograms))
    for lane, (name, histogram) in enumerate(histograms.items()):
        style = styles[name]
        shares = np.where(histogram.shares > 0, histogram.shares, np.nan)  # no line along the axis
        axes.stairs(shares, edges, color=style.color, linestyle=style.line, linewidth=1.5)
        _draw_median(axes, float(np.clip(histogram.median, edges[0], edges[-1])), lane, lane_share, style)
        if histogram.peak > top:
            fullest = int(histogram.shares.argmax())
            _draw_spike_mark(axes, float(edges[fullest : fullest + 2].mean()), style)
    axes.set_xlim(padded((edges[0], edges[-1])))
    axes.set_ylim(0.0, 1.05 * top / (1.0 - lane_share * (len(histograms) + 1)))
    _label_axes(axes, top)


def _draw_median(axes: Axes, median: float, lane: int, lane_share: float, style: RowStyle) -> None:
    upper = 1.0 - (lane + 1) * lane_share
    axes.plot(
        [median, median],
        [upper, upper + 0.85 * lane_share],
        transform=axes.get_xaxis_transform(),
        color=style.color,
        linewidth=3.0,
        solid_capstyle="butt",
    )


def _draw_spike_mark(axes: Axes, value: float, style: RowStyle) -> None:
    axes.plot(
        value,
        1.0,
        transform=axes.get_xaxis_transform(),
        color=style.color,
        marker="^",
        clip_on=False,
        in_layout=False,
    )


def _label_axes(axes: Axes, top: float) -> None:
    ticks = np.asarray(MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0.0, top))
    axes.set_yticks(ticks[(ticks >= 0.0) & (ticks <= 1.001 * top)])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_ylabel("share of clips", fontsize=LABEL_POINTS)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.ticklabel_format(axis="x", scilimits=(-3, 5))
    axes.xaxis.get_offset_text().set_fontsize(TICK_POINTS)
