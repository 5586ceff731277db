"""How the plots of motion evaluation look: the colours of their rows, their panels, legends and text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

GROUND_TRUTH_COLOR = "#3d3d3d"
ROW_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito, 2008
ROW_LINES = ("-", "--", ":", "-.")
ROW_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GRID_COLOR = "#e4e4e4"
NOTE_COLOR = "#666666"
TITLE_POINTS = 10
LABEL_POINTS = 9
TICK_POINTS = 8
NUM_NAME_CHARACTERS = 26
NUM_TITLE_CHARACTERS_PER_INCH = 12
NUM_PANEL_COLUMNS = 2
LEGEND_GAP_POINTS = 3.0
PADDING_INCHES = 0.08
TITLE_INCHES = 0.2
NOTE_INCHES = 0.3
SCREEN_DPI = 100
POINTS_PER_INCH = 72


@dataclass(frozen=True)
class RowStyle:
    """What tells a row, which is a method or a control, from the others."""

    color: str
    marker: str
    line: str


def row_styles(panels: Mapping[str, Mapping[str, Any]]) -> dict[str, RowStyle]:
    """A style for each row name, by its place in the order in which the panels first name it.

    The first row is the ground truth, dark grey. Figures that name the same rows in the same order agree in
    colour; a row that has no clips in one of them keeps its place there as an empty array.
    """
    names = dict.fromkeys(name for rows in panels.values() for name in rows)
    return {name: _row_style(place) for place, name in enumerate(names)}


def _row_style(place: int) -> RowStyle:
    marker = ROW_MARKERS[place % len(ROW_MARKERS)]
    if place == 0:
        return RowStyle(GROUND_TRUTH_COLOR, marker, ROW_LINES[0])
    turn, color = divmod(place - 1, len(ROW_COLORS))
    return RowStyle(ROW_COLORS[color], marker, ROW_LINES[turn % len(ROW_LINES)])


def shortened(text: str, num_characters: int = NUM_NAME_CHARACTERS) -> str:
    """A text of at most so many characters, without its middle if need be; "?" where the font has no glyph.

    >>> shortened("gBR_sBM_cAll_d04_mBR0_ch01", 15)
    'gBR_sBM…R0_ch01'
    """
    text = "".join(letter if ord(letter) in _glyphs() else "?" for letter in text)
    if len(text) <= num_characters:
        return text
    num_last = (num_characters - 1) // 2
    return f"{text[: num_characters - 1 - num_last]}…{text[len(text) - num_last :]}"


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def blank_figure(width_inches: float, height_inches: float) -> Figure:
    """A figure of its own, known to no global state, whose parts make room for one another."""
    layout = ConstrainedLayoutEngine(w_pad=PADDING_INCHES, h_pad=PADDING_INCHES)
    figure = Figure(figsize=(width_inches, height_inches), dpi=SCREEN_DPI, layout=layout, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def panel_grid(num_panels: int, panel_inches: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """A figure of panels, two in a row, and the panels in reading order."""
    columns = min(num_panels, NUM_PANEL_COLUMNS)
    rows = -(-num_panels // columns)
    figure = blank_figure(columns * panel_inches[0], rows * panel_inches[1])
    panels = [figure.add_subplot(rows, columns, place + 1) for place in range(num_panels)]
    for axes in panels:
        style_axes(axes)
    return figure, panels


def style_axes(axes: Axes) -> None:
    """Light grid lines behind the data, two spines, small ticks."""
    axes.grid(color=GRID_COLOR, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=TICK_POINTS)


def head_panel(axes: Axes, title: str, entries: Sequence[tuple[Line2D, str]], width_inches: float) -> float:
    """Give a panel a title and, under it, a legend in as few lines as the width allows; returns their inches."""
    legend_inches = 0.0
    for num_lines in range(1, len(entries) + 1):
        extent = _legend_above(axes, entries, -(-len(entries) // num_lines)).get_window_extent()
        legend_inches = float(extent.height) / SCREEN_DPI
        if extent.width <= SCREEN_DPI * width_inches:
            break
    axes.set_title(
        shortened(title, round(NUM_TITLE_CHARACTERS_PER_INCH * width_inches)),
        loc="left",
        pad=POINTS_PER_INCH * legend_inches + 2 * LEGEND_GAP_POINTS,
        fontsize=TITLE_POINTS,
        fontweight="bold",
        parse_math=False,
    )
    return legend_inches + TITLE_INCHES


def finish_grid(figure: Figure, heads_inches: Sequence[float], note: str) -> None:
    """Make a figure of panels higher by what stands above each row, and say below what no legend explains.

    Args:
        figure: a grid of panels.
        heads_inches: what ``head_panel`` returned, panel by panel.
        note: one line.
    """
    figure.supxlabel(note, fontsize=TICK_POINTS, color=NOTE_COLOR)
    rows = (
        heads_inches[start : start + NUM_PANEL_COLUMNS]
        for start in range(0, len(heads_inches), NUM_PANEL_COLUMNS)
    )
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + sum(map(max, rows)) + NOTE_INCHES)


def _legend_above(axes: Axes, entries: Sequence[tuple[Line2D, str]], num_columns: int) -> Legend:
    legend = axes.legend(
        [handle for handle, _ in entries],
        [" "] * len(entries),
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=num_columns,
        fontsize=TICK_POINTS,
        frameon=False,
        borderaxespad=LEGEND_GAP_POINTS / TICK_POINTS,
        borderpad=0.0,
        labelspacing=0.25,
        handlelength=1.8,
        handletextpad=0.5,
        columnspacing=1.2,
    )
    write_literally(legend, (label for _, label in entries))
    return legend


def write_literally(legend: Legend, labels: Iterable[str]) -> None:
    """Give a legend's entries their labels as they stand, whatever dollars or underscores are in them."""
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(label)


def row_label(name: str, num_clips: int, *, num_outside: int = 0) -> str:
    """A row's legend entry.

    >>> row_label("white noise", 40, num_outside=12)
    'white noise (n 40, 12 outside)'
    """
    outside = f", {num_outside} outside" if num_outside else ""
    return f"{shortened(name)} (n {num_clips}{outside})"


def say_in_panel(axes: Axes, text: str) -> None:
    """Write a sentence where the data would be."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=LABEL_POINTS)
