"""How long a motion is, told by its file's headers."""

from __future__ import annotations

import math
from pathlib import Path

from macedance.data.motion_clips import MOTION_FPS
from macedance.data.packing.tracks import NoRecordingError
from macedance.geometry.motion_files import FPS_NAMES
from macedance.geometry.npz_files import load_npz, npz_shapes


def resampled_frames(num_frames: int, fps: float) -> int:
    """Frames that a motion has once it is at 30 fps.

    >>> resampled_frames(576, 60), resampled_frames(577, 60), resampled_frames(100, 30)
    (288, 289, 100)
    """
    return max(1, math.ceil(num_frames * MOTION_FPS / fps - 1e-6))


def npz_motion_frames(path: Path) -> int:
    """Frames at 30 fps of a motion in an npz file.

    Raises:
        NoRecordingError: The file holds no motion but something else.
        ValueError: It is damaged or tells no frame rate.
    """
    shapes = npz_shapes(path)
    if not {"poses", "trans"} <= shapes.keys():
        raise NoRecordingError("npz files without motion")
    if not all(shapes["poses"]) or len(shapes["poses"]) < 2:
        raise ValueError(f"its poses have the shape {shapes['poses']}")
    rates = load_npz(path, FPS_NAMES)
    if not rates:
        raise ValueError(f"it tells no frame rate; add an array named one of {', '.join(FPS_NAMES)}")
    fps = float(next(iter(rates.values())).item())
    if not 0 < fps < math.inf:
        raise ValueError(f"its frame rate must be positive, is {fps:g}")
    return resampled_frames(shapes["poses"][0], fps)
