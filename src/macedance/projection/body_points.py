"""The 20 points of a body that a pose drawing shows, as Wan-Animate orders them.

T frames, J joints (24), P points (20). Metres, y up; right and left are the dancer's own.
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection.posed_skeleton import PosedSkeleton

POINT_NAMES: tuple[str, ...] = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear", "left_toe", "right_toe",
)  # fmt: skip

HEAD_OFFSETS: dict[str, tuple[float, float, float]] = {
    "nose": (0.001, 0.050, 0.100),
    "right_eye": (-0.042, 0.078, 0.071),
    "left_eye": (0.042, 0.078, 0.071),
    "right_ear": (-0.090, 0.047, -0.019),
    "left_ear": (0.090, 0.047, -0.019),
}
"""Where the head's points lie in the head joint's frame: SMPL has no such joints. Medians over recordings."""

_JOINT_OF = {"left_toe": "left_foot", "right_toe": "right_foot"}


def point_index(*names: str) -> list[int]:
    """Where points stand among the 20.

    >>> point_index("nose", "right_toe")
    [0, 19]
    """
    return [POINT_NAMES.index(name) for name in names]


def body_points(skeleton: PosedSkeleton) -> np.ndarray:
    """Positions of the points (T, 20, 3).

    The neck is the middle of the shoulders, as detectors of key-points have it; toes are SMPL's foot joints.
    """
    points = np.empty((len(skeleton.joints), len(POINT_NAMES), 3))
    head = JOINT_NAMES.index("head")
    for index, name in enumerate(POINT_NAMES):
        if name in HEAD_OFFSETS:
            offset = np.array(HEAD_OFFSETS[name]) * skeleton.head_scale
            points[:, index] = skeleton.joints[:, head] + skeleton.orientations[:, head] @ offset
        elif name != "neck":
            points[:, index] = skeleton.joints[:, JOINT_NAMES.index(_JOINT_OF.get(name, name))]
    points[:, 1] = points[:, point_index("right_shoulder", "left_shoulder")].mean(axis=1)
    return points
