"""A body of many solids melted together, as one smooth field: negative inside, positive outside."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from macedance.geometry.solids import Coordinates, Solid

FAR = 1.0
"""What a field is set to where no solid is near, in metres."""

BLEND_MARGIN = 0.07
"""A solid has no effect further away than this, in metres; no blend may be wider."""


@dataclass(frozen=True)
class Body:
    """A trunk and limbs on a floor: limbs melt into the trunk, and almost not into each other.

    Args:
        trunk: Solids, each blended into those before it.
        limbs: The solids of each limb.
        floor: Height of the plane that cuts the limbs off below.
        trunk_blend: Width of the transition between trunk and limbs.
        limb_blend: Width of the transition between two limbs.
        floor_blend: Width of the rounded edge that the floor cuts.
    """

    trunk: Sequence[Solid]
    limbs: Sequence[Sequence[Solid]]
    floor: float
    trunk_blend: float = 0.045
    limb_blend: float = 0.020
    floor_blend: float = 0.018

    def field_on_grid(self, axes: Coordinates) -> np.ndarray:
        """The body's field on the grid that three rising 1D axes span."""

        def union(solids: Sequence[Solid]) -> np.ndarray:
            return _union_on_grid(solids, axes)

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
        """The field (N,) and its gradient (N, 3), from the corners of a tiny tetrahedron about each point."""
        corners = 1e-4 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
        stencil = points.T[:, None] + corners.T[:, :, None]

        def union(solids: Sequence[Solid]) -> np.ndarray:
            return _union_on_stencil(solids, stencil)

        values = self._combine(union, stencil[1])
        return values.mean(axis=0), values.T @ corners / (4 * 1e-4**2)

    def _combine(self, union: Callable[[Sequence[Solid]], np.ndarray], heights: np.ndarray) -> np.ndarray:
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


def _union_on_grid(solids: Sequence[Solid], axes: Coordinates) -> np.ndarray:
    union = np.full([len(axis) for axis in axes], FAR)
    for solid in solids:
        low, high = solid.bounds()
        box = tuple(
            slice(np.searchsorted(axis, low[i] - BLEND_MARGIN), np.searchsorted(axis, high[i] + BLEND_MARGIN))
            for i, axis in enumerate(axes)
        )
        x, y, z = (axis[window] for axis, window in zip(axes, box, strict=True))
        field = solid.field((x[:, None, None], y[None, :, None], z[None, None, :]))
        union[box] = smooth_minimum(union[box], field, solid.blend)
    return union


def _union_on_stencil(solids: Sequence[Solid], stencil: np.ndarray) -> np.ndarray:
    """The union (S, N) at S slightly moved copies of N points, coordinates (3, S, N)."""
    union = np.full(stencil.shape[1:], FAR)
    for solid in solids:
        low, high = solid.bounds()
        low, high = low - BLEND_MARGIN, high + BLEND_MARGIN
        inside = [(stencil[i, 0] > low[i]) & (stencil[i, 0] < high[i]) for i in range(3)]
        near = np.flatnonzero(inside[0] & inside[1] & inside[2])
        x, y, z = stencil[:, :, near]
        union[:, near] = smooth_minimum(union[:, near], solid.field((x, y, z)), solid.blend)
    return union
