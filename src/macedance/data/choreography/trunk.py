"""Spine, head and arms of the dancer.

T frames. Radians; angles are yaw, roll and pitch.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import bilinear, lfilter, lfilter_zi
from scipy.spatial.transform import Rotation

from macedance.data.choreography.arm_poses import ARM_CHANNELS, arm_rotations
from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import Dancer
from macedance.data.choreography.keyframes import Timing, minimum_jerk
from macedance.data.choreography.moves import LEFT, RIGHT

TRUNK = Timing(0.02, 0.98)
ARM_JOINTS = {LEFT: (13, 16, 18, 20), RIGHT: (14, 17, 19, 21)}
SPINE_LAG_COUNTS = 0.04
HIT_ATTACK_SECONDS, HIT_DECAY_SECONDS = 0.11, 0.26
GAZE_SHARE, MAX_NECK = 0.72, (0.95, 0.5, 0.65)
IDLE_RADIANS = np.array([0.05, 0.03, 0.03, 0.04, 0.03, 0.03, 0.09, 0.05, 0.06])


def hit_pulses(score: DanceScore, counts: np.ndarray) -> np.ndarray:
    """0 to 1 (T,): up to each accent of the band, and back."""
    pulses = np.zeros(len(counts))
    for hit in score.hits:
        since = (counts - hit) * score.beat_seconds
        rise = minimum_jerk(np.clip(1 + since / HIT_ATTACK_SECONDS, 0, 1))
        fall = minimum_jerk(np.clip(1 - since / HIT_DECAY_SECONDS, 0, 1))
        pulses = np.maximum(pulses, np.where(since < 0, rise, fall))
    return pulses


def spine_angles(
    score: DanceScore, counts: np.ndarray, dancer: Dancer, idle: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lower spine (T, 3) and chest (T, 3), before they balance what the pelvis does."""
    wave = score.spine.at(counts, TRUNK)[:, 6] + SPINE_LAG_COUNTS
    lower = score.spine.at(counts - wave, TRUNK)[:, :3]
    chest = score.spine.at(counts - 2 * wave, TRUNK)[:, 3:6]
    lower = lower + IDLE_RADIANS[:3] * idle[:, :3] + [0.0, 0.0, dancer.carriage.lean]
    return lower, chest + IDLE_RADIANS[3:6] * idle[:, 3:6]


def gaze(head: np.ndarray, facing: np.ndarray, lean: np.ndarray, idle: np.ndarray) -> np.ndarray:
    """Rotation vectors (T, 3), the same for neck and head: to the front as far as the neck goes.

    In a turn the head stays behind, and then whips round.

    Args:
        head: Against the gaze (T, 3).
        facing: Yaw of the shoulders in the world (T,).
        lean: Roll and pitch of the shoulders (T, 2).
        idle: Slow drifts (T, 3).
    """
    away = np.arctan2(GAZE_SHARE * np.sin(facing), 1 + GAZE_SHARE * np.cos(facing))
    angles = head + IDLE_RADIANS[6:] * idle
    angles[:, 0] -= 1.35 * away
    angles[:, 1:] -= lean
    limits = np.array(MAX_NECK)
    return Rotation.from_euler("YZX", limits * np.tanh(angles / limits) / 2).as_rotvec()


def arm_channels(score: DanceScore, counts: np.ndarray, dancer: Dancer, step_seconds: float) -> np.ndarray:
    """Channels of the left and of the right arm (T, 12) at evenly spaced counts (T,).

    The shoulder leads, elbow and wrist come after it and swing on.
    """
    carriage = dancer.carriage
    timing = Timing(0.03 + 0.3 * carriage.sharpness, 0.98 - 0.22 * carriage.sharpness)
    frequency_hz, damping = 5.5 - 2.6 * carriage.looseness, 0.95 - 0.4 * carriage.looseness
    delay = 2 * damping / (2 * np.pi * frequency_hz)
    ahead = counts + 0.85 * delay / score.beat_seconds
    keyed = np.concatenate([score.arms[side].at(ahead, timing) for side in (LEFT, RIGHT)], axis=1)
    channels = _spring(keyed, frequency_hz, damping, step_seconds)
    lag = dancer.elbow_lag_seconds / step_seconds
    for joint, number in ((4, 1), (5, 2)):
        for channel in (joint, joint + ARM_CHANNELS):
            channels[:, channel] = _later(channels[:, channel], number * lag)
    return channels


def arm_vectors(
    score: DanceScore, counts: np.ndarray, channels: np.ndarray, *, bounce: np.ndarray, idle: np.ndarray
) -> dict[str, np.ndarray]:
    """Rotation vectors (T, 4, 3) of collar, shoulder, elbow and wrist of both arms, from channels (T, 12)."""
    shoulders = score.shoulders.at(counts, TRUNK)
    vectors = {}
    for number, side in enumerate((LEFT, RIGHT)):
        arm = channels[:, ARM_CHANNELS * number : ARM_CHANNELS * (number + 1)].copy()
        arm[:, 0] += shoulders[:, number]
        arm[:, 1:4] += 0.07 * idle[:, 3 * number : 3 * number + 3]
        arm[:, 4] = np.maximum(arm[:, 4] + 2.5 * bounce, 0.12)
        vectors[side] = arm_rotations(arm, is_right=side == RIGHT)
    return vectors


def _spring(values: np.ndarray, frequency_hz: float, damping: float, step_seconds: float) -> np.ndarray:
    """Values (T, C) as a mass on a spring follows them, at rest at the start."""
    omega = 2 * np.pi * frequency_hz
    numerator, denominator = bilinear([omega**2], [1, 2 * damping * omega, omega**2], 1 / step_seconds)
    start = lfilter_zi(numerator, denominator)[:, None] * values[:1]
    return np.array(lfilter(numerator, denominator, values, axis=0, zi=start)[0])


def _later(values: np.ndarray, frames: float) -> np.ndarray:
    """Values (T,) by so many frames later."""
    places = np.arange(len(values))
    return np.interp(places - frames, places, values)
