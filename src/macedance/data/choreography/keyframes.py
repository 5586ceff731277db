"""Key frames on counts and the curves that pass through them.

T frames, K keys, C channels.
"""

from __future__ import annotations

import functools
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
        flows: For each key (K,) how much of its speed is kept: 0 stops there, 1 passes through. A channel that
            turns back at a key stops there anyway, so a key is never overshot.
    """

    counts: np.ndarray
    values: np.ndarray
    flows: np.ndarray | None = None

    def progress(self, counts: np.ndarray, timing: Timing) -> tuple[np.ndarray, np.ndarray]:
        """Index (T,) of the key before each time, and how much (T,) of the way to the next is done."""
        index = np.clip(np.searchsorted(self.counts, counts, side="right") - 1, 0, len(self.counts) - 2)
        share = (counts - self.counts[index]) / (self.counts[index + 1] - self.counts[index])
        return index, np.clip((share - timing.start) / (timing.end - timing.start), 0, 1)

    def at(self, counts: np.ndarray, timing: Timing) -> np.ndarray:
        """Values (T, C) at the times (T,).

        Between keys that stop, the change keeps to its timing; where a key flows, it takes all of the time.
        Speed and acceleration are continuous.
        """
        index, progress = self.progress(counts, timing)
        if self.flows is None:
            weight = minimum_jerk(progress)[:, None]
            return self.values[index] * (1 - weight) + self.values[index + 1] * weight
        _, whole = self.progress(counts, Timing())
        stops = (self.flows[index] == 0) & (self.flows[index + 1] == 0)
        progress = np.where(stops, progress, whole)
        weight = minimum_jerk(progress)[:, None]
        length = (self.counts[index + 1] - self.counts[index])[:, None]
        leaving, arriving = _speed_shapes(progress[:, None])
        changes = length * (leaving * self._speeds[index] + arriving * self._speeds[index + 1])
        return self.values[index] * (1 - weight) + self.values[index + 1] * weight + changes

    @functools.cached_property
    def _speeds(self) -> np.ndarray:
        """Speed (K, C) at each key, per count: the harmonic mean of the sides', none where they differ in sign."""
        assert self.flows is not None
        slopes = np.diff(self.values, axis=0) / np.diff(self.counts)[:, None]
        product = slopes[:-1] * slopes[1:]
        total = slopes[:-1] + slopes[1:]
        inner = np.where(product > 0, 2 * product / np.where(product > 0, total, 1.0), 0.0)
        return self.flows[:, None] * np.pad(inner, ((1, 1), (0, 0)))


def minimum_jerk(progress: np.ndarray) -> np.ndarray:
    """The path from 0 to 1 with the least jerk between two rests.

    Source: Flash and Hogan 1985, "The coordination of arm movements".

    >>> minimum_jerk(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return progress**3 * (10 + progress * (6 * progress - 15))


def _speed_shapes(progress: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quintic shapes that leave 0 with speed 1, and that arrive at 0 with speed 1; no other effect at the ends."""
    cubed = progress**3
    leaving = progress + cubed * (-6 + progress * (8 - 3 * progress))
    arriving = cubed * (-4 + progress * (7 - 3 * progress))
    return leaving, arriving


def bump(progress: np.ndarray) -> np.ndarray:
    """A smooth rise from 0 to 1 at half-way and back, at rest at both ends.

    >>> bump(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 0.0]
    """
    return 16 * (progress * (1 - progress)) ** 2


def plateau(progress: np.ndarray, rise: float, fall: float) -> np.ndarray:
    """A smooth rise from 0 to 1 within the share `rise`, and a fall back within the last `fall`.

    >>> plateau(np.array([0.0, 0.5, 1.0]), 0.2, 0.2).tolist()
    [0.0, 1.0, 0.0]
    """
    return minimum_jerk(np.clip(progress / rise, 0, 1)) * minimum_jerk(np.clip((1 - progress) / fall, 0, 1))
