"""Following one body through the frames of a video with BlazePose's two networks. Axis letters: K key-points (25)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from macedance.projection.blazepose_landmarks import Landmarks, decode_landmarks, landmarks_input, to_vitpose
from macedance.projection.blazepose_person import person_input, person_region
from macedance.projection.blazepose_region import Region
from macedance.projection.keypoint_formats import VITPOSE_NAMES

LEAST_BODY_SCORE = 0.5

Network = Callable[[np.ndarray], Sequence[np.ndarray]]
"""From the network's input to its outputs, each with a first axis of 1."""


def track_body(frames: Iterable[np.ndarray], person: Network, landmarks: Network) -> Iterator[np.ndarray]:
    """Key-points (K, 3) of one body in each of the frames uint8 (H, W, 3), which follow each other.

    Where the body was in one frame tells where to look in the next. If it is not there, it is looked for in the
    whole picture; if it is not found at all, confidences are 0, and the next frame is looked at in the same two ways.
    """
    region: Region | None = None
    for frame in frames:
        body = _body(frame, region, landmarks)
        if body is None:
            body = _body(frame, _found_person(frame, person), landmarks)
        if body is None:
            yield np.zeros((len(VITPOSE_NAMES), 3))
        else:
            region = body.region
            yield to_vitpose(body.points)


def _found_person(frame: np.ndarray, person: Network) -> Region | None:
    pixels, seen = person_input(frame)
    return person_region(person(pixels), seen)


def _body(frame: np.ndarray, region: Region | None, landmarks: Network) -> Landmarks | None:
    if region is None:
        return None
    body = decode_landmarks(landmarks(landmarks_input(frame, region)), region)
    return body if body.score >= LEAST_BODY_SCORE else None
