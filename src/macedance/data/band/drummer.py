"""The drums of a song."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from macedance.data.band.bars import Bar, strokes
from macedance.data.band.drum_fills import BREAK_GROOVES, ROLLS
from macedance.data.band.drum_sounds import DRUMS
from macedance.data.band.mixer import Mixer
from macedance.data.band.step_clock import ACCENTS, STEPS_PER_BAR, STEPS_PER_BEAT
from macedance.data.band.style import Groove, Style

STROKE_GAINS = {"x": 1.0, "o": 0.45, "g": 0.2}
PULSES = ("kick", "big_drum", "frame_drum", "low_conga", "ride", "woodblock")
ROLLED = ("snare", "clap", "frame_slap", "big_drum", "woodblock", "high_conga")
TIMEKEEPERS = ("closed_hat", "ride", "shaker", "tambourine", "woodblock", "claves", "cowbell", "frame_slap")
"""Drums that most songs let play on while the band marks its hits."""


class Drummer:
    """Plays bars on the drums that a song has drawn."""

    def __init__(self, rng: np.random.Generator, style: Style, mixer: Mixer) -> None:
        self.rng = rng
        self.mixer = mixer
        self.level = rng.uniform(*style.drum_level)
        self.verse, self.drop = (_pair(rng, grooves) for grooves in (style.verse, style.drop))
        used = {name for groove in (*style.verse, *style.drop) for name in groove}
        self.pulse = next(name for name in PULSES if name in used)
        self.roll = str(rng.choice([name for name in ROLLED if name in used]))
        self.accent = "crash" if {"kick", "closed_hat"} & used else "gong"
        playable = [groove for groove in BREAK_GROOVES if used.issuperset(groove)]
        self.break_groove = playable[rng.integers(len(playable))]
        self.intro_drums = set(rng.permutation(sorted(self.verse[0]))[: rng.integers(1, 3)].tolist())
        self.variation_bars = (3,) if rng.random() < 0.6 else (1, 3)
        self.timekeepers = TIMEKEEPERS if rng.random() < 0.7 else ()
        self.sounds: dict[str, np.ndarray] = {}

    def play(self, bar: Bar) -> None:
        """Mixes a bar in."""
        played = list(self._build(bar) if bar.section.name == "build" else self._groove(bar))
        played += self._fill(bar)
        loose = self.rng.uniform(0.88, 1.12, size=len(played))
        for (name, step, gain), factor in zip(played, loose.tolist(), strict=True):
            keeps_time = name in self.timekeepers and step < bar.silent_from
            if bar.is_open(step) or keeps_time:
                loudness = gain * factor * ACCENTS[step % STEPS_PER_BEAT] * (0.5 + 0.5 * bar.energy_at(step))
                self._strike(name, bar, step, loudness)
        for step in bar.hit_steps:
            self._strike(self.pulse, bar, step, 1.0)
            self._strike(self.roll, bar, step, 0.8)
        if bar.is_arrival or (bar.number == 0 and bar.section.name == "verse"):
            self._strike(self.accent, bar, 0, 1.0)

    def _groove(self, bar: Bar) -> Iterator[tuple[str, int, float]]:
        """(drum, step, gain) of every stroke until the fill begins."""
        patterns = self._patterns(bar)
        end = min(
            (step for pattern in bar.fill.values() for step, _ in strokes(pattern)), default=STEPS_PER_BAR
        )
        for name, pattern in patterns.items():
            for step, mark in strokes(pattern):
                if step < end or (name == self.pulse and step == 0):
                    yield name, step, STROKE_GAINS[mark]

    def _patterns(self, bar: Bar) -> Groove:
        variation = bar.number % 4 in self.variation_bars
        if bar.section.name == "break":
            return self.break_groove
        if bar.section.name == "drop":
            return self.drop[variation]
        if bar.section.name == "verse":
            return self.verse[variation]
        return {name: pattern for name, pattern in self.verse[0].items() if name in self.intro_drums}

    def _fill(self, bar: Bar) -> Iterator[tuple[str, int, float]]:
        """(drum, step, gain) of every stroke of the fill, ever louder."""
        for name, pattern in bar.fill.items():
            for step, mark in strokes(pattern):
                yield name, step, STROKE_GAINS[mark] * (0.6 + 0.5 * step / STEPS_PER_BAR)

    def _build(self, bar: Bar) -> Iterator[tuple[str, int, float]]:
        """(drum, step, gain) of a roll that quickens, over a pulse that drops out in the last bar."""
        num_steps = bar.section.num_beats * STEPS_PER_BEAT
        for step in range(STEPS_PER_BAR):
            share = (bar.number * STEPS_PER_BAR + step) / num_steps
            if ROLLS[int(share * len(ROLLS))][step] == "x":
                yield self.roll, step, (0.7 if step % STEPS_PER_BEAT == 0 else 0.45) * (0.5 + 0.6 * share)
            if step % STEPS_PER_BEAT == 0 and not bar.is_last:
                yield self.pulse, step, 0.9

    def _strike(self, name: str, bar: Bar, step: int, gain: float) -> None:
        if name not in self.sounds:
            self.sounds[name] = DRUMS[name][0](self.rng, self.mixer.sample_rate)
        self.mixer.add(
            self.mixer.drums, self.sounds[name], bar.first_step + step, self.level * DRUMS[name][1] * gain
        )


def _pair(rng: np.random.Generator, grooves: tuple[Groove, ...]) -> tuple[Groove, Groove]:
    """A groove and its variation."""
    first, second = rng.permutation(len(grooves))[:2]
    return grooves[first], grooves[second]
