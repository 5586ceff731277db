"""How often limbs run through one another or through the body.

Axis letters: T frames, J joints, C capsules, P pairs of capsules. SMPL joint order, metres.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from macedance.geometry.skeleton import NUM_JOINTS
from macedance.metrics.functional.joint_positions import check_joint_positions


class _Capsule(NamedTuple):
    """All points within `radius` of a segment on the line through two joints, `start` and `end` in its length."""

    joints: tuple[int, int]
    radius: float
    start: float = 0.0
    end: float = 1.0


_CAPSULES = {
    "left_upper_arm": _Capsule((16, 18), 0.035),
    "left_forearm": _Capsule((18, 20), 0.028),
    "left_hand": _Capsule((20, 22), 0.018, end=1.5),
    "left_thigh": _Capsule((1, 4), 0.055),
    "left_shin": _Capsule((4, 7), 0.038),
    "left_foot": _Capsule((7, 10), 0.03),
    "right_upper_arm": _Capsule((17, 19), 0.035),
    "right_forearm": _Capsule((19, 21), 0.028),
    "right_hand": _Capsule((21, 23), 0.018, end=1.5),
    "right_thigh": _Capsule((2, 5), 0.055),
    "right_shin": _Capsule((5, 8), 0.038),
    "right_foot": _Capsule((8, 11), 0.03),
    "belly": _Capsule((0, 9), 0.08),
    "chest": _Capsule((13, 14), 0.08),
    "hips": _Capsule((1, 2), 0.08),
    "head": _Capsule((9, 15), 0.075, start=1.0, end=1.25),
}
_ARM, _LEG = ("upper_arm", "forearm", "hand"), ("thigh", "shin", "foot")
_TRUNK = ("belly", "chest", "hips", "head")
_NEAR_TRUNK = {
    ("upper_arm", "chest"), ("upper_arm", "hips"), ("thigh", "belly"), ("thigh", "hips"),
}  # fmt: skip
"""Capsules that touch in life."""
