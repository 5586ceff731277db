"""Finding the key-points of the person in a video, once. Axis letters: T frames, K key-points."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np

from macedance.projection.detector import VideoKeypointDetector
from macedance.projection.filled_keypoints import filled_keypoints
from macedance.projection.keypoint_cache import (
    VideoKeypoints,
    cached_keypoints,
    read_cache,
    read_video_keypoints,
    rounded,
    write_cache,
)
from macedance.projection.keypoint_formats import NAMES_BY_COUNT
from macedance.render.video import VideoInfo, probe_video, read_frames

__all__ = [
    "VideoKeypoints",
    "cached_keypoints",
    "filled_keypoints",
    "keypoints_of_video",
    "probed",
    "read_video_keypoints",
]


def keypoints_of_video(
    path: str | Path,
    detector: VideoKeypointDetector,
    *,
    on_frames: Callable[[int], None] = lambda num_done: None,
    use_cache: bool = True,
    overwrite: bool = False,
) -> VideoKeypoints:
    """The key-points of the person in a video, from the file beside it if it holds them.

    Frames are looked at as they are decoded, so a video of any length needs little memory. What was found is
    written beside the video (``dance.mp4``, ``dance.keypoints.json``), rounded, and is found again if the video or
    the detector is another one. If it cannot be written, that is a warning.

    Args:
        path: The video.
        detector: What finds them.
        on_frames: Called with the number of frames newly done, also of those that need not be looked at again.
        use_cache: Whether the file beside the video is read and written.
        overwrite: Whether to find them anew, even if that file holds them.

    Raises:
        FileNotFoundError: There is no such video.
        ValueError: It is no video, or the file beside it is somebody else's.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no video {path}")
    cached = read_cache(path, detector.name) if use_cache else None
    if cached is not None and not overwrite:
        on_frames(cached.num_frames)
        return cached
    found = _detected(path, detector, on_frames)
    if use_cache:
        try:
            write_cache(path, found)
        except OSError as error:
            warnings.warn(
                f"key-points cannot be kept in {path.parent} ({error.strerror}); they will be found anew each time",
                stacklevel=2,
            )
    return found


def _detected(
    path: Path, detector: VideoKeypointDetector, on_frames: Callable[[int], None]
) -> VideoKeypoints:
    info = probed(path)

    def counted() -> Iterator[np.ndarray]:
        for keypoints in detector.track(read_frames(path)):
            yield keypoints
            on_frames(1)

    found = rounded(np.stack(list(counted())))
    names = tuple(NAMES_BY_COUNT[found.shape[1]])
    return VideoKeypoints(found, float(info.fps), (info.width, info.height), names, detector.name)


def probed(path: Path) -> VideoInfo:
    """What a video file says of itself.

    Raises:
        ValueError: It is no video, or has no frame rate.
    """
    try:
        info = probe_video(path)
    except (IndexError, ValueError, av.FFmpegError) as error:
        raise ValueError(f"{path} must be a video, and cannot be read as one ({error})") from error
    if not info.fps > 0:
        raise ValueError(f"{path} must tell its frames per second, and does not; write it anew as .mp4")
    return info
