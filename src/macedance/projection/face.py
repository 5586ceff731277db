"""Where the face is, and pictures of it, as a video model takes them.

P points (20), F frames. Wan-Animate frames a face by 68 landmarks; here their box is told by nose, eyes and
ears and by how large a face is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import PIL.Image

from macedance.projection.body_points import HEAD_OFFSETS, point_index
from macedance.projection.pose_sequence import VISIBLE, PoseSequence

AREA_FACTOR = 1.3
"""How much more area the box has than the face's landmarks; three quarters of what it gains in height is above."""
FACE_SIZE_PX = 512
EYES_TO_BROWS_METRES, EYES_TO_CHIN_METRES, HALF_BREADTH_METRES = 0.025, 0.12, 0.072
LEAST_SIDE_PX = 8
PORTRAIT_SHARE = 0.5
_HEAD = point_index(*HEAD_OFFSETS)
_EYES = point_index("right_eye", "left_eye")


def face_box(points: np.ndarray, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the face in a picture of (width, height), within the picture.

    The landmarks' box, from brows to chin and from cheek to cheek, is enlarged to 1.3 of its area, upwards
    three times as far as downwards.

    Args:
        points: (20, 3) x, y in pixels and confidence.
        size_px: (width, height).

    Raises:
        ValueError: Fewer than two of nose, eyes and ears are visible, or they are outside the picture.
    """
    head = np.asarray(points, dtype=np.float64)[_HEAD]
    seen = head[:, 2] >= VISIBLE
    if seen.sum() < 2:
        raise ValueError(
            f"points must show two or more of {', '.join(HEAD_OFFSETS)} with a confidence of {VISIBLE} or more, "
            f"they show {int(seen.sum())}; crop the face yourself, or go without a face"
        )
    scale = _px_per_metre(head[seen, :2], np.array(list(HEAD_OFFSETS.values()))[seen])
    middle, eyes_y = (head[seen, 0].min() + head[seen, 0].max()) / 2, _eyes_height(points, head[seen], scale)
    left, right = middle - HALF_BREADTH_METRES * scale, middle + HALF_BREADTH_METRES * scale
    top, bottom = eyes_y - EYES_TO_BROWS_METRES * scale, eyes_y + EYES_TO_CHIN_METRES * scale
    wider = (right - left) * (np.sqrt(AREA_FACTOR) - 1) / 2
    taller = (bottom - top) * (np.sqrt(AREA_FACTOR) - 1) / 4
    return _within((left - wider, top - 3 * taller, right + wider, bottom + taller), size_px)


def crop_face(
    image: PIL.Image.Image, points: np.ndarray | None, size_px: int = FACE_SIZE_PX
) -> PIL.Image.Image:
    """The face of a picture, RGB, square.

    Without key-points, the picture is taken for one that shows a person from above the head on: the middle
    half of its breadth at the upper edge.

    Args:
        image: The picture.
        points: (20, 3) in the picture's pixels, or None.
        size_px: Width and height of the result.

    Raises:
        ValueError: The key-points show no face.
    """
    if points is None:
        side = round(PORTRAIT_SHARE * min(image.size))
        left = (image.width - side) // 2
        box = (left, 0, left + side, side)
    else:
        box = face_box(points, image.size)
    resized = image.convert("RGB").crop(box).resize((size_px, size_px), PIL.Image.Resampling.BICUBIC)
    return resized


def face_frames(
    frames: Iterable[np.ndarray], sequence: PoseSequence, size_px: int = FACE_SIZE_PX
) -> Iterator[np.ndarray | None]:
    """The face in every frame of a video, uint8 (size, size, 3); None where it cannot be seen.

    A video model is to be given −1 everywhere for such a frame, which means that there is no face. A generated
    dance has no video of a face: give it the reference's own face, unchanged, or −1 throughout.

    Args:
        frames: uint8 (H, W, 3), of the size and the number that the key-points speak of.
        sequence: The key-points.
        size_px: Width and height of the crops.
    """
    for frame, points in zip(frames, sequence.points, strict=True):
        try:
            yield np.asarray(crop_face(PIL.Image.fromarray(frame), points, size_px))
        except ValueError:  # looks away, or is outside
            yield None


def _px_per_metre(seen: np.ndarray, offsets: np.ndarray) -> float:
    """The picture's scale at the head: distances may look shorter than they are, so the largest ratio counts."""
    pairs = np.array(list(itertools.combinations(range(len(seen)), 2)))
    in_picture = np.linalg.norm(np.diff(seen[pairs], axis=1)[:, 0], axis=-1)
    in_head = np.linalg.norm(np.diff(offsets[pairs], axis=1)[:, 0], axis=-1)
    return float(max((in_picture / in_head).max(), 1e-3))


def _eyes_height(points: np.ndarray, seen: np.ndarray, scale: float) -> float:
    """Where the eyes are in the picture, or, if they are hidden, where they would be."""
    eyes = np.asarray(points)[_EYES]
    visible = eyes[:, 2] >= VISIBLE
    if visible.any():
        return float(eyes[visible, 1].mean())
    return float(seen[:, 1].mean() - (HEAD_OFFSETS["left_eye"][1] - HEAD_OFFSETS["nose"][1]) * scale)


def _within(box: tuple[float, float, float, float], size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size_px
    left, right = (int(np.clip(x, 0, width)) for x in (box[0], box[2]))
    top, bottom = (int(np.clip(y, 0, height)) for y in (box[1], box[3]))
    if right - left < LEAST_SIDE_PX or bottom - top < LEAST_SIDE_PX:
        raise ValueError(
            f"points must show a face of at least {LEAST_SIDE_PX} pixels within the {width}x{height} picture, "
            f"but it is {right - left}x{bottom - top}; use a larger picture of the person"
        )
    return left, top, right, bottom
