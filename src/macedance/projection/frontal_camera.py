"""The fixed camera in front of the dancer that has the whole dance in its picture.

T frames, P points (20). Metres, y up.
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.camera import VIEW_ANGLE_DEGREES, Camera
from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection.body_points import body_points
from macedance.projection.posed_skeleton import PosedSkeleton, floor_height

MARGIN = 0.04
"""Share of the picture's width and height that stays free at each side."""
FLESH_METRES = 0.13
"""How far the body reaches beyond its points: the crown, hands, shoes."""
STANDING_METRES = 1.75
LEAST_AGREEMENT = 0.2
PARALLEL_DISTANCE_METRES = 10.0
_SIDES = [(f"left_{name}", f"right_{name}") for name in ("hip", "shoulder")]


def frontal_camera(
    skeleton: PosedSkeleton, size_px: tuple[int, int], *, orthographic: bool = False
) -> Camera:
    """A level camera, at the height of the body's middle, that faces the dancer's mean heading.

    It is as near as it can be with all points of all frames in the picture, but not nearer than for a body
    that stands, so that one who sits is not blown up.
    """
    points = body_points(skeleton)
    azimuth = heading_radians(skeleton.joints)
    backward = np.array([np.sin(azimuth), 0.0, np.cos(azimuth)])
    axes = Camera(backward, np.zeros(3)).axes()
    floor = floor_height(skeleton.joints)
    right, up, forward = np.moveaxis(points @ axes.T, -1, 0)
    low, high = up.min(), max(up.max(), floor + STANDING_METRES - FLESH_METRES)
    middle = np.array([(right.min() + right.max()) / 2, (low + high) / 2, np.median(forward)])
    half_height = (high - low) / 2 + FLESH_METRES
    half_width = np.abs(right - middle[0]) + FLESH_METRES
    needed = np.maximum(half_width * size_px[1] / size_px[0], half_height) / (1 - 2 * MARGIN)
    target = middle @ axes
    if orthographic:
        height = float(2 * needed.max())
        return Camera(target + PARALLEL_DISTANCE_METRES * backward, target, parallel_height_metres=height)
    slope = np.tan(np.radians(VIEW_ANGLE_DEGREES) / 2)
    return Camera(target + (needed / slope - (forward - middle[2])).max() * backward, target)


def heading_radians(joints: np.ndarray) -> float:
    """The direction that a dancer with joints (T, 24, 3) mostly faces, about y: 0 is +z, positive towards +x.

    Every frame counts the same, whatever the body's tilt. Of a dancer who faces all directions alike, it is
    that of the first frame.
    """
    across = sum(
        joints[:, JOINT_NAMES.index(left)] - joints[:, JOINT_NAMES.index(right)] for left, right in _SIDES
    )
    facing = np.stack([-across[:, 2], across[:, 0]], axis=-1)  # x, z
    facing /= np.maximum(np.linalg.norm(facing, axis=-1, keepdims=True), 1e-6)
    mean = facing.mean(axis=0)
    x, z = mean if np.linalg.norm(mean) >= LEAST_AGREEMENT else facing[0]
    return float(np.arctan2(x, z))
