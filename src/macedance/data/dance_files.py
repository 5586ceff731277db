"""Dances to evaluate: from folders of motions or key-points, or from shards.

Axis letters: T frames, K key-points.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from macedance.data.motion_clips import dance_of
from macedance.data.music_features import BEAT, MUSIC_DIM, MUSIC_FPS
from macedance.data.shards import locate_shards, read_shards
from macedance.geometry.motion import Motion, UpAxis
from macedance.geometry.npz_files import parse_npy
from macedance.metrics.dance import Dance
from macedance.metrics.functional.feature_joints import MIN_FRAMES
from macedance.metrics.functional.keypoints import keypoint_joints
from macedance.projection.filled_keypoints import filled_keypoints
from macedance.projection.keypoint_cache import VideoKeypoints

KEYPOINT_SUFFIXES = (".keypoints.npy", ".npy", ".keypoints.json", ".json")
MOTIONS, KEYPOINTS = "motions (.npz) or shards (.tar)", "key-points (.npy or .json)"


def read_motions(
    path: str | Path, *, up_axis: UpAxis | None = None, on_dance: Callable[[], None] = lambda: None
) -> list[Dance]:
    """Dances of a folder of npz files, or of shards, in the order of their names.

    Files are read as :meth:`~macedance.geometry.motion.Motion.load` does; they have no beats. Shards (a folder
    that holds some, a glob pattern or a .tar) bring the beats of their music, where ``beats_seconds`` tells them.

    Args:
        path: Folder, pattern or file.
        up_axis: Of files that do not tell theirs.
        on_dance: Called after each dance.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no motion, motions and shards, or files of the same name, or a file is no motion.
    """
    if _holds_shards(path):
        return list(_counted(_shard_dances(str(path)), on_dance))
    files = files_of(path, (".npz",), MOTIONS)
    return list(_counted((_motion_dance(file, up_axis) for file in files), on_dance))


def read_keypoints(
    path: str | Path,
    *,
    fps: float | None = None,
    fallback_fps: float = 30.0,
    on_dance: Callable[[], None] = lambda: None,
) -> list[Dance]:
    """Dances of a folder of key-points: npy files (T, K, 2 or 3), or JSON files with such a list ``keypoints``.

    In JSON files that ``macedance keypoints`` wrote, points that were not seen are filled in.

    Args:
        path: The folder.
        fps: Frames per second of all of them; None takes what JSON files tell.
        fallback_fps: Of files that do not tell.
        on_dance: Called after each dance.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no key-points, or a file has something else in it.
    """
    files = files_of(path, KEYPOINT_SUFFIXES, KEYPOINTS)
    return list(_counted((_keypoint_dance(file, fps, fallback_fps) for file in files), on_dance))


def num_dances(path: str | Path, *, keypoints: bool = False) -> int:
    """How many dances :func:`read_motions` or :func:`read_keypoints` will read, without reading them.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none.
    """
    if keypoints:
        return len(files_of(path, KEYPOINT_SUFFIXES, KEYPOINTS))
    if _holds_shards(path):
        return sum(shard.num_samples for shard in locate_shards(str(path)))
    return len(files_of(path, (".npz",), MOTIONS))


def with_beats(dances: Iterable[Dance], beats: Mapping[str, Tensor]) -> list[Dance]:
    """The dances with the beats of their songs, found by :func:`song_of`; none where there is no song."""
    songs = list(beats)
    changed = []
    for dance in dances:
        song = song_of(dance.key, songs)
        changed.append(dataclasses.replace(dance, beats=_no_beats() if song is None else beats[song]))
    return changed


def song_of(key: str, songs: Sequence[str]) -> str | None:
    """The song that a dance belongs to: of its own name, or the longest that its name begins with.

    What follows the song's name must begin with none of letters and digits.

    >>> song_of("waltz_seed3", ["waltz", "waltz_seed", "w"]), song_of("waltz2", ["waltz"])
    ('waltz', None)
    """
    if key in songs:
        return key
    begins = [song for song in songs if key.startswith(song) and not key[len(song)].isalnum()]
    return max(begins, key=len, default=None)


def feature_beats(features: np.ndarray) -> Tensor:
    """Seconds of the beats in music features (T, 35), float64."""
    return torch.from_numpy(np.flatnonzero(features[:, BEAT] > 0)).double() / MUSIC_FPS


def read_feature_beats(file: Path) -> Tensor:
    """Seconds of the beats of a file of music features.

    Raises:
        ValueError: It is no npy of (T, 35).
    """
    features = _npy(file)
    if features.ndim != 2 or features.shape[1] != MUSIC_DIM:
        raise ValueError(f"{file} must hold music features (frames, {MUSIC_DIM}), holds {features.shape}")
    return feature_beats(features)


def files_of(path: str | Path, suffixes: tuple[str, ...], what: str) -> list[Path]:
    """The files of a folder with one of the suffixes, hidden ones left out, in the order of their names.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none, or two that differ in the suffix alone.
    """
    folder = Path(path)
    if not folder.is_dir():
        there = "it is a file" if folder.exists() else "there is no such folder"
        raise FileNotFoundError(f"{path} must be a folder of {what}; {there}")
    files = sorted(
        file
        for file in folder.iterdir()
        if file.name.lower().endswith(suffixes) and not file.name.startswith(".") and file.is_file()
    )
    if not files:
        raise ValueError(f"{path} must hold {what} and holds none; folders in it are not looked into")
    by_key: dict[str, Path] = {}
    for file in files:
        other = by_key.setdefault(key_of(file, suffixes), file)
        if other is not file:
            raise ValueError(f"{path} must hold one file a dance, but has {other.name} and {file.name}")
    return files


def key_of(file: Path, suffixes: tuple[str, ...]) -> str:
    """The file's name without the first suffix of these that it ends in."""
    suffix = next(suffix for suffix in suffixes if file.name.lower().endswith(suffix))
    return file.name[: -len(suffix)]


