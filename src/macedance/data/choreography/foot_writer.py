"""Where the feet go: steps of moves, placed on the floor one after the other.

Metres and radians; world frame with y up.
"""

from __future__ import annotations

import numpy as np

from macedance.data.choreography.keyframes import Track
from macedance.data.choreography.moves import LEFT, RIGHT, STANCE, Step
from macedance.geometry.skeleton import REST_OFFSETS

MAX_WAY_SECONDS = 0.5
"""A foot waits before a step of one count that would take longer."""

MAX_HOMING = 0.1
"""How far, per move, the dancer drifts back to the middle of the floor."""

TO_BALL = ((REST_OFFSETS[10] * [1, 1, 1] + REST_OFFSETS[11] * [-1, 1, 1]) / 2)[[0, 2]]
"""From the left ankle to the ball of the foot, x and z."""

ROOM_METRES, ANKLE_ROOM_METRES = 0.16, 0.1
"""Least distance of the balls of both feet, and of their ankles."""

SWIVEL_HEEL = 0.32
YAW = 3
SIDES = ((LEFT, 1.0), (RIGHT, -1.0))


def turned(x: float, z: float, heading: float) -> np.ndarray:
    """A point (2,) of the dancer's frame as x and z of the world."""
    return np.array([x * np.cos(heading) + z * np.sin(heading), z * np.cos(heading) - x * np.sin(heading)])


class FootWriter:
    """Key frames of both feet.

    Args:
        beat_seconds: Seconds in a count.
        stance: Half of the distance of the feet.
        turn_out: Angle of each foot, outwards.
    """

    def __init__(self, beat_seconds: float, stance: float, turn_out: float) -> None:
        self.beat_seconds = beat_seconds
        self.stance = stance
        self.turn_out = turn_out
        self.keys = {
            side: [(count, np.array([sign * stance, 0, 0, sign * turn_out, 0, 0])) for count in (-3.0, -2.0)]
            for side, sign in SIDES
        }

    def track(self, side: str) -> Track:
        """Everything written for a foot so far."""
        counts, values = zip(*self.keys[side], strict=True)
        return Track(np.array(counts, dtype=np.float64), np.stack(values))

    def home(self, standing: str, heading: float, *, homing: float = MAX_HOMING) -> np.ndarray:
        """Middle (2,) of the stance that the standing foot belongs to, drawn a little towards the origin."""
        foot = self.keys[standing][-1][1][[0, 2]]
        home = foot - turned(self.stance if standing == LEFT else -self.stance, 0.0, heading)
        distance = float(np.linalg.norm(home))
        return home * (1 - homing / max(distance, 0.8))

    def is_out_of_stance(self, side: str, home: np.ndarray, heading: float) -> bool:
        """Whether a foot is raised, or not where it stands."""
        _, key = self.keys[side][-1]
        place = home + turned(self.stance if side == LEFT else -self.stance, 0.0, heading)
        return bool(key[1] > 0 or abs(key[4]) > 0.05 or np.linalg.norm(key[[0, 2]] - place) > 0.09)

    def step(
        self,
        step: Step,
        count: float,
        *,
        home: np.ndarray,
        heading: float,
        scale: float,
        duration: float,
        other_stays: bool = True,
    ) -> None:
        """A foot arrives at a count, beside the other if that stays; its way takes `duration` counts."""
        side = 1.0 if step.foot == LEFT else -1.0
        x = side * self.stance + (step.x - side * STANCE) * scale
        position = home + turned(x, step.z * scale, heading)
        yaw = heading + side * self.turn_out + step.turn
        if step.height == 0 and step.lift > 0 and other_stays:
            position = self._beside_other_foot(step.foot, position, yaw)
        self._hold(step.foot, count - duration)
        # where the toes are up, the heel is on the floor
        height = step.height * (scale if step.heel > 0 else 1.0)
        key = np.array([position[0], height, position[1], yaw, step.heel, step.lift])
        self._append(step.foot, count, key)

    def _beside_other_foot(self, side: str, position: np.ndarray, yaw: float) -> np.ndarray:
        """The position (2,) of a ball, no nearer to the other foot than balls and ankles have room."""
        other = RIGHT if side == LEFT else LEFT
        key = self.keys[other][-1][1]
        ankle, other_ankle = _to_ankle(side, yaw), _to_ankle(other, key[YAW])
        for shift, other_shift, room in ((ankle, other_ankle, ANKLE_ROOM_METRES), (0.0, 0.0, ROOM_METRES)):
            away = position + shift - key[[0, 2]] - other_shift
            distance = float(np.hypot(*away))
            position = position + away * max(room - distance, 0.0) / max(distance, 1e-3)
        return position

    def swivel(self, side: str, count: float, heading: float, *, duration: float, is_last: bool) -> None:
        """A foot turns on its ball with the body."""
        self._hold(side, count - duration)
        key = self.keys[side][-1][1].copy()
        key[YAW] = heading + (self.turn_out if side == LEFT else -self.turn_out)
        key[4], key[5] = (0.0 if is_last else SWIVEL_HEEL), 0.0
        self._append(side, count, key)

    def _hold(self, side: str, until: float) -> None:
        """Keeps the foot where it is until its next way begins."""
        count, key = self.keys[side][-1]
        if count < until - 1e-6:
            self.keys[side].append((until, np.array([*key[:5], 0.0])))

    def _append(self, side: str, count: float, key: np.ndarray) -> None:
        if count <= self.keys[side][-1][0] + 1e-6:
            self.keys[side].pop()
        self.keys[side].append((count, key))


def _to_ankle(side: str, yaw: float) -> np.ndarray:
    """From the ball of a level foot to its ankle (2,), x and z; both feet are taken for alike."""
    x, z = -TO_BALL
    return turned(x if side == LEFT else -x, z, yaw)


def least_stance(turn_out: float) -> float:
    """Half the distance of the balls of both feet at which their ankles have room."""
    return ANKLE_ROOM_METRES / 2 - float(_to_ankle(LEFT, turn_out)[0])
