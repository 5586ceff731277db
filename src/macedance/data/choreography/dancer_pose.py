"""From the key frames of a dance to the rotations of a body that dances it on the floor.

T frames, J joints (24). Metres and radians; world frame with y up, the floor at y = 0.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.spatial.transform import Rotation

from macedance.data.choreography.balance import (
    LEG_JOINTS,
    pelvis_over,
    smooth_weight,
    support_point,
    weight_share,
)
from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import Dancer
from macedance.data.choreography.feet import HEADING, FootPath, foot_paths
from macedance.data.choreography.jumps import Jumps, jumps
from macedance.data.choreography.keyframes import Timing, minimum_jerk
from macedance.data.choreography.moves import LEFT, RIGHT
from macedance.data.choreography.trunk import (
    ARM_JOINTS,
    TRUNK,
    arm_channels,
    arm_vectors,
    gaze,
    hit_pulses,
    spine_angles,
)
from macedance.data.choreography.two_bone_limbs import LEFT_LEG, RIGHT_LEG, TwoBoneLimb
from macedance.geometry.center_of_mass import JOINT_MASSES
from macedance.geometry.skeleton import REST_OFFSETS, forward_kinematics

STANDING_PELVIS = 0.986
"""Height of the pelvis with knees hardly bent."""

FORESIGHT_SECONDS = 0.14
"""How long before a far step the pelvis begins to sink."""

HIP_SWAY = 0.1
"""Roll of the pelvis in radians when all weight is on one leg."""

MAX_DORSIFLEXION, MAX_FOOT_ROLL = 0.66, 0.6
POINTED_FOOT = 0.5
"""Bend of the ankle of a foot in the air."""

GROUNDING_SECONDS = 0.1
"""Half of the time in which the groove fades out before a jump, and in again after it."""

SPINE = (3, 6, 9)
LEGS = {LEFT: LEFT_LEG, RIGHT: RIGHT_LEG}
_ABOVE = np.array([joint not in (*LEG_JOINTS[LEFT], *LEG_JOINTS[RIGHT]) for joint in range(24)])


def pose_dancer(
    score: DanceScore,
    dancer: Dancer,
    counts: np.ndarray,
    step_seconds: float,
    places: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) as axis-angle and positions (T, 3) of the pelvis.

    What has a memory, the weight and the swing of the arms, is followed over all of the counts; bodies are posed
    where they are asked for.

    Args:
        score: The dance.
        dancer: Who dances it.
        counts: Times in beats (S,), evenly spaced in seconds.
        step_seconds: From one to the next.
        places: Where among the counts (T,) the dancer is posed, between two of them too; at each if None.
    """
    if places is None:
        places = np.arange(len(counts), dtype=np.float64)
    carried = _carried(score, dancer, counts, step_seconds)
    target, sway, grounded, sink, arms = (_at_places(values, places) for values in carried)
    counts = _at_places(counts, places)
    idle = dancer.idle(step_seconds * places)
    jumping = jumps(score, counts)
    feet = foot_paths(score, counts, jumping)
    keyed = score.pelvis.at(counts, HEADING)
    bounce = _bounce(score, dancer, counts) * grounded
    hits = dancer.carriage.accent * hit_pulses(score, counts) * grounded

    poses = np.zeros((len(counts), 24, 3))
    root = _root(score, counts, keyed, sway)
    poses[:, 0] = root.as_rotvec()
    _pose_trunk(poses, score, dancer, counts, keyed, sway, bounce, hits, idle)
    vectors = arm_vectors(score, counts, arms, bounce=bounce + 0.04 * hits, idle=idle[:, 9:])
    for side in (LEFT, RIGHT):
        poses[:, ARM_JOINTS[side]] = vectors[side]
    height = STANDING_PELVIS - keyed[:, 3] - bounce - 0.03 * hits + jumping.pelvis - sink
    position = _pelvis(poses, root, height, target, feet)
    for side in (LEFT, RIGHT):
        poses[:, LEG_JOINTS[side]] = _leg(side, root, position, feet[side])
    return poses, position


