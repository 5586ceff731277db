"""Songs, and the windows of them that a Motion Expert is to dance to.

Axes: T frames, C channels.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from macedance.data.audio import Audio, load_audio, require_duration
from macedance.data.dance_files import files_of
from macedance.data.music_features import MUSIC_FPS, music_features
from macedance.data.packing.sound import SOUND_SUFFIXES
from macedance.data.songs import make_song


class Track(NamedTuple):
    """A whole song: its sound, and its music features (T, 35)."""

    name: str
    audio: Audio
    features: np.ndarray


class MusicWindow(NamedTuple):
    """A stretch of a song.

    Attributes:
        song: Number of the song.
        first_frame: Where it begins, in frames of the features.
        features: (T, 35), cut from those of the whole song.
    """

    song: int
    first_frame: int
    features: np.ndarray

    @property
    def start_seconds(self) -> float:
        """Where it begins."""
        return self.first_frame / MUSIC_FPS


def read_tracks(folder: Path, num_frames: int) -> list[Track]:
    """The songs of a folder, in the order of their names.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds no song, or one that is shorter than ``num_frames``.
    """
    tracks = []
    for file in files_of(folder, SOUND_SUFFIXES, f"songs ({', '.join(SOUND_SUFFIXES)})"):
        audio = load_audio(file).at_most_stereo()
        require_duration(
            audio.samples.shape[1], audio.sample_rate, minimum_seconds=num_frames / MUSIC_FPS, name=str(file)
        )
        tracks.append(Track(file.stem, audio, music_features(audio.mono(), audio.sample_rate)))
    return tracks


def made_tracks(num_tracks: int, num_frames: int) -> list[Track]:
    """Made-up songs of one window each, for want of others."""
    tracks = []
    for seed in range(num_tracks):
        song = make_song(num_frames / MUSIC_FPS, seed)
        audio = Audio(song.samples[None], song.sample_rate)
        features = music_features(song.samples, song.sample_rate)
        tracks.append(Track(f"made-up song {seed + 1}", audio, features))
    return tracks


def windows_of(tracks: list[Track], num_frames: int, max_windows: int) -> list[MusicWindow]:
    """Up to so many windows of each song, spread from its first frame to its last; none overlap."""
    windows = []
    for song, track in enumerate(tracks):
        num_windows = min(max_windows, len(track.features) // num_frames)
        starts = np.linspace(0, len(track.features) - num_frames, num_windows).round().astype(int)
        windows += [
            MusicWindow(song, start, track.features[start : start + num_frames]) for start in starts.tolist()
        ]
    return windows


def sound_of(window: MusicWindow, track: Track) -> Audio:
    """The sound of a window."""
    rate = track.audio.sample_rate
    first, last = (
        round(frame * rate / MUSIC_FPS)
        for frame in (window.first_frame, window.first_frame + len(window.features))
    )
    return Audio(track.audio.samples[:, first:last], rate)
