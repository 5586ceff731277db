"""Which points of a body the camera sees.

T frames, P points (20), K capsules. The answer is a confidence in [0, 1]; below 0.5 means hidden.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.special import expit

from macedance.geometry.camera import Camera
from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection.body_capsules import CAPSULES, capsule_ends, may_hide
from macedance.projection.body_points import POINT_NAMES, body_points
from macedance.projection.pose_sequence import VISIBLE
from macedance.projection.posed_skeleton import PosedSkeleton

FACING: dict[str, tuple[tuple[float, float, float], float]] = {
    "nose": ((0.0, 0.0, 1.0), 105.0),
    "right_eye": ((-0.5, 0.0, 0.866), 81.0),
    "left_eye": ((0.5, 0.0, 0.866), 81.0),
    "right_ear": ((-1.0, 0.0, 0.0), 123.0),
    "left_ear": ((1.0, 0.0, 0.0), 123.0),
}
"""Where the head's points look to in its frame, and up to how many degrees off the camera they are seen."""

FACING_SOFTNESS_DEGREES = 4.0
DEPTH_OF_COVER_METRES = 0.02
"""How far inside a capsule's outline a point must be to count as hidden: detectors guess what is only grazed."""
COVER_SOFTNESS_METRES = 0.012
SMOOTHING_SECONDS = 0.05
HIDES_BELOW, SHOWS_ABOVE = 0.4, 0.6
CHUNK_FRAMES = 512


def visibility(skeleton: PosedSkeleton, camera: Camera, fps: float) -> np.ndarray:
    """How surely the camera sees each point, (T, 20), without regard to the picture's edges.

    Points of the head are seen as far as they do not look away; points of the limbs, and of the head, as far as
    no other part of the body is before them. So that points do not flicker, the score is smoothed in time, and
    one that was hidden shows again only when it is clearly seen, and the other way round.
    """
    to_camera = _to_camera(body_points(skeleton), camera)
    score = np.minimum(_facing(skeleton, to_camera), _uncovered(skeleton, to_camera))
    score = gaussian_filter1d(score, SMOOTHING_SECONDS * fps, axis=0, mode="nearest")
    return with_hysteresis(score)


def with_hysteresis(score: np.ndarray) -> np.ndarray:
    """Scores (T, P) moved to their side of 0.5, which changes only beyond 0.4 and 0.6."""
    decided = (score < HIDES_BELOW) | (score > SHOWS_ABOVE)
    decided[0] = True
    last = np.maximum.accumulate(np.where(decided, np.arange(len(score))[:, None], 0), axis=0)
    is_seen = np.take_along_axis(score >= VISIBLE, last, axis=0)
    below = np.nextafter(np.float32(VISIBLE), np.float32(0))
    return np.where(is_seen, np.maximum(score, VISIBLE), np.minimum(score, below))


def _to_camera(points: np.ndarray, camera: Camera) -> np.ndarray:
    """Unit vectors from points (T, P, 3) towards the camera."""
    if camera.parallel_height_metres is not None:
        return np.broadcast_to(-camera.axes()[2], points.shape)
    towards = camera.position - points
    return towards / np.linalg.norm(towards, axis=-1, keepdims=True)


def _facing(skeleton: PosedSkeleton, to_camera: np.ndarray) -> np.ndarray:
    """How surely the head's points do not look away, (T, P); 1 for all others."""
    seen = np.ones(to_camera.shape[:2])
    head = skeleton.orientations[:, JOINT_NAMES.index("head")]
    for name, (direction, limit_degrees) in FACING.items():
        index = POINT_NAMES.index(name)
        cosine = ((head @ np.array(direction)) * to_camera[:, index]).sum(axis=-1)
        degrees = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        seen[:, index] = expit((limit_degrees - degrees) / FACING_SOFTNESS_DEGREES)
    return seen


def _uncovered(skeleton: PosedSkeleton, to_camera: np.ndarray) -> np.ndarray:
    """How surely no other part of the body is before a point, (T, P)."""
    points, (starts, ends), table = body_points(skeleton), capsule_ends(skeleton), may_hide()
    radii = np.array([capsule.radius for capsule in CAPSULES])
    seen = np.ones(points.shape[:2])
    for first in range(0, len(points), CHUNK_FRAMES):
        chunk = slice(first, first + CHUNK_FRAMES)
        for index in np.flatnonzero(table.any(axis=1)):
            which = table[index]
            distance, ahead = _sight_distances(
                points[chunk, index, None],
                to_camera[chunk, index, None],
                starts[chunk][:, which],
                ends[chunk][:, which],
            )
            outside = distance - (radii[which] - DEPTH_OF_COVER_METRES)
            margin = np.maximum(outside, DEPTH_OF_COVER_METRES - ahead)
            seen[chunk, index] = expit(margin.min(axis=-1) / COVER_SOFTNESS_METRES)
    return seen


def _sight_distances(
    points: np.ndarray, to_camera: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far lines of sight pass from the axes of capsules, and how far ahead of the point, (T, K) metres each.

    The nearest points of a ray and a segment: first of their lines, then each brought back into its limits.
    """
    axis, offset = ends - starts, points - starts
    along = (to_camera * axis).sum(axis=-1)
    length = np.maximum((axis * axis).sum(axis=-1), 1e-9)
    on_ray, on_axis = (to_camera * offset).sum(axis=-1), (axis * offset).sum(axis=-1)
    spread = np.maximum(length - along**2, 1e-9)
    share = np.clip((on_axis - along * on_ray) / spread, 0.0, 1.0)
    ahead = np.maximum(share * along - on_ray, 0.0)
    share = np.clip((on_axis + ahead * along) / length, 0.0, 1.0)
    gap = offset + ahead[..., None] * to_camera - share[..., None] * axis
    return np.linalg.norm(gap, axis=-1), ahead
