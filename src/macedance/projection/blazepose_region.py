"""The turned square of a picture that BlazePose's networks look at. Axis letters: H height, W width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import PIL.Image

REGION_SCALE = 1.25
"""How much larger than the circle about a body its square is."""


@dataclass(frozen=True)
class Region:
    """A square in a picture.

    Attributes:
        center_px: x and y of its middle.
        side_px: Its side.
        radians: By how much it is turned, clockwise as one looks at the picture.
    """

    center_px: tuple[float, float]
    side_px: float
    radians: float = 0.0

    @classmethod
    def of_picture(cls, size_px: tuple[int, int]) -> Region:
        """The smallest upright square that holds a picture of that width and height."""
        width, height = size_px
        return cls((width / 2, height / 2), float(max(size_px)))

    @classmethod
    def of_body(cls, hips_px: np.ndarray, circle_px: np.ndarray) -> Region:
        """The square about a body, turned so that the body stands upright in it.

        Args:
            hips_px: x and y of the middle of the hips, which is the middle of the square.
            circle_px: A point above the head, on the circle about the hips that holds the body.
        """
        right, down = (np.asarray(circle_px) - np.asarray(hips_px)).tolist()
        side = 2.0 * REGION_SCALE * math.hypot(right, down)
        return cls((float(hips_px[0]), float(hips_px[1])), side, math.atan2(right, -down))

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Pixels x and y in the picture of points (..., 2) in the square, whose corners are 0, 0 and 1, 1.

        >>> Region((50.0, 50.0), 20.0, math.pi / 2).to_picture(np.array([0.5, 0.0])).round(6).tolist()
        [60.0, 50.0]
        """
        cosine, sine = math.cos(self.radians), math.sin(self.radians)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        return (np.asarray(points) - 0.5) * self.side_px @ turn + self.center_px

    def crop(self, picture: np.ndarray, side_px: int) -> np.ndarray:
        """The square out of a picture uint8 (H, W, 3), float32 (side_px, side_px, 3) in 0..1; black outside it."""
        corners = self.to_picture(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        across, down = (corners[1:] - corners[0]) / side_px
        affine = (across[0], down[0], corners[0, 0], across[1], down[1], corners[0, 1])
        cropped = PIL.Image.fromarray(picture).transform(
            (side_px, side_px), PIL.Image.Transform.AFFINE, affine, PIL.Image.Resampling.BILINEAR
        )
        return np.asarray(cropped, dtype=np.float32) / 255.0
