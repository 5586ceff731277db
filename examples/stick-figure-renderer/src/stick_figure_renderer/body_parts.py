"""The parts of the figure, and where they are among the 20 key-points of :mod:`macedance.projection.body_points`."""

from __future__ import annotations

from macedance.projection.body_points import point_index

PARTS: dict[str, tuple[str, ...]] = {
    "torso": ("right_shoulder", "left_shoulder", "left_hip", "right_hip"),
    "head": ("nose", "right_eye", "left_eye"),
    "right_upper_arm": ("right_shoulder", "right_elbow"),
    "right_forearm": ("right_elbow", "right_wrist"),
    "left_upper_arm": ("left_shoulder", "left_elbow"),
    "left_forearm": ("left_elbow", "left_wrist"),
    "right_thigh": ("right_hip", "right_knee"),
    "right_shin": ("right_knee", "right_ankle"),
    "left_thigh": ("left_hip", "left_knee"),
    "left_shin": ("left_knee", "left_ankle"),
    "right_foot": ("right_ankle", "right_toe"),
    "left_foot": ("left_ankle", "left_toe"),
}
"""By name, the points between which a part lies; its colour is looked for in the middle of them."""

PART_POINTS: tuple[tuple[int, ...], ...] = tuple(tuple(point_index(*points)) for points in PARTS.values())
"""The same as numbers of points, in the same order."""
