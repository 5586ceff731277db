"""The plots of motion evaluation: pure functions from arrays to figures, and how a figure becomes a file."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from macedance.render.feature_plot import feature_figure
from macedance.render.histogram_plot import histogram_figure
from macedance.render.speed_plot import SpeedCurve, speed_figure
from macedance.whole_files import renamed_when_complete

__all__ = ["SpeedCurve", "feature_figure", "histogram_figure", "save_figure", "speed_figure"]


def save_figure(figure: Figure, path: str | Path, *, dpi: int = 150) -> None:
    """Write a figure as PNG, which has its name only when it is complete. Missing folders are made."""
    with renamed_when_complete(path) as partial:
        figure.savefig(partial, format="png", dpi=dpi)
