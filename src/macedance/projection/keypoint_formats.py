"""Key-points of other conventions, brought into the order of the 20 points. Axis letters: K key-points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from macedance.projection.body_points import POINT_NAMES

COCO_NAMES: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
_FEET_NAMES = (
    "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
)  # fmt: skip
VITPOSE_NAMES = (*COCO_NAMES, "head_top", "neck", *_FEET_NAMES)
WHOLE_BODY_NAMES = (
    *COCO_NAMES, *_FEET_NAMES, *(f"face_{number}" for number in range(68)),
    *(f"{side}_hand_{number}" for side in ("left", "right") for number in range(21)),
)  # fmt: skip
BLAZEPOSE_NAMES = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "left_mouth", "right_mouth", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index",
    "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle", "left_heel", "right_heel", "left_big_toe", "right_big_toe",
)  # fmt: skip
"""BlazePose's 33 landmarks; its foot index is the tip of the foot, called the big toe here."""
OPENPOSE_18_NAMES = POINT_NAMES[:18]
OPENPOSE_25_NAMES = (*POINT_NAMES[:8], "mid_hip", *POINT_NAMES[8:18], *_FEET_NAMES)
NAMES_BY_COUNT: dict[int, Sequence[str]] = {
    len(names): names for names in (POINT_NAMES, COCO_NAMES, VITPOSE_NAMES, WHOLE_BODY_NAMES)
}
"""Which key-points are meant if only their number is told."""

_MEANS = {
    "neck": ("left_shoulder", "right_shoulder"),
    "left_toe": ("left_big_toe", "left_small_toe"),
    "right_toe": ("right_big_toe", "right_small_toe"),
}
"""What Wan-Animate takes the mean of; the mean is as sure as the less sure of the two."""


def to_body_points(keypoints: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:
    """The 20 points (..., 20, 3) of key-points (..., K, 3), x, y and confidence.

    The neck is the middle of the shoulders. Points that are not there have a confidence of 0: without toes,
    those lie at the ankles.

    Args:
        keypoints: Of any convention.
        names: Of the K key-points; told by K if left out.

    Raises:
        ValueError: K is not a number that tells the convention, or is not the number of names.
    """
    if names is None:
        if keypoints.shape[-2] not in NAMES_BY_COUNT:
            raise ValueError(
                f"keypoints must be {', '.join(map(str, sorted(NAMES_BY_COUNT)))} or have names, "
                f"got {keypoints.shape[-2]} without names"
            )
        names = NAMES_BY_COUNT[keypoints.shape[-2]]
    if len(names) != keypoints.shape[-2]:
        raise ValueError(f"names must be as many as the {keypoints.shape[-2]} keypoints, got {len(names)}")
    by_name = {name: keypoints[..., index, :] for index, name in enumerate(names)}
    points = np.zeros((*keypoints.shape[:-2], len(POINT_NAMES), 3))
    for index, name in enumerate(POINT_NAMES):
        points[..., index, :] = _point(name, by_name)
    return points


def _point(name: str, by_name: dict[str, np.ndarray]) -> np.ndarray:
    ends = _MEANS.get(name, ())
    if ends and all(end in by_name for end in ends):
        pair = np.stack([by_name[end] for end in ends])
        return np.concatenate([pair[..., :2].mean(axis=0), pair[..., 2:].min(axis=0)], axis=-1)
    if name in by_name:
        return by_name[name]
    ankle = by_name.get(name.replace("toe", "ankle"))
    unknown = next(iter(by_name.values())) if ankle is None else ankle
    return unknown * np.array([1.0, 1.0, 0.0])
