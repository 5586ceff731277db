"""A camera that stands in front of the dancer and goes along. Axis letters: T frames, J joints."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from macedance.geometry.camera import VIEW_ANGLE_DEGREES, Camera
from macedance.geometry.skeleton import JOINT_NAMES

ELEVATION_DEGREES = 9.0
AZIMUTH_DEGREES = 12.0
MARGIN_METRES = 0.25
STANDING_HEIGHT_METRES = 1.75
FOLLOW_SECONDS = 0.6

PELVIS = JOINT_NAMES.index("pelvis")
LEFT_HIP = JOINT_NAMES.index("left_hip")
RIGHT_HIP = JOINT_NAMES.index("right_hip")


def follow(joints: np.ndarray, *, fps: float, floor_height: float, aspect_ratio: float) -> list[Camera]:
    """One camera a frame that keeps the whole body of joints (T, J, 3) in a picture of width / height.

    The camera stands where the dancer mostly looks to, goes along with the low-passed path of the pelvis, and
    keeps one distance and height, so that nothing but the dancer seems to move.
    """
    targets = gaussian_filter1d(joints[:, PELVIS], FOLLOW_SECONDS * fps, axis=0, mode="nearest")
    targets[:, 1] = floor_height + STANDING_HEIGHT_METRES / 2
    backward = direction(heading_radians(joints) + np.radians(AZIMUTH_DEGREES), np.radians(ELEVATION_DEGREES))
    distance = _framing_distance(joints, targets, backward, aspect_ratio)
    return [Camera(target + distance * backward, target) for target in targets]


def heading_radians(joints: np.ndarray) -> float:
    """The mean direction that joints (T, J, 3) face, as an angle about y: 0 is +z, positive towards +x."""
    x, _, z = (joints[:, LEFT_HIP] - joints[:, RIGHT_HIP]).mean(axis=0)
    return float(np.arctan2(-z, x))


def _framing_distance(
    joints: np.ndarray, targets: np.ndarray, backward: np.ndarray, aspect_ratio: float
) -> float:
    axes = Camera(backward, np.zeros(3)).axes()
    right, up, forward = np.moveaxis((joints - targets[:, None]) @ axes.T, -1, 0)
    slope = np.tan(np.radians(VIEW_ANGLE_DEGREES) / 2)
    needed = np.maximum(
        (np.abs(up) + MARGIN_METRES) / slope, (np.abs(right) + MARGIN_METRES) / slope / aspect_ratio
    )
    standing = (STANDING_HEIGHT_METRES / 2 + MARGIN_METRES) / slope
    return float(max(standing, (needed - forward).max()))


def direction(azimuth: float, elevation: float) -> np.ndarray:
    """The unit vector (3,) at angles in radians: azimuth from +z towards +x, elevation from the floor."""
    horizontal = np.cos(elevation)
    return np.array([np.sin(azimuth) * horizontal, np.sin(elevation), np.cos(azimuth) * horizontal])
