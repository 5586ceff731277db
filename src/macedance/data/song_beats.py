"""The beats of a folder of songs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor

from macedance.data.audio import load_audio
from macedance.data.dance_files import feature_beats, read_feature_beats, song_of
from macedance.data.music_features import music_features
from macedance.data.packing.sound import SOUND_SUFFIXES
from macedance.data.packing.videos import VIDEO_SUFFIXES
from macedance.data.worker_processes import default_num_workers, map_in_processes

FEATURE_SUFFIXES = (".music.npy", ".npy")
_SOUND_SUFFIXES = (*SOUND_SUFFIXES, *VIDEO_SUFFIXES)
_SUFFIXES = (*FEATURE_SUFFIXES, *_SOUND_SUFFIXES)


def song_files(folder: str | Path) -> dict[str, Path]:
    """Sound files, videos and files of music features of a folder, by name; features before sound.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none.
    """
    path = Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(f"{folder} must be a folder of songs; there is no such folder")
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    songs: dict[str, Path] = {}
    for suffix in _SUFFIXES:
        for file in files:
            if file.name.lower().endswith(suffix) and file not in songs.values():
                songs.setdefault(file.name[: -len(suffix)], file)
    if not songs:
        raise ValueError(
            f"{folder} must hold songs ({', '.join(_SOUND_SUFFIXES)}) or their features (.npy), holds none; "
            "folders in it are not looked into"
        )
    return songs


def needed_songs(songs: dict[str, Path], keys: Iterable[str]) -> dict[str, Path]:
    """Those of the songs that belong to a dance of some name."""
    names = list(songs)
    wanted = {song_of(key, names) for key in keys}
    return {name: path for name, path in songs.items() if name in wanted}


def read_song_beats(
    songs: dict[str, Path], *, num_workers: int | None = None, on_song: Callable[[], None] = lambda: None
) -> dict[str, Tensor]:
    """Seconds of each song's beats, tracked as the Motion Expert's music features are.

    Args:
        songs: Files by name.
        num_workers: Processes; one for each core if None.
        on_song: Called after each song.

    Raises:
        ValueError: A file holds no sound or features.
    """
    beats = {}
    workers = num_workers or default_num_workers()
    with contextlib.closing(map_in_processes(_beats, list(songs.values()), workers)) as results:
        for name, seconds in zip(songs, results, strict=True):
            beats[name] = torch.tensor(seconds, dtype=torch.float64)
            on_song()
    return beats


def _beats(path: Path) -> list[float]:
    if path.name.lower().endswith(FEATURE_SUFFIXES):
        return read_feature_beats(path).tolist()
    audio = load_audio(path)
    return feature_beats(music_features(audio.mono(), audio.sample_rate)).tolist()
