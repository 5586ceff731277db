"""The picture of the person who is to dance. Axis letters: K key-points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

LARGEST_SHARE = 1.5
"""Coordinates that all are below are shares of the picture, not pixels."""


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

    @classmethod
    def load(cls, image: str | Path, keypoints: str | Path | None = None) -> Reference:
        """Read a picture, turned as its camera noted, and a JSON file of key-points if one is given.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: A file holds something else, or the key-points lie outside the picture.
        """
        from macedance.projection.keypoint_files import read_keypoints

        path = Path(image)
        if not path.is_file():
            raise FileNotFoundError(f"reference: there is no file {path}; give a picture of a person")
        try:
            with PIL.Image.open(path) as opened:
                picture = PIL.ImageOps.exif_transpose(opened).convert("RGB")
        except (PIL.UnidentifiedImageError, PIL.Image.DecompressionBombError, OSError) as error:
            raise ValueError(
                f"reference: {path} must be a picture, such as a png or jpg ({error})"
            ) from error
        points = None if keypoints is None else read_keypoints(keypoints)
        if points is not None:
            _check_inside(points, picture.size, keypoints)
        return cls(picture, points)


def _check_inside(points: np.ndarray, size: tuple[int, int], path: str | Path | None) -> None:
    seen = points[points[:, 2] > 0, :2]
    if len(seen) and seen.max() <= LARGEST_SHARE:
        raise ValueError(f"keypoints: {path} must be in pixels, but no number in it is above {seen.max():g}")
    if len(seen) and not ((seen >= 0) & (seen < np.array(size))).all(axis=-1).any():
        raise ValueError(
            f"keypoints: {path} must lie in the reference picture of {size[0]}x{size[1]} pixels, none does; "
            "give those of this very picture"
        )
