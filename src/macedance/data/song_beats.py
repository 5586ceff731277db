"""The beats of a folder of songs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch
from torch import Tensor

from macedance.data.audio import load_audio
from macedance.data.dance_files import feature_beats, read_feature_beats, song_of
from macedance.data.music_features import music_features
from macedance.data.shards.building import default_num_workers

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".mp4", ".mov", ".mkv", ".webm")
FEATURE_SUFFIXES = (".music.npy", ".npy")
_SUFFIXES = (*FEATURE_SUFFIXES, *SOUND_SUFFIXES)


def song_files(folder: str | Path) -> dict[str, Path]:
    """Sound files, videos and files of music features of a folder, by name; features before sound.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none.
    """
    path = Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(f"{folder} must be a folder of songs; there is no such folder")
    songs: dict[str, Path] = {}
    for suffix in _SUFFIXES:
        for file in sorted(path.glob(f"*{suffix}")):
            songs.setdefault(file.name.removesuffix(suffix), file)
    if not songs:
        raise ValueError(
            f"{folder} must hold songs ({', '.join(SOUND_SUFFIXES)}) or their features (.npy), holds none"
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
    with ProcessPoolExecutor(max_workers=min(num_workers or default_num_workers(), len(songs))) as executor:
        names = {executor.submit(_beats, path): name for name, path in songs.items()}
        for future in as_completed(names):
            beats[names[future]] = torch.tensor(future.result(), dtype=torch.float64)
            on_song()
    return beats


def _beats(path: Path) -> list[float]:
    if path.name.endswith(FEATURE_SUFFIXES):
        return read_feature_beats(path).tolist()
    audio = load_audio(path)
    return feature_beats(music_features(audio.mono(), audio.sample_rate)).tolist()
