"""Analytic inverse kinematics of a limb of two bones, the second of which hinges on the first.

T frames. Vectors are in the frame of the limb's parent joint.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.geometry.skeleton import REST_OFFSETS


@dataclass(frozen=True, eq=False)
class TwoBoneLimb:
    """A leg or an arm.

    Attributes:
        first_bone: Rest offset (3,) of the middle joint (knee, elbow) from the first (hip, shoulder).
        second_bone: Rest offset (3,) of the last joint (ankle, wrist) from the middle one.
        hinge_axis: Unit vector (3,); a positive angle bends the limb as that joint bends in people.
        rest_pole: Unit vector (3,) to where the middle joint points in the rest pose when it is bent.
        min_angle: Least bend of the hinge in radians: a limb is never quite straight, and never beyond.
    """

    first_bone: np.ndarray
    second_bone: np.ndarray
    hinge_axis: np.ndarray
    rest_pole: np.ndarray
    min_angle: float

    @functools.cached_property
    def reach(self) -> float:
        """Distance in metres from the first to the last joint at the least bend."""
        return float(np.linalg.norm(self._span(np.array([self.min_angle]))))

    def solve(self, target: np.ndarray, pole: np.ndarray) -> tuple[Rotation, np.ndarray]:
        """Rotation of the first joint and bend (T,) of the hinge that bring the last joint to the target.

        Args:
            target: Where the last joint should be, from the first joint (T, 3); cut off at `reach`.
            pole: Where the middle joint should point (T, 3), any length, not along the target.
        """
        angles = self._hinge_angles(np.linalg.norm(target, axis=-1))
        rest = _frames(self._span(angles), np.broadcast_to(self.rest_pole, target.shape))
        posed = _frames(target, pole)
        return Rotation.from_matrix(posed @ rest.swapaxes(-1, -2)), angles

    def _hinge_angles(self, distances: np.ndarray) -> np.ndarray:
        """The law of cosines for a hinge that need not be square to the bones."""
        first, second, axis = self.first_bone, self.second_bone, self.hinge_axis
        along = (first @ axis) * (second @ axis)
        cosine_part = first @ second - along
        sine_part = first @ np.cross(axis, second)
        needed = (distances**2 - first @ first - second @ second) / 2 - along
        cosines = np.clip(needed / np.hypot(cosine_part, sine_part), -1, 1)
        return np.maximum(np.arctan2(sine_part, cosine_part) + np.arccos(cosines), self.min_angle)

    def _span(self, angles: np.ndarray) -> np.ndarray:
        """From the first to the last joint (T, 3), seen from the first joint's own frame."""
        return self.first_bone + Rotation.from_rotvec(angles[:, None] * self.hinge_axis).apply(
            self.second_bone
        )


def _frames(along: np.ndarray, pole: np.ndarray) -> np.ndarray:
    """Right-handed frames (T, 3, 3): the first column along the limb, the third nearest the pole."""
    first = along / np.linalg.norm(along, axis=-1, keepdims=True)
    third = pole - (pole * first).sum(-1, keepdims=True) * first
    third /= np.linalg.norm(third, axis=-1, keepdims=True)
    return np.stack([first, np.cross(third, first), third], axis=-1)


def _limb(middle: int, last: int, axis: list[float], pole: list[float], min_angle: float) -> TwoBoneLimb:
    return TwoBoneLimb(REST_OFFSETS[middle], REST_OFFSETS[last], np.array(axis), np.array(pole), min_angle)


LEFT_LEG = _limb(4, 7, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], 0.12)
RIGHT_LEG = _limb(5, 8, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], 0.12)
LEFT_ARM = _limb(18, 20, [0.0, -1.0, 0.0], [0.0, 0.0, -1.0], 0.08)