def _carried(
    score: DanceScore, dancer: Dancer, counts: np.ndarray, step_seconds: float
) -> tuple[np.ndarray, ...]:
    """Over the counts (S,), what depends on what was and will be.

    Where the centre of mass is to be (S, 2), roll of the pelvis (S,), how much of the groove there is (S,), how far
    the pelvis sinks for the feet to be within reach (S,), and the channels of both arms (S, 12).
    """
    jumping = jumps(score, counts)
    feet = foot_paths(score, counts, jumping)
    keyed = score.pelvis.at(counts, HEADING)
    share = weight_share(keyed[:, 4], feet)
    target = smooth_weight(support_point(share, feet), step_seconds)
    sway = HIP_SWAY * smooth_weight(share, step_seconds)
    grounded = _on_the_floor(jumping, step_seconds)
    height = STANDING_PELVIS - keyed[:, 3] - _bounce(score, dancer, counts) * grounded + jumping.pelvis
    root = _root(score, counts, keyed, sway)
    hips = {side: root.apply(REST_OFFSETS[LEG_JOINTS[side][0]]) for side in feet}
    position = np.stack([target[:, 0], height, target[:, 1]], axis=-1)
    too_high = np.maximum(height - _highest_pelvis(position, hips, _ankles(feet)), 0)
    return (
        target,
        sway,
        grounded,
        _foreseen(too_high, step_seconds),
        arm_channels(score, counts, dancer, step_seconds),
    )


def _foreseen(values: np.ndarray, step_seconds: float) -> np.ndarray:
    """A smooth curve (T,) above values (T,), which rises before they do."""
    num_frames = 2 * round(FORESIGHT_SECONDS / step_seconds / 2) + 1
    highest = maximum_filter1d(values, 2 * num_frames + 1)
    return uniform_filter1d(uniform_filter1d(highest, num_frames), num_frames)


def _ankles(feet: dict[str, FootPath]) -> dict[str, np.ndarray]:
    """Positions (T, 3) of the ankles."""
    return {
        side: foot.ball - foot.rotation.apply(REST_OFFSETS[LEG_JOINTS[side][3]])
        for side, foot in feet.items()
    }


def _highest_pelvis(
    position: np.ndarray, hips: dict[str, np.ndarray], ankles: dict[str, np.ndarray]
) -> np.ndarray:
    """Height (T,) from which both feet are within reach."""
    limits = []
    for side, ankle in ankles.items():
        away = ankle - position - hips[side]
        rise = np.sqrt(np.maximum(LEGS[side].reach ** 2 - away[:, 0] ** 2 - away[:, 2] ** 2, 0.01))
        limits.append(ankle[:, 1] + rise - hips[side][:, 1])
    return np.minimum(*limits)


