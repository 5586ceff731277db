"""The mixing desk of the song synthesiser."""

from __future__ import annotations

import numpy as np

from macedance.data.band.step_clock import StepClock

FADE_SECONDS = 0.01
ECHOES = ((0.023, 0.5), (0.037, 0.45), (0.061, 0.4), (0.097, 0.35))
"""Seconds and gains of the room's reflections, each of which reflects those before it."""


class Mixer:
    """Two buses (samples,), of drums and of tones, into which sounds are mixed at steps of the arrangement."""

    def __init__(self, clock: StepClock, num_samples: int, sample_rate: int) -> None:
        self.clock = clock
        self.sample_rate = sample_rate
        self.drums = np.zeros(num_samples, np.float32)
        self.tones = np.zeros(num_samples, np.float32)

    def add(self, bus: np.ndarray, sound: np.ndarray, step: int, gain: float) -> None:
        """Mixes a sound in from a step on; what lies outside the song is cut off."""
        self.add_at(bus, sound, self.clock.seconds(step), gain)

    def add_at(self, bus: np.ndarray, sound: np.ndarray, seconds: float, gain: float) -> None:
        """Mixes a sound in from a time on; what lies outside the song is cut off."""
        start = round(seconds * self.sample_rate)
        first, last = max(start, 0), min(start + len(sound), len(bus))
        if first < last:
            bus[first:last] += np.float32(gain) * sound[first - start : last - start]

    def silence(self, start_seconds: float, end_seconds: float) -> None:
        """Takes everything away between two times, with a short fade."""
        for bus in (self.drums, self.tones):
            span = self._span(bus, start_seconds, end_seconds)
            span *= np.maximum(1 - np.arange(span.size) / np.float32(FADE_SECONDS * self.sample_rate), 0)

    def open_filter(self, start_seconds: float, end_seconds: float) -> None:
        """Lets the high tones in gradually."""
        span = self._span(self.tones, start_seconds, end_seconds)
        whole = (end_seconds - start_seconds) * self.sample_rate
        skipped = max(-start_seconds, 0) * self.sample_rate
        share = (np.arange(span.size, dtype=np.float32) + np.float32(skipped)) / np.float32(whole)
        dark = _moving_mean(_moving_mean(span, self.sample_rate // 900), self.sample_rate // 1300)
        span -= (1 - share) ** 2 * (span - dark)

    def pump(self, depth: float) -> None:
        """Pushes the tones down at every beat and lets them recover, as a side-chained compressor does."""
        beats = np.arange(len(self.tones), dtype=np.float32) * np.float32(
            self.clock.bpm / 60 / self.sample_rate
        )
        phase = (beats + np.float32(self.clock.start_beat)) % 1
        self.tones *= 1 - np.float32(depth) * (1 - np.minimum(phase / np.float32(0.6), 1)) ** 2

    def mixdown(self, *, room: float, drive: float, peak: float) -> np.ndarray:
        """The song (samples,).

        Args:
            room: Loudness of the reflections.
            drive: How hard the loud places are pressed together.
            peak: The highest sample's distance from zero.
        """
        dry = self.drums + self.tones
        wet = self.tones + np.float32(0.4) * self.drums
        for seconds, gain in ECHOES:
            delay = round(seconds * self.sample_rate)
            wet[delay:] += np.float32(gain) * wet[:-delay]
        dry += np.float32(room) * wet
        mix = np.tanh(np.float32(drive) * dry)
        loudest = float(np.abs(mix).max(initial=0.0))
        return mix * np.float32(peak / loudest) if loudest > 0 else mix  # a window into a stop is silent

    def _span(self, bus: np.ndarray, start_seconds: float, end_seconds: float) -> np.ndarray:
        """The part of a bus between two times, as a view."""
        first, last = (max(round(seconds * self.sample_rate), 0) for seconds in (start_seconds, end_seconds))
        return bus[first:last]


def _moving_mean(samples: np.ndarray, width: int) -> np.ndarray:
    """The mean of every sample and those before it, `width` in all; a filter that dims high tones."""
    sums = np.cumsum(samples, dtype=np.float64)
    sums[width:] -= sums[:-width].copy()
    return (sums / width).astype(np.float32)
