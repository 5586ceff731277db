"""The 35 numbers per motion frame by which the Motion Expert hears music.

The extractor is the one published with EDGE (Tseng et al., CVPR 2023), called "baseline features" there.
Axis letters: T frames, N samples, C the 35 channels.
"""

from __future__ import annotations

import warnings

import numpy as np
from threadpoolctl import threadpool_limits

from macedance.data.audio import require_duration
from macedance.data.librosa_kernels import compiled_librosa

MUSIC_DIM = 35
MUSIC_FPS = 30
_HOP_SAMPLES = 512
_FEATURE_RATE = MUSIC_FPS * _HOP_SAMPLES
_TEMPO_RATE = 22_050

ONSET_STRENGTH = 0
MFCC = slice(1, 21)
CHROMA = slice(21, 33)
ONSET_PEAK = 33
BEAT = 34


def music_features(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Music features at 30 fps, float32 (T, 35).

    The channels are onset strength, 20 MFCC, 12 CENS chroma, onset peaks (0 or 1) and beats (0 or 1). Frame t
    is centred on second t / 30. T counts the whole frames, floor(N · 30 / sample_rate): EDGE's array for a
    clip of whole seconds; the further frame librosa centres on the very end is dropped.

    Beat tracking and chroma use the whole signal, so extract once per track and cut windows from the result.
    The numbers do not depend on how many threads the process may use.

    Args:
        samples: (N,) float32 mono, at least one second. Pass the track at its own rate: the tempo estimate is
            made at 22,050 Hz, the rest at 15,360 Hz, each resampled directly from what is given.
        sample_rate: Samples per second.

    Raises:
        ValueError: ``samples`` is not mono or lasts less than a second.
    """
    if samples.ndim != 1:
        raise ValueError(f"samples must be mono, shape (N,), got {samples.shape}; use Audio.mono()")
    require_duration(len(samples), sample_rate)
    compiled_librosa()  # before the limit on threads, which holds for libraries that are loaded
    return _extract(samples, sample_rate)


@threadpool_limits.wrap(limits=1)  # products of matrices are rounded otherwise on more threads
def _extract(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    librosa = compiled_librosa()
    num_frames = len(samples) * MUSIC_FPS // sample_rate
    start_bpm = _estimate_tempo(librosa.resample(samples, orig_sr=sample_rate, target_sr=_TEMPO_RATE))
    signal = librosa.resample(samples, orig_sr=sample_rate, target_sr=_FEATURE_RATE)
    onset_strength = _onset_strength(signal)
    features = np.zeros((len(onset_strength), MUSIC_DIM), dtype=np.float32)
    features[:, ONSET_STRENGTH] = onset_strength
    features[:, MFCC] = librosa.feature.mfcc(y=signal, sr=_FEATURE_RATE, n_mfcc=20, hop_length=_HOP_SAMPLES).T
    features[:, CHROMA] = _chroma(signal)
    features[_onset_frames(onset_strength), ONSET_PEAK] = 1
    features[_beat_frames(onset_strength, start_bpm), BEAT] = 1
    return features[:num_frames].copy()


def fit_num_frames(features: np.ndarray, num_frames: int) -> np.ndarray:
    """Features cut or prolonged to exactly ``num_frames``, (num_frames, 35).

    Added frames repeat the last one's timbre and harmony, with onset strength, onset peak and beat at zero.

    Raises:
        ValueError: ``features`` has no frame to repeat.

    >>> fit_num_frames(np.ones((2, MUSIC_DIM), dtype=np.float32), 3)[:, [ONSET_STRENGTH, 1, BEAT]].tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]
    """
    if len(features) == 0:
        raise ValueError(
            "features must have at least one frame, got 0; extract them from at least a second of sound"
        )
    num_added = max(num_frames - len(features), 0)
    added = np.repeat(features[-1:], num_added, axis=0)
    added[:, [ONSET_STRENGTH, ONSET_PEAK, BEAT]] = 0
    return np.concatenate([features[:num_frames], added])


def music_beats(features: np.ndarray) -> np.ndarray:
    """Times of the beat channel's ones in seconds, float64 (number of beats,), ascending.

    >>> features = np.zeros((60, MUSIC_DIM), dtype=np.float32)
    >>> features[[15, 45], BEAT] = 1
    >>> music_beats(features).tolist()
    [0.5, 1.5]
    """
    return np.flatnonzero(features[:, BEAT] > 0.5) / MUSIC_FPS


def _estimate_tempo(samples: np.ndarray) -> float:
    return float(compiled_librosa().feature.tempo(y=samples, sr=_TEMPO_RATE)[0])


def _chroma(signal: np.ndarray) -> np.ndarray:
    """CENS chroma (T, 12).

    librosa warns of silence (nothing to tune to) and of signals shorter than its low-octave windows; both are
    legitimate here and give finite numbers.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Trying to estimate tuning from empty frequency set")
        warnings.filterwarnings("ignore", message="n_fft=.* is too large for input signal")
        feature = compiled_librosa().feature
        return feature.chroma_cens(y=signal, sr=_FEATURE_RATE, hop_length=_HOP_SAMPLES, n_chroma=12).T


def _onset_strength(signal: np.ndarray) -> np.ndarray:
    onset = compiled_librosa().onset
    return onset.onset_strength(y=signal, sr=_FEATURE_RATE, hop_length=_HOP_SAMPLES)


def _onset_frames(onset_strength: np.ndarray) -> np.ndarray:
    onset = compiled_librosa().onset
    return onset.onset_detect(onset_envelope=onset_strength, sr=_FEATURE_RATE, hop_length=_HOP_SAMPLES)


def _beat_frames(onset_strength: np.ndarray, start_bpm: float) -> np.ndarray:
    beat = compiled_librosa().beat
    _, frames = beat.beat_track(
        onset_envelope=onset_strength,
        sr=_FEATURE_RATE,
        hop_length=_HOP_SAMPLES,
        start_bpm=start_bpm,
        tightness=100,
    )
    return frames
