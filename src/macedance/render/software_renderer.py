"""Rendering without OpenGL: triangles painted from far to near by matplotlib's rasteriser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.transforms import IdentityTransform

from macedance.geometry.camera import Camera
from macedance.render.stage import BACKGROUND_BOTTOM, BACKGROUND_TOP, gradient
from macedance.render.surface import ColoredTriangles

DOTS_PER_INCH = 72
NEAR_METRES = 0.5


class SoftwareRenderer:
    """Draws the layers in their order; within each, nearer triangles cover farther ones."""

    def __init__(self, size_px: tuple[int, int], backdrop: np.ndarray | None = None) -> None:
        self.size_px = size_px
        width, height = size_px
        self._backdrop = np.full((height, width, 4), 255, dtype=np.uint8)
        self._backdrop[:, :, :3] = (
            gradient(size_px, BACKGROUND_TOP, BACKGROUND_BOTTOM) if backdrop is None else backdrop
        )

    def draw(self, layers: Sequence[ColoredTriangles], camera: Camera) -> np.ndarray:
        """The picture, uint8 (H, W, 3)."""
        width, height = self.size_px
        canvas = RendererAgg(width, height, DOTS_PER_INCH)
        picture = np.asarray(canvas.buffer_rgba())
        picture[:] = self._backdrop
        for layer in layers:
            if layer.solid:
                self._paint(canvas, layer, layer.rgba / 255, camera)
            else:
                picture[:, :, :3] = self._blend(picture[:, :, :3], layer, camera)
        return picture[:, :, :3].copy()

    def close(self) -> None:
        """Nothing is held between frames."""

    def _blend(self, picture: np.ndarray, layer: ColoredTriangles, camera: Camera) -> np.ndarray:
        """The picture under a layer; its opacity is painted apart, because neighbouring triangles overlap."""
        canvas = RendererAgg(*self.size_px, DOTS_PER_INCH)
        opacity = np.asarray(canvas.buffer_rgba())
        opacity[:] = 0
        grey = np.repeat(layer.rgba[:, 3:], 4, axis=1) / 255
        grey[:, 3] = 1.0
        self._paint(canvas, layer, grey, camera)
        share = opacity[:, :, :1] / np.float32(255)
        return np.round(picture + share * (layer.rgba[0, :3] - picture.astype(np.float32)))

    def _paint(
        self, canvas: RendererAgg, layer: ColoredTriangles, colors: np.ndarray, camera: Camera
    ) -> None:
        width, height = self.size_px
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # points beside the camera, whose faces are not seen
            pixels, depths = camera.project(layer.points, self.size_px)
        corners = np.stack([pixels[:, 0], height - pixels[:, 1]], axis=-1)[layer.faces]
        face_depths = depths[layer.faces]
        seen = face_depths.min(axis=1) > NEAR_METRES
        seen &= np.all((corners.max(axis=1) >= 0) & (corners.min(axis=1) <= (width, height)), axis=-1)
        order = np.flatnonzero(seen)
        order = order[np.argsort(-face_depths[order].mean(axis=1), kind="stable")]
        corner_colors = colors[layer.faces[order]]
        canvas.draw_gouraud_triangles(canvas.new_gc(), corners[order], corner_colors, IdentityTransform())
