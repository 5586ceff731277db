"""The studio around the dancer: a tiled floor and the shadow on it.

Axis letters: V vertices, F faces, N points.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from macedance.render.surface import ColoredTriangles, Topology

BACKGROUND_TOP = (92, 102, 122)
BACKGROUND_BOTTOM = (192, 198, 208)
FLOOR_COLORS = ((172, 178, 189), (146, 153, 166))
TILE_METRES = 0.5
TILE_OPACITY = 0.5
SHADOW_COLOR = (28, 31, 42)
FADE_METRES = 5.5
MAX_REACH_METRES = 50.0
SHADOW_CELL_METRES = 0.055
SHADOW_CELLS = 64
SHADOW_OPACITY = 0.6
SHADOW_BLUR_METRES = ((0.0, 0.03), (0.5, 0.07), (2.0, 0.13))

Color = tuple[int, int, int]
"""Red, green and blue in 0..255."""


class Stage:
    """A pale floor that fades into the background, and soft shadows of what moves over it.

    Args:
        floor_height: metres.
        path: (N, 3) places that the dancer visits; the floor reaches some metres beyond them.
        to_light: (3,) unit vector towards the light that throws the shadow.
        colors: of the floor and of every other tile on it; None is a floor of which only shadows are seen.
    """

    def __init__(
        self,
        floor_height: float,
        path: np.ndarray,
        to_light: np.ndarray,
        *,
        colors: tuple[Color, Color] | None = FLOOR_COLORS,
    ) -> None:
        self.floor_height = floor_height
        self.to_light = to_light
        low, high = path[:, [0, 2]].min(axis=0), path[:, [0, 2]].max(axis=0)
        self._center = (low + high) / 2
        self._reach = min(float(np.linalg.norm(high - low)) / 2, MAX_REACH_METRES)
        self.floor: tuple[ColoredTriangles, ...] = () if colors is None else self._floor_layers(*colors)
        self._shadow_faces = _lattice_faces(SHADOW_CELLS)

    def shadow(self, vertices: np.ndarray, topology: Topology) -> ColoredTriangles:
        """The shadow of a closed surface with vertices (V, 3), softer the higher the part that throws it."""
        x, y, z = np.ascontiguousarray(vertices.T)
        heights = np.maximum(y - self.floor_height, 0.0)
        u = (x - heights * (self.to_light[0] / self.to_light[1])) / SHADOW_CELL_METRES
        v = (z - heights * (self.to_light[2] / self.to_light[1])) / SHADOW_CELL_METRES
        corner_u, corner_v = (round(float(np.median(w))) - SHADOW_CELLS // 2 for w in (u, v))
        cells = np.abs(topology.doubled_area(u, v)) / 4
        center_u, center_v, height = (topology.face_means(w) for w in (u, v, heights))
        coverage = _soft_coverage(center_u - corner_u, center_v - corner_v, cells, height)
        ticks = SHADOW_CELL_METRES * np.arange(SHADOW_CELLS)
        corner = SHADOW_CELL_METRES * np.array([corner_u, corner_v])
        points = self._on_floor(*np.meshgrid(corner[0] + ticks, corner[1] + ticks, indexing="ij"))
        opacity = SHADOW_OPACITY * coverage.ravel() * self._fade(points)
        return ColoredTriangles(points, self._shadow_faces, _with_opacity(SHADOW_COLOR, opacity))

    def _floor_layers(
        self, floor_color: Color, tile_color: Color
    ) -> tuple[ColoredTriangles, ColoredTriangles]:
        num_tiles = int(np.ceil((self._reach + FADE_METRES) / TILE_METRES))
        ticks = TILE_METRES * (
            np.arange(-num_tiles, num_tiles + 1) + np.rint(self._center / TILE_METRES)[:, None]
        )
        points = self._on_floor(*np.meshgrid(*ticks, indexing="ij"))
        faces = _lattice_faces(len(ticks[0]))
        dark = (np.rint(points[faces[:, 0]][:, [0, 2]] / TILE_METRES).sum(axis=-1) % 2).astype(bool)
        fade = self._fade(points)
        return (
            ColoredTriangles(points, faces, _with_opacity(floor_color, fade)),
            ColoredTriangles(points, faces[dark], _with_opacity(tile_color, TILE_OPACITY * fade)),
        )

    def _on_floor(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return np.stack([x.ravel(), np.full(x.size, self.floor_height), z.ravel()], axis=-1)

    def _fade(self, points: np.ndarray) -> np.ndarray:
        beyond = np.linalg.norm(points[:, [0, 2]] - self._center, axis=-1) - self._reach
        return np.cos(np.pi / 2 * np.clip(beyond / FADE_METRES, 0.0, 1.0)) ** 2


def gradient(size_px: tuple[int, int], top: Color, bottom: Color) -> np.ndarray:
    """A picture, uint8 (H, W, 3), that goes from one colour at the top to another at the bottom."""
    width, height = size_px
    share = np.linspace(0.0, 1.0, height)[:, None, None]
    rows = ((1 - share) * np.array(top) + share * np.array(bottom)).round().astype(np.uint8)
    return np.tile(rows, (1, width, 1))


def _soft_coverage(u: np.ndarray, v: np.ndarray, cells: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The shadowed share of each cell, under faces at (u, v), in cells, that cover `cells` cells each.

    A closed surface covers its shadow twice, with the side towards the light and with the other; `cells` is
    half of each face's own shadow, so that both sum to one.
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


def _lattice_faces(num_ticks: int) -> np.ndarray:
    """Two triangles that share their first corner for each cell of a square lattice of points."""
    first = (np.arange(num_ticks - 1)[:, None] * num_ticks + np.arange(num_ticks - 1)).ravel()
    corners = [first, first + 1, first + num_ticks + 1, first, first + num_ticks + 1, first + num_ticks]
    return np.stack(corners, axis=-1).reshape(-1, 3)


def _with_opacity(color: Color, opacity: np.ndarray) -> np.ndarray:
    rgba = np.empty((len(opacity), 4), dtype=np.uint8)
    rgba[:, :3] = color
    rgba[:, 3] = np.round(255 * opacity)
    return rgba
