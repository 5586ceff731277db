"""Keeps the dancer's weight over the feet.

The floor can push only within the soles that stand on it. With the height h of the centre of mass and gravity
g, the point p where it pushes and the centre of mass x obey x - (h/g) x'' = p (Kajita et al. 2003, "Biped
walking pattern generation by using preview control of zero-moment point"). Given p, the bounded solution is p
smoothed on both sides with an exponential of the time constant sqrt(h/g): the body leaves a foot before the
foot leaves the floor, sways far in slow steps and little in quick ones.

T frames. Metres; world frame with y up.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter, lfilter_zi

from macedance.data.choreography.feet import FootPath
from macedance.data.choreography.jumps import GRAVITY
from macedance.data.choreography.moves import LEFT, RIGHT
from macedance.geometry.center_of_mass import JOINT_MASSES
from macedance.geometry.skeleton import REST_OFFSETS

MASS_HEIGHT = 0.95
MID_FOOT, RAISED_HEEL = 0.05, 0.25
"""How far behind the ball of a standing foot the floor pushes, and the pitch of a foot that stands on its ball."""

LEG_JOINTS = {LEFT: (1, 4, 7, 10), RIGHT: (2, 5, 8, 11)}
_SHIN_LENGTH = float(np.linalg.norm(REST_OFFSETS[7]))


def smooth_weight(values: np.ndarray, step_seconds: float) -> np.ndarray:
    """Values (T, ...) smoothed along T as the centre of mass follows the point of support."""
    decay = np.exp(-step_seconds / np.sqrt(MASS_HEIGHT / GRAVITY))
    filter_ = [1 - decay], [1, -decay]
    for _ in range(2):
        start = lfilter_zi(*filter_) * values[:1]
        values = lfilter(*filter_, values, axis=0, zi=start)[0][::-1]
    return values


def weight_share(keyed: np.ndarray, feet: dict[str, FootPath]) -> np.ndarray:
    """Where the weight is (T,), -1 right to 1 left: as keyed while both feet stand, else over the one that does."""
    left, right = feet[LEFT].stands, feet[RIGHT].stands
    share = np.where(left & right, np.clip(keyed, -1, 1), np.where(left, 1.0, -1.0))
    stands = left | right
    if stands.all() or not stands.any():
        return share
    frames = np.arange(len(share))
    return np.interp(frames, frames[stands], share[stands])


def support_point(share: np.ndarray, feet: dict[str, FootPath]) -> np.ndarray:
    """Where the floor pushes (T, 2), x and z."""
    points = {
        side: foot.ball[:, [0, 2]]
        - _behind_ball(foot)[:, None] * np.stack([np.sin(foot.yaw), np.cos(foot.yaw)], axis=-1)
        for side, foot in feet.items()
    }
    left_share = (1 + share[:, None]) / 2
    return left_share * points[LEFT] + (1 - left_share) * points[RIGHT]


def _behind_ball(foot: FootPath) -> np.ndarray:
    """How far behind the ball the floor pushes (T,): nothing where the heel is up."""
    return MID_FOOT * (1 - np.clip(foot.heel / RAISED_HEEL, 0, 1))


def pelvis_over(
    target: np.ndarray,
    height: np.ndarray,
    above: np.ndarray,
    hips: dict[str, np.ndarray],
    ankles: dict[str, np.ndarray],
    feet: dict[str, FootPath],
) -> np.ndarray:
    """Where the pelvis must be (T, 2), x and z, for the centre of mass to be over a target (T, 2).

    Args:
        target: x and z.
        height: Of the pelvis (T,).
        above: The joints of pelvis, trunk, head and arms, weighted by their masses, from the pelvis (T, 3).
        hips: The hip joints from the pelvis (T, 3).
        ankles: In the world (T, 3).
        feet: Both.
    """
    place = target.copy()
    for _ in range(2):
        fixed, moving = above[:, [0, 2]].copy(), 1.0 - sum(JOINT_MASSES[list(LEG_JOINTS[LEFT])]) * 2
        total = np.full(len(target), moving)
        for side, (hip, knee, ankle, toe) in LEG_JOINTS.items():
            masses = JOINT_MASSES
            hip_at = np.column_stack([place[:, 0], height, place[:, 1]]) + hips[side]
            reach = np.linalg.norm(ankles[side] - hip_at, axis=1)
            bulge = np.sqrt(np.maximum(_SHIN_LENGTH**2 - (reach / 2) ** 2, 0))
            forward = np.stack([np.sin(feet[side].yaw), np.cos(feet[side].yaw)], axis=-1)
            fixed += (masses[hip] + masses[knee] / 2) * hips[side][:, [0, 2]]
            fixed += (masses[knee] / 2 + masses[ankle]) * ankles[side][:, [0, 2]]
            fixed += masses[knee] * bulge[:, None] * forward + masses[toe] * feet[side].ball[:, [0, 2]]
            total += masses[hip] + masses[knee] / 2
        place = (target - fixed) / total[:, None]
    return place
