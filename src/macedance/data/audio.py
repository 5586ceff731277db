"""Reading sound from audio files and from the sound stream of video files.

Axis letters: C channels, N samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr


@dataclass(frozen=True, eq=False)
class Audio:
    """Sound held in memory.

    Attributes:
        samples: float32 (C, N), nominally in [-1, 1]; lossy codecs may overshoot slightly.
        sample_rate: Samples per second.
    """

    samples: np.ndarray
    sample_rate: int

    @property
    def duration_seconds(self) -> float:
        """Length of the sound."""
        return self.samples.shape[1] / self.sample_rate

    def at_most_stereo(self) -> Audio:
        """The same sound if it has one or two channels, else their mean as one.

        >>> Audio(np.ones((6, 4), dtype=np.float32), 48_000).at_most_stereo().samples.shape
        (1, 4)
        """
        return self if len(self.samples) <= 2 else Audio(_mix_down(self.samples), self.sample_rate)

    def mono(self) -> np.ndarray:
        """Mean of the channels, float32 (N,).

        >>> Audio(np.array([[0.5, 1.0], [0.0, 0.5]], dtype=np.float32), 48_000).mono()
        array([0.25, 0.75], dtype=float32)
        """
        return _mix_down(self.samples)[0]


def load_audio(path: str | Path, *, sample_rate: int | None = None, mono: bool = False) -> Audio:
    """Sound of a file that libsndfile or FFmpeg can decode, video containers included.

    Mixing down comes before resampling (soxr_hq), so that a mono result equals ``librosa.load`` at the same
    rate. Values are not clipped.

    Args:
        path: Audio or video file.
        sample_rate: Rate to resample to; None keeps the file's own.
        mono: Average the channels into one.

    Raises:
        FileNotFoundError: No file is there.
        ValueError: The file holds no sound that can be decoded, or samples that are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: no audio file at {path}")
    if sample_rate is not None and sample_rate < 1:
        raise ValueError(
            f"sample_rate must be at least 1 Hz, got {sample_rate}; leave it out to keep the file's own"
        )
    try:
        samples, native_rate = _decode_with_soundfile(path, mono=mono)
    except (soundfile.LibsndfileError, TypeError):  # the latter for raw samples, whose rate no one knows
        samples, native_rate = _decode_with_pyav(path, mono=mono)
    if samples.size == 0:
        raise ValueError(f"path must hold at least one audio sample, but {path} is empty; give another file")
    if not np.isfinite(samples).all():
        raise ValueError(f"path must hold finite samples, but {path} has NaN or infinity in it; repair it")
    if sample_rate is None or sample_rate == native_rate:
        return Audio(samples, native_rate)
    return Audio(_resample(samples, native_rate, sample_rate), sample_rate)


def require_duration(
    num_samples: int, sample_rate: int, *, minimum_seconds: float = 1.0, name: str = "samples"
) -> None:
    """Refuse sound that is too short to work on.

    Args:
        num_samples: Samples per channel.
        sample_rate: Samples per second.
        minimum_seconds: Shortest length that passes.
        name: What the message calls the sound: an argument or a file.

    Raises:
        ValueError: The sound is shorter than ``minimum_seconds``.
    """
    if num_samples < minimum_seconds * sample_rate:
        raise ValueError(
            f"{name} must last at least {minimum_seconds:g} s, got {num_samples / sample_rate:.3f} s "
            f"({num_samples} samples at {sample_rate} Hz); give a longer recording"
        )


def _resample(samples: np.ndarray, source_rate: int, target_rate: int) -> np.ndarray:
    """Sound (C, N) at another rate, of as many samples as librosa gives: the product of the lengths, rounded up."""
    resampled = soxr.resample(samples.T, source_rate, target_rate, quality="HQ").T
    num_samples = math.ceil(samples.shape[1] * target_rate / source_rate)
    missing = max(num_samples - resampled.shape[1], 0)
    return np.ascontiguousarray(np.pad(resampled, ((0, 0), (0, missing)))[:, :num_samples])


def _mix_down(samples: np.ndarray) -> np.ndarray:
    return samples.mean(axis=0, keepdims=True)


def _decode_with_soundfile(path: Path, *, mono: bool) -> tuple[np.ndarray, int]:
    """Float32 (C, N) and rate. Reads in one piece: between blocks of an mp3, libsndfile drops samples."""
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return (_mix_down(samples.T) if mono else np.ascontiguousarray(samples.T)), sample_rate


def _decode_with_pyav(path: Path, *, mono: bool) -> tuple[np.ndarray, int]:
    """Float32 (C, N) and rate."""
    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.audio:
                raise ValueError(
                    f"path must have a sound stream, but {path} has none; give a file with sound"
                )
            stream = container.streams.audio[0]
            blocks = [_mix_down(block) if mono else block for block in _planar_blocks(container, stream)]
            empty = np.empty((1 if mono else stream.channels, 0), dtype=np.float32)
            return np.concatenate([empty, *blocks], axis=1), stream.rate
    except av.FFmpegError as error:
        raise ValueError(
            f"path must be an audio or video file, but {path} cannot be decoded ({error.strerror}); "
            "convert it to wav, flac or mp3"
        ) from error


def _planar_blocks(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> Iterator[np.ndarray]:
    """Decoded sound as float32 (C, N) blocks at the stream's own rate and channel layout."""
    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
    for frame in container.decode(stream):
        for planar in resampler.resample(frame):
            yield planar.to_ndarray()
    for planar in resampler.resample(None):
        yield planar.to_ndarray()
