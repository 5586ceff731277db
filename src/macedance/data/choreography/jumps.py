"""What jumps do to a body: a crouch, a free fall, and a landing that gives way.

T frames. Metres, seconds and radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.keyframes import minimum_jerk

GRAVITY = 9.81
CROUCH_SECONDS, LANDING_SECONDS = 0.4, 0.34
CROUCH_METRES, HIGH_JUMP_SECONDS = 0.13, 0.36
"""The crouch before a flight that lasts so long or longer; it is less before a shorter one."""

SHORT_GROUND_SECONDS = 0.45
"""Between flights that follow each other faster, landing and crouch are one."""

TAKE_OFF_HEEL, HEEL_SECONDS = 0.55, 0.12


@dataclass(frozen=True, eq=False)
class Jumps:
    """Heights in metres, the pitch of the feet in radians, and where the dancer is in the air.

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
    seconds, flights = counts * score.beat_seconds, score.flights * score.beat_seconds
    ground = np.zeros(len(counts))
    flight = np.zeros(len(counts))
    heel = np.zeros(len(counts))
    for number, (start, end) in enumerate(flights):
        flight += GRAVITY / 2 * np.clip(seconds - start, 0, None) * np.clip(end - seconds, 0, None)
        heel = np.maximum(heel, _heel(seconds, start, end))
        before = start - flights[number - 1, 1] if number else np.inf
        after = flights[number + 1, 0] - end if number + 1 < len(flights) else np.inf
        speed, depth = _take_off(end - start)
        if after < SHORT_GROUND_SECONDS:
            ground += _dip(seconds - end, after, speed, _take_off(np.diff(flights[number + 1])[0])[0])
        else:
            ground += _crouch(end - seconds, min(LANDING_SECONDS, after / 2), speed, depth)
        if before >= SHORT_GROUND_SECONDS:
            ground += _crouch(seconds - start, min(CROUCH_SECONDS, before / 2), speed, depth)
    return Jumps(ground + flight, flight, heel, flight > 0)


def _take_off(flight_seconds: float) -> tuple[float, float]:
    """Speed upwards at take-off, and depth of the crouch."""
    return GRAVITY / 2 * flight_seconds, CROUCH_METRES * min(flight_seconds / HIGH_JUMP_SECONDS, 1.0)


def _crouch(since: np.ndarray, length: float, speed: float, depth: float) -> np.ndarray:
    """Height (T,) at times before a take-off at 0: down to the crouch, then up to leave with that speed.

    Backwards it is a landing.
    """
    half = length / 2
    up = np.clip(1 + since / half, 0, 1)
    down = np.clip(2 + since / half, 0, 1)
    rise = -depth * (1 - up**2 * (3 - 2 * up)) + speed * half * up**2 * (up - 1)
    return np.where(since >= 0, 0.0, np.where(since < -half, -depth * minimum_jerk(down), rise))


def _dip(since: np.ndarray, length: float, landing_speed: float, take_off_speed: float) -> np.ndarray:
    """Height (T,) at times from a landing at 0 to the next take-off."""
    share = np.clip(since / length, 0, 1)
    down = share * (1 - share) ** 2
    up = share**2 * (share - 1)
    return length * (take_off_speed * up - landing_speed * down)


def _heel(seconds: np.ndarray, start: float, end: float) -> np.ndarray:
    """How far the heels are up (T,) around a flight."""
    leaving = minimum_jerk(np.clip(1 + (seconds - start) / HEEL_SECONDS, 0, 1))
    in_flight = 1 - 0.4 * np.clip((seconds - start) / (end - start), 0, 1)
    landing = minimum_jerk(np.clip(1 - (seconds - end) / HEEL_SECONDS, 0, 1))
    return TAKE_OFF_HEEL * leaving * in_flight * landing
