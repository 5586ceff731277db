"""A dance on video, as the evaluation sees it. Axis letters: T frames, K key-points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.reference import Reference
from macedance.render.video import read_frames


@dataclass(frozen=True, eq=False)
class FilmedDance:
    """A video, and what is known of it besides.

    Attributes:
        key: Name, unique in its set.
        path: The file.
        fps: Frames per second.
        size_px: (width, height).
        num_frames: How many there are.
        detected: Where the dancer was found to be; None if nobody looked.
        driving: Where the dancer should be: the points that the video was made from; None if unknown.
        person: Picture of who should be seen, and where in it, if that is known; None if there is none.
    """

    key: str
    path: Path
    fps: float
    size_px: tuple[int, int]
    num_frames: int
    detected: PoseSequence | None = None
    driving: PoseSequence | None = None
    person: Reference | None = None

    def frames(self) -> Iterable[np.ndarray]:
        """The frames uint8 (H, W, 3), read anew."""
        return read_frames(self.path)
