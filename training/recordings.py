"""Make clean made-up songs sound like recordings: other sounds, rooms, equalizers, compressors, clipping.

Made-up songs have silence between their notes and a wide range of loudness; recordings are dense and compressed. Only
the dance's rhythm is to come out of both. Axes: N samples.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

MIDDLE_C_HZ = 261.6


def as_recorded(samples: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A song (N,), float32 within ±1, as if recorded: every effect is there or not, and differs."""
    loudness = _rms(samples) + 1e-9
    sound = samples.astype(np.float64)
    if rng.random() < 0.7:
        sound = sound + loudness * _decibels(rng.uniform(-24, -4)) * _bed(len(sound), sample_rate, rng)
    if rng.random() < 0.5:
        sound = sound + loudness * _decibels(rng.uniform(-20, -2)) * _melody(len(sound), sample_rate, rng)
    if rng.random() < 0.5:
        sound = sound + loudness * _decibels(rng.uniform(-45, -18)) * _pink_noise(len(sound), rng)
    if rng.random() < 0.8:
        sound = _in_a_room(sound, sample_rate, rng)
    if rng.random() < 0.8:
        sound = _equalized(sound, sample_rate, rng)
    if rng.random() < 0.8:
        sound = _compressed(sound, sample_rate, rng)
    sound = sound / (np.abs(sound).max() + 1e-9)
    if rng.random() < 0.5:
        drive = rng.uniform(1, 5)
        sound = np.tanh(drive * sound) / np.tanh(drive)
    return (sound * rng.uniform(0.2, 1.0)).astype(np.float32)


def _bed(num_samples: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Sustained chords, soft at their edges, of loudness 1."""
    sound = np.zeros(num_samples)
    root = rng.uniform(0.25, 0.5) * MIDDLE_C_HZ
    first = 0
    while first < num_samples:
        last = min(num_samples, first + int(rng.uniform(1.5, 8) * sample_rate))
        time = np.arange(last - first) / sample_rate
        edge = np.minimum(1, np.minimum(time, time[::-1]) / rng.uniform(0.05, 0.6))
        degree = rng.choice([0, 3, 5, 7, 8, 10])
        for step in (0, rng.choice([3, 4]), 7, 12):
            pitch = root * 2 ** ((degree + step) / 12) * rng.uniform(0.997, 1.003)
            sound[first:last] += edge * (2 * ((pitch * time + rng.random()) % 1) - 1)
        first = last
    cutoff = rng.uniform(500, 5000)
    sound = sosfilt(butter(2, min(cutoff, 0.45 * sample_rate), fs=sample_rate, output="sos"), sound)
    return sound / (_rms(sound) + 1e-9)


def _melody(num_samples: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Notes of a voice, not on the song's beats, of loudness 1."""
    sound = np.zeros(num_samples)
    pitch_class, first = 0.0, int(rng.uniform(0, 2) * sample_rate)
    while first < num_samples:
        last = min(num_samples, first + int(rng.uniform(0.15, 1.0) * sample_rate))
        time = np.arange(last - first) / sample_rate
        pitch_class = float(np.clip(pitch_class + rng.choice([-4, -2, -1, 0, 1, 2, 4]), -10, 14))
        vibrato = 1 + 0.006 * np.sin(2 * np.pi * rng.uniform(4, 6) * time)
        phase = np.cumsum(MIDDLE_C_HZ * 2 ** (pitch_class / 12) * vibrato) / sample_rate
        edge = np.minimum(1, np.minimum(time / 0.04, time[::-1] / 0.08))
        sound[first:last] += edge * (2 * (phase % 1) - 1)
        first = last + int(rng.choice([0, 0, rng.uniform(0.1, 2)]) * sample_rate)
    voice = np.zeros(num_samples)
    for formant in (rng.uniform(300, 900), rng.uniform(900, 2200), rng.uniform(2300, 3200)):
        band = butter(1, [0.8 * formant, 1.25 * formant], btype="band", fs=sample_rate, output="sos")
        voice += sosfilt(band, sound)
    return voice / (_rms(voice) + 1e-9)


def _pink_noise(num_samples: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(num_samples))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, num_samples)
    return noise / (_rms(noise) + 1e-9)


def _in_a_room(sound: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """With reverberation of 0.2 to 2.5 seconds."""
    seconds = rng.uniform(0.2, 2.5)
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    wet = fftconvolve(sound, response / np.linalg.norm(response))[: len(sound)]
    share = rng.uniform(0.05, 0.5)
    return (1 - share) * sound + share * wet


def _equalized(sound: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """With up to ±10 dB at points spread over the spectrum, and perhaps without what is high."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(len(sound), 1 / sample_rate)
    points = np.geomspace(60, sample_rate / 2, 6)
    curve = np.interp(np.log(frequencies + 1), np.log(points), rng.uniform(-10, 10, len(points)))
    if rng.random() < 0.4:
        curve -= 24 * np.maximum(0, np.log2((frequencies + 1) / rng.uniform(3000, 9000)))
    return np.fft.irfft(spectrum * _decibels(curve), len(sound))


def _compressed(sound: np.ndarray, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """With what is louder than a threshold brought nearer to it."""
    keep = np.exp(-1 / (rng.uniform(0.01, 0.3) * sample_rate))
    power = lfilter([1 - keep], [1, -keep], sound**2)
    level = np.sqrt(np.maximum(power, 1e-12))
    threshold = np.quantile(level, rng.uniform(0.1, 0.6)) + 1e-6
    excess = np.maximum(level / threshold, 1)
    return sound * excess ** (1 / rng.uniform(1.5, 8) - 1)


def _decibels(value: float | np.ndarray) -> float | np.ndarray:
    return 10 ** (np.asarray(value) / 20)


def _rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
