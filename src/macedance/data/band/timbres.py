"""The timbres of the song synthesiser's pitched instruments.

A note is made of one period, read at the speed of its pitch: a bright one that fades into a dark one. All
sounds are mono float32 arrays (samples,) that start at their attack and fade to silence.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

TABLE_SIZE = 2048
LOOP_SIZE = 32768
VIBRATO_HZ = 5.5
VIBRATO_DELAY_SECONDS = 0.12
HARMONIC_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


@dataclass(frozen=True)
class Timbre:
    """How an instrument sounds.

    Attributes:
        spectrum: A name of `SPECTRA`.
        tilt: Power by which the harmonics fall beyond the spectrum.
        attack: Seconds until full loudness.
        decay: Fall of the loudness, per second.
        sustain: Share of the loudness that stays.
        darken: How fast the high harmonics fade, per second; 0: not at all.
        spread: Cents by which many players differ; 0 for one player.
        vibrato: Cents.
        fall: Semitones by which the pitch falls at the attack.
        drive: Distortion; 0 is none.
    """

    spectrum: str
    tilt: float = 0.0
    attack: float = 0.004
    decay: float = 3.0
    sustain: float = 0.0
    darken: float = 0.0
    spread: float = 0.0
    vibrato: float = 0.0
    fall: float = 0.0
    drive: float = 0.0

    def varied(self, rng: np.random.Generator) -> Timbre:
        """Another example of the same instrument."""
        tilt, decay, darken = self.tilt + rng.uniform(-0.15, 0.35), self.decay, self.darken
        factors = rng.uniform(0.75, 1.35, size=2)
        return replace(self, tilt=tilt, decay=float(decay * factors[0]), darken=float(darken * factors[1]))


TIMBRES: dict[str, Timbre] = {
    "sub": Timbre("sine", decay=1.2, sustain=0.3),
    "round_bass": Timbre("saw", tilt=1.2, decay=2.5, sustain=0.2),
    "saw_bass": Timbre("saw", tilt=0.2, decay=3.0, sustain=0.3, darken=9),
    "square_bass": Timbre("square", tilt=0.3, decay=3.0, sustain=0.3, darken=7),
    "slap_bass": Timbre("pluck", tilt=-0.3, decay=5.0, darken=14, drive=1.5),
    "upright_bass": Timbre("pluck", tilt=0.7, attack=0.008, decay=4.0, darken=10),
    "reese": Timbre("saw", tilt=0.3, decay=0.6, sustain=0.6, spread=22, drive=1.5),
    "boom": Timbre("sine", decay=1.6, fall=9, drive=2.0),
    "e_piano": Timbre("e_piano", decay=2.2, darken=7),
    "piano": Timbre("pluck", tilt=0.3, attack=0.002, decay=2.4, darken=4),
    "organ": Timbre("organ", attack=0.01, decay=0.2, sustain=0.9),
    "clavinet": Timbre("pluck", tilt=-0.4, attack=0.002, decay=7.0, darken=6),
    "guitar": Timbre("pluck", tilt=0.1, attack=0.002, decay=4.0, darken=9),
    "nylon": Timbre("pluck", tilt=0.5, attack=0.003, decay=3.5, darken=8),
    "zither": Timbre("pluck", tilt=-0.1, attack=0.001, decay=2.6, darken=7),
    "lute": Timbre("pluck", tilt=-0.3, attack=0.001, decay=6.0, darken=8),
    "mallet": Timbre("mallet", attack=0.002, decay=6.0, darken=12),
    "brass": Timbre("brass", attack=0.025, decay=1.0, sustain=0.6),
    "saxophone": Timbre("reed", tilt=0.2, attack=0.03, decay=0.6, sustain=0.7, vibrato=14),
    "super_saw": Timbre("saw", attack=0.004, decay=1.2, sustain=0.5, spread=16),
    "strings": Timbre("saw", tilt=0.5, attack=0.12, decay=0.1, sustain=0.9, spread=12),
    "pad": Timbre("saw", tilt=0.9, attack=0.2, decay=0.1, sustain=0.9, spread=18),
    "choir": Timbre("voice", tilt=0.2, attack=0.15, decay=0.1, sustain=0.9, spread=20),
    "square_lead": Timbre("square", tilt=0.3, decay=1.5, sustain=0.4, vibrato=10),
    "saw_lead": Timbre("saw", tilt=0.2, decay=1.5, sustain=0.4, darken=5, vibrato=8),
    "vocal": Timbre("voice", attack=0.03, decay=0.5, sustain=0.7, vibrato=22),
    "flute": Timbre("flute", attack=0.04, decay=0.3, sustain=0.8, vibrato=16),
    "fiddle": Timbre("reed", tilt=0.3, attack=0.06, decay=0.2, sustain=0.9, vibrato=28),
    "shawm": Timbre("reed", tilt=-0.4, attack=0.02, decay=0.3, sustain=0.8, vibrato=18),
    "gourd": Timbre("flute", tilt=-0.5, attack=0.05, decay=0.2, sustain=0.9, vibrato=6),
}

SPECTRA: dict[str, Sequence[float]] = {
    "sine": (1.0,),
    "organ": (1.0, 0.8, 0.6, 0.35, 0.0, 0.2, 0.0, 0.3),
    "e_piano": (1.0, 0.35, 0.1, 0.05, 0.02, 0.02, 0.02, 0.02, 0.03, 0.22, 0.03, 0.02, 0.02, 0.2),
    "mallet": (1.0, 0.05, 0.05, 0.5, 0.03, 0.02, 0.03, 0.02, 0.02, 0.25),
    "flute": (1.0, 0.4, 0.12, 0.05, 0.02),
    "voice": (1.0, 0.9, 0.7, 0.3, 0.15, 0.12, 0.2, 0.25, 0.15, 0.06, 0.04, 0.03),
    "brass": (0.7, 0.9, 1.0, 0.85, 0.65, 0.5, 0.35, 0.28, 0.2, 0.15, 0.1, 0.08, 0.05, 0.04),
    "reed": (0.8, 0.45, 1.0, 0.4, 0.7, 0.3, 0.4, 0.2, 0.25, 0.12, 0.15, 0.08),
    "saw": tuple(1 / n for n in range(1, 33)),
    "square": tuple(n % 2 / n for n in range(1, 33)),
    "pluck": tuple(float(abs(np.sin(0.42 * n)) / n) for n in range(1, 33)),
}
"""Loudness of the harmonics, from the first on."""


def play_notes(timbre: Timbre, pitches: Sequence[int], seconds: float, sample_rate: int) -> np.ndarray:
    """The notes of those pitches (MIDI numbers) together, each as loud as one alone.

    The last 30 ms of `seconds` fade out.
    """
    axis = np.arange(max(round(seconds * sample_rate), 1), dtype=np.float32) / np.float32(sample_rate)
    if timbre.spread:
        wave = _ensemble(timbre, tuple(pitches), sample_rate)
        wave = np.resize(wave, axis.size)
    else:
        wave = np.sum([_solo(timbre, pitch, axis, sample_rate) for pitch in pitches], axis=0)
    if timbre.drive:
        wave = np.tanh(timbre.drive * wave)
    return wave * _envelope(timbre, axis.size, sample_rate)


def _solo(timbre: Timbre, pitch: int, axis: np.ndarray, sample_rate: int) -> np.ndarray:
    """One player's tone (samples,) at even loudness."""
    frequency_hz = _frequency_hz(pitch)
    places = axis * np.float32(frequency_hz * TABLE_SIZE)
    if timbre.vibrato:
        swing = timbre.vibrato / 1200 * np.log(2) * frequency_hz * TABLE_SIZE / (2 * np.pi * VIBRATO_HZ)
        since = np.maximum(axis - np.float32(VIBRATO_DELAY_SECONDS), 0)
        places += np.float32(swing) * np.sin(np.float32(2 * np.pi * VIBRATO_HZ) * since)
    if timbre.fall:
        extra = frequency_hz * (2 ** (timbre.fall / 12) - 1) * TABLE_SIZE / 40
        places += np.float32(extra) * (1 - np.exp(np.float32(-40) * axis))
    indices = places.astype(np.int32) & (TABLE_SIZE - 1)
    num_harmonics = max(n for n in HARMONIC_COUNTS if n == 1 or n * frequency_hz < 0.45 * sample_rate)
    wave = _period(timbre.spectrum, timbre.tilt, num_harmonics)[indices]
    if timbre.darken:
        dark = _period(timbre.spectrum, timbre.tilt + 1.4, num_harmonics)[indices]
        wave = dark + (wave - dark) * np.exp(np.float32(-timbre.darken) * axis)
    return wave


