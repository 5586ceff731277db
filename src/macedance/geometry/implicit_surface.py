"""Smooth bodies as the zero level of a field: negative inside, positive outside, about a distance in metres.

Coordinates are three arrays that broadcast against each other: a grid's axes, or one value per point.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.interpolate import PchipInterpolator

Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]

FAR = 1.0
"""What a field is set to where no part is near, in metres."""

BLEND_MARGIN = 0.07
"""A part has no effect further away than this, in metres; no blend may be wider."""


class Part(Protocol):
    """A simple solid with its own field."""

    @property
    def blend(self) -> float:
        """Width of the smooth transition into the parts before it, in metres."""

    def bounds(self) -> np.ndarray:
        """Lowest and highest corner (2, 3) of a box around the solid."""

    def field(self, coordinates: Coordinates) -> np.ndarray:
        """The solid's field at the coordinates."""


class Loft:
    """A tube along a coordinate axis whose elliptic cross-section changes smoothly, closed by domed ends.

    Args:
        axis: 0, 1 or 2, the coordinate axis it follows; the sections lie in the other two, u before v.
        stations: One row per section (N, 6): position along the axis (rising), centre u and v, half-widths along u,
            towards +v and towards -v.
        domes: Heights of the domed ends, the low and the high one.
        blend: Width of the smooth transition into the parts before it.
        squareness: Exponent of the cross-section: 2 an ellipse, more is boxier.
    """

    NUM_SAMPLES = 160

    def __init__(
        self,
        axis: int,
        stations: Sequence[Sequence[float]] | np.ndarray,
        *,
        domes: tuple[float, float],
        blend: float = 0.02,
        squareness: float = 2.0,
    ) -> None:
        stations = np.asarray(stations)
        self.axis, self.domes, self.blend, self.squareness = axis, domes, blend, squareness
        self.along = np.linspace(stations[0, 0], stations[-1, 0], self.NUM_SAMPLES)
        self.sections = PchipInterpolator(stations[:, 0], stations[:, 1:])(self.along)

    def bounds(self) -> np.ndarray:
        """Lowest and highest corner (2, 3) of a box around the solid."""
        centre_u, centre_v, half_u, half_front, half_back = self.sections.T
        low = [self.along[0] - self.domes[0], (centre_u - half_u).min(), (centre_v - half_back).min()]
        high = [self.along[-1] + self.domes[1], (centre_u + half_u).max(), (centre_v + half_front).max()]
        order = np.argsort([self.axis, *self._cross_axes()])
        return np.array([low, high])[:, order]

    def field(self, coordinates: Coordinates) -> np.ndarray:
        """The solid's field at the coordinates."""
        along = coordinates[self.axis]
        u, v = (coordinates[axis] for axis in self._cross_axes())
        inside = np.clip(along, self.along[0], self.along[-1])
        centre_u, centre_v, half_u, half_front, half_back = (
            np.interp(inside, self.along, column) for column in self.sections.T
        )
        beyond = along - inside
        beyond = beyond / np.where(beyond < 0, *self.domes)
        across = np.abs(u - centre_u) / half_u
        depth = v - centre_v
        depth = np.abs(depth) / np.where(depth > 0, half_front, half_back)
        if self.squareness == 2.0:
            radius = np.sqrt(across**2 + depth**2 + beyond**2)
        else:
            section = (across**self.squareness + depth**self.squareness) ** (2 / self.squareness)
            radius = np.sqrt(section + beyond**2)
        return (radius - 1) * np.minimum(half_u, np.minimum(half_front, half_back))

    def _cross_axes(self) -> tuple[int, int]:
        first, second = (axis for axis in range(3) if axis != self.axis)
        return first, second


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid with its half-axes along the coordinate axes."""

    centre: tuple[float, float, float]
    half_axes: tuple[float, float, float]
    blend: float = 0.02

    def bounds(self) -> np.ndarray:
        """Lowest and highest corner (2, 3) of a box around the solid."""
        return np.array(self.centre) + np.array([[-1.0], [1.0]]) * np.array(self.half_axes)

    def field(self, coordinates: Coordinates) -> np.ndarray:
        """The solid's field at the coordinates."""
        scaled = [
            (coordinate - centre) / half
            for coordinate, centre, half in zip(coordinates, self.centre, self.half_axes, strict=True)
        ]
        return (np.sqrt(scaled[0] ** 2 + scaled[1] ** 2 + scaled[2] ** 2) - 1) * min(self.half_axes)


