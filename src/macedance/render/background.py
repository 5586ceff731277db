"""What is behind a person in a picture, guessed: the picture with the person painted over.

H, W height and width; K key-points (20).
"""

from __future__ import annotations

import numpy as np
import PIL.Image
from PIL.Image import Resampling
from scipy.ndimage import distance_transform_edt, gaussian_filter

from macedance.projection.canvas import to_canvas
from macedance.projection.reference import Reference
from macedance.render.harmonic_fill import harmonic_fill
from macedance.render.person_mask import person_mask

FILL_SIDE_PX = 160
"""Longest side at which the fill is solved for: it is smooth, so that a small picture tells it."""
SOFT_EDGE = 0.02
"""Width of the passage from the fill to the picture, as a share of the person's height."""
BLUR = 1 / 30
"""Blur of a picture whose person is not known, as a share of its height."""


def background(reference: Reference, size_px: tuple[int, int]) -> np.ndarray:
    """The reference picture without its person, uint8 (H, W, 3), fitted into a canvas of (width, height).

    It lies in the canvas as key-points do that :func:`~macedance.projection.canvas.to_canvas` moves: aspect kept,
    in the middle, black around it. Where the person is known by key-points, the surroundings are continued smoothly
    over the place. Where not, the whole picture is blurred, as by a lens that is focused on something nearer.

    Raises:
        ValueError: the key-points do not tell how large the person is.
    """
    picture_px = reference.image.size
    ends = np.array([[0.0, 0.0, 1.0], [*picture_px, 1.0]])
    corner, end = to_canvas(ends, picture_px, size_px)[:, :2].round().astype(int)
    width, height = np.maximum(end - corner, 1).tolist()
    picture = np.asarray(reference.image.convert("RGB").resize((width, height), Resampling.LANCZOS))
    if reference.keypoints is None:
        behind = gaussian_filter(
            picture.astype(np.float32), (BLUR * height, BLUR * height, 0), mode="nearest"
        )
    else:
        keypoints = to_canvas(reference.keypoints, picture_px, size_px) - [*corner, 0.0]
        behind = without_person(picture, keypoints)
    canvas = PIL.Image.new("RGB", size_px)
    canvas.paste(PIL.Image.fromarray(behind.round().clip(0, 255).astype(np.uint8)), tuple(corner.tolist()))
    return np.asarray(canvas)


def without_person(picture: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """A picture (H, W, 3) in which the person with key-points (K, 3) is painted over, float32.

    Raises:
        ValueError: the key-points do not tell how large the person is.
    """
    mask = person_mask(keypoints, (picture.shape[1], picture.shape[0]))
    if not mask.any():
        return picture.astype(np.float32)
    distance = distance_transform_edt(~mask)
    edge_px = max(SOFT_EDGE * np.ptp(np.nonzero(mask)[0]), 2.0)
    share = np.clip(1 - distance / edge_px, 0.0, 1.0)[:, :, None].astype(np.float32)
    return picture + share * (_filled(picture, distance < edge_px) - picture)


def _filled(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture (H, W, 3), float32, coarsely, with its surroundings continued into the mask."""
    height, width = mask.shape
    factor = min(FILL_SIDE_PX / max(height, width), 1.0)
    small_size = max(round(width * factor), 1), max(round(height * factor), 1)
    small_mask = np.asarray(PIL.Image.fromarray(mask).convert("F").resize(small_size, Resampling.BOX)) > 0
    small = np.asarray(PIL.Image.fromarray(picture).resize(small_size, Resampling.BOX), dtype=np.float32)
    if small_mask.all():
        return np.broadcast_to(picture.mean(axis=(0, 1), dtype=np.float32), picture.shape)
    small = harmonic_fill(small, small_mask)
    channels = [
        np.asarray(PIL.Image.fromarray(channel).resize((width, height), Resampling.BICUBIC))
        for channel in np.moveaxis(small, -1, 0)
    ]
    return np.stack(channels, axis=-1)
