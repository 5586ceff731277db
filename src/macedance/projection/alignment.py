"""Fitting a dancer to the person in a reference picture: place, size and proportions.

F frames, P points (20).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import REST_OFFSETS
from macedance.projection.body_points import POINT_NAMES, body_points, point_index
from macedance.projection.body_proportions import KNOWN, estimate_proportions
from macedance.projection.canvas import to_canvas
from macedance.projection.posed_skeleton import pose_skeleton, standing_motion
from macedance.projection.reference import Reference

NUM_ROUNDS = 2
NUM_REWEIGHTINGS = 5
TOLERANCE = 0.05
"""Residuals beyond this share of the person's extent count less, in the fit of place and size."""
EDGE = 0.02
"""Share of the canvas that stays free where a dance is moved to stay in the picture."""
_ANCHORS = (
    "neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_ankle", "right_ankle",
)  # fmt: skip
_ANKLES = ("left_ankle", "right_ankle")


@dataclass(frozen=True, eq=False)
class Alignment:
    """What turns a projected dancer into the person of the picture.

    Attributes:
        scale: Factor of pixel positions, before the shift.
        shift_px: (2,) added to them.
        offsets: The person's bones: rest position of each joint seen from its parent (24, 3), metres.
        head_scale: (3,) factors of the head's size.
    """

    scale: float = 1.0
    shift_px: np.ndarray = field(default_factory=lambda: np.zeros(2))
    offsets: np.ndarray = field(default_factory=lambda: REST_OFFSETS)
    head_scale: np.ndarray = field(default_factory=lambda: np.ones(3))


IDENTITY = Alignment()


def align_to_person(
    motion: Motion,
    camera: Camera,
    size_px: tuple[int, int],
    reference: Reference,
    *,
    retarget: bool = True,
) -> Alignment:
    """Fits a standing dancer, where the dance begins, to the person in a picture.

    Place and size are fitted to the trunk and ankles by least squares, weighted by confidence and robust to
    outliers; bones then take the person's proportions, and both are repeated until they agree. If the dance
    would leave the canvas, it is moved, and shrunk if it must be.

    Args:
        motion: With y up.
        camera: Which projects it.
        size_px: (width, height) of the canvas, in which the picture lies with its aspect kept.
        reference: With key-points.
        retarget: Whether bones take the person's proportions.

    Raises:
        ValueError: There are no key-points (20, 3), or those of shoulders and hips are missing.
    """
    person = to_canvas(_checked(reference.keypoints), reference.image.size, size_px)
    to_camera = -camera.axes()[2]
    standing = standing_motion(motion, float(np.arctan2(to_camera[0], to_camera[2])))
    offsets, head_scale = REST_OFFSETS, np.ones(3)
    usual = _pixels(standing, offsets, head_scale, camera, size_px)[0]
    for _ in range(NUM_ROUNDS if retarget else 0):
        scale, _ = _place(_pixels(standing, offsets, head_scale, camera, size_px)[0], person)
        proportions = estimate_proportions(person, scale * usual)
        offsets, head_scale = proportions.offsets(), proportions.head_scale()
    scale, shift = _place(_pixels(standing, offsets, head_scale, camera, size_px)[0], person)
    pixels = scale * _pixels(motion, offsets, head_scale, camera, size_px) + shift
    factor, further = _back_into_picture(pixels, person, size_px)
    return Alignment(factor * scale, factor * shift + further, offsets, head_scale)


def _checked(keypoints: np.ndarray | None) -> np.ndarray:
    points = np.asarray(keypoints, dtype=np.float64)
    if points.shape != (len(POINT_NAMES), 3) or not np.isfinite(points).all():
        raise ValueError(
            f"reference.keypoints must be finite numbers ({len(POINT_NAMES)}, 3), got {points.shape}; "
            "convert them with macedance.projection.read_keypoints"
        )
    for name in ("shoulder", "hip"):
        if (points[point_index(f"left_{name}", f"right_{name}"), 2] < KNOWN).all():
            raise ValueError(
                f"reference.keypoints must show a shoulder and a hip, but no {name} has a confidence of "
                f"{KNOWN} or more; use a picture that shows the person from the hips up, or leave key-points out"
            )
    return points


def _pixels(
    motion: Motion, offsets: np.ndarray, head_scale: np.ndarray, camera: Camera, size_px: tuple[int, int]
) -> np.ndarray:
    skeleton = pose_skeleton(motion, offsets=offsets, head_scale=head_scale)
    return camera.project(body_points(skeleton), size_px)[0]


def _place(source: np.ndarray, person: np.ndarray) -> tuple[float, np.ndarray]:
    """The scale and shift (2,) that bring points (20, 2) onto a person's (20, 3)."""
    anchors = [index for index in point_index(*_ANCHORS) if person[index, 2] >= KNOWN]
    start, goal, confidence = source[anchors], person[anchors, :2], person[anchors, 2]
    tolerance = max(TOLERANCE * float(np.ptp(goal, axis=0).max()), 1e-6)
    weights = confidence
    for _ in range(NUM_REWEIGHTINGS):
        share = (weights / weights.sum())[:, None]
        start_mean, goal_mean = (share * start).sum(axis=0), (share * goal).sum(axis=0)
        spread = (share * (start - start_mean) ** 2).sum()
        scale = float((share * (start - start_mean) * (goal - goal_mean)).sum() / spread)
        shift = goal_mean - scale * start_mean
        residual = np.linalg.norm(scale * start + shift - goal, axis=-1)
        weights = confidence * np.minimum(1.0, tolerance / np.maximum(residual, 1e-9))
    if scale <= 0:
        raise ValueError("reference.keypoints must show the person upright, but they are upside down")
    return scale, shift


def _back_into_picture(
    pixels: np.ndarray, person: np.ndarray, size_px: tuple[int, int]
) -> tuple[float, np.ndarray]:
    """The factor and the shift (2,) that keep a dance (F, 20, 2) in the canvas.

    Of a picture without ankles, only the trunk is kept in it, and only sideways: its legs are to be outside.
    """
    has_legs = bool((person[point_index(*_ANKLES), 2] >= KNOWN).any())
    kept = pixels if has_legs else pixels[:, point_index(*_ANCHORS[:5])]
    low, high = kept.min(axis=(0, 1)), kept.max(axis=(0, 1))
    known = person[person[:, 2] >= KNOWN, :2]
    least = np.minimum(EDGE * np.array(size_px), known.min(axis=0))
    most = np.maximum((1 - EDGE) * np.array(size_px), known.max(axis=0))
    if not has_legs:
        least[1], most[1] = -np.inf, np.inf
    factor = float(min(1.0, ((most - least) / np.maximum(high - low, 1e-9)).min()))
    low, high = factor * low, factor * high
    centre = known.mean(axis=0) * (1 - factor)  # shrunk about the person, then moved no further than needed
    return factor, centre + np.maximum(least - low - centre, 0) + np.minimum(most - high - centre, 0)
