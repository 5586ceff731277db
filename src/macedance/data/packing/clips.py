"""Making the clips of a recording: motion, music, sound and picture, each of the same seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from macedance.data.music_features import MUSIC_FPS, music_beats
from macedance.data.packing.planning import PackJob
from macedance.data.packing.settings import PackSettings
from macedance.data.packing.sound import TrackSound
from macedance.data.packing.tracks import Source, Track
from macedance.data.packing.video_frames import frames_at, sound_delay
from macedance.data.packing.windows import Window
from macedance.data.picture_bytes import jpeg_bytes, mp4_bytes
from macedance.data.shards import encode_sample
from macedance.geometry.motion import Motion


@dataclass(frozen=True, eq=False)
class Recording:
    """What of a recording is the same for all its clips, in memory.

    Attributes:
        track: The recording.
        motion: Whole, at 30 fps, y up.
        sound: Whole.
    """

    track: Track
    motion: Motion | None
    sound: TrackSound | None

    @classmethod
    def load(cls, source: Source, track: Track) -> Recording:
        """Read motion and sound.

        Raises:
            ValueError: A file is damaged.
        """
        sound = None
        if track.music:
            delay = sound_delay(track.music) if track.music == track.video else Fraction(0)
            sound = TrackSound.load(track.music, delay)
        return cls(track, source.motion(track), sound)


def make_clips(source: Source, settings: PackSettings, job: PackJob) -> list[dict[str, Any]]:
    """The encoded clips of a job.

    Raises:
        ValueError: A file is damaged.
    """
    recording = Recording.load(source, job.track)
    return [
        _make_clip(recording, window, key, source.folder, settings)
        for window, key in zip(job.windows, job.keys, strict=True)
    ]


def _make_clip(
    recording: Recording, window: Window, key: str, folder: Path, settings: PackSettings
) -> dict[str, Any]:
    sound = recording.sound
    music = sound.clip_features(window) if sound else None
    about = _about(recording.track, window, folder, settings)
    if music is not None:
        about["beats_seconds"] = [round(float(beat), 6) for beat in music_beats(music)]
    audio = (sound.clip_samples(window), sound.sample_rate) if sound and settings.has_audio else None
    files: dict[str, bytes] = {}
    if recording.track.video:
        files, facts = _picture(recording.track.video, window, audio, settings)
        about |= facts
        if recording.motion is None:
            about |= {"fps": facts["video_fps"], "num_frames": facts["video_num_frames"]}
    motion = _motion_arrays(recording.motion, window) if recording.motion else None
    return encode_sample(key, about, motion=motion, music=music, audio=audio, files=files)


def _about(track: Track, window: Window, folder: Path, settings: PackSettings) -> dict[str, Any]:
    """What the clip's json tells; ``fps`` and ``num_frames`` are the motion's."""
    return {
        **({"style": track.style} if track.style is not None else {}),
        "licence": settings.licence,
        **track.about,
        "subset": settings.subset,
        "source": track.main_file.relative_to(folder).as_posix(),
        "genre": track.genre,
        "fps": MUSIC_FPS,
        "num_frames": window.num_frames,
        "duration_seconds": window.num_frames / MUSIC_FPS,
        "start_seconds": window.start / MUSIC_FPS,
        "up_axis": "y",
    }


def _motion_arrays(motion: Motion, window: Window) -> dict[str, np.ndarray]:
    if window.stop > motion.num_frames:
        raise ValueError(f"its motion ends after {motion.duration_seconds:.1f} s, before its header says")
    part = motion.crop(window.start, window.stop)
    return {name: getattr(part, name).numpy() for name in ("poses", "trans", "betas")}


def _picture(
    path: Path, window: Window, audio: tuple[np.ndarray, int] | None, settings: PackSettings
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Video and first picture of a clip, and what the json tells of them."""
    rate, begin = settings.video_fps, Fraction(window.start, MUSIC_FPS)
    num_frames = math.ceil(window.num_frames * rate / MUSIC_FPS)
    times = [begin + number / rate for number in range(num_frames)]
    frames = frames_at(path, times, settings.video_size)
    first = next(frames)
    files = {
        "reference.jpg": jpeg_bytes(first),
        "video.mp4": mp4_bytes(chain([first], frames), rate, audio),
    }
    whole_rate = int(rate) if rate.denominator == 1 else float(rate)
    facts = {"video_fps": whole_rate, "video_num_frames": num_frames, "video_size": list(first.shape[:2])}
    return files, facts
