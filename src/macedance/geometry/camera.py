"""A camera: where points in space lie in a picture. Axis letters: N points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VIEW_ANGLE_DEGREES = 26.0


@dataclass(frozen=True)
class Camera:
    """An upright camera at `position` (3,) that looks at `target` (3,); metres, y up.

    Attributes:
        position: Where it stands.
        target: What is in the middle of the picture.
        view_angle_degrees: Vertical angle of view, of a perspective camera.
        parallel_height_metres: What the picture's height covers, of an orthographic camera; None is perspective.
    """

    position: np.ndarray
    target: np.ndarray
    view_angle_degrees: float = VIEW_ANGLE_DEGREES
    parallel_height_metres: float | None = None

    def axes(self) -> np.ndarray:
        """Rows: the world directions of right, up and forward, (3, 3)."""
        forward = _normalized(self.target - self.position)
        right = _normalized(np.cross(forward, [0.0, 1.0, 0.0]))
        return np.stack([right, np.cross(right, forward), forward])

    def project(self, points: np.ndarray, size_px: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Pixel positions (..., 2), origin at the upper left, and depths (...) in metres of points (..., 3)."""
        right, up, depth = np.moveaxis((points - self.position) @ self.axes().T, -1, 0)
        width, height = size_px
        if self.parallel_height_metres is None:
            focal_px = height / 2 / np.tan(np.radians(self.view_angle_degrees) / 2)
            scale = focal_px / depth
        else:
            scale = height / self.parallel_height_metres
        return np.stack([width / 2 + scale * right, height / 2 - scale * up], axis=-1), depth


def _normalized(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
