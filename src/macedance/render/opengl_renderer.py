"""Rendering through VTK, on the graphics card or by Mesa on the processor."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import numpy as np

from macedance.geometry.camera import Camera
from macedance.render.stage import BACKGROUND_BOTTOM, BACKGROUND_TOP
from macedance.render.surface import ColoredTriangles

if sys.platform == "linux" and "DISPLAY" not in os.environ:
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

import pyvista
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

NUM_SAMPLES_PER_PIXEL = 4
READ_BACK_BUFFER = 0
NEAR_METRES = 0.1
FAR_METRES = 100.0


class OpenGLRenderer:
    """Draws with one off-screen window whose meshes are moved in place from frame to frame."""

    def __init__(self, size_px: tuple[int, int], backdrop: np.ndarray | None = None) -> None:
        self._plotter = pyvista.Plotter(off_screen=True, window_size=list(size_px), lighting="none")
        if backdrop is None:
            self._plotter.set_background(BACKGROUND_BOTTOM, top=BACKGROUND_TOP)
        else:
            self._hang(backdrop)
        self._plotter.enable_anti_aliasing("msaa", multi_samples=NUM_SAMPLES_PER_PIXEL)
        self._pixels = vtkUnsignedCharArray()
        self._plotter.renderer.SetUseOIT(False)  # blend in the order of the layers
        self._plotter.camera.SetViewUp(0.0, 1.0, 0.0)
        self._meshes: list[pyvista.PolyData] = []
        self._drawn: list[ColoredTriangles] = []

    def draw(self, layers: Sequence[ColoredTriangles], camera: Camera) -> np.ndarray:
        """The picture, uint8 (H, W, 3), of the same layers as in the first call, at their present place."""
        if not self._meshes:
            self._meshes = [self._add(layer) for layer in layers]
            self._drawn = list(layers)
        for mesh, layer, drawn in zip(self._meshes, layers, self._drawn, strict=True):
            if layer is not drawn:
                mesh.points = layer.points
                mesh.point_data["rgba"] = layer.rgba
        self._drawn = list(layers)
        view = self._plotter.camera
        view.SetPosition(camera.position)
        view.SetFocalPoint(camera.target)
        view.SetViewAngle(camera.view_angle_degrees)
        view.SetWindowCenter(1 - 2 * camera.target_place[0], 2 * camera.target_place[1] - 1)
        view.SetParallelProjection(camera.parallel_height_metres is not None)
        view.SetParallelScale((camera.parallel_height_metres or 2.0) / 2)
        view.SetClippingRange(NEAR_METRES, FAR_METRES)
        window = self._plotter.render_window
        window.Render()
        width, height = window.GetSize()
        window.GetPixelData(0, 0, width - 1, height - 1, READ_BACK_BUFFER, self._pixels, 0)
        return vtk_to_numpy(self._pixels).reshape(height, width, 3)[::-1].copy()

    def close(self) -> None:
        """Frees the window."""
        self._plotter.close()

    def _hang(self, backdrop: np.ndarray) -> None:
        texture = pyvista.Texture(np.ascontiguousarray(backdrop))
        texture.SetInterpolate(False)
        self._plotter.renderer.SetBackgroundTexture(texture)
        self._plotter.renderer.TexturedBackgroundOn()

    def _add(self, layer: ColoredTriangles) -> pyvista.PolyData:
        mesh = pyvista.PolyData.from_regular_faces(layer.points, layer.faces)
        mesh.point_data["rgba"] = layer.rgba
        actor = self._plotter.add_mesh(
            mesh,
            scalars="rgba",
            rgba=True,
            lighting=False,
            copy_mesh=False,
            reset_camera=False,
            show_scalar_bar=False,
        )
        if layer.solid:
            actor.ForceOpaqueOn()
        else:
            actor.ForceTranslucentOn()
        return mesh