def _shard_dances(path: str) -> Iterator[Dance]:
    for sample in read_shards(path, members=("json", "motion.npz")):
        beats = torch.tensor(sample["json"].get("beats_seconds", []), dtype=torch.float64)
        yield dance_of_motion(sample["__key__"], dance_of(sample), beats)


def _motion_dance(file: Path, up_axis: UpAxis | None) -> Dance:
    try:
        motion = Motion.load(file, up_axis)
    except ValueError as error:
        if str(file) in str(error):
            raise
        raise ValueError(f"{file}: {error}") from error
    return dance_of_motion(file.stem, motion.to_up_axis("y"), _no_beats())


def dance_of_motion(key: str, motion: Motion, beats: Tensor) -> Dance:
    """A motion, y up, with the beats of its music in seconds, as the evaluation sees it."""
    return Dance(key, motion.joints(), motion.fps, beats, motion.poses)


def dance_of_keypoints(key: str, seen: VideoKeypoints, beats: Tensor) -> Dance:
    """A dancer's motion in the image plane, with the beats of the music in seconds, as the evaluation sees it.

    Raises:
        ValueError: Too little of the dancer was seen.
    """
    if seen.num_frames < MIN_FRAMES:
        raise ValueError(f"it has fewer than {MIN_FRAMES} frames")
    points = torch.from_numpy(filled_keypoints(seen.keypoints)).double()
    keypoint_joints(points)
    return Dance(key, points, seen.fps, beats)


def _keypoint_dance(file: Path, fps: float | None, fallback_fps: float) -> Dance:
    try:
        points, own_fps = _keypoints(file)
    except (KeyError, TypeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(
            f"{file} must hold key-points (frames, points, 2 or 3), in a .json under 'keypoints' ({error})"
        ) from error
    rate = fps or own_fps or fallback_fps
    return Dance(key_of(file, KEYPOINT_SUFFIXES), torch.from_numpy(points), rate, _no_beats())


def _keypoints(file: Path) -> tuple[np.ndarray, float | None]:
    """Key-points float64, and their frames per second if the file tells them."""
    if file.suffix != ".json":
        return _npy(file).astype(np.float64), None
    content = json.loads(file.read_text(encoding="utf-8"))
    points = np.asarray(content["keypoints"], dtype=np.float64)
    return (filled_keypoints(points) if "detector" in content else points), content.get("fps")


def _npy(file: Path) -> np.ndarray:
    try:
        return parse_npy(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file} must be an npy file ({error})") from error


def _holds_shards(path: str | Path) -> bool:
    """Whether the dances are in shards.

    Raises:
        ValueError: The folder holds shards and motions: which ones are meant?
    """
    folder = Path(path)
    if not folder.is_dir():
        return str(path).endswith(".tar")
    has_shards, has_motions = any(folder.glob("*.tar")), any(folder.glob("[!.]*.npz"))
    if has_shards and has_motions:
        raise ValueError(
            f"{path} must hold motions or shards, but has both; say which: {path}/*.tar, or move them"
        )
    return has_shards


def _no_beats() -> Tensor:
    return torch.empty(0, dtype=torch.float64)


def _counted(dances: Iterable[Dance], on_dance: Callable[[], None]) -> Iterator[Dance]:
    for dance in dances:
        yield dance
        on_dance()
