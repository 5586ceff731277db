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
    """What all players of a song share: the key, the scale, and the chords of its drops and of the rest."""

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        harmony = HARMONIES[str(rng.choice(style.harmonies))]
        self.key = int(rng.integers(12))
        self.scale = harmony.scale
        self.bars_per_chord = int(rng.choice([1, 1, 2]))
        drop, rest = (read_progression(str(text)) for text in rng.choice(harmony.progressions, size=2))
        self.chords = {"drop": drop, "rest": rest}
        self.voicings = {
            name: voice_leading(chords, self.key, CHORD_CENTRE) for name, chords in self.chords.items()
        }

    def chord(self, bar: Bar, bars_later: int = 0) -> Chord:
        """The chord of a bar, or of one some bars later in the same section."""
        chords = self.chords[_part(bar)]
        return chords[self._number(bar, bars_later) % len(chords)]

    def voicing(self, bar: Bar) -> tuple[int, ...]:
        """The pitches in which a bar's chord is played."""
        voicings = self.voicings[_part(bar)]
        return voicings[self._number(bar, 0) % len(voicings)]

    def _number(self, bar: Bar, bars_later: int) -> int:
        return (bar.first_step // STEPS_PER_BAR + bars_later) // self.bars_per_chord


def _part(bar: Bar) -> str:
    return "drop" if bar.section.name == "drop" else "rest"
