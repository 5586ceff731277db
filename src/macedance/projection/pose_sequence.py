"""Where the points of a body are in the frames of a video. Axis letters: F frames, P points (20)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from macedance.geometry.npz_files import load_npz, save_npz
from macedance.projection.body_points import POINT_NAMES

VISIBLE = 0.5
"""The confidence from which on a point is drawn."""


@dataclass(frozen=True, eq=False)
class PoseSequence:
    """Key-points over time, as a value.

    Attributes:
        points: (F, 20, 3) float32: x, y in pixels with the origin at the upper left, confidence in [0, 1];
            below 0.5 means hidden. In the order of
            :data:`~macedance.projection.body_points.POINT_NAMES`.
        fps: Frames per second.
        size_px: (width, height) of the picture.

    Raises:
        ValueError: The points have another shape.
    """

    points: np.ndarray
    fps: float
    size_px: tuple[int, int]

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float32)
        if points.ndim != 3 or points.shape[1:] != (len(POINT_NAMES), 3):
            raise ValueError(f"points must be (frames, {len(POINT_NAMES)}, 3), got {points.shape}")
        object.__setattr__(self, "points", points)

    @property
    def num_frames(self) -> int:
        """How many frames there are."""
        return len(self.points)

    @property
    def visible(self) -> np.ndarray:
        """Which points are drawn, (F, 20) bool."""
        return self.points[..., 2] >= VISIBLE

    def save(self, path: str | Path) -> None:
        """Write an npz file with the arrays keypoints (F, 20, 3), names, fps and size (width, height)."""
        save_npz(
            path,
            keypoints=self.points,
            names=np.array(POINT_NAMES),
            fps=np.array(self.fps),
            size=np.array(self.size_px),
        )

    @classmethod
    def load(cls, path: str | Path) -> PoseSequence:
        """Read what :meth:`save` wrote.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It lacks an array.
        """
        arrays = load_npz(path, ("keypoints", "fps", "size"))
        missing = {"keypoints", "fps", "size"} - set(arrays)
        if missing:
            raise ValueError(
                f"{path} must hold keypoints, fps and size, but lacks {', '.join(sorted(missing))}"
            )
        width, height = arrays["size"].tolist()
        return cls(arrays["keypoints"], float(arrays["fps"]), (width, height))
