"""Where the clips of a recording begin and end."""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np

from macedance.data.music_features import MUSIC_FPS


class Window(NamedTuple):
    """A clip's place in its recording, in frames of 1/30 s."""

    start: int
    num_frames: int

    @property
    def stop(self) -> int:
        """The frame after the last."""
        return self.start + self.num_frames


class WindowLengths(NamedTuple):
    """The shortest and the longest clip, in frames of 1/30 s."""

    shortest: int
    longest: int

    @classmethod
    def from_seconds(cls, shortest: float, longest: float, at_least: float = 0.0) -> WindowLengths:
        """Of lengths in seconds.

        Args:
            shortest: Length of the shortest clip.
            longest: Length of the longest clip.
            at_least: What ``shortest`` must not be less than.

        Raises:
            ValueError: The lengths are not positive, out of order, or too short.
        """
        if not 0 < shortest <= longest < math.inf:
            raise ValueError(
                f"window-seconds must be two positive lengths, the shorter first, got {shortest:g} {longest:g}"
            )
        if shortest < at_least:
            raise ValueError(
                f"window-seconds must be at least {at_least:g} for motion, which a Motion Expert trains on in "
                f"windows of 240 frames at 30 fps, got {shortest:g}"
            )
        lengths = cls(math.ceil(shortest * MUSIC_FPS - 1e-6), math.floor(longest * MUSIC_FPS + 1e-6))
        if not 0 < lengths.shortest <= lengths.longest:
            raise ValueError(
                f"window-seconds must hold a whole number of frames of 1/30 s, got {shortest:g} {longest:g}"
            )
        return lengths


def draw_windows(num_frames: int, lengths: WindowLengths, seed: int, name: str) -> tuple[Window, ...]:
    """The clips of a recording, in their order: a function of the arguments alone.

    There are about as many as would lie end to end, at least one. Lengths are uniform; offsets are uniform in
    as many equal strata, so that clips cover the recording evenly and may overlap a little.

    Args:
        num_frames: Length of the recording.
        lengths: Of the clips.
        seed: Another seed, other clips.
        name: The recording's name.

    >>> draw_windows(240, WindowLengths(240, 300), 0, "a")
    (Window(start=0, num_frames=240),)
    >>> draw_windows(239, WindowLengths(240, 300), 0, "a")
    ()
    """
    if num_frames < lengths.shortest:
        return ()
    digest = hashlib.sha256(name.encode()).digest()
    random = np.random.default_rng((seed, int.from_bytes(digest[:8], "big")))
    count = max(1, round(2 * num_frames / sum(lengths)))
    sizes = random.integers(lengths.shortest, min(lengths.longest, num_frames), count, endpoint=True)
    places = (np.arange(count) + random.random(count)) / count
    starts = np.floor(places * (num_frames - sizes + 1)).astype(int)
    return tuple(sorted(Window(int(start), int(size)) for start, size in zip(starts, sizes, strict=True)))
