"""Which part of a frame tells who is seen. Axis letters: F frames, P points (20), H height, W width."""

from __future__ import annotations

from typing import Literal

import numpy as np
import PIL.Image
import torch
from torch import Tensor

from macedance.projection.face import crop_face
from macedance.projection.filled_keypoints import LEAST_CONFIDENCE

Region = Literal["frame", "person", "face"]
CROP_PX = 224
MARGIN = 1.2
"""How much larger than the box of the key-points the square around a person is: hair, hands and shoes stand out."""
LEAST_POINTS = 4


def region_of(frames: Tensor, points: np.ndarray | None, region: Region) -> Tensor:
    """The part of each frame that shows the person, uint8; frames in which it is not seen are left out.

    Args:
        frames: uint8 (F, 3, H, W).
        points: (F, 20, 3) where the person is in each, x, y in pixels and confidence; not needed for ``frame``.
        region: ``frame`` is the frames as they are; ``person`` a square around the key-points, black beyond the
            frame's edge; ``face`` the face. Both come as (at most F, 3, 224, 224).

    Raises:
        ValueError: ``points`` is None and needed.
    """
    if region == "frame":
        return frames
    if points is None:
        raise ValueError(f"points must tell where the {region} is; give key-points, or take the whole frame")
    crops = []
    for frame, own in zip(frames, points, strict=True):
        picture = PIL.Image.fromarray(frame.movedim(0, -1).cpu().numpy())
        crop = crop_person(picture, own) if region == "person" else _face(picture, own)
        if crop is not None:
            crops.append(torch.from_numpy(np.array(crop)).movedim(-1, 0))
    return torch.stack(crops) if crops else torch.empty(0, 3, CROP_PX, CROP_PX, dtype=torch.uint8)


def crop_person(picture: PIL.Image.Image, points: np.ndarray) -> PIL.Image.Image | None:
    """A square picture of 224 px around the person of key-points (20, 3); None if fewer than four are seen."""
    seen = points[points[:, 2] >= LEAST_CONFIDENCE, :2]
    if len(seen) < LEAST_POINTS:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    half = max(float((high - low).max()) * MARGIN / 2, 1.0)
    (left, top), (right, bottom) = (low + high) / 2 - half, (low + high) / 2 + half
    box = round(left), round(top), round(right), round(bottom)
    return picture.convert("RGB").crop(box).resize((CROP_PX, CROP_PX), PIL.Image.Resampling.BICUBIC)


def _face(picture: PIL.Image.Image, points: np.ndarray) -> PIL.Image.Image | None:
    try:
        return crop_face(picture, points, CROP_PX)
    except ValueError:  # looks away, or is outside
        return None
