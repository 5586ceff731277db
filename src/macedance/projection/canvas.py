"""How a reference picture lies in the video's canvas: its aspect kept, centred, with black bars.

This is what diffusers' WanAnimateImageProcessor does to it, to the pixel.
"""

from __future__ import annotations

import numpy as np


def to_canvas(keypoints: np.ndarray, image_size: tuple[int, int], size_px: tuple[int, int]) -> np.ndarray:
    """Key-points (..., 3) in pixels of a picture, moved to where the picture lies in the canvas.

    Args:
        keypoints: x, y and confidence.
        image_size: (width, height) of the picture.
        size_px: (width, height) of the canvas.

    >>> to_canvas(np.array([[50.0, 50.0, 1.0]]), (100, 100), (480, 832)).tolist()
    [[240.0, 416.0, 1.0]]
    """
    (image_width, image_height), (width, height) = image_size, size_px
    is_wider = width / height < image_width / image_height
    fitted_width = width if is_wider else image_width * height // image_height
    fitted_height = image_height * width // image_width if is_wider else height
    moved = np.array(keypoints, dtype=np.float64)
    moved[..., 0] = moved[..., 0] * fitted_width / image_width + (width // 2 - fitted_width // 2)
    moved[..., 1] = moved[..., 1] * fitted_height / image_height + (height // 2 - fitted_height // 2)
    return moved