@functools.lru_cache(maxsize=512)
def _period(spectrum: str, tilt: float, num_harmonics: int) -> np.ndarray:
    """One period (TABLE_SIZE,) of even loudness."""
    amplitudes = _amplitudes(spectrum, tilt)[:num_harmonics]
    bins = np.zeros(TABLE_SIZE // 2 + 1, np.complex64)
    bins[1 : 1 + len(amplitudes)] = -1j * amplitudes
    return _even(np.fft.irfft(bins, TABLE_SIZE))


def _ensemble(timbre: Timbre, pitches: tuple[int, ...], sample_rate: int) -> np.ndarray:
    """Many players at slightly different pitches, as a loop (LOOP_SIZE,) without a seam.

    Every harmonic is a narrow band of bins with phases drawn from a fixed seed.
    """
    amplitudes = _amplitudes(timbre.spectrum, timbre.tilt)[:20]
    numbers = np.arange(1, len(amplitudes) + 1)
    frequencies = np.multiply.outer([_frequency_hz(pitch) for pitch in pitches], numbers)
    spread = 2 ** (np.array([-1, -0.4, 0, 0.5, 1]) * timbre.spread / 1200)
    places = np.round(np.multiply.outer(frequencies, spread) * (LOOP_SIZE / sample_rate)).astype(np.int64)
    phases = np.random.default_rng(len(pitches)).uniform(0, 2 * np.pi, places.shape)
    parts = amplitudes[None, :, None] * np.exp(1j * phases)
    heard = places < 0.45 * LOOP_SIZE
    bins = np.zeros(LOOP_SIZE // 2 + 1, np.complex64)
    np.add.at(bins, places[heard], parts[heard])
    return _even(np.fft.irfft(bins, LOOP_SIZE)) * np.float32(len(pitches) ** 0.5)


def _amplitudes(spectrum: str, tilt: float) -> np.ndarray:
    amplitudes = np.array(SPECTRA[spectrum])
    return amplitudes * np.arange(1, len(amplitudes) + 1) ** -tilt


def _even(wave: np.ndarray) -> np.ndarray:
    """The wave at a root mean square of 0.35."""
    return (wave * (0.35 / np.sqrt(np.mean(wave**2)))).astype(np.float32)


@functools.lru_cache(maxsize=32)
def _envelope(timbre: Timbre, num_samples: int, sample_rate: int) -> np.ndarray:
    """Loudness (samples,) of a note."""
    axis = np.arange(num_samples, dtype=np.float32) / np.float32(sample_rate)
    sustain = np.float32(timbre.sustain)
    envelope = sustain + (1 - sustain) * np.exp(np.float32(-timbre.decay) * axis)
    for edge, seconds in ((axis, timbre.attack), (axis[::-1], 0.03)):
        envelope *= np.minimum(edge / np.float32(seconds), 1)
    return envelope


def _frequency_hz(pitch: int) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))
