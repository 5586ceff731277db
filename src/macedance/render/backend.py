"""Which renderer draws the frames: OpenGL where it works, otherwise software."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from macedance.geometry.camera import Camera
from macedance.render.surface import ColoredTriangles

RENDERER_VARIABLE = "MACEDANCE_RENDERER"
PROBE = """
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
window = vtkRenderWindow()
window.SetOffScreenRendering(True)
window.AddRenderer(vtkRenderer())
window.Render()
"""
PROBE_TIMEOUT_SECONDS = 120


class FrameRenderer(Protocol):
    """Draws the frames of one clip, whose layers keep their number and faces and only move and recolour."""

    def draw(self, layers: Sequence[ColoredTriangles], camera: Camera) -> np.ndarray:
        """The picture, uint8 (H, W, 3)."""
        ...

    def close(self) -> None:
        """Frees what the renderer holds."""
        ...


def create_renderer(size_px: tuple[int, int], backdrop: np.ndarray | None = None) -> FrameRenderer:
    """A renderer for pictures of (width, height) pixels.

    The environment variable MACEDANCE_RENDERER chooses ``opengl`` or ``software``; unset, OpenGL is tried.

    Args:
        size_px: (width, height).
        backdrop: uint8 (H, W, 3), what is drawn upon, kept as it is where nothing is drawn; None is the studio's
            gradient.

    Raises:
        ValueError: if the variable holds anything else, or the backdrop is of another size.
    """
    if backdrop is not None and backdrop.shape != (size_px[1], size_px[0], 3):
        raise ValueError(
            f"backdrop must have the shape {(size_px[1], size_px[0], 3)} of the picture, got {backdrop.shape}; "
            "fit it first"
        )
    chosen = os.environ.get(RENDERER_VARIABLE) or default_renderer()
    if chosen == "opengl":
        from macedance.render.opengl_renderer import OpenGLRenderer

        return OpenGLRenderer(size_px, backdrop)
    if chosen == "software":
        from macedance.render.software_renderer import SoftwareRenderer

        return SoftwareRenderer(size_px, backdrop)
    raise ValueError(f"{RENDERER_VARIABLE} must be 'opengl' or 'software', got {chosen!r}; set or unset it")


@lru_cache(maxsize=1)
def default_renderer() -> str:
    """``opengl`` if a window opens, else ``software`` with a warning."""
    if _opengl_works():
        return "opengl"
    warnings.warn(
        "no working OpenGL found: frames are drawn by the slower software renderer; install Mesa's EGL "
        f"(libegl1 on Debian and Ubuntu), or set {RENDERER_VARIABLE}=software to silence this",
        stacklevel=3,
    )
    return "software"


def _opengl_works() -> bool:
    """Whether VTK opens a window, tried in a process of its own on Linux.

    Where VTK finds neither EGL nor OSMesa there, it ends its process with a segmentation fault.
    """
    if sys.platform != "linux":
        return True
    command = [sys.executable, "-c", PROBE]
    try:
        probe = subprocess.run(command, capture_output=True, timeout=PROBE_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return probe.returncode == 0
