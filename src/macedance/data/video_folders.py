"""Videos to evaluate, from folders, and what belongs to each by its name.

Axis letters: T frames, K key-points.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from macedance.data.dance_files import files_of, key_of, song_of
from macedance.metrics.filmed_dance import FilmedDance
from macedance.projection.detector import KeypointDetector, keypoints_of_image
from macedance.projection.keypoint_cache import read_video_keypoints
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.reference import Reference
from macedance.projection.video_keypoints import probed
from macedance.video_suffixes import VIDEO_SUFFIXES

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
POINT_SUFFIXES = (".npz", ".keypoints.json", ".json")
Belonging = TypeVar("Belonging")


def holds_videos(path: str | Path) -> bool:
    """Whether a folder has videos in it."""
    folder = Path(path)
    return folder.is_dir() and any(
        file.suffix.lower() in VIDEO_SUFFIXES and not file.name.startswith(".") for file in folder.iterdir()
    )


def read_filmed_dances(path: str | Path) -> list[FilmedDance]:
    """The videos of a folder, in the order of their names.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none, two of a name, or a file that is no video.
    """
    return [_filmed_dance(file) for file in files_of(path, VIDEO_SUFFIXES, "videos")]


def with_driving_points(dances: Sequence[FilmedDance], path: str | Path) -> list[FilmedDance]:
    """The videos with the points that drove them: npz files that ``macedance pose --keypoints-out`` writes, or JSON.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A file is something else, or none belongs to a video.
    """
    files = _by_key(path, POINT_SUFFIXES, "key-points (.npz or .json)")
    found = _belonging(dances, files, path, read_pose_sequence)
    return [dataclasses.replace(dance, driving=found.get(dance.key)) for dance in dances]


def with_persons(
    dances: Sequence[FilmedDance], path: str | Path, detector: KeypointDetector | None = None
) -> list[FilmedDance]:
    """The videos with the pictures of the persons who should be seen, named as the videos.

    A detector also finds where in their pictures the persons are.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A file is no picture, or none belongs to a video.
    """

    def read(file: Path) -> Reference:
        reference = Reference.load(file)
        if detector is None:
            return reference
        return Reference(reference.image, keypoints_of_image(reference.image, detector))

    files = _by_key(path, PICTURE_SUFFIXES, "pictures (.png or .jpg)")
    found = _belonging(dances, files, path, read)
    return [dataclasses.replace(dance, person=found.get(dance.key)) for dance in dances]


def pairs_by_name(
    generated: Iterable[FilmedDance], reference: Iterable[FilmedDance]
) -> dict[str, FilmedDance]:
    """By the key of a generated video the real one of its name, see :func:`~macedance.data.dance_files.song_of`."""
    real = {dance.key: dance for dance in reference}
    names = {dance.key: song_of(dance.key, list(real)) for dance in generated}
    return {key: real[name] for key, name in names.items() if name is not None}


def read_pose_sequence(file: Path) -> PoseSequence:
    """The 20 points of a person over time, of an npz file of poses or of a JSON file of a video's key-points.

    Raises:
        ValueError: It is neither.
    """
    if file.suffix.lower() == ".npz":
        return PoseSequence.load(file)
    return read_video_keypoints(file).pose_sequence()


def _filmed_dance(file: Path) -> FilmedDance:
    info = probed(file)
    size_px = (info.width, info.height)
    return FilmedDance(file.name[: -len(file.suffix)], file, float(info.fps), size_px, info.num_frames)


def _by_key(path: str | Path, suffixes: tuple[str, ...], what: str) -> dict[str, Path]:
    return {key_of(file, suffixes): file for file in files_of(path, suffixes, what)}


def _belonging(
    dances: Sequence[FilmedDance],
    files: Mapping[str, Path],
    path: str | Path,
    read: Callable[[Path], Belonging],
) -> dict[str, Belonging]:
    """By the key of a video what its file holds; files that belong to several are read once."""
    names = {dance.key: song_of(dance.key, list(files)) for dance in dances}
    found = {name: read(files[name]) for name in {name for name in names.values() if name is not None}}
    if not found:
        raise ValueError(
            f"no file in {path} has the name of a video; the first are {min(files)!r} and {dances[0].key!r}"
        )
    return {key: found[name] for key, name in names.items() if name is not None}
