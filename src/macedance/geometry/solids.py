"""Simple solids as fields: negative inside, positive outside, about the distance to the surface in metres.

Coordinates are three arrays that broadcast against each other: a grid's axes, or one value per point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.interpolate import PchipInterpolator

Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]


class Solid(Protocol):
    """What can be a piece of a body."""

    @property
    def blend(self) -> float:
        """Width of the smooth transition into the solids before it, in metres."""

    def bounds(self) -> np.ndarray:
        """Lowest and highest corner (2, 3) of a box around the solid."""

    def field(self, coordinates: Coordinates) -> np.ndarray:
        """The solid's field at the coordinates."""


class Loft:
    """A tube along a coordinate axis whose elliptic cross-section changes smoothly, closed by domed ends.

    Args:
        axis: 0, 1 or 2, the coordinate axis it follows; the sections lie in the other two, u before v.
        stations: One row per section (N, 6): rising position along the axis, centre u and v, half-width along
            u, half-widths towards +v and -v.
        domes: Heights of the domed ends, the low and the high one.
        blend: Width of the smooth transition into the solids before it.
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
