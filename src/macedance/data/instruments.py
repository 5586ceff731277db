"""One-shot sounds of the song synthesiser: drums and tones, each made once per song and mixed in many times.

All sounds are mono float32 arrays (samples,) that start at their attack and fade to silence.
"""

from __future__ import annotations

import functools

import numpy as np

TABLE_SIZE = 2048


def kick(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A bass drum: a sine that falls in pitch, with a click at its attack."""
    seconds = _time_axis(0.28, sample_rate)
    low_hz, high_hz, fall = rng.uniform(45, 58), rng.uniform(150, 260), rng.uniform(28, 45)
    cycles = low_hz * seconds + (high_hz - low_hz) / fall * (1 - np.exp(-fall * seconds))
    click = rng.standard_normal(seconds.size) * np.exp(-seconds * 900) * 0.4
    return _finish(np.sin(2 * np.pi * cycles) * np.exp(-seconds * rng.uniform(9, 14)) + click)


def snare(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A snare drum: a short tone under a burst of bright noise."""
    seconds = _time_axis(0.2, sample_rate)
    tone = np.sin(2 * np.pi * rng.uniform(170, 220) * seconds) * np.exp(-seconds * 26)
    noise = _bright_noise(rng, seconds.size) * np.exp(-seconds * rng.uniform(17, 26))
    return _finish(0.6 * tone + noise)


def clap(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A hand clap: three quick bursts of noise and a tail."""
    seconds = _time_axis(0.18, sample_rate)
    envelope = np.exp(-seconds * 30)
    for delay in (0.0, 0.009, 0.019):
        envelope += np.where(seconds >= delay, np.exp(-(seconds - delay).clip(0) * 220), 0)
    return _finish(_bright_noise(rng, seconds.size) * envelope)


def closed_hat(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A closed hi-hat: a tick of very bright noise."""
    seconds = _time_axis(0.06, sample_rate)
    return _finish(np.diff(_bright_noise(rng, seconds.size + 1)) * np.exp(-seconds * rng.uniform(70, 110)))


def open_hat(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """An open hi-hat: bright noise that rings for a quarter of a second."""
    seconds = _time_axis(0.24, sample_rate)
    return _finish(np.diff(_bright_noise(rng, seconds.size + 1)) * np.exp(-seconds * rng.uniform(12, 18)))


def tone(
    pitch: int,
    *,
    seconds: float,
    sample_rate: int,
    brightness: float,
    attack: float = 0.005,
    decay: float = 3.0,
) -> np.ndarray:
    """A note with harmonics.

    Args:
        pitch: MIDI note number.
        seconds: Length; the last 30 ms fade out.
        sample_rate: Samples per second.
        brightness: 0 (nearly a sine) to 1 (nearly a sawtooth).
        attack: Seconds until full loudness.
        decay: Exponential fall of the loudness, per second.
    """
    frequency_hz = 440.0 * 2 ** ((pitch - 69) / 12)
    num_harmonics = int(np.clip(0.45 * sample_rate / frequency_hz, 1, 24))
    table = _wavetable(num_harmonics, round(2.6 - 1.6 * brightness, 2))
    axis = _time_axis(seconds, sample_rate)
    wave = table[(axis * (frequency_hz * TABLE_SIZE)).astype(np.int64) & (TABLE_SIZE - 1)]
    release = np.clip((seconds - axis) / 0.03, 0, 1)
    return (wave * np.clip(axis / attack, 0, 1) * np.exp(-decay * axis) * release).astype(np.float32)


@functools.lru_cache(maxsize=256)
def _wavetable(num_harmonics: int, slope: float) -> np.ndarray:
    """One period whose harmonics fall as 1 / n^slope."""
    phase = 2 * np.pi * np.arange(TABLE_SIZE) / TABLE_SIZE
    numbers = np.arange(1, num_harmonics + 1)
    table = (np.sin(numbers[:, None] * phase) / numbers[:, None] ** slope).sum(0)
    return (table / np.abs(table).max()).astype(np.float32)


def _time_axis(seconds: float, sample_rate: int) -> np.ndarray:
    return np.arange(round(seconds * sample_rate), dtype=np.float32) / np.float32(sample_rate)


def _bright_noise(rng: np.random.Generator, size: int) -> np.ndarray:
    """White noise whose low frequencies a first difference has taken away."""
    return np.diff(rng.standard_normal(size + 1, dtype=np.float32))


def _finish(sound: np.ndarray) -> np.ndarray:
    """Fades the last tenth out and brings the peak to 1."""
    fade = np.clip(np.arange(sound.size, 0, -1) / (0.1 * sound.size), 0, 1)
    sound = sound * fade
    return (sound / np.abs(sound).max()).astype(np.float32)
