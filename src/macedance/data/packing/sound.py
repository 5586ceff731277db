"""A recording's sound and music features: of the whole, then cut to clips.

Axes: T frames, N sound samples, C channels.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

from macedance.data.audio import Audio, load_audio
from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features
from macedance.data.packing.windows import Window

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".m4a")
MAX_MISSING_FRAMES = MUSIC_FPS // 2
"""Sound that ends earlier than the picture by no more than half a second is continued with silence."""

NUM_KEPT_FEATURES = 64


def usable_frames(num_frames: int, num_sound_frames: int) -> int:
    """Length of a recording whose sound has another length: the shorter of both, unless but a little is missing.

    >>> usable_frames(300, 290), usable_frames(300, 200), usable_frames(300, 400)
    (300, 200, 300)
    """
    return num_frames if num_sound_frames >= num_frames - MAX_MISSING_FRAMES else num_sound_frames


def find_sound(stems: Iterable[Path]) -> Path | None:
    """The first sound file that has one of these paths, but for the suffix."""
    candidates = (stem.with_name(stem.name + suffix) for stem in stems for suffix in SOUND_SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def sound_frames(path: Path) -> int:
    """Length of a sound file in whole frames of 1/30 s, told by its header or its packets' times.

    Raises:
        ValueError: It is no sound file.
    """
    try:
        info = soundfile.info(str(path))
        return int(info.frames * MUSIC_FPS // info.samplerate)
    except soundfile.LibsndfileError:
        pass
    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.audio:
                raise ValueError(f"{str(path)!r} has no sound")
            return int(stream_end(container, container.streams.audio[0]) * MUSIC_FPS)
    except av.FFmpegError as error:
        raise ValueError(f"{str(path)!r} cannot be decoded ({error.strerror})") from error


def stream_end(container: av.container.InputContainer, stream: av.stream.Stream) -> Fraction:
    """Seconds from a stream's first sample or picture to its end, by its packets, of which the last are read."""
    time_base = stream.time_base or Fraction(1, 1)
    first = stream.start_time or 0
    if stream.duration:
        return stream.duration * time_base
    if container.duration:
        last_seconds = Fraction(container.duration, 1_000_000) - 10
        container.seek(max(first, int(last_seconds / time_base)), stream=stream)
    ends = [p.pts + (p.duration or 0) for p in container.demux(stream) if p.pts is not None]
    return (max(ends, default=first) - first) * time_base


@dataclass(frozen=True, eq=False)
class TrackSound:
    """The sound of a whole recording, in step with its motion or picture.

    Attributes:
        samples: float32 (C, N), at most stereo.
        sample_rate: Samples per second.
        features: Music features (T, 35) of all of it.
    """

    samples: np.ndarray
    sample_rate: int
    features: np.ndarray

    @classmethod
    def load(cls, path: Path, delay_seconds: Fraction = Fraction(0)) -> TrackSound:
        """The sound of a file, begun later, or earlier if negative, than the recording by some seconds.

        Raises:
            ValueError: The file holds no sound that can be decoded, or less than a second.
        """
        audio = load_audio(path).at_most_stereo()
        delay = round(delay_seconds * audio.sample_rate)
        samples = np.pad(audio.samples, ((0, 0), (max(delay, 0), 0)))[:, max(-delay, 0) :]
        identity = (str(path.absolute()), path.stat().st_mtime_ns, delay)
        features = _features(identity, Audio(samples, audio.sample_rate))
        return cls(samples, audio.sample_rate, features)

    def clip_features(self, window: Window) -> np.ndarray:
        """The features' rows of a clip (num_frames, 35).

        Raises:
            ValueError: More than half a second is missing.
        """
        missing = window.stop - len(self.features)
        if missing > MAX_MISSING_FRAMES:
            raise ValueError(f"its sound ends {missing / MUSIC_FPS:.1f} s before its header says")
        return fit_num_frames(self.features, window.stop)[window.start :]

    def clip_samples(self, window: Window) -> np.ndarray:
        """The samples of a clip as 16-bit numbers (N, C), silence where the sound is over."""
        first, last = (round(Fraction(n * self.sample_rate, MUSIC_FPS)) for n in (window.start, window.stop))
        part = self.samples[:, first:last]
        part = np.pad(part, ((0, 0), (0, last - first - part.shape[1])))
        return np.clip(np.round(part.T * 32768), -32768, 32767).astype(np.int16)


_kept_features: OrderedDict[tuple[str, int, int], np.ndarray] = OrderedDict()


def _features(identity: tuple[str, int, int], audio: Audio) -> np.ndarray:
    """Music features; the last ones are kept, as many dances may be to one song and long ones come in parts."""
    if identity not in _kept_features:
        _kept_features[identity] = music_features(audio.mono(), audio.sample_rate)
        if len(_kept_features) > NUM_KEPT_FEATURES:
            _kept_features.popitem(last=False)
    return _kept_features[identity]
