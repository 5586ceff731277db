"""The key and the chords of a song."""

from __future__ import annotations

import numpy as np

from macedance.data.band.bars import Bar
from macedance.data.band.harmony import HARMONIES, Chord, read_progression, voice_leading
from macedance.data.band.step_clock import STEPS_PER_BAR
from macedance.data.band.style import Style

CHORD_CENTRE = 62
"""Pitch about which the chords lie."""


class Tonality:
    """The key, the scale and the chords of a song, which all players share."""

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        harmony = HARMONIES[str(rng.choice(style.harmonies))]
        self.key = int(rng.integers(12))
        self.scale = harmony.scale
        self.bars_per_chord = int(rng.choice([1, 1, 2]))
        self.chords = read_progression(str(rng.choice(harmony.progressions)))
        self.voicings = voice_leading(self.chords, self.key, CHORD_CENTRE)

    def number_at(self, bar: Bar) -> int:
        """Of the chord of a bar, among the chords."""
        return bar.first_step // STEPS_PER_BAR // self.bars_per_chord % len(self.chords)

    def next_chord(self, bar: Bar) -> Chord:
        """The chord of the bar that follows."""
        number = (bar.first_step // STEPS_PER_BAR + 1) // self.bars_per_chord
        return self.chords[number % len(self.chords)]
