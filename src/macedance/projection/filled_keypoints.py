"""Key-points in every frame, where a detector saw them in some. Axis letters: T frames, K key-points."""

from __future__ import annotations

import numpy as np

LEAST_CONFIDENCE = 0.3


def filled_keypoints(keypoints: np.ndarray, *, least_confidence: float = LEAST_CONFIDENCE) -> np.ndarray:
    """Positions (T, K, 2), x and y, of key-points (T, K, 3), with no gaps.

    Between two frames in which a point is seen it moves evenly from one place to the other; before the first and
    after the last it stands still. A point that is never seen stands, in each frame, at the mean of those that are.

    Args:
        keypoints: x, y and confidence.
        least_confidence: From which on a point is seen.

    Raises:
        ValueError: No point is seen in any frame.

    >>> filled_keypoints(np.array([[[0, 0, 1]], [[9, 9, 0]], [[4, 2, 1]]]))[:, 0].tolist()
    [[0.0, 0.0], [2.0, 1.0], [4.0, 2.0]]
    """
    seen = keypoints[..., 2] >= least_confidence
    if not seen.any():
        raise ValueError(
            f"keypoints must show a person, but none has a confidence of {least_confidence} or more in any of the "
            f"{len(keypoints)} frames; leave this video out"
        )
    filled = np.empty((*keypoints.shape[:2], 2))
    frames = np.arange(len(keypoints))
    known = seen.any(axis=0)
    for point in np.flatnonzero(known):
        at = frames[seen[:, point]]
        for axis in range(2):
            filled[:, point, axis] = np.interp(frames, at, keypoints[at, point, axis])
    filled[:, ~known] = filled[:, known].mean(axis=1, keepdims=True)
    return filled