@dataclass(frozen=True)
class TaperedCapsule:
    """A rod with round ends, from one centre and radius to another."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    start_radius: float
    end_radius: float
    blend: float = 0.02

    def bounds(self) -> np.ndarray:
        """Lowest and highest corner (2, 3) of a box around the solid."""
        ends = np.array([self.start, self.end])
        radii = np.array([[self.start_radius], [self.end_radius]])
        return np.array([(ends - radii).min(axis=0), (ends + radii).max(axis=0)])

    def field(self, coordinates: Coordinates) -> np.ndarray:
        """The solid's field at the coordinates."""
        step = np.subtract(self.end, self.start)
        offsets = [coordinate - start for coordinate, start in zip(coordinates, self.start, strict=True)]
        dot = offsets[0] * step[0] + offsets[1] * step[1] + offsets[2] * step[2]
        fraction = np.clip(dot / (step @ step), 0, 1)
        gaps = [offset - fraction * component for offset, component in zip(offsets, step, strict=True)]
        distance = np.sqrt(gaps[0] ** 2 + gaps[1] ** 2 + gaps[2] ** 2)
        return distance - (self.start_radius + fraction * (self.end_radius - self.start_radius))


@dataclass(frozen=True)
class Body:
    """A trunk and limbs on a floor: limbs melt into the trunk, and almost not into each other.

    Args:
        trunk: Parts, each blended into those before it.
        limbs: The parts of each limb.
        floor: Height of the plane that cuts the limbs off below.
        trunk_blend: Width of the transition between trunk and limbs.
        limb_blend: Width of the transition between two limbs.
        floor_blend: Width of the rounded edge that the floor cuts.
    """

    trunk: Sequence[Part]
    limbs: Sequence[Sequence[Part]]
    floor: float
    trunk_blend: float = 0.045
    limb_blend: float = 0.012
    floor_blend: float = 0.012

    def field_on_grid(self, axes: Coordinates) -> np.ndarray:
        """The body's field on the grid that three rising 1D axes span."""

        def union(parts: Sequence[Part]) -> np.ndarray:
            return _union_on_grid(parts, axes)

        return self._combine(union, axes[1][None, :, None])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) near the surface, moved onto it by one Newton step along the field's gradient."""
        values, gradient = self._values_and_gradient(points)
        square = np.maximum((gradient**2).sum(axis=1), 0.1)
        return points - (values / square)[:, None] * gradient

    def normals(self, points: np.ndarray) -> np.ndarray:
        """Outward unit normals (N, 3) at points on the surface."""
        _, gradient = self._values_and_gradient(points)
        return gradient / np.linalg.norm(gradient, axis=1, keepdims=True)

    def _values_and_gradient(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The field (N,) and its gradient (N, 3), from the corners of a tiny tetrahedron around each point."""
        corners = 1e-4 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
        stencil = points.T[:, None] + corners.T[:, :, None]

        def union(parts: Sequence[Part]) -> np.ndarray:
            return _union_on_stencil(parts, stencil)

        values = self._combine(union, stencil[1])
        return values.mean(axis=0), values.T @ corners / (4 * 1e-4**2)

    def _combine(self, union: Callable[[Sequence[Part]], np.ndarray], heights: np.ndarray) -> np.ndarray:
        limbs = functools.reduce(
            lambda first, second: smooth_minimum(first, second, self.limb_blend), map(union, self.limbs)
        )
        limbs = smooth_maximum(limbs, self.floor - heights, self.floor_blend)
        return smooth_minimum(union(self.trunk), limbs, self.trunk_blend)


def smooth_minimum(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    """The lesser of two fields, rounded off by a parabola where they differ by less than the width."""
    overlap = np.maximum(width - np.abs(first - second), 0)
    return np.minimum(first, second) - overlap**2 / (4 * width)


def smooth_maximum(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    """The greater of two fields, rounded off by a parabola where they differ by less than the width."""
    return -smooth_minimum(-first, -second, width)


def _union_on_grid(parts: Sequence[Part], axes: Coordinates) -> np.ndarray:
    union = np.full([len(axis) for axis in axes], FAR)
    for part in parts:
        low, high = part.bounds()
        box = tuple(
            slice(np.searchsorted(axis, low[i] - BLEND_MARGIN), np.searchsorted(axis, high[i] + BLEND_MARGIN))
            for i, axis in enumerate(axes)
        )
        x, y, z = (axis[window] for axis, window in zip(axes, box, strict=True))
        field = part.field((x[:, None, None], y[None, :, None], z[None, None, :]))
        union[box] = smooth_minimum(union[box], field, part.blend)
    return union


def _union_on_stencil(parts: Sequence[Part], stencil: np.ndarray) -> np.ndarray:
    """The union (S, N) at S slightly moved copies of N points, coordinates (3, S, N)."""
    union = np.full(stencil.shape[1:], FAR)
    for part in parts:
        low, high = part.bounds() + [[-BLEND_MARGIN], [BLEND_MARGIN]]
        inside = [(stencil[i, 0] > low[i]) & (stencil[i, 0] < high[i]) for i in range(3)]
        near = np.flatnonzero(inside[0] & inside[1] & inside[2])
        x, y, z = stencil[:, :, near]
        union[:, near] = smooth_minimum(union[:, near], part.field((x, y, z)), part.blend)
    return union
