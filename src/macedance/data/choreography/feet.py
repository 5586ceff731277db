"""The ways of the feet: standing still, stepping, pivoting and flying.

T frames. Metres and radians; world frame with y up, the floor at y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.jumps import Jumps
from macedance.data.choreography.keyframes import Timing, Track, bump, minimum_jerk, plateau
from macedance.data.choreography.moves import LEFT, RIGHT

SOLE_THICKNESS = 0.03
"""Height of the foot joint above the floor when the foot stands."""

FEET = Timing(0.04, 0.96)
HEADING = Timing(0.02, 0.98)
ACROSS = Timing(0.16, 0.85)
"""A foot rises before it travels, and comes down where it is to stand."""

SWING_HEEL, DRAG_HEEL = 0.34, 0.3
"""How far the heel is up on the way of a foot through the air, and along the floor."""

SMALL_TURN, LARGE_TURN = 0.2, 0.8
"""A foot on the floor or in the air turns with the body from the first on, a stepping one from the second on."""

TURN_EASE = 0.3
"""Share of its way in which a foot that turns with the body gets under way, and comes to rest."""

CLEARANCE_METRES = 0.19
"""Of the balls of both feet, where one passes the other."""

FREE_FOOT_METRES = 0.16


@dataclass(frozen=True, eq=False)
class FootPath:
    """One foot over time.

    Attributes:
        ball: Position (T, 3) of the foot joint.
        heel: Pitch (T,).
        yaw: (T,).
        raised: How far the foot hangs from its shin, not held level (T,), 0 to 1.
        stands: Whether it carries weight (T,).
    """

    ball: np.ndarray
    heel: np.ndarray
    yaw: np.ndarray
    raised: np.ndarray
    stands: np.ndarray

    def with_heel_raised(self, angles: np.ndarray) -> FootPath:
        """The same way with the heel higher by angles (T,)."""
        return replace(self, heel=self.heel + angles)

    @property
    def rotation(self) -> Rotation:
        """Of the foot, T of them."""
        return Rotation.from_euler("YX", np.stack([self.yaw, self.heel], axis=-1))


def foot_paths(score: DanceScore, counts: np.ndarray, jumping: Jumps) -> dict[str, FootPath]:
    """The ways of both feet."""
    places = {side: _floor_places(score, side, counts) for side in (LEFT, RIGHT)}
    return {
        side: _foot_path(score.feet[side], counts, jumping, places[side], places[other])
        for side, other in ((LEFT, RIGHT), (RIGHT, LEFT))
    }


def _floor_places(score: DanceScore, side: str, counts: np.ndarray) -> np.ndarray:
    """x, z and yaw on straight ways, and how much of the way is done (T, 4)."""
    track = score.feet[side]
    index, progress = track.progress(counts, FEET)
    share = _share_of_way(track, index, progress)
    turning, turned = _share_of_turn(score.pelvis, track.counts, counts, index)
    free = _is_raised(track, index) | (track.values[index + 1, 5] == 0)
    starts = minimum_jerk(np.clip(progress / TURN_EASE, 0, 1))
    ends = minimum_jerk(np.clip((1 - progress) / TURN_EASE, 0, 1))
    turned = 1 - (1 - turned * starts) * ends
    share = np.where(turning > np.where(free, SMALL_TURN, LARGE_TURN), turned, share)[:, None]
    channels = [0, 2, 3]
    places = track.values[index][:, channels] * (1 - share) + track.values[index + 1][:, channels] * share
    return np.concatenate([places, share], axis=1)


def _share_of_way(track: Track, index: np.ndarray, progress: np.ndarray) -> np.ndarray:
    """How much of the way (T,) is done: all of the time for a foot in the air, the middle of it for a step."""
    across = np.clip((progress - ACROSS.start) / (ACROSS.end - ACROSS.start), 0, 1)
    return minimum_jerk(np.where(_is_raised(track, index), progress, across))


def _share_of_turn(
    pelvis: Track, keys: np.ndarray, counts: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """By how much the dancer turns (T,) from one key of a foot to the next, and how much of that is done (T,)."""
    heading, at_keys = pelvis.at(counts, HEADING)[:, 0], pelvis.at(keys, HEADING)[:, 0]
    turn = at_keys[index + 1] - at_keys[index]
    done = (heading - at_keys[index]) / np.where(np.abs(turn) > 1e-6, turn, 1.0)
    return np.abs(turn), np.clip(done, 0, 1)


def _is_raised(track: Track, index: np.ndarray) -> np.ndarray:
    return (track.values[index, 1] > 0) | (track.values[index + 1, 1] > 0)


def _foot_path(
    track: Track, counts: np.ndarray, jumping: Jumps, places: np.ndarray, pivots: np.ndarray
) -> FootPath:
    """The way of one foot; in a turn it swings round the other, whose places (T, 4) are the pivots."""
    index, progress = track.progress(counts, FEET)
    _, height, _, _, heel, _ = track.at(counts, FEET).T
    before, after = track.values[index], track.values[index + 1]
    lift, is_raised = after[:, 5], _is_raised(track, index)
    turns = (np.abs(after - before)[:, 3] > LARGE_TURN) & ((lift > 0) | is_raised) & ~jumping.flies
    x, z, yaw, share = places.T
    if turns.any():
        x[turns], z[turns] = _swung(before[turns], after[turns], yaw[turns], pivots[turns])
    steps = ~turns & ((lift > 0) | is_raised) & ~jumping.flies
    around = _way_around(before[:, [0, 2]], after[:, [0, 2]], pivots[:, :2])
    around *= (steps * bump(share))[:, None]
    x, z = x + around[:, 0], z + around[:, 1]
    slides = (np.hypot(*(after - before)[:, [0, 2]].T) > 0.03) | (np.abs(after - before)[:, 3] > 0.08)
    least_heel = np.where(lift > 0, SWING_HEEL * np.minimum(lift / 0.06, 1), DRAG_HEEL * slides)
    least_heel = np.where(is_raised | jumping.flies, 0.0, least_heel) * plateau(progress, 0.26, 0.18)
    heel = np.where(heel < 0, heel, np.hypot(heel, least_heel)) + jumping.heel
    y = SOLE_THICKNESS + height + lift * bump(progress) + jumping.feet
    is_away = (progress > 0.02) & (progress < 0.98) & ((lift > 0) | is_raised)
    return FootPath(
        ball=np.stack([x, y, z], axis=-1),
        heel=heel,
        yaw=yaw,
        raised=minimum_jerk(np.clip(height / FREE_FOOT_METRES, 0, 1)),
        stands=~is_away & (height < 0.004) & ~jumping.flies,
    )


def _swung(
    before: np.ndarray, after: np.ndarray, yaw: np.ndarray, pivots: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """X and z (N,) on an arc about the pivots (N, 4), from keys (N, 6) to keys (N, 6)."""
    share = (yaw - before[:, 3]) / (after[:, 3] - before[:, 3])
    arms = [
        (key[:, 0] + 1j * key[:, 2] - pivots[:, 0] - 1j * pivots[:, 1]) * np.exp(1j * key[:, 3])
        for key in (before, after)
    ]
    place = (arms[0] * (1 - share) + arms[1] * share) * np.exp(-1j * yaw) + pivots[:, 0] + 1j * pivots[:, 1]
    return place.real, place.imag


def _way_around(start: np.ndarray, end: np.ndarray, obstacle: np.ndarray) -> np.ndarray:
    """How far (T, 2) the middle of a way from start to end must be moved so as not to meet the other foot."""
    along = end - start
    length = np.hypot(*along.T)
    along = along / np.maximum(length, 1e-6)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    to_obstacle = obstacle - start
    offset = (to_obstacle * across).sum(axis=1)
    passed = (to_obstacle * along).sum(axis=1)
    is_near = (length > 0.05) & (passed > 0.1 * length) & (passed < 0.9 * length)
    missing = np.where(is_near, np.maximum(CLEARANCE_METRES - np.abs(offset), 0), 0)
    return (np.where(offset > 0, -1, 1) * missing)[:, None] * across
