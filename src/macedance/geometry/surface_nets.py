"""Meshing the zero level of a field on a grid with surface nets.

Naive surface nets (S. Gibson, "Constrained Elastic Surface Nets", MICCAI 1998): one vertex in every cell that
the surface passes, one quadrilateral around every grid edge that it crosses.
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.solids import Coordinates


def surface_nets(field: np.ndarray, axes: Coordinates) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) and quadrilaterals (Q, 4), counter-clockwise seen from outside, the positive side.

    Args:
        field: Values on the grid (nx, ny, nz), positive on its whole border.
        axes: The grid's three rising coordinate axes.
    """
    cells = np.array(field.shape) - 1
    sums = np.zeros((cells.prod(), 3))
    counts = np.zeros(cells.prod())
    quads = []
    for axis in range(3):
        corners, points = _crossings(field, axes, axis)
        for column in corners.T:
            np.add.at(counts, column, 1)
            np.add.at(sums, column, points)
        quads.append(corners)
    used = np.flatnonzero(counts)
    numbers = np.zeros(len(counts), dtype=np.int64)
    numbers[used] = np.arange(len(used))
    return sums[used] / counts[used, None], numbers[np.concatenate(quads)]


def split_quads(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Triangles (2Q, 3): every quadrilateral is cut along its shorter diagonal."""
    corners = vertices[quads]
    first = np.linalg.norm(corners[:, 0] - corners[:, 2], axis=1)
    second = np.linalg.norm(corners[:, 1] - corners[:, 3], axis=1)
    quads = np.where((first <= second)[:, None], quads, np.roll(quads, -1, axis=1))
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _crossings(field: np.ndarray, axes: Coordinates, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """The four cells (N, 4) around each crossed edge along an axis, and the crossing point (N, 3)."""
    along = np.moveaxis(field, axis, 0)
    low, high = along[:-1], along[1:]
    index = np.nonzero((low < 0) != (high < 0))
    low, high = low[index], high[index]
    steps = np.eye(3, dtype=np.int64)
    places = np.empty((len(low), 3), dtype=np.int64)
    places[:, [axis, *(other for other in range(3) if other != axis)]] = np.stack(index, axis=1)
    points = np.stack([axes[i][places[:, i]] for i in range(3)], axis=1)
    lengths = np.diff(axes[axis])[places[:, axis]]
    points[:, axis] += lengths * low / (low - high)
    u, v = steps[(axis + 1) % 3], steps[(axis + 2) % 3]
    ring = places[:, None] - np.stack([u + v, v, 0 * u, u])
    shape = tuple(np.array(field.shape) - 1)
    cells = np.ravel_multi_index(tuple(np.moveaxis(ring, -1, 0)), shape)
    return np.where((low < 0)[:, None], cells, cells[:, ::-1]), points
