"""The studio around the dancer: floor, grid and the shadow on it. Axis letters: F faces, N points."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from macedance.render.surface import ColoredTriangles, Topology

BACKGROUND_TOP = (150, 160, 178)
BACKGROUND_BOTTOM = (226, 229, 234)
FLOOR_COLOR = (206, 209, 215)
GRID_COLOR = (150, 156, 168)
SHADOW_COLOR = (44, 48, 62)
GRID_SPACING_METRES = 0.5
GRID_LINE_METRES = 0.012
FADE_METRES = 5.5
SHADOW_CELL_METRES = 0.04
SHADOW_CELLS = 88
SHADOW_OPACITY = 0.62
SHADOW_BLUR_METRES = ((0.0, 0.03), (0.5, 0.07), (2.0, 0.17))


class Stage:
    """A pale floor that fades into the background, and soft shadows of what moves over it.

    Args:
        floor_height: metres.
        path: (N, 3) places that the dancer visits; the floor reaches some metres beyond them.
        to_light: (3,) unit vector towards the light that throws the shadow.
    """

    def __init__(self, floor_height: float, path: np.ndarray, to_light: np.ndarray) -> None:
        self.floor_height = floor_height
        self.to_light = to_light
        low, high = path[:, [0, 2]].min(axis=0), path[:, [0, 2]].max(axis=0)
        self._center = (low + high) / 2
        self._reach = float(np.linalg.norm(high - low)) / 2
        self.floor = self._colored_lattice(_axis(self._reach + FADE_METRES, 0.5), FLOOR_COLOR)
        self.grid = self._grid_lines()
        self._shadow_faces = _lattice_faces(SHADOW_CELLS)

    def shadow(self, vertices: np.ndarray, topology: Topology) -> ColoredTriangles:
        """The shadow of a closed surface: dark where it touches the floor, softer the higher the part above."""
        x, y, z = np.ascontiguousarray(vertices.T)
        heights = np.maximum(y - self.floor_height, 0.0)
        u = (x - heights * (self.to_light[0] / self.to_light[1])) / SHADOW_CELL_METRES
        v = (z - heights * (self.to_light[2] / self.to_light[1])) / SHADOW_CELL_METRES
        corner_u, corner_v = (round(float(np.median(w))) - SHADOW_CELLS // 2 for w in (u, v))
        cells = np.abs(topology.doubled_area(u, v)) / 4
        center_u, center_v, height = (sum(topology.corners(w)) / 3 for w in (u, v, heights))
        coverage = _soft_coverage(center_u - corner_u, center_v - corner_v, cells, height)
        ticks = SHADOW_CELL_METRES * np.arange(SHADOW_CELLS)
        corner = SHADOW_CELL_METRES * np.array([corner_u, corner_v])
        points = self._on_floor(*np.meshgrid(corner[0] + ticks, corner[1] + ticks, indexing="ij"))
        opacity = SHADOW_OPACITY * coverage.ravel() * self._fade(points)
        return ColoredTriangles(points, self._shadow_faces, _with_opacity(SHADOW_COLOR, opacity))

    def _grid_lines(self) -> ColoredTriangles:
        snapped = np.round(self._center / GRID_SPACING_METRES) * GRID_SPACING_METRES
        ticks = _axis(self._reach + FADE_METRES, GRID_SPACING_METRES)
        across = (ticks[:, None] + [-GRID_LINE_METRES / 2, GRID_LINE_METRES / 2]).ravel()
        x, z = np.meshgrid(across + snapped[0], ticks + snapped[1], indexing="ij")
        z_turned, x_turned = np.meshgrid(across + snapped[1], ticks + snapped[0], indexing="ij")
        along_z, along_x = self._on_floor(x, z), self._on_floor(x_turned, z_turned)
        faces = _strip_faces(len(ticks), len(ticks))
        points = np.concatenate([along_z, along_x])
        rgba = _with_opacity(GRID_COLOR, 0.8 * self._fade(points))
        return ColoredTriangles(points, np.concatenate([faces, faces + len(along_z)]), rgba)

    def _colored_lattice(self, ticks: np.ndarray, color: tuple[int, int, int]) -> ColoredTriangles:
        points = self._on_floor(*np.meshgrid(ticks + self._center[0], ticks + self._center[1], indexing="ij"))
        return ColoredTriangles(points, _lattice_faces(len(ticks)), _with_opacity(color, self._fade(points)))

    def _on_floor(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return np.stack([x.ravel(), np.full(x.size, self.floor_height), z.ravel()], axis=-1)

    def _fade(self, points: np.ndarray) -> np.ndarray:
        beyond = np.linalg.norm(points[:, [0, 2]] - self._center, axis=-1) - self._reach
        return np.cos(np.pi / 2 * np.clip(beyond / FADE_METRES, 0.0, 1.0)) ** 2


def _soft_coverage(u: np.ndarray, v: np.ndarray, cells: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Share of each cell that is in shadow of faces at (u, v), in units of cells, that cover `cells` cells each.

    A closed surface lies twice over every place of its shadow: once with the side towards the light, once with
    the other; `cells` is half of each face's own shadow, so that both sum to one.
    """
    row, column = np.rint(u).astype(int), np.rint(v).astype(int)
    inside = (row >= 0) & (row < SHADOW_CELLS) & (column >= 0) & (column < SHADOW_CELLS)
    flat = (row * SHADOW_CELLS + column)[inside]
    levels = [height for height, _ in SHADOW_BLUR_METRES]
    position = np.interp(heights[inside], levels, np.arange(len(levels)))
    coverage = np.zeros((SHADOW_CELLS, SHADOW_CELLS))
    for level, (_, blur) in enumerate(SHADOW_BLUR_METRES):
        weight = cells[inside] * np.maximum(1 - np.abs(position - level), 0.0)
        area = np.bincount(flat, weight, SHADOW_CELLS**2).reshape(coverage.shape)
        coverage += gaussian_filter(area, blur / SHADOW_CELL_METRES, mode="constant")
    return np.minimum(coverage, 1.0)


def _axis(reach: float, spacing: float) -> np.ndarray:
    num_steps = int(np.ceil(reach / spacing))
    return spacing * np.arange(-num_steps, num_steps + 1)


def _lattice_faces(num_ticks: int) -> np.ndarray:
    first = (np.arange(num_ticks - 1)[:, None] * num_ticks + np.arange(num_ticks - 1)).ravel()
    return _quad_faces(first, num_ticks)


def _strip_faces(num_strips: int, num_ticks: int) -> np.ndarray:
    first = (2 * np.arange(num_strips)[:, None] * num_ticks + np.arange(num_ticks - 1)).ravel()
    return _quad_faces(first, num_ticks)


def _quad_faces(first: np.ndarray, num_ticks: int) -> np.ndarray:
    corners = [first, first + 1, first + num_ticks + 1, first, first + num_ticks + 1, first + num_ticks]
    return np.stack(corners, axis=-1).reshape(-1, 3)


def _with_opacity(color: tuple[int, int, int], opacity: np.ndarray) -> np.ndarray:
    rgba = np.empty((len(opacity), 4), dtype=np.uint8)
    rgba[:, :3] = color
    rgba[:, 3] = np.round(255 * opacity)
    return rgba
