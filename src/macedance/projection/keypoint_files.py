"""Reading where a person is in a picture from JSON. Axis letters: K key-points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from macedance.projection.keypoint_formats import (
    OPENPOSE_18_NAMES,
    OPENPOSE_25_NAMES,
    to_body_points,
)

OPENPOSE_NAMES = {len(names): names for names in (OPENPOSE_18_NAMES, OPENPOSE_25_NAMES)}


def read_keypoints(path: str | Path) -> np.ndarray:
    """The 20 points (20, 3) of the person of one picture: x, y in its pixels, and confidence.

    Two forms of JSON are read. ``{"keypoints": [[x, y, confidence], ...]}`` has Wan's 20 points, COCO's 17,
    ViTPose's 25 or the whole body's 133, or others with their ``"names"``; without confidence, all are believed.
    OpenPose's own ``{"people": [{"pose_keypoints_2d": [...]}]}`` has 25 or 18 points; of several people, the
    largest counts.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"keypoints: there is no file {path}; give a JSON file of key-points")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} must hold JSON ({error})") from error
    try:
        return _points(content)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(
            f'{path} must hold {{"keypoints": [[x, y, confidence], ...]}} or OpenPose\'s people: {error}'
        ) from error


def _points(content: Any) -> np.ndarray:
    if not isinstance(content, dict) or not {"keypoints", "people"} & set(content):
        raise ValueError("it has neither keypoints nor people")
    if "keypoints" in content:
        return to_body_points(_triples(content["keypoints"]), content.get("names"))
    people = [_flat(person["pose_keypoints_2d"]) for person in content["people"]]
    if not people:
        raise ValueError("its people are none")
    person = max(people, key=_extent)
    return to_body_points(person, OPENPOSE_NAMES[len(person)])


def _triples(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 3 and len(array) == 1:
        array = array[0]
    if array.ndim != 2 or array.shape[1] not in (2, 3) or not np.isfinite(array).all():
        raise ValueError(f"keypoints must be finite numbers (points, 2 or 3), got {array.shape}")
    return np.concatenate([array, np.ones((len(array), 1))], axis=1) if array.shape[1] == 2 else array


def _flat(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64).ravel()
    if len(array) not in [3 * count for count in OPENPOSE_NAMES]:
        counts = " or ".join(str(count) for count in sorted(OPENPOSE_NAMES))
        raise ValueError(f"pose_keypoints_2d must be {counts} triples, got {len(array)} numbers")
    return _triples(array.reshape(-1, 3))


def _extent(person: np.ndarray) -> float:
    seen = person[person[:, 2] > 0, :2]
    return float(np.prod(np.ptp(seen, axis=0))) if len(seen) else 0.0
