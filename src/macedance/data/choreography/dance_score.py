"""A dance written down as key frames on counts.

Metres and radians; world frame with y up. Angles are yaw, roll and pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.data.choreography.keyframes import Track


@dataclass(frozen=True, eq=False)
class DanceScore:
    """Tracks over counts.

    Attributes:
        feet: Of "left" and "right": ball x, height, z, yaw, heel pitch, lift on the way to the key (6).
        pelvis: Heading, yaw, roll, drop, weight (5), of the footwork.
        tilt: Of the pelvis (3), of the upper body's pattern.
        spine: Of the lower spine (3), the chest (3), and counts by which each comes after the part below (1).
        head: Against the gaze (3).
        shoulders: How far the left and the right are raised (2).
        arms: Of "left" and "right": channels of an arm (6).
        energy: Of the music (1).
        flights: Counts of take-off and landing (N, 2).
        hits: Counts of accents (M,).
        beat_seconds: Seconds in a count.
    """

    feet: dict[str, Track]
    pelvis: Track
    tilt: Track
    spine: Track
    head: Track
    shoulders: Track
    arms: dict[str, Track]
    energy: Track
    flights: np.ndarray
    hits: np.ndarray
    beat_seconds: float
