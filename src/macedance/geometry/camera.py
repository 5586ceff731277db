"""A camera: where points in space lie in a picture. Axis letters: N points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

VIEW_ANGLE_DEGREES = 26.0


@dataclass(frozen=True)
class Camera:
    """An upright camera at `position` (3,) that looks at `target` (3,); metres, y up.

    Attributes:
        position: Where it stands.
        target: What it looks at.
        view_angle_degrees: Vertical angle of view, of a perspective camera.
        parallel_height_metres: What the picture's height covers, of an orthographic camera; None is perspective.
        target_place: Where in the picture the target is, in shares of width and height from the upper left.
    """

    position: np.ndarray
    target: np.ndarray
    view_angle_degrees: float = VIEW_ANGLE_DEGREES
    parallel_height_metres: float | None = None
    target_place: tuple[float, float] = (0.5, 0.5)

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
        across, down = self.target_place
        return np.stack([across * width + scale * right, down * height - scale * up], axis=-1), depth

    def with_picture_moved(
        self, scale: float, shift_px: tuple[float, float], size_px: tuple[int, int]
    ) -> Camera:
        """The camera in whose picture of (width, height) this one's pixel x lies at scale * x + shift."""
        slope = np.tan(np.radians(self.view_angle_degrees) / 2) / scale
        parallel_height = self.parallel_height_metres
        across, down = (
            scale * place + shift / side
            for place, shift, side in zip(self.target_place, shift_px, size_px, strict=True)
        )
        return replace(
            self,
            view_angle_degrees=float(np.degrees(2 * np.arctan(slope))),
            parallel_height_metres=None if parallel_height is None else parallel_height / scale,
            target_place=(float(across), float(down)),
        )


def _normalized(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
