"""The body as capsules: what may hide a point from the camera.

T frames, J joints (24), K capsules, P points (20). Metres.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.posed_skeleton import PosedSkeleton


class Capsule(NamedTuple):
    """A ball that was moved from one place of the body to another; a place is the mean of joints.

    `part` is what it belongs to: torso, head, or a limb such as left_arm.
    """

    start: tuple[str, ...]
    end: tuple[str, ...]
    radius: float
    part: str


CAPSULES: tuple[Capsule, ...] = (
    Capsule(("pelvis",), ("spine3", "neck"), 0.090, "torso"),
    Capsule(("left_hip",), ("left_collar", "left_shoulder"), 0.080, "torso"),
    Capsule(("right_hip",), ("right_collar", "right_shoulder"), 0.080, "torso"),
    Capsule(("head",), ("head",), 0.085, "head"),
    Capsule(("left_hip",), ("left_knee",), 0.070, "left_leg"),
    Capsule(("right_hip",), ("right_knee",), 0.070, "right_leg"),
)
"""What is thick enough to hide a point for good: detectors of key-points guess what is behind an arm or a shin.

Radii are those of the mannequin; the head's ends are moved to its middle.
"""

HEAD_ENDS = np.array([[0.0, 0.02, 0.02], [0.0, 0.10, 0.01]])
"""Where the head's capsule begins and ends in the head joint's frame."""

_TRUNK_POINTS = ("neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip")


def capsule_ends(skeleton: PosedSkeleton) -> tuple[np.ndarray, np.ndarray]:
    """Where the capsules begin and end, (T, K, 3) each."""
    ends = []
    head = JOINT_NAMES.index("head")
    for which in (0, 1):
        names = [(capsule.start, capsule.end)[which] for capsule in CAPSULES]
        places = [[JOINT_NAMES.index(name) for name in place] for place in names]
        positions = np.stack([skeleton.joints[:, place].mean(axis=1) for place in places], axis=1)
        parts = [capsule.part for capsule in CAPSULES]
        positions[:, parts.index("head")] += skeleton.orientations[:, head] @ HEAD_ENDS[which]
        ends.append(positions)
    return ends[0], ends[1]


def may_hide() -> np.ndarray:
    """Which capsule may hide which point, (20, K) bool.

    None hides the trunk's own points, which detectors of key-points tell from the trunk's outline; a leg does
    not hide its own points, nor the head its own.
    """
    table = np.zeros((len(POINT_NAMES), len(CAPSULES)), dtype=bool)
    for row, name in enumerate(POINT_NAMES):
        if name not in _TRUNK_POINTS:
            part = part_of(name)
            table[row] = [capsule.part != part for capsule in CAPSULES]
    return table


def part_of(point: str) -> str:
    """The part of the body that a point belongs to, named as capsules' parts are.

    >>> part_of("left_toe"), part_of("right_wrist"), part_of("nose"), part_of("neck")
    ('left_leg', 'right_arm', 'head', 'torso')
    """
    side, _, name = point.partition("_")
    if point == "nose" or name in ("eye", "ear"):
        return "head"
    if name in ("elbow", "wrist"):
        return f"{side}_arm"
    if name in ("knee", "ankle", "toe"):
        return f"{side}_leg"
    return "torso"
