"""A dance as the evaluation sees it.

Axis letters: T frames, J joints.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Dance:
    """One clip of motion and the beats of its music.

    Attributes:
        key: Name, unique in its set.
        joints: (T, 24, 3) metres, y up, SMPL joint order; or key-points (T, K, 2) in pixels.
        fps: Frames per second.
        beats: Seconds of the music's beats since the clip's start; empty if there is no music.
        poses: Rotation vectors (T, 24, 3); None for key-points.
    """

    key: str
    joints: Tensor
    fps: float
    beats: Tensor
    poses: Tensor | None = None
