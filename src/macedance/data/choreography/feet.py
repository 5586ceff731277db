"""The ways of the feet: standing still, stepping, pivoting and flying.

T frames. Metres and radians; world frame with y up, the floor at y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.keyframes import Timing, bump, minimum_jerk, plateau

SOLE_THICKNESS = 0.03
"""Height of the foot joint above the floor when the foot stands."""

GRAVITY = 9.81
FEET = Timing(0.04, 0.96)
ACROSS = Timing(0.12, 0.88)
"""A foot rises before it travels, and comes down where it is to stand."""

SWING_HEEL, DRAG_HEEL = 0.34, 0.3
"""How far the heel is up on the way of a foot through the air, and along the floor."""

CROUCH_SECONDS, CROUCH_METRES, LANDING_SECONDS = 0.2, 0.13, 0.34
TAKE_OFF_HEEL = 0.55


@dataclass(frozen=True, eq=False)
class FootPath:
    """One foot over time.

    Attributes:
        ball: Position (T, 3) of the foot joint.
        rotation: Of the foot, T of them.
        heel: Pitch (T,).
        yaw: (T,).
        stands: Whether it carries weight (T,).
    """

    ball: np.ndarray
    rotation: Rotation
    heel: np.ndarray
    yaw: np.ndarray
    stands: np.ndarray


@dataclass(frozen=True, eq=False)
class Jumps:
    """What jumps do to a body: heights in metres, the pitch of the feet in radians, and where it is in the air.

    Attributes:
        pelvis: What is added to the height of the pelvis (T,): a crouch, a flight, and the landing.
        feet: What is added to the height of the feet (T,).
        heel: What is added to the pitch of the feet (T,).
        flies: (T,).
    """

    pelvis: np.ndarray
    feet: np.ndarray
    heel: np.ndarray
    flies: np.ndarray


def jumps(score: DanceScore, counts: np.ndarray) -> Jumps:
    """The jumps of a dance; in the air everything falls freely."""
    shape = len(counts)
    total = Jumps(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool))
    for start, end in score.flights:
        since = (counts - start) * score.beat_seconds
        length = (end - start) * score.beat_seconds
        near = (since > -2 * CROUCH_SECONDS) & (since < length + LANDING_SECONDS)
        since = since[near]
        flight = np.where((since > 0) & (since < length), GRAVITY / 2 * since * (length - since), 0.0)
        total.feet[near] += flight
        speed = GRAVITY / 2 * length
        crouch = _crouch(since, speed)
        landing = _crouch((length - since) * CROUCH_SECONDS / LANDING_SECONDS * 2, speed)
        total.pelvis[near] += flight + np.where(since < 0, crouch, 0) + np.where(since > length, landing, 0)
        total.heel[near] += TAKE_OFF_HEEL * np.where(
            since < length,
            minimum_jerk(np.clip(1 + since / 0.12, 0, 1)) * (1 - 0.4 * np.clip(since / length, 0, 1)),
            0.6 * (1 - minimum_jerk(np.clip((since - length) / 0.12, 0, 1))),
        )
        total.flies[near] |= flight > 0
    return total


def _crouch(since: np.ndarray, speed: float) -> np.ndarray:
    """Height (T,) at times before a take-off at 0: down to the crouch, then up to leave with that speed."""
    deepest = -CROUCH_METRES
    up = np.clip(1 + since / CROUCH_SECONDS, 0, 1)
    down = np.clip(2 + since / CROUCH_SECONDS, 0, 1)
    rise = deepest * (1 - up**2 * (3 - 2 * up)) + speed * CROUCH_SECONDS * up**2 * (up - 1)
    return np.where(since < -CROUCH_SECONDS, deepest * minimum_jerk(down), rise)


def foot_path(score: DanceScore, side: str, counts: np.ndarray, jumping: Jumps) -> FootPath:
    """The way of one foot."""
    track = score.feet[side]
    index, progress = track.progress(counts, FEET)
    x, height, z, yaw, heel, _ = track.at(counts, FEET).T
    before, after = track.values[index], track.values[index + 1]
    lift = after[:, 5]
    in_air = (lift > 0) | (before[:, 1] > 0) | (after[:, 1] > 0)
    across = minimum_jerk(np.clip((progress - ACROSS.start) / (ACROSS.end - ACROSS.start), 0, 1))
    is_raised = (before[:, 1] > 0) | (after[:, 1] > 0)
    share = np.where(in_air & ~is_raised, across, minimum_jerk(progress))
    x = before[:, 0] * (1 - share) + after[:, 0] * share
    z = before[:, 2] * (1 - share) + after[:, 2] * share
    distance = np.hypot(after[:, 0] - before[:, 0], after[:, 2] - before[:, 2])
    least_heel = np.where(lift > 0, SWING_HEEL * np.minimum(lift / 0.06, 1), DRAG_HEEL * (distance > 0.03))
    least_heel = np.where(is_raised | jumping.flies, 0.0, least_heel) * plateau(progress, 0.15, 0.12)
    heel = np.where(heel < 0, heel, np.hypot(heel, least_heel)) + jumping.heel
    y = SOLE_THICKNESS + height + lift * bump(progress) + jumping.feet
    moves = (progress > 0.02) & (progress < 0.98) & (in_air | (distance > 0.03))
    return FootPath(
        ball=np.stack([x, y, z], axis=-1),
        rotation=Rotation.from_euler("YX", np.stack([yaw, heel], axis=-1)),
        heel=heel,
        yaw=yaw,
        stands=~moves & (height < 0.004) & ~jumping.flies,
    )
