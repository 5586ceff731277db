"""Poses of one arm, told by where the wrist is and where the elbow points, and stored as joint angles.

Everything is said for the left arm, x to the left, y up, z forward; the right arm is its mirror image.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.data.choreography.two_bone_limbs import LEFT_ARM
from macedance.geometry.skeleton import REST_OFFSETS

ARM_CHANNELS = 6
"""Collar lift, shoulder as a rotation vector from `REFERENCE` (3), elbow bend, wrist bend; all in radians."""

REFERENCE = Rotation.from_euler("ZYX", [-0.7, -0.5, 0.0])
"""Shoulder of an arm that hangs a little forward and out: the poses lie within a half turn around it."""

_SHOULDER = REST_OFFSETS[13] + REST_OFFSETS[16]

_WRISTS_AND_ELBOWS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float], float]] = {
    # name: wrist in the frame of the upper spine, in metres; direction of the elbow; bend of the wrist
    "relaxed": ((0.27, -0.31, 0.06), (0.4, 0.0, -1.0), 0.0),
    "groove": ((0.29, -0.08, 0.24), (0.45, -1.0, -0.5), -0.1),
    "swing_forward": ((0.27, -0.05, 0.34), (0.5, -0.8, -0.5), 0.0),
    "swing_back": ((0.34, -0.29, -0.12), (0.4, 0.0, -1.0), 0.0),
    "side": ((0.69, 0.16, 0.06), (0.0, -0.6, -1.0), 0.1),
    "side_low": ((0.58, -0.14, 0.10), (0.3, -0.4, -1.0), 0.1),
    "up": ((0.28, 0.66, 0.06), (0.8, 0.0, -0.3), 0.0),
    "diagonal_up": ((0.56, 0.48, 0.10), (0.3, -0.5, -0.8), 0.0),
    "forward": ((0.18, 0.14, 0.45), (0.6, -0.8, 0.0), 0.0),
    "goalpost": ((0.46, 0.38, 0.08), (0.8, -0.5, -0.3), 0.0),
    "chest": ((0.13, 0.03, 0.24), (0.7, -1.0, 0.0), 0.1),
    "clap": ((0.10, 0.10, 0.40), (0.25, -1.0, -0.6), 0.0),
    "hip": ((0.24, -0.24, 0.08), (1.0, 0.0, -0.7), 0.3),
    "fold": ((0.05, 0.06, 0.31), (0.7, -1.0, 0.1), 0.1),
    "wave_high": ((0.62, 0.30, 0.10), (0.1, -1.0, -0.5), -0.5),
    "wave_low": ((0.66, 0.04, 0.10), (0.1, 0.8, -0.9), 0.5),
    "point_across": ((-0.04, -0.06, 0.42), (0.9, -0.3, 0.4), 0.0),
    "punch": ((0.28, 0.16, 0.50), (0.6, -1.0, 0.0), 0.0),
    "guard": ((0.20, 0.24, 0.22), (0.5, -1.0, 0.0), 0.0),
    "low_back": ((0.30, -0.28, -0.10), (0.5, -0.2, -1.0), 0.0),
    "low_side": ((0.48, -0.26, 0.04), (0.6, 0.0, -1.0), 0.1),
    "low_front": ((0.20, -0.24, 0.26), (0.8, -0.2, -0.6), 0.0),
    "run_front": ((0.20, 0.02, 0.26), (0.4, -1.0, -0.4), 0.0),
    "run_back": ((0.26, -0.16, -0.02), (0.3, 0.0, -1.0), 0.0),
    "high_v": ((0.50, 0.60, 0.06), (0.5, -0.2, -0.6), 0.1),
    "overhead": ((0.14, 0.62, 0.02), (1.0, 0.2, 0.0), 0.2),
    "clap_high": ((0.115, 0.56, 0.20), (0.6, -0.2, 0.5), 0.0),
    "behind_head": ((0.27, 0.40, -0.10), (1.0, 0.4, -0.1), 0.2),
    "temple": ((0.27, 0.40, 0.10), (1.0, 0.0, 0.0), 0.0),
    "frame_high": ((0.20, 0.55, 0.16), (1.0, 0.4, -0.1), 0.3),
    "frame_side": ((0.34, 0.34, 0.12), (0.9, -0.5, -0.2), -0.2),
    "shoulder_touch": ((0.18, 0.16, 0.16), (0.7, -1.0, 0.2), 0.3),
    "cross_low": ((0.04, -0.20, 0.36), (0.9, -0.2, -0.1), 0.0),
    "cross_chest": ((0.08, 0.06, 0.25), (0.7, -1.0, 0.1), 0.1),
    "fist_low": ((0.24, -0.20, 0.20), (0.8, -0.1, -0.8), 0.0),
    "round_low": ((0.20, -0.24, 0.30), (1.0, -0.2, -0.3), 0.2),
    "round_front": ((0.16, 0.04, 0.36), (0.9, -0.7, 0.0), 0.2),
    "round_side": ((0.60, 0.10, 0.20), (0.4, -0.3, -1.0), 0.2),
    "round_high": ((0.18, 0.54, 0.16), (1.0, 0.1, -0.1), 0.2),
    "open_low": ((0.50, -0.18, 0.20), (0.5, -0.3, -1.0), 0.1),
    "present": ((0.46, 0.06, 0.34), (0.6, -0.7, -0.4), 0.2),
    "push_front": ((0.22, 0.12, 0.46), (0.8, -0.6, -0.2), 0.7),
    "push_side": ((0.66, 0.16, 0.12), (0.1, -0.6, -1.0), 0.7),
    "reach_front_high": ((0.22, 0.48, 0.34), (0.8, -0.5, -0.2), 0.0),
    "elbow_out": ((0.22, 0.12, 0.22), (1.0, 0.1, -0.2), 0.2),
    "square_up": ((0.46, 0.40, 0.10), (1.0, -0.1, 0.0), 0.0),
    "square_down": ((0.46, -0.04, 0.14), (1.0, 0.3, 0.0), 0.3),
    "square_in": ((0.24, 0.16, 0.24), (1.0, 0.1, 0.1), 0.0),
    "pull": ((0.28, -0.06, 0.08), (0.45, -0.4, -1.0), 0.0),
    "lasso": ((0.22, 0.54, 0.02), (0.9, 0.2, -0.3), 0.0),
    "thighs": ((0.24, -0.34, 0.20), (0.6, -0.1, -0.8), 0.2),
    "reach_floor": ((0.36, -0.03, 0.46), (0.8, -0.5, -0.3), 0.0),
    "hat": ((0.24, 0.42, 0.16), (1.0, -0.1, 0.2), 0.2),
    "heart": ((0.10, 0.07, 0.23), (0.7, -1.0, 0.1), 0.2),
    "fold_low": ((0.05, -0.08, 0.28), (0.7, -1.0, 0.0), 0.0),
    "cross_over": ((0.06, -0.01, 0.33), (0.7, -1.0, 0.0), 0.0),
    "uppercut": ((0.30, 0.42, 0.42), (0.3, -1.0, 0.0), 0.0),
    "latin_front": ((0.22, 0.02, 0.28), (0.6, -1.0, -0.2), 0.1),
    "latin_side": ((0.38, -0.04, 0.18), (0.6, -0.8, -0.6), 0.1),
    "wing_up": ((0.62, 0.36, 0.02), (0.1, -0.3, -1.0), 0.4),
    "wing_down": ((0.60, -0.08, 0.08), (0.2, 0.8, -0.8), -0.3),
}


def _solve(
    wrist: tuple[float, float, float], elbow: tuple[float, float, float], wrist_bend: float
) -> np.ndarray:
    """The channels (6,) of a pose; the collar takes up part of what the arm is raised."""
    lift = float(np.clip(0.45 * (wrist[1] - _SHOULDER[1]), 0.0, 0.3))
    collar = Rotation.from_euler("Z", lift)
    shoulder = REST_OFFSETS[13] + collar.apply(REST_OFFSETS[16])
    target = collar.inv().apply(np.array(wrist) - shoulder)
    rotation, bend = LEFT_ARM.solve(target[None], collar.inv().apply(elbow)[None])
    from_reference = (REFERENCE.inv() * rotation[0]).as_rotvec()
    return np.array([lift, *from_reference, bend[0], wrist_bend])


ARM_POSES: dict[str, np.ndarray] = {name: _solve(*pose) for name, pose in _WRISTS_AND_ELBOWS.items()}
"""The channels (6,) of each pose by name."""

REST_POSE: np.ndarray = ARM_POSES["groove"]
"""What the arms return to as the music gets quieter."""


def arm_rotations(channels: np.ndarray, *, is_right: bool) -> np.ndarray:
    """Rotation vectors (T, 4, 3) of collar, shoulder, elbow and wrist from channels (T, 6)."""
    lift, shoulder, bend, wrist = np.split(channels, [1, 4, 5], axis=1)
    nothing = np.zeros_like(lift)
    vectors = np.stack(
        [
            np.concatenate([nothing, nothing, lift], axis=1),
            (REFERENCE * Rotation.from_rotvec(shoulder)).as_rotvec(),
            bend * LEFT_ARM.hinge_axis,
            np.concatenate([nothing, nothing, wrist], axis=1),
        ],
        axis=1,
    )
    return vectors * [1.0, -1.0, -1.0] if is_right else vectors
