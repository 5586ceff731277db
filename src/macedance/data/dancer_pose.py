"""From the key frames of a dance to the rotations of a body that dances it on the floor.

T frames, J joints (24). Metres and radians; world frame with y up, the floor at y = 0.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.data.arm_poses import arm_rotations
from macedance.data.dance_score import DanceScore
from macedance.data.footwork import LEFT, RIGHT
from macedance.data.keyframes import Timing, bump
from macedance.data.two_bone_limbs import LEFT_LEG, RIGHT_LEG, TwoBoneLimb
from macedance.geometry.skeleton import REST_OFFSETS, REST_PELVIS

SOLE_THICKNESS = 0.03
"""Height of the foot joint above the floor when the foot stands."""

STANDING_PELVIS = 0.972
"""Height of the pelvis with knees a little bent."""

HIP_SWAY = 0.085
"""Roll of the pelvis in radians when all weight is on one leg."""

FEET, PELVIS, TORSO = Timing(0.08, 0.95), Timing(0.03, 0.97), Timing(0.02, 0.98)
SPINE = (3, 6, 9)
SPINE_LAG_COUNTS = 0.04
ARM_JOINTS = {LEFT: (13, 16, 18, 20), RIGHT: (14, 17, 19, 21)}
LEG_JOINTS = {LEFT: (1, 4, 7, 10), RIGHT: (2, 5, 8, 11)}
LEGS = {LEFT: LEFT_LEG, RIGHT: RIGHT_LEG}


def pose_dancer(
    score: DanceScore, counts: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) as axis-angle and translations (T, 3), float32, at the given counts (T,).

    Args:
        score: The dance.
        counts: Times in beats.
        rng: Draws how sharply this dancer moves and how deeply they bounce.
    """
    arm_timing = Timing(0.04, 0.97 - rng.uniform(0.0, 0.14))
    pelvis = score.pelvis.at(counts, PELVIS)
    torso, head = score.torso.at(counts, TORSO), score.head.at(counts, TORSO)
    energy = score.energy.at(counts, Timing())[:, 0]
    bounce = rng.uniform(0.012, 0.035) * (0.4 + 0.6 * energy) * (0.5 + 0.5 * np.cos(2 * np.pi * counts))
    feet = {side: _foot(score, side, counts) for side in (LEFT, RIGHT)}

    poses = np.zeros((len(counts), 24, 3))
    root, position = _pelvis(pelvis, bounce, feet)
    poses[:, 0] = root.as_rotvec()
    for side in (LEFT, RIGHT):
        poses[:, LEG_JOINTS[side]] = _leg(side, root, position, *feet[side])
        arm = score.arms[side].at(counts, arm_timing)
        arm[:, 4] += 3.0 * bounce
        poses[:, ARM_JOINTS[side]] = arm_rotations(arm, is_right=side == RIGHT)
    _bend_spine(poses, score, counts, pelvis, bounce)
    poses[:, [12, 15]] = _look(pelvis, torso, head, bounce)[:, None]
    return poses.astype(np.float32), (position - REST_PELVIS).astype(np.float32)


def _foot(
    score: DanceScore, side: str, counts: np.ndarray
) -> tuple[np.ndarray, Rotation, np.ndarray, np.ndarray]:
    """Of a foot: ball position (T, 3), rotation, heel pitch (T,) and yaw (T,)."""
    track = score.feet[side]
    index, progress = track.progress(counts, FEET)
    x, height, z, yaw, heel, _ = track.at(counts, FEET).T
    lift = track.values[index + 1, 5] * bump(progress)
    heel = heel + 5.0 * lift * (1 - progress)
    ball = np.stack([x, SOLE_THICKNESS + height + lift, z], axis=-1)
    return ball, Rotation.from_euler("YX", np.stack([yaw, heel], axis=-1)), heel, yaw