def _at_places(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values (T, ...) at places among values (S, ...), on a smooth curve between them."""
    nearest = np.clip(np.round(places).astype(int), 0, len(values) - 1)
    if np.abs(places - nearest).max() < 1e-6:
        return np.asarray(values[nearest])
    return np.asarray(CubicSpline(np.arange(len(values)), values)(places))


def _bounce(score: DanceScore, dancer: Dancer, counts: np.ndarray) -> np.ndarray:
    """How far the groove lowers the pelvis (T,): once a beat, deeper where there is more energy."""
    energy = score.energy.at(counts, Timing())[:, 0]
    phase = 0.5 if dancer.carriage.is_up_on_beat else 0.0
    wave = 0.3 + 0.5 * np.cos(2 * np.pi * (counts - phase))
    return dancer.carriage.bounce * (0.35 + 0.65 * energy) * wave


def _on_the_floor(jumping: Jumps, step_seconds: float) -> np.ndarray:
    """1 where the dancer stands and 0 in flight (T,), going smoothly from one to the other on the floor."""
    num_frames = round(GROUNDING_SECONDS / step_seconds)
    near = maximum_filter1d(jumping.flies.astype(np.float64), 2 * num_frames + 1)
    return minimum_jerk(1 - uniform_filter1d(near, 2 * num_frames + 1))


def _root(score: DanceScore, counts: np.ndarray, keyed: np.ndarray, sway: np.ndarray) -> Rotation:
    tilt = score.tilt.at(counts, TRUNK)
    heading, yaw, roll, drop, _ = keyed.T
    angles = np.stack(
        [heading + yaw + tilt[:, 0], tilt[:, 2] + 0.35 * drop, sway + roll + tilt[:, 1]], axis=-1
    )
    return Rotation.from_euler("YXZ", angles)


def _pose_trunk(
    poses: np.ndarray,
    score: DanceScore,
    dancer: Dancer,
    counts: np.ndarray,
    keyed: np.ndarray,
    sway: np.ndarray,
    bounce: np.ndarray,
    hits: np.ndarray,
    idle: np.ndarray,
) -> None:
    """Spine, neck and head; the spine takes back most of what the pelvis turns and tilts."""
    heading, yaw, roll, drop, _ = keyed.T
    tilt = score.tilt.at(counts, TRUNK)
    lower, chest = spine_angles(score, counts, dancer, idle)
    lower[:, 0] -= 0.55 * (yaw + tilt[:, 0])
    lower[:, 1] -= 0.85 * (sway + roll + tilt[:, 1])
    lower[:, 2] += 0.9 * drop + 1.2 * bounce - 0.5 * tilt[:, 2]
    chest[:, 2] += 0.16 * hits
    for joint in SPINE[:2]:
        poses[:, joint] = Rotation.from_euler("YZX", lower / 2).as_rotvec()
    poses[:, SPINE[2]] = Rotation.from_euler("YZX", chest).as_rotvec()
    head = score.head.at(counts, TRUNK) + dancer.head_attitude
    head[:, 2] += 1.5 * bounce + 0.2 * hits
    facing = heading + yaw + tilt[:, 0] + lower[:, 0] + chest[:, 0]
    lean = np.stack(
        [0.7 * (sway + roll + tilt[:, 1] + lower[:, 1] + chest[:, 1]), 0.6 * (lower[:, 2] + chest[:, 2])],
        axis=-1,
    )
    poses[:, [12, 15]] = gaze(head, facing, lean, idle[:, 6:9])[:, None]


def _pelvis(
    poses: np.ndarray,
    root: Rotation,
    height: np.ndarray,
    target: np.ndarray,
    feet: dict[str, FootPath],
) -> np.ndarray:
    """Position (T, 3) of the pelvis: the centre of mass over its target, and the feet within reach."""
    rotations = torch.from_numpy(Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix())
    joints = forward_kinematics(
        rotations.view(len(poses), 24, 3, 3), torch.zeros(len(poses), 3, dtype=torch.float64)
    ).numpy()
    above = (joints * (JOINT_MASSES * _ABOVE)[:, None]).sum(axis=1)
    hips = {side: joints[:, LEG_JOINTS[side][0]] for side in feet}
    ankles = _ankles(feet)
    place = pelvis_over(target, height, above, hips, ankles, feet)
    position = np.stack([place[:, 0], height, place[:, 1]], axis=-1)
    position[:, 1] = _soft_minimum(height, _highest_pelvis(position, hips, ankles))
    return position


def _soft_minimum(first: np.ndarray, second: np.ndarray, softness: float = 0.01) -> np.ndarray:
    """A smooth function that is nowhere above either."""
    return -softness * np.logaddexp(-first / softness, -second / softness)


def _leg(side: str, root: Rotation, pelvis: np.ndarray, foot: FootPath) -> np.ndarray:
    """Rotation vectors (T, 4, 3) of hip, knee, ankle and foot joint that put the foot where it should be.

    A heel comes up where the ankle cannot bend as far as a flat foot asks for.
    """
    vectors = _leg_to(side, root, pelvis, foot)
    too_far = -MAX_DORSIFLEXION - vectors[:, 2, 0]
    if np.any(too_far > 0):
        vectors = _leg_to(side, root, pelvis, foot.with_heel_raised(1.3 * np.maximum(too_far, 0)))
    roll = vectors[:, 2, 2]
    vectors[:, 2, 2] = np.clip(roll, -MAX_FOOT_ROLL, MAX_FOOT_ROLL)
    return vectors


def _leg_to(side: str, root: Rotation, pelvis: np.ndarray, foot: FootPath) -> np.ndarray:
    """Rotation vectors (T, 4, 3) of a leg by inverse kinematics, whatever the ankle has to do for it."""
    hip, _, _, toe = LEG_JOINTS[side]
    leg: TwoBoneLimb = LEGS[side]
    ankle = foot.ball - foot.rotation.apply(REST_OFFSETS[toe])
    inverse = root.inv()
    target = inverse.apply(ankle - pelvis) - REST_OFFSETS[hip]
    target *= _within_reach(np.linalg.norm(target, axis=1), leg.reach, foot.raised)[:, None]
    ahead = np.stack([np.sin(foot.yaw), np.zeros_like(foot.yaw), np.cos(foot.yaw)], axis=-1)
    thigh, bend = leg.solve(target, inverse.apply(ahead) + np.array([0.0, 0.0, 0.6]))
    knee = Rotation.from_rotvec(bend[:, None] * leg.hinge_axis)
    turned_ankle = ((root * thigh * knee).inv() * foot.rotation).as_rotvec()
    turned_ankle += foot.raised[:, None] * ([POINTED_FOOT, 0.0, 0.0] - turned_ankle)
    toes = np.zeros_like(foot.ball)
    toes[:, 0] = -0.8 * np.logaddexp(0, 20 * foot.heel) / 20
    return np.stack([thigh.as_rotvec(), knee.as_rotvec(), turned_ankle, toes], axis=1)


def _within_reach(distance: np.ndarray, reach: float, raised: np.ndarray) -> np.ndarray:
    """By how much the way (T,) to a raised foot is shortened, smoothly where it comes near the leg's reach."""
    shortened = _soft_minimum(distance, np.full_like(distance, reach)) / distance
    return 1 + np.minimum(4 * raised, 1) * (shortened - 1)
