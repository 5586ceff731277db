"""Rendering without OpenGL: triangles painted from far to near by matplotlib's rasteriser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.transforms import IdentityTransform

from macedance.render.camera import Camera
from macedance.render.stage import BACKGROUND_BOTTOM, BACKGROUND_TOP
from macedance.render.surface import ColoredTriangles

DOTS_PER_INCH = 72
NEAR_METRES = 0.5


class SoftwareRenderer:
    """Draws layer over layer; within a solid one the nearer triangles cover the farther."""

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        width, height = size_px
        share = np.linspace(0.0, 1.0, height)[:, None, None]
        gradient = (1 - share) * np.array(BACKGROUND_TOP) + share * np.array(BACKGROUND_BOTTOM)
        opaque = np.full((height, 1, 1), 255)
        self._background = np.tile(np.concatenate([gradient, opaque], axis=-1), (1, width, 1)).round()

    def draw(self, layers: Sequence[ColoredTriangles], camera: Camera) -> np.ndarray:
        """The picture, uint8 (H, W, 3)."""
        width, height = self.size_px
        canvas = RendererAgg(width, height, DOTS_PER_INCH)
        picture = np.asarray(canvas.buffer_rgba())
        picture[:] = self._background
        for layer in layers:
            self._paint(canvas, layer, camera)
        return picture[:, :, :3].copy()

    def close(self) -> None:
        """Nothing is held between frames."""

    def _paint(self, canvas: RendererAgg, layer: ColoredTriangles, camera: Camera) -> None:
        pixels, depths = camera.project(layer.points, self.size_px)
        width, height = self.size_px
        pixels[:, 1] = height - pixels[:, 1]
        face_depths = depths[layer.faces]
        corners = pixels[layer.faces]
        seen = (face_depths.min(axis=1) > NEAR_METRES) & (layer.rgba[:, 3][layer.faces].max(axis=1) > 0)
        seen &= np.all((corners.max(axis=1) >= 0) & (corners.min(axis=1) <= (width, height)), axis=-1)
        order = np.flatnonzero(seen)
        if layer.solid:
            order = order[np.argsort(-face_depths[order].mean(axis=1), kind="stable")]
        colors = layer.rgba[layer.faces[order]] / 255
        canvas.draw_gouraud_triangles(canvas.new_gc(), corners[order], colors, IdentityTransform())