def _pelvis(
    keyed: np.ndarray,
    bounce: np.ndarray,
    feet: dict[str, tuple[np.ndarray, Rotation, np.ndarray, np.ndarray]],
) -> tuple[Rotation, np.ndarray]:
    """Rotation and position (T, 3) of the pelvis: over the weighted foot, within reach of both legs."""
    x, z, heading, yaw, pitch, drop, weight = keyed.T
    sway = HIP_SWAY * weight
    root = Rotation.from_euler("YXZ", np.stack([heading + yaw, pitch + 0.4 * drop, sway], axis=-1))
    back = -0.5 * drop
    position = np.stack(
        [x + back * np.sin(heading), STANDING_PELVIS - drop - bounce, z + back * np.cos(heading)], -1
    )
    for side, (ball, rotation, _, _) in feet.items():
        hip, _, _, toe = LEG_JOINTS[side]
        ankle = ball - rotation.apply(REST_OFFSETS[toe])
        hip_offset = root.apply(REST_OFFSETS[hip])
        away = ankle - position - hip_offset
        rise = np.sqrt(np.maximum(LEGS[side].reach ** 2 - away[:, 0] ** 2 - away[:, 2] ** 2, 0.01))
        position[:, 1] = _soft_minimum(position[:, 1], ankle[:, 1] + rise - hip_offset[:, 1])
    return root, position


def _soft_minimum(first: np.ndarray, second: np.ndarray, softness: float = 0.01) -> np.ndarray:
    """A smooth function that is nowhere above either."""
    return -softness * np.logaddexp(-first / softness, -second / softness)


def _leg(
    side: str,
    root: Rotation,
    pelvis: np.ndarray,
    ball: np.ndarray,
    foot: Rotation,
    heel: np.ndarray,
    yaw: np.ndarray,
) -> np.ndarray:
    """Rotation vectors (T, 4, 3) of hip, knee, ankle and foot joint that put the foot where it should be."""
    hip, _, _, toe = LEG_JOINTS[side]
    leg: TwoBoneLimb = LEGS[side]
    ankle = ball - foot.apply(REST_OFFSETS[toe])
    inverse = root.inv()
    target = inverse.apply(ankle - pelvis) - REST_OFFSETS[hip]
    toward_toes = inverse.apply(np.stack([np.sin(yaw), np.zeros_like(yaw), np.cos(yaw)], axis=-1))
    thigh, bend = leg.solve(target, toward_toes + np.array([0.0, 0.0, 0.6]))
    knee = Rotation.from_rotvec(bend[:, None] * leg.hinge_axis)
    turned_ankle = (root * thigh * knee).inv() * foot
    toes = np.zeros_like(ball)
    toes[:, 0] = -0.8 * np.logaddexp(0, 20 * heel) / 20
    return np.stack([thigh.as_rotvec(), knee.as_rotvec(), turned_ankle.as_rotvec(), toes], axis=1)


def _bend_spine(
    poses: np.ndarray, score: DanceScore, counts: np.ndarray, pelvis: np.ndarray, bounce: np.ndarray
) -> None:
    """The spine bends as a wave from below, and takes back most of the tilt of the pelvis."""
    _, _, _, yaw, pitch, drop, weight = pelvis.T
    for number, joint in enumerate(SPINE):
        bend = score.torso.at(counts - number * SPINE_LAG_COUNTS, TORSO)
        bend[:, 0] -= 0.6 * yaw
        bend[:, 1] -= 0.9 * HIP_SWAY * weight
        bend[:, 2] += 1.2 * drop + 1.5 * bounce - 0.5 * pitch
        poses[:, joint] = Rotation.from_euler("YZX", bend / len(SPINE)).as_rotvec()


def _look(pelvis: np.ndarray, torso: np.ndarray, head: np.ndarray, bounce: np.ndarray) -> np.ndarray:
    """Rotation vectors (T, 3), the same for neck and head, that keep the gaze where it is keyed."""
    yaw = head[:, 0] - torso[:, 0] - 0.4 * pelvis[:, 3]
    pitch = head[:, 1] - 0.7 * torso[:, 2] - 0.9 * pelvis[:, 5] + 4.0 * bounce
    return Rotation.from_euler("YZX", np.stack([yaw, -0.6 * torso[:, 1], pitch], axis=-1) / 2).as_rotvec()
