"""Who dances: traits that are drawn once for a dance, around those of its style.

T frames, C channels, N waves. Angles are in radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Carriage:
    """How a style holds and moves the body.

    Attributes:
        bounce: Metres that the pelvis sinks and rises with each beat.
        is_up_on_beat: Highest on the beat, not lowest.
        sharpness: 0 glides from pose to pose, 1 snaps into each early and holds it.
        flow: Of the arms and the trunk where a move tells none: 0 stops at each pose, 1 passes through.
        looseness: 0 holds the arms firmly, 1 lets them swing on.
        size: Of steps and gestures.
        lean: Pitch of the trunk.
        accent: How strongly the body marks the hits of the band.
        turn_out: Angle of each foot.
        stance: Of the feet, beyond `STANCE`, in metres.
    """

    bounce: float = 0.025
    is_up_on_beat: bool = False
    sharpness: float = 0.3
    flow: float = 0.3
    looseness: float = 0.5
    size: float = 1.0
    lean: float = 0.0
    accent: float = 0.6
    turn_out: float = 0.15
    stance: float = 0.0


@dataclass(frozen=True, eq=False)
class Dancer:
    """One dancer.

    Attributes:
        carriage: The style's, varied.
        elbow_lag_seconds: How long the elbow comes after the shoulder; the wrist twice that.
        head_attitude: Yaw, roll and pitch (3,) in which the head is carried.
        idle_hz: Slow drifts of the body (N, 2): rates.
        idle_phases: Their phases (C, N).
    """

    carriage: Carriage
    elbow_lag_seconds: float
    head_attitude: np.ndarray
    idle_hz: np.ndarray
    idle_phases: np.ndarray

    @classmethod
    def draw(cls, carriage: Carriage, rng: np.random.Generator) -> Dancer:
        """A dancer of the style."""
        varied = Carriage(
            bounce=carriage.bounce * rng.uniform(0.7, 1.3),
            is_up_on_beat=carriage.is_up_on_beat,
            sharpness=float(np.clip(carriage.sharpness + rng.uniform(-0.15, 0.15), 0, 1)),
            flow=float(np.clip(carriage.flow + rng.uniform(-0.15, 0.15), 0, 1)),
            looseness=float(np.clip(carriage.looseness + rng.uniform(-0.2, 0.2), 0, 1)),
            size=carriage.size * rng.uniform(0.8, 1.2),
            lean=carriage.lean + rng.uniform(-0.03, 0.05),
            accent=carriage.accent * rng.uniform(0.7, 1.3),
            turn_out=carriage.turn_out + rng.uniform(-0.06, 0.1),
            stance=carriage.stance + rng.uniform(0.0, 0.03),
        )
        return cls(
            carriage=varied,
            elbow_lag_seconds=float(rng.uniform(0.02, 0.05)),
            head_attitude=rng.normal(0, [0.05, 0.04, 0.05]),
            idle_hz=rng.uniform(0.1, 0.5, size=IDLE_WAVES),
            idle_phases=rng.uniform(0, 2 * np.pi, size=(IDLE_CHANNELS, IDLE_WAVES)),
        )

    def idle(self, seconds: np.ndarray) -> np.ndarray:
        """Slow drifts (T, C) at times (T,), about -1 to 1: nobody repeats a pose exactly."""
        angles = 2 * np.pi * seconds[:, None, None] * self.idle_hz + self.idle_phases
        return np.sin(angles).mean(axis=-1)


IDLE_WAVES = 3
IDLE_CHANNELS = 15
"""Lower spine, chest and head (3 each), left and right arm (3 each)."""
