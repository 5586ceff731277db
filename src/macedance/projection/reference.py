"""The picture of the person who is to dance. Axis letters: K key-points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image


@dataclass(frozen=True)
class Reference:
    """A picture and, if known, where the person in it is.

    Attributes:
        image: RGB.
        keypoints: (20, 3) x, y in the picture's pixels and confidence, in the order of
            :data:`macedance.projection.body_points.POINT_NAMES`; None if unknown.
    """

    image: PIL.Image.Image
    keypoints: np.ndarray | None = None
