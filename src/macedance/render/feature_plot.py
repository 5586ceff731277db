"""Motion features of real and generated clips in the ground truth's principal plane. Axes: N clips, D dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from macedance.render.plot_style import (
    LABEL_POINTS,
    RowStyle,
    finish_grid,
    head_panel,
    panel_grid,
    row_label,
    row_styles,
    say_in_panel,
)
from macedance.render.robust_limits import padded, robust_limits

PANEL_INCHES = (5.2, 4.2)
HEAD_INCHES = 4.3
NUM_SIGMAS = 2.0
FEWEST_CLIPS_OF_ELLIPSE = 3
NUM_DECIMALS = 6
LARGEST_ADDED_SHARE = 0.8
POINT_AREA = 16.0


@dataclass(frozen=True)
class PrincipalPlane:
    """Where a set of features varies most: ``mean`` (D,), ``directions`` (2, D), their shares of variance (2,)."""

    mean: np.ndarray
    directions: np.ndarray
    shares: np.ndarray

    def project(self, features: np.ndarray) -> np.ndarray:
        """Coordinates (N, 2) of features (N, D), rounded: rounding errors of a constant row are no spread."""
        return np.round((features - self.mean) @ self.directions.T, NUM_DECIMALS)


def principal_plane(features: np.ndarray) -> PrincipalPlane:
    """The first two principal components, each with its largest entry positive.

    Args:
        features: (N, D), finite, N at least 1, of about unit scale.
    """
    mean = features.mean(axis=0)
    at_least_two_rows = np.zeros((2, features.shape[1]))  # which change no component
    centred = np.vstack([features - mean, at_least_two_rows])
    _, scales, components = np.linalg.svd(centred, full_matrices=False)
    directions, variances = np.zeros((2, features.shape[1])), np.zeros(2)
    directions[: len(components)] = components[:2]
    variances[: len(scales)] = np.round(scales[:2], NUM_DECIMALS) ** 2
    largest = directions[[0, 1], np.abs(directions).argmax(axis=1)]
    total = float((scales**2).sum())
    shares = variances / total if variances.any() else variances
    return PrincipalPlane(mean, directions * np.where(largest < 0, -1.0, 1.0)[:, None], shares)


def feature_figure(features: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """A panel a feature family: its rows' clips, and an ellipse of two standard deviations around each row.

    The plane is that of the ground truth's first two principal components. Clips far outside are hollow points at
    the edge, counted in the legend. A row of fewer than three clips has no ellipse.

    Args:
        features: by family ("kinetic", "geometric"), then by row name, normalised features (N, D); a family's first
            row is the ground truth. Clips with numbers that are not finite are left out.

    Raises:
        ValueError: There is no family, a family has no rows, or the shape of a row is not that of the first.
    """
    if not features:
        raise ValueError("features must hold at least one family, got none")
    styles = row_styles(features)
    figure, panels = panel_grid(len(features), PANEL_INCHES)
    heads_inches = [
        _draw_family(axes, family, _finite_clips(family, rows), styles)
        for axes, (family, rows) in zip(panels, features.items(), strict=True)
    ]
    finish_grid(figure, heads_inches, "ellipses: two standard deviations; hollow points at the edge: outside")
    return figure


def _finite_clips(family: str, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    if not rows:
        raise ValueError(f"features[{family!r}] must hold the ground truth at least, got no rows")
    arrays = {name: np.asarray(row, np.float64) for name, row in rows.items()}
    first = next(iter(arrays))
    for name, array in arrays.items():
        if array.ndim != 2 or array.shape[1:] != arrays[first].shape[1:]:
            raise ValueError(
                f"features[{family!r}] must be of shape (N, D) with one D, got {array.shape} for {name!r} "
                f"and {arrays[first].shape} for {first!r}"
            )
    return {name: array[np.isfinite(array).all(axis=1)] for name, array in arrays.items()}


def _draw_family(axes: Axes, family: str, rows: dict[str, np.ndarray], styles: dict[str, RowStyle]) -> float:
    """Draw a panel and return the inches of its head."""
    ground_truth = next(iter(rows.values()))
    counts = dict.fromkeys(rows, 0)
    if len(ground_truth):
        plane = principal_plane(ground_truth)
        points = {name: plane.project(row) for name, row in rows.items()}
        limits = _limits([row for row in points.values() if len(row)])
        counts = {name: _draw_row(axes, row, limits, styles[name]) for name, row in points.items()}
        axes.set(xlim=limits[0], ylim=limits[1])
        for axis, name, share in zip((axes.xaxis, axes.yaxis), "12", plane.shares, strict=True):
            label = f"principal component {name} ({100 * share:.0f} % of variance)"
            axis.set_label_text(label, fontsize=LABEL_POINTS)
    else:
        say_in_panel(axes, "the ground truth has no features")
    entries = [
        (_handle(styles[name]), row_label(name, len(row), num_outside=counts[name]))
        for name, row in rows.items()
    ]
    return head_panel(axes, f"{family} features", entries, HEAD_INCHES)


def _limits(rows: list[np.ndarray]) -> np.ndarray:
    """Low and high (2, 2) of either coordinate: the rows' bulk and the ellipses that stand out of it a little."""
    bulk = np.array([robust_limits([row[:, axis] for row in rows]) for axis in (0, 1)])
    room = np.array([padded(limits, LARGEST_ADDED_SHARE) for limits in bulk.tolist()])
    low, high = bulk.T
    for row in rows:
        reach = NUM_SIGMAS * row.std(axis=0, ddof=1) if len(row) >= FEWEST_CLIPS_OF_ELLIPSE else np.zeros(2)
        left, right = row.mean(axis=0) - reach, row.mean(axis=0) + reach
        if (left >= room[:, 0]).all() and (right <= room[:, 1]).all():
            low, high = np.minimum(low, left), np.maximum(high, right)
    return np.array([padded(limits) for limits in zip(low.tolist(), high.tolist(), strict=True)])


def _draw_row(axes: Axes, points: np.ndarray, limits: np.ndarray, style: RowStyle) -> int:
    """Draw a row's points (N, 2) and ellipse, and return how many points are outside the limits."""
    shown = np.clip(points, limits[:, 0], limits[:, 1])
    outside = (shown != points).any(axis=1)
    axes.scatter(
        shown[:, 0],
        shown[:, 1],
        s=POINT_AREA,
        marker=style.marker,
        facecolors=np.where(outside[:, None], to_rgba("none"), to_rgba(style.color, 0.45)),
        edgecolors=np.where(outside[:, None], to_rgba(style.color), to_rgba("none")),
        linewidths=0.8,
        clip_on=False,
        in_layout=False,
    )
    if len(points) >= FEWEST_CLIPS_OF_ELLIPSE:
        axes.add_patch(_ellipse(points, style))
    return int(outside.sum())


def _ellipse(points: np.ndarray, style: RowStyle) -> Ellipse:
    variances, vectors = np.linalg.eigh(np.cov(points.T))
    short, long = 2 * NUM_SIGMAS * np.sqrt(np.maximum(variances, 0.0))
    degrees = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    return Ellipse(
        points.mean(axis=0),
        long,
        short,
        angle=degrees,
        fill=False,
        edgecolor=style.color,
        linestyle=style.line,
        linewidth=1.6,
        zorder=2.5,
    )


def _handle(style: RowStyle) -> Line2D:
    return Line2D(
        [], [], color=style.color, linestyle=style.line, linewidth=1.6, marker=style.marker, markersize=4.5
    )
