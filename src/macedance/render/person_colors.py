"""Colours of a person in a picture, by key-points: of skin, hair and clothes.

J joints (24), K key-points (20), H, W height and width. Colours are sRGB in [0, 1].
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.reference import Reference
from macedance.render.person_mask import MIN_CONFIDENCE

UNKNOWN = np.array([0.78, 0.66, 0.58])
NUM_STEPS = 7

_SEGMENTS: dict[str, tuple[tuple[str, str, float, float], ...]] = {
    "head": (("nose", "right_ear", 0.1, 0.5), ("nose", "left_ear", 0.1, 0.5), ("nose", "nose", 0.0, 0.0)),
    "hair": (("neck", "nose", 1.40, 1.50),),
    "torso": (
        ("right_shoulder", "left_hip", 0.2, 0.7),
        ("left_shoulder", "right_hip", 0.2, 0.7),
    ),
    "upper_arm": (("right_shoulder", "right_elbow", 0.2, 0.7), ("left_shoulder", "left_elbow", 0.2, 0.7)),
    "forearm": (("right_elbow", "right_wrist", 0.3, 0.8), ("left_elbow", "left_wrist", 0.3, 0.8)),
    "hand": (("right_elbow", "right_wrist", 1.1, 1.3), ("left_elbow", "left_wrist", 1.1, 1.3)),
    "thigh": (("right_hip", "right_knee", 0.2, 0.7), ("left_hip", "left_knee", 0.2, 0.7)),
    "shin": (("right_knee", "right_ankle", 0.3, 0.8), ("left_knee", "left_ankle", 0.3, 0.8)),
    "foot": (("right_ankle", "right_toe", 0.4, 1.0), ("left_ankle", "left_toe", 0.4, 1.0)),
}
"""Where a part's colour is found: on lines between two points, from one share of the way to another."""

_STANDS_IN = {
    "hair": "head",
    "hand": "head",
    "forearm": "hand",
    "upper_arm": "torso",
    "thigh": "torso",
    "shin": "thigh",
    "foot": "shin",
}
"""Whose colour a part takes that is not seen. In this order a part comes after what stands in for it."""

_PART_OF = {
    "neck": "head",
    "head": "head",
    "shoulder": "upper_arm",
    "elbow": "forearm",
    "wrist": "hand",
    "hand": "hand",
    "pelvis": "thigh",
    "hip": "thigh",
    "knee": "shin",
    "ankle": "foot",
    "foot": "foot",
}


def person_colors(reference: Reference) -> tuple[np.ndarray, np.ndarray]:
    """The colours (J, 3) of the parts that each joint moves, and of the hair (3,), of a person with key-points.

    Each is the median along the middle of a limb, left and right together; a part that is not seen has that of
    one beside it.
    """
    if reference.keypoints is None:
        raise ValueError(
            "reference must have keypoints, which tell where the person's clothes are; it has none"
        )
    picture = np.asarray(reference.image.convert("RGB"))
    colors = {part: _median(picture, reference.keypoints, part) for part in _SEGMENTS}
    found = {part: color for part, color in colors.items() if color is not None}
    for part in ("head", "torso", *_STANDS_IN):
        if part not in found:
            found[part] = found.get(_STANDS_IN.get(part, part), UNKNOWN)
    parts = [name.removeprefix("left_").removeprefix("right_") for name in JOINT_NAMES]
    return np.stack([found[_PART_OF.get(part, "torso")] for part in parts]), found["hair"]


def _median(picture: np.ndarray, keypoints: np.ndarray, part: str) -> np.ndarray | None:
    """The median colour (3,) on the lines of a part that lie in the picture; None if there is none."""
    height, width = picture.shape[:2]
    places: list[np.ndarray] = []
    for start, end, first, last in _SEGMENTS[part]:
        ends = keypoints[[POINT_NAMES.index(start), POINT_NAMES.index(end)]]
        if (ends[:, 2] >= MIN_CONFIDENCE).all():
            shares = np.linspace(first, last, NUM_STEPS)[:, None]
            places.extend(ends[0, :2] + shares * (ends[1, :2] - ends[0, :2]))
    pixels = np.array(places).reshape(-1, 2).astype(int)
    pixels = pixels[((pixels >= 0) & (pixels < (width, height))).all(axis=-1)]
    if not len(pixels):
        return None
    return np.median(picture[pixels[:, 1], pixels[:, 0]], axis=0) / 255
