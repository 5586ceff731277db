"""The key-points of a video, and the file beside it in which they are kept. Axis letters: T frames, K key-points."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from macedance.projection.keypoint_formats import NAMES_BY_COUNT, to_body_points
from macedance.projection.pose_sequence import PoseSequence
from macedance.whole_files import renamed_when_complete

SUFFIX = ".keypoints.json"
PIXEL_DECIMALS, CONFIDENCE_DECIMALS = 2, 3


@dataclass(frozen=True, eq=False)
class VideoKeypoints:
    """Where the key-points of one person are in the frames of a video.

    Attributes:
        keypoints: (T, K, 3): x, y in pixels and confidence in 0..1; frames with nobody have confidences of 0.
        fps: The video's frames per second.
        size_px: Its width and height.
        names: Of the K key-points.
        detector: The name of the detector that found them; empty if nobody tells.
    """

    keypoints: np.ndarray
    fps: float
    size_px: tuple[int, int]
    names: tuple[str, ...]
    detector: str

    @property
    def num_frames(self) -> int:
        """How many frames there are."""
        return len(self.keypoints)

    def pose_sequence(self) -> PoseSequence:
        """The 20 points of a pose video, as they were found."""
        return PoseSequence(to_body_points(self.keypoints, self.names), self.fps, self.size_px)

    @property
    def share_with_person(self) -> float:
        """The share of the frames in which a person was found, in 0..1."""
        return float((self.keypoints[..., 2] > 0).any(axis=-1).mean())


def cache_path(video: str | Path) -> Path:
    """Where the key-points of a video are kept.

    >>> cache_path("dances/waltz.mp4").as_posix()
    'dances/waltz.keypoints.json'
    """
    return Path(video).with_suffix(SUFFIX)


def rounded(keypoints: np.ndarray) -> np.ndarray:
    """Key-points (T, K, 3) as a file keeps them: to 0.01 pixels and 0.001 of confidence."""
    positions = keypoints[..., :2].round(PIXEL_DECIMALS)
    return np.concatenate([positions, keypoints[..., 2:].round(CONFIDENCE_DECIMALS)], axis=-1)


def read_video_keypoints(path: str | Path) -> VideoKeypoints:
    """The key-points of a video from a JSON file, whether a detector wrote it or somebody else.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; give a JSON file of the key-points of a video")
    try:
        return _parsed(json.loads(path.read_text(encoding="utf-8")))
    except KeyError as error:
        raise ValueError(f"{path} must be JSON with keypoints, fps and size_px, but lacks {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} must be JSON with finite keypoints (frames, points, 3), fps and size_px: {error}"
        ) from error


def cached_keypoints(video: str | Path) -> VideoKeypoints | None:
    """The key-points kept of a video, by whatever detector; None if there are none of the video as it is now.

    A file that is damaged, of another video, or not of this package, is a warning.
    """
    video = Path(video)
    try:
        content = _content(video)
    except ValueError as error:
        warnings.warn(str(error), stacklevel=2)
        return None
    if content is None:
        return None
    if not _is_of(video, content["video"]):
        warnings.warn(f"{cache_path(video)} is of another video than {video.name} now is", stacklevel=2)
        return None
    return _parsed(content)


def read_cache(video: Path, detector: str) -> VideoKeypoints | None:
    """The key-points kept of a video; None if there are none of this video, as it is now, by this detector.

    A file that is damaged is a warning.

    Raises:
        ValueError: The file is there, but is not of this package.
    """
    content = _content(video)
    if content is None or content["detector"] != detector or not _is_of(video, content["video"]):
        return None
    return _parsed(content)


def write_cache(video: Path, found: VideoKeypoints) -> None:
    """Keep the key-points of a video, in a file that is written whole or not at all."""
    content = {
        "detector": found.detector,
        "video": {"size_bytes": video.stat().st_size, "sha256": _sha256(video)},
        "fps": found.fps,
        "size_px": list(found.size_px),
        "names": list(found.names),
        "keypoints": rounded(found.keypoints).tolist(),
    }
    with renamed_when_complete(cache_path(video)) as partial:
        partial.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")


def _content(video: Path) -> dict[str, Any] | None:
    """What the file beside a video holds, looked through; None if there is none or it is damaged."""
    path = cache_path(video)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = {"detector": None, "video": None}
    if not isinstance(content, dict) or not {"detector", "video"} <= set(content):
        raise ValueError(
            f"{path} is where the key-points of {video.name} are kept, but it was not written by macedance; "
            "move it elsewhere"
        )
    try:
        _parsed(content)
    except (KeyError, TypeError, ValueError):
        warnings.warn(f"{path} is damaged; what it held of {video.name} is not used", stacklevel=3)
        return None
    return content


def _parsed(content: dict[str, Any]) -> VideoKeypoints:
    keypoints = np.array(content["keypoints"], dtype=np.float64)
    if keypoints.ndim != 3 or keypoints.shape[2] != 3 or not np.isfinite(keypoints).all():
        raise ValueError(f"they are {keypoints.shape}, or not finite")
    names = tuple(content.get("names") or NAMES_BY_COUNT.get(keypoints.shape[1], ()))
    if len(names) != keypoints.shape[1]:
        raise ValueError(f"names must be of the {keypoints.shape[1]} key-points, but are {len(names)}")
    width, height = content["size_px"]
    if not 0 < float(content["fps"]) < math.inf:
        raise ValueError(f"fps must be positive, but is {content['fps']}")
    detector = str(content.get("detector", ""))
    return VideoKeypoints(keypoints, float(content["fps"]), (int(width), int(height)), names, detector)


def _is_of(video: Path, told: Any) -> bool:
    is_same_size = isinstance(told, dict) and told.get("size_bytes") == video.stat().st_size
    return is_same_size and told.get("sha256") == _sha256(video)


def _sha256(video: Path) -> str:
    with video.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
