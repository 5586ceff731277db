"""The 32 relations between joints behind the geometric features, by kind.

Lengths are those of a fixed body: hl upper arm, sw shoulder width, hw hip width. Speeds are per second. In some
of them left and right are not each other's mirror image; that is kept as published.

=====  =============================================================================================
1      right hand moves back from the plane of neck and hips faster than 1.8 hl
2      left hand moves forward from that plane faster than 1.8 hl
3, 4   right (left) hand is more than 0.2 hl above the neck, along chest → neck
5, 6   chest moves away from the belly faster than 1.8 hl (twice the same, as published)
7, 8   right (left) elbow is bent to less than 110°
9      right hand is more than 2.5 sw to the right of the left hand
10     right hand moves away from the left hand faster than 1.4 hl
11     left hand follows the right hand's direction to the pelvis faster than 1.4 hl
12     right hand follows the left hand's direction to the pelvis faster than 1.4 hl
13,14  right (left) hand is faster than 2.5 hl
15     right ankle is more than 0.38 hl in front of the plane of pelvis, left hip and left toes
16     left ankle is more than 0.38 hl behind the plane of pelvis, right hip and right toes
17,18  right (left) ankle is more than 1.2 hl above the lowest joint
19     ankles are more than 2.1 hw apart, along left hip → right hip
20,21  right (left) knee is bent to less than 110°
22,23  right (left) ankle is faster than 2.5 hl
24,25  right (left) upper arm is more than 25° off the trunk
26,27  right (left) thigh is more than 50° off the trunk
28     pelvis is more than 0.5 hl in front of the plane of ankles and neck
29     trunk is between 70° and 110° off the vertical
30,31  right (left) hand is less than 1.2 hl above the lowest joint
32     pelvis is faster than 2.3 hl
=====  =============================================================================================
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from macedance.geometry.skeleton import JOINT_NAMES

NUM_RELATIONS = 32
UPPER_ARM = math.dist((0.199113488, 0.236807942, -0.0180702247), (0.454445392, 0.221158922, -0.0410167128))
SHOULDER_WIDTH = math.dist(
    (0.199113488, 0.236807942, -0.0180702247), (-0.191692337, 0.236928746, -0.0123055102)
)
HIP_WIDTH = math.dist((0.0564076714, -0.323069185, 0.0109197125), (-0.0624834076, -0.331302464, 0.0150412619))
_POINTS = (*JOINT_NAMES, "origin", "up", "down", "lowest")
_INFINITY = math.inf


class Relations(NamedTuple):
    """Relations of one kind.

    Attributes:
        columns: Where they stand among the 32, from 0 (R,).
        points: For each role in the kind's formula the points that play it, each (R,).
        lower: A relation holds where its value is above this (R,).
        upper: ... and below this (R,).
    """

    columns: Tensor
    points: tuple[Tensor, ...]
    lower: Tensor
    upper: Tensor


def _relations(*rows: tuple[int, str, float] | tuple[int, str, float, float]) -> Relations:
    """Relations of rows (number from 1, names of the points by role, lower[, upper])."""
    roles = zip(*(row[1].split() for row in rows), strict=True)
    return Relations(
        columns=torch.tensor([row[0] - 1 for row in rows]),
        points=tuple(torch.tensor([_POINTS.index(name) for name in names]) for names in roles),
        lower=torch.tensor([row[2] for row in rows], dtype=torch.float64),
        upper=torch.tensor([row[3] if len(row) == 4 else _INFINITY for row in rows], dtype=torch.float64),
    )


PLANE_DISTANCE = _relations(
    (15, "pelvis left_hip left_foot right_ankle", 0.38 * UPPER_ARM),
    (16, "pelvis right_hip right_foot left_ankle", 0.38 * UPPER_ARM),
    (28, "right_ankle neck left_ankle pelvis", 0.5 * UPPER_ARM),
)
"""a, b, c, p: signed distance of p from the plane through a with normal (c − a) × (b − a)."""

PLANE_DISTANCE_NORMAL = _relations(
    (3, "spine3 neck neck right_wrist", 0.2 * UPPER_ARM),
    (4, "spine3 neck neck left_wrist", 0.2 * UPPER_ARM),
    (9, "left_shoulder right_shoulder left_wrist right_wrist", 2.5 * SHOULDER_WIDTH),
    (17, "origin up lowest right_ankle", 1.2 * UPPER_ARM),
    (18, "origin up lowest left_ankle", 1.2 * UPPER_ARM),
    (19, "left_hip right_hip left_ankle right_ankle", 2.1 * HIP_WIDTH),
    (30, "origin down lowest right_wrist", -1.2 * UPPER_ARM),
    (31, "origin down lowest left_wrist", -1.2 * UPPER_ARM),
)
"""m, n, a, p: signed distance of p from a along n − m."""

MOVE_ALONG = _relations(
    (5, "spine1 spine3 spine3", 1.8 * UPPER_ARM),
    (6, "spine1 spine3 spine3", 1.8 * UPPER_ARM),
    (10, "left_wrist right_wrist right_wrist", 1.4 * UPPER_ARM),
    (11, "right_wrist pelvis left_wrist", 1.4 * UPPER_ARM),
    (12, "left_wrist pelvis right_wrist", 1.4 * UPPER_ARM),
)
"""a, b, p: velocity of p relative to a along b − a."""

MOVE_ALONG_NORMAL = _relations(
    (1, "neck right_hip left_hip right_wrist", 1.8 * UPPER_ARM),
    (2, "neck left_hip right_hip left_wrist", 1.8 * UPPER_ARM),
)
"""a, b, c, p: velocity of p relative to a along (c − a) × (b − a)."""

FAST = _relations(
    (13, "right_wrist", 2.5 * UPPER_ARM),
    (14, "left_wrist", 2.5 * UPPER_ARM),
    (22, "right_ankle", 2.5 * UPPER_ARM),
    (23, "left_ankle", 2.5 * UPPER_ARM),
    (32, "pelvis", 2.3 * UPPER_ARM),
)
"""p: its speed."""

INSIDE_ANGLE = _relations(
    (7, "right_elbow right_shoulder right_elbow right_wrist", 0, 110),
    (8, "left_elbow left_shoulder left_elbow left_wrist", 0, 110),
    (20, "right_knee right_hip right_knee right_ankle", 0, 110),
    (21, "left_knee left_hip left_knee left_ankle", 0, 110),
    (24, "neck pelvis right_shoulder right_elbow", 25, 180),
    (25, "neck pelvis left_shoulder left_elbow", 25, 180),
    (26, "neck pelvis right_hip right_knee", 50, 180),
    (27, "neck pelvis left_hip left_knee", 50, 180),
    (29, "neck pelvis origin up", 70, 110),
)
"""a, b, c, d: angle in degrees between b − a and d − c."""
