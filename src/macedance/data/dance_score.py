"""A dance written down as key frames on counts, and the writer that turns moves into it.

K keys. Metres and radians; world frame with y up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.data.arm_poses import ARM_POSES
from macedance.data.footwork import LEFT, RIGHT, STANCE, Footwork, Step
from macedance.data.keyframes import Track
from macedance.data.upper_body import UpperBody

TURN_OUT = 0.12
MAX_HOMING = 0.08
"""How far, per move, the dancer drifts back to the middle of the floor."""


@dataclass(frozen=True, eq=False)
class DanceScore:
    """Tracks over counts.

    Attributes:
        feet: Of "left" and "right": ball x, height, z, yaw, heel pitch, lift on the way to the key (6).
        pelvis: x, z, heading, yaw, pitch, drop, weight (7).
        torso: Spine yaw, roll, pitch (3).
        head: Yaw, pitch (2).
        arms: Of "left" and "right": channels of an arm (6).
        energy: Of the music (1).
        beat_seconds: Seconds in a count.
    """

    feet: dict[str, Track]
    pelvis: Track
    torso: Track
    head: Track
    arms: dict[str, Track]
    energy: Track
    beat_seconds: float


class ScoreWriter:
    """Appends moves one after the other.

    A move starts from where the standing foot is, with the other foot; begun with the left it is mirrored.

    Args:
        beat_seconds: Steps get smaller the shorter it is.
        arm_counts: Counts that the arms take from pose to pose; they slow down at each.
    """

    def __init__(self, beat_seconds: float, arm_counts: int) -> None:
        self.beat_seconds = beat_seconds
        self.arm_counts = arm_counts
        self.stride = float(np.clip(beat_seconds / 0.5, 0.75, 1.1))
        self.heading = 0.0
        self.weight = 1.0
        self.feet = {
            side: [(count, np.array([sign * STANCE, 0, 0, sign * TURN_OUT, 0, 0])) for count in (-2.0, -1.0)]
            for side, sign in ((LEFT, 1.0), (RIGHT, -1.0))
        }
        self.keys: dict[str, list[tuple[float, np.ndarray]]] = {
            name: [] for name in ("pelvis", "torso", "head", LEFT, RIGHT, "energy")
        }

    def write_phrase(
        self, footwork: tuple[Footwork, ...], upper_body: UpperBody, *, count: int, energy: float
    ) -> None:
        """Add a phrase whose count 1 is at `count`."""
        upper = upper_body if self.weight > 0 else upper_body.mirrored()
        start = count
        for move in footwork:
            danced = move if self.weight > 0 else move.mirrored()
            self._write_footwork(danced, upper, start, energy)
            start += move.num_counts
        for number in range(start - count):
            self._write_upper_body(upper, number, float(count + number), energy)

    def score(self) -> DanceScore:
        """Everything written so far."""
        tracks = {name: _track(keys) for name, keys in self.keys.items()}
        return DanceScore(
            feet={side: _track(keys) for side, keys in self.feet.items()},
            pelvis=tracks["pelvis"],
            torso=tracks["torso"],
            head=tracks["head"],
            arms={side: tracks[side] for side in (LEFT, RIGHT)},
            energy=tracks["energy"],
            beat_seconds=self.beat_seconds,
        )

    def _write_footwork(self, move: Footwork, upper: UpperBody, start: int, energy: float) -> None:
        home, first_heading = self._home(), self.heading
        scale = self.stride * (0.75 + 0.25 * energy)
        for number, weight in enumerate(move.weights):
            if move.headings:
                self.heading = first_heading + move.headings[number]
            moving = [step for step in move.steps if step.count == number + 1]
            for step in moving:
                self._place_foot(step, home, scale, float(start + number))
            if move.headings:
                self._follow_turn({step.foot for step in moving}, float(start + number))
            self._place_pelvis(move, upper, number, float(start + number), scale)
            self.weight = weight

    def _home(self) -> np.ndarray:
        """Middle (2,) of the stance that the standing foot belongs to, drawn a little towards the origin."""
        side = LEFT if self.weight > 0 else RIGHT
        foot = self.feet[side][-1][1][[0, 2]]
        home = foot - _turned(STANCE if side == LEFT else -STANCE, 0.0, self.heading)
        distance = float(np.linalg.norm(home))
        return home * (1 - min(MAX_HOMING / max(distance, MAX_HOMING), 1.0))

    def _place_foot(self, step: Step, home: np.ndarray, scale: float, count: float) -> None:
        side = 1.0 if step.foot == LEFT else -1.0
        x = side * STANCE + (step.x - side * STANCE) * scale
        position = home + _turned(x, step.z * scale, self.heading)
        yaw = self.heading + side * TURN_OUT + step.turn
        self._hold_foot(step.foot, count - step.num_counts)
        key = np.array([position[0], step.height * scale, position[1], yaw, step.heel, step.lift])
        self.feet[step.foot].append((count, key))

    def _follow_turn(self, moving: set[str], count: float) -> None:
        """The foot that stays swivels on its ball with the turning body."""
        for side, sign in ((LEFT, 1.0), (RIGHT, -1.0)):
            if side not in moving:
                self._hold_foot(side, count - 1)
                key = self.feet[side][-1][1].copy()
                key[[3, 4, 5]] = self.heading + sign * TURN_OUT, 0.3, 0.0
                self.feet[side].append((count, key))

    def _hold_foot(self, side: str, until: float) -> None:
        """Keeps the foot where it is until its next way begins."""
        count, key = self.feet[side][-1]
        if count < until:
            self.feet[side].append((until, np.array([*key[:5], 0.0])))

    def _place_pelvis(
        self, move: Footwork, upper: UpperBody, number: int, count: float, scale: float
    ) -> None:
        weight = move.weights[number]
        left, right = (self.feet[side][-1][1][[0, 2]] for side in (LEFT, RIGHT))
        middle = (left + right) / 2 + 0.4 * weight * (left - right) + _turned(0.0, -0.085, self.heading)
        pitch = upper.pelvis_pitch[number % len(upper.pelvis_pitch)]
        yaw = move.hips[number % len(move.hips)]
        key = np.array([*middle, self.heading, yaw, pitch, move.drops[number] * scale, weight])
        self.keys["pelvis"].append((count, key))

    def _write_upper_body(self, upper: UpperBody, number: int, count: float, energy: float) -> None:
        size = 0.5 + 0.5 * energy
        self.keys["energy"].append((count, np.array([energy])))
        self.keys["torso"].append((count, size * np.array(upper.torso[number % len(upper.torso)])))
        self.keys["head"].append((count, size * np.array(upper.head[number % len(upper.head)])))
        slow, halfway = divmod(number, self.arm_counts)
        for index, side in enumerate((LEFT, RIGHT)):
            pose = ARM_POSES[upper.arms[slow % len(upper.arms)][index]]
            if halfway:
                pose = (pose + ARM_POSES[upper.arms[(slow + 1) % len(upper.arms)][index]]) / 2
            rest = ARM_POSES["groove"]
            self.keys[side].append((count, rest + (0.4 + 0.6 * energy) * (pose - rest)))


def _turned(x: float, z: float, heading: float) -> np.ndarray:
    """A point (2,) of the dancer's frame as x and z of the world."""
    return np.array([x * np.cos(heading) + z * np.sin(heading), z * np.cos(heading) - x * np.sin(heading)])


def _track(keys: list[tuple[float, np.ndarray]]) -> Track:
    return Track(np.array([count for count, _ in keys], dtype=np.float64), np.stack([key for _, key in keys]))
