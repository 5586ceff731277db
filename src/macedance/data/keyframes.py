"""Key frames on counts and the curves that pass through them.

T frames, K keys, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Where a change sits between two keys, as shares of the time from one to the next.

    A change that starts late and ends early leaves a short hold at each key.
    """

    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, eq=False)
class Track:
    """Values at ascending times; before the first and after the last key they stay as they are.

    Attributes:
        counts: Times (K,) in beats.
        values: (K, C).
    """

    counts: np.ndarray
    values: np.ndarray

    def progress(self, counts: np.ndarray, timing: Timing) -> tuple[np.ndarray, np.ndarray]:
        """Index (T,) of the key before each time, and how much (T,) of the way to the next is done."""
        index = np.clip(np.searchsorted(self.counts, counts, side="right") - 1, 0, len(self.counts) - 2)
        share = (counts - self.counts[index]) / (self.counts[index + 1] - self.counts[index])
        return index, np.clip((share - timing.start) / (timing.end - timing.start), 0, 1)

    def at(self, counts: np.ndarray, timing: Timing) -> np.ndarray:
        """Values (T, C) at the times (T,); every key is reached with no velocity and no acceleration."""
        index, progress = self.progress(counts, timing)
        weight = minimum_jerk(progress)[:, None]
        return self.values[index] * (1 - weight) + self.values[index + 1] * weight


def minimum_jerk(progress: np.ndarray) -> np.ndarray:
    """The path from 0 to 1 with the least jerk between two rests.

    Source: Flash and Hogan 1985, "The coordination of arm movements".

    >>> minimum_jerk(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return progress**3 * (10 + progress * (6 * progress - 15))


def bump(progress: np.ndarray) -> np.ndarray:
    """A smooth rise from 0 to 1 at half-way and back, at rest at both ends.

    >>> bump(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 0.0]
    """
    return 64 * (progress * (1 - progress)) ** 3
