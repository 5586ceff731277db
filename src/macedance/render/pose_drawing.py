"""Pose drawings as Wan-Animate was trained on: coloured limbs and joints on black.

F frames, P points (20), H height, W width. The drawing follows Wan2.2's own preprocessing; hands, which SMPL
does not move, are not drawn.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from macedance.projection.body_points import POINT_NAMES
from macedance.projection.pose_sequence import VISIBLE, PoseSequence

COLORS: tuple[tuple[int, int, int], ...] = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0),
    (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255),
    (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85), (200, 200, 0), (100, 100, 0),
)  # fmt: skip
"""OpenPose's rainbow and two more; the i-th limb and the i-th joint take the i-th."""

LIMBS: tuple[tuple[str, str], ...] = (
    ("neck", "right_shoulder"), ("neck", "left_shoulder"), ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("neck", "right_hip"), ("right_hip", "right_knee"), ("right_knee", "right_ankle"), ("neck", "left_hip"),
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("neck", "nose"), ("nose", "right_eye"),
    ("right_eye", "right_ear"), ("nose", "left_eye"), ("left_eye", "left_ear"), ("left_ankle", "left_toe"),
    ("right_ankle", "right_toe"),
)  # fmt: skip
"""In the order in which they are drawn: OpenPose's, then the feet."""

LIMB_BRIGHTNESS = 0.6
_ENDS = np.array([[POINT_NAMES.index(name) for name in limb] for limb in LIMBS])
_DEGREES = np.radians(np.arange(361))
_CIRCLE = np.stack([np.cos(_DEGREES), np.sin(_DEGREES)])


def draw_pose(points: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    """The drawing, uint8 (H, W, 3), of points (20, 3) in pixels with confidences.

    Points whose confidence is below 0.5 are left out, and limbs that lack an end.
    """
    picture = Image.new("RGB", size_px)
    draw = ImageDraw.Draw(picture)
    radius = stick_width(size_px)
    visible = points[:, 2] >= VISIBLE
    drawn = np.flatnonzero(visible[_ENDS].all(axis=1))
    for limb, outline in zip(drawn, _ellipses(points[_ENDS[drawn], :2], radius), strict=True):
        color = tuple(int(LIMB_BRIGHTNESS * channel) for channel in COLORS[limb])
        draw.polygon(outline, fill=color, outline=color)
    for index in np.flatnonzero(visible):
        x, y = int(points[index, 0]), int(points[index, 1])
        for down, across in _disc(radius):
            draw.line((x - across, y + down, x + across, y + down), fill=COLORS[index])
    return np.asarray(picture)


def pose_frames(sequence: PoseSequence) -> Iterator[np.ndarray]:
    """The drawings of all frames, from first to last, made when they are asked for."""
    for points in sequence.points:
        yield draw_pose(points, sequence.size_px)


def stick_width(size_px: tuple[int, int]) -> int:
    """Half the width of limbs and the radius of joints, in pixels.

    >>> stick_width((480, 832)), stick_width((720, 1280))
    (1, 2)
    """
    return max(int(min(size_px) / 200) - 1, 1)


def _ellipses(ends: np.ndarray, half_width: int) -> Iterator[list[int]]:
    """Outlines x, y, x, y, ... of ellipses from one end (…, 0, 2) to the other (…, 1, 2), in whole pixels."""
    step = ends[:, 0] - ends[:, 1]
    centers = ends.mean(axis=1).astype(int)
    half_lengths = (np.linalg.norm(step, axis=-1) / 2).astype(int)
    angles = np.radians(np.degrees(np.arctan2(step[:, 1], step[:, 0])).astype(int))
    for center, half_length, angle in zip(centers, half_lengths, angles, strict=True):
        along, across = half_length * _CIRCLE[0], half_width * _CIRCLE[1]
        x = center[0] + along * np.cos(angle) - across * np.sin(angle)
        y = center[1] + along * np.sin(angle) + across * np.cos(angle)
        outline = np.round(np.stack([x, y], axis=-1)).astype(int)
        changes = np.append(True, np.any(np.diff(outline, axis=0) != 0, axis=-1))
        kept = outline[changes]
        yield (kept if len(kept) > 1 else np.repeat(kept, 2, axis=0)).ravel().tolist()


@functools.cache
def _disc(radius: int) -> tuple[tuple[int, int], ...]:
    """The rows of a disc by the midpoint algorithm, as (row, half-length)."""
    rows: dict[int, int] = {}
    across, down, error = radius, 0, 0
    while across >= down:
        for row, half in ((down, across), (across, down)):
            rows[row] = max(rows.get(row, 0), half)
            rows[-row] = rows[row]
        error += 2 * down + 1
        down += 1
        if error > 0:
            error -= 2 * across - 1
            across -= 1
    return tuple(sorted(rows.items()))
