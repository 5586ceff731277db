"""Synthetic songs whose beats are known exactly.

A song is a window, beginning at any point of a beat, into an endless arrangement of sections in 4/4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from macedance.data import instruments
from macedance.data.song_styles import PROGRESSIONS, STEPS_PER_BAR, STYLES, Style

BEATS_PER_BAR = 4
MIN_BPM, MAX_BPM = 80.0, 160.0
FILL_PATTERN = "x...x...x.x.xxxx"
BREAK_DRUMS = {"clap": "....o.......o...", "closed_hat": "x...x...x...x...", "kick": "x..............."}
STROKE_GAINS = {"x": 1.0, "o": 0.45}
DRUM_GAINS = {"kick": 1.0, "snare": 0.6, "clap": 0.5, "closed_hat": 0.2, "open_hat": 0.18}


@dataclass(frozen=True)
class Section:
    """A stretch of a song in one mood; it lasts a multiple of eight beats.

    Attributes:
        name: "intro", "verse", "chorus" or "break".
        start_seconds: Below zero if the section began before the song's first sample.
        energy: 0 (still) to 1 (full).
    """

    name: str
    start_seconds: float
    end_seconds: float
    energy: float


@dataclass(frozen=True, eq=False)
class Song:
    """A piece of music with its beats.

    Attributes:
        samples: Mono (n,), float32 within -1 and 1.
        beats: Seconds of the beats inside the song, ascending.
        downbeats: Those of them that begin a bar.
        sections: Contiguous, covering the whole song.
    """

    samples: np.ndarray
    sample_rate: int
    beats: np.ndarray
    downbeats: np.ndarray
    bpm: float
    style: str
    sections: tuple[Section, ...]

    @property
    def duration_seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def make_song(
    seconds: float, seed: int | np.random.Generator, *, style: str | None = None, sample_rate: int = 24000
) -> Song:
    """A new song; the same seed gives the same samples.

    Args:
        seconds: Length.
        seed: Or the generator to draw from.
        style: A name of `STYLES`; drawn if not given.
        sample_rate: Samples per second.

    Raises:
        ValueError: The style is unknown.

    >>> song = make_song(8.0, 3, style="funk")
    >>> song.samples.shape, song.style, bool(80 <= song.bpm <= 160)
    ((192000,), 'funk', True)
    """
    if style is not None and style not in STYLES:
        raise ValueError(f"style: must be one of {', '.join(STYLES)}, not {style!r}")
    rng = np.random.default_rng(seed)
    played = STYLES[style or str(rng.choice(list(STYLES)))]
    bpm = rng.uniform(MIN_BPM, MAX_BPM)
    start_beat = rng.uniform(0, 2 * BEATS_PER_BAR)
    num_beats = seconds * bpm / 60
    plan = _plan_sections(rng, start_beat + num_beats)
    samples = _Band(rng, played, bpm, start_beat, sample_rate).play(plan, round(seconds * sample_rate))
    numbers = np.arange(np.ceil(start_beat), np.ceil(start_beat + num_beats), dtype=np.int64)
    times = (numbers - start_beat) * 60 / bpm
    return Song(
        samples=samples,
        sample_rate=sample_rate,
        beats=times,
        downbeats=times[numbers % BEATS_PER_BAR == 0],
        bpm=float(bpm),
        style=played.name,
        sections=tuple(_section(part, start_beat, 60 / bpm) for part in plan),
    )


@dataclass(frozen=True)
class _PlannedSection:
    name: str
    first_beat: int
    num_beats: int
    energy: float


def _section(part: _PlannedSection, start_beat: float, beat_seconds: float) -> Section:
    start = (part.first_beat - start_beat) * beat_seconds
    return Section(part.name, start, start + part.num_beats * beat_seconds, part.energy)


def _plan_sections(rng: np.random.Generator, num_beats: float) -> list[_PlannedSection]:
    """Sections from beat 0 until `num_beats` are covered: verses and choruses in turn, some after a break."""
    plan: list[_PlannedSection] = []
    beat = 0
    name = str(rng.choice(["intro", "verse", "chorus"], p=[0.2, 0.4, 0.4]))
    while beat < num_beats:
        length = 8 if name in ("intro", "break") else int(rng.choice([16, 32]))
        low, high = {"intro": (0.4, 0.6), "verse": (0.6, 0.8), "chorus": (0.85, 1.0), "break": (0.2, 0.4)}[
            name
        ]
        plan.append(_PlannedSection(name, beat, length, float(rng.uniform(low, high))))
        beat += length
        if name in ("verse", "chorus") and rng.random() < 0.35:
            name = "break"
        else:
            name = "verse" if name == "chorus" else "chorus"
    return plan


class _Band:
    """Plays the bars of one song into buses of drums and of tones."""

    def __init__(
        self, rng: np.random.Generator, style: Style, bpm: float, start_beat: float, sample_rate: int
    ) -> None:
        self.rng = rng
        self.style = style
        self.sample_rate = sample_rate
        self.samples_per_step = sample_rate * 60 / bpm * BEATS_PER_BAR / STEPS_PER_BAR
        self.start_step = start_beat * STEPS_PER_BAR / BEATS_PER_BAR
        self.drum_sounds = {name: getattr(instruments, name)(rng, sample_rate) for name in style.drums}
        self.key = int(rng.integers(40, 52))
        self.progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
        self.melody = rng.integers(0, 5, size=8)
        self.melody_steps = np.sort(rng.choice(np.arange(0, 32, 2), size=8, replace=False))
        self.tones: dict[tuple[int, float, float], np.ndarray] = {}

    def play(self, plan: list[_PlannedSection], num_samples: int) -> np.ndarray:
        drums = np.zeros(num_samples, np.float32)
        tones = np.zeros(num_samples, np.float32)
        for part in plan:
            num_bars = part.num_beats // BEATS_PER_BAR
            for bar in range(num_bars):
                first_step = (part.first_beat + bar * BEATS_PER_BAR) * STEPS_PER_BAR // BEATS_PER_BAR
                self._play_drums(drums, part, first_step, is_fill=bar == num_bars - 1)
                self._play_tones(tones, part, first_step)
        if self.style.pump:
            tones *= self._pump(num_samples)
        mix = np.tanh(1.1 * (drums + tones))
        return (0.9 * mix / np.abs(mix).max()).astype(np.float32)

    def _play_drums(self, bus: np.ndarray, part: _PlannedSection, first_step: int, *, is_fill: bool) -> None:
        patterns = BREAK_DRUMS if part.name == "break" else self.style.drums
        if part.name == "intro":
            patterns = {**patterns, "snare": "." * STEPS_PER_BAR}
        for name, pattern in patterns.items():
            for step, mark in _strokes(pattern):
                gain = DRUM_GAINS[name] * STROKE_GAINS[mark] * (0.6 + 0.4 * part.energy)
                self._add(bus, self.drum_sounds[name], first_step + step, gain * self.rng.uniform(0.9, 1.1))
        if is_fill:
            for step, _ in _strokes(FILL_PATTERN):
                self._add(bus, self.drum_sounds["snare"], first_step + step, 0.12 + 0.012 * step)

    def _play_tones(self, bus: np.ndarray, part: _PlannedSection, first_step: int) -> None:
        bar = first_step // STEPS_PER_BAR
        root, chord = self.progression[bar % len(self.progression)]
        if part.name != "break":
            for step, mark in _strokes(self.style.bass):
                pitch = self.key - 12 + root % 12 + {"r": 0, "5": 7, "8": 12}[mark]
                self._add(bus, self._tone(pitch, 2.0, 0.3), first_step + step, 0.35)
        starts = [step for step, _ in _strokes(self.style.chords)]
        for step, end in zip(starts, [*starts[1:], STEPS_PER_BAR], strict=True):
            for interval in chord:
                note = self._tone(
                    self.key + 12 + (root + interval) % 12, float(end - step), self.style.brightness
                )
                self._add(bus, note, first_step + step, 0.09)
        if part.name == "chorus":
            for step, degree in zip(self.melody_steps, self.melody, strict=True):
                if step // STEPS_PER_BAR == bar % 2:
                    pitch = self.key + 24 + (root + (*chord, 12, 10)[degree]) % 24
                    note = self._tone(pitch, 2.0, self.style.brightness)
                    self._add(bus, note, first_step + step % STEPS_PER_BAR, 0.12)

    def _tone(self, pitch: int, num_steps: float, brightness: float) -> np.ndarray:
        key = (pitch, num_steps, brightness)
        if key not in self.tones:
            seconds = num_steps * self.samples_per_step / self.sample_rate
            self.tones[key] = instruments.tone(
                pitch, seconds=seconds, sample_rate=self.sample_rate, brightness=brightness
            )
        return self.tones[key]

    def _add(self, bus: np.ndarray, sound: np.ndarray, step: float, gain: float) -> None:
        """Mixes a sound in at a step; steps off the eighths come late by the swing."""
        swung = step + self.style.swing * (step % 2 == 1)
        start = round((swung - self.start_step) * self.samples_per_step)
        first, last = max(start, 0), min(start + len(sound), len(bus))
        if first < last:
            bus[first:last] += np.float32(gain) * sound[first - start : last - start]

    def _pump(self, num_samples: int) -> np.ndarray:
        """Gain (num_samples,) that dips at every beat and recovers, as with a side-chained compressor."""
        samples_per_beat = self.samples_per_step * STEPS_PER_BAR / BEATS_PER_BAR
        start = self.start_step * BEATS_PER_BAR / STEPS_PER_BAR
        phase = (
            np.arange(num_samples, dtype=np.float32) / np.float32(samples_per_beat) + np.float32(start)
        ) % 1
        return 1 - np.float32(self.style.pump) * (1 - np.minimum(phase / 0.6, 1)) ** 2


def _strokes(pattern: str) -> Iterator[tuple[int, str]]:
    """(step, mark) of every step of the pattern that is not a rest."""
    return ((step, mark) for step, mark in enumerate(pattern) if mark != ".")
